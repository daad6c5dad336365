"""What the broker keeps: orders, holdings, trades, money. Immutable; amounts are decimals.

Floats on the wire become decimals of the same digits here, so that three shares bought as 0.1 and
0.2 and sold as 0.3 leave nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from trading_api.models import AskBid, OrderStatus, OrderType, Side, StopType

ZERO = Decimal(0)
QUANTITY_STEP = Decimal("1e-8")
"""Quantities are kept to 8 decimals."""


def opposite(side: Side) -> Side:
    """Return the side that closes what `side` opened."""
    return Side.SELL if side is Side.BUY else Side.BUY


def decimal_of(value: float) -> Decimal:
    """Return the decimal with the digits that `value` is written with."""
    return Decimal(repr(value))


def quantity_of(value: float) -> Decimal:
    """Return a quantity rounded to the step of quantities; a tiny one becomes 0."""
    return decimal_of(value).quantize(QUANTITY_STEP).normalize()


def plain(value: Decimal) -> str:
    """Return a number as people write it: 101.5, 20."""
    return f"{value.normalize():f}"


@dataclass(frozen=True, slots=True)
class Quote:
    """The prices at which a symbol can be sold (`bid`) and bought (`ask`) now."""

    bid: Decimal
    ask: Decimal

    def price_for(self, side: Side) -> Decimal:
        """Return the price of a market order of this side."""
        return self.ask if side is Side.BUY else self.bid


@dataclass(frozen=True, slots=True)
class Instrument:
    """A symbol by the one name that the datafeed gives it, and its smallest price step."""

    symbol: str
    pip: Decimal


@dataclass(frozen=True, slots=True)
class BracketPrices:
    """The exits that are wanted for a position; a trailing stop is a distance in pips."""

    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    guaranteed_stop: Decimal | None = None
    trailing_pips: Decimal | None = None

    def __bool__(self) -> bool:
        return self != NO_BRACKETS


NO_BRACKETS = BracketPrices()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order; `number` counts the orders of the account, in the order of their placing.

    `brackets` are the exits that a fill puts on the position. An order that is such an exit itself
    names its position in `exit_of`, and of its `brackets` uses only the trailing distance. A
    STOP_LIMIT order is a limit order once it is `triggered`. `updated` is in Unix milliseconds.
    """

    number: int
    instrument: Instrument
    type: OrderType
    side: Side
    qty: Decimal
    status: OrderStatus
    updated: int
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    brackets: BracketPrices = NO_BRACKETS
    stop_type: StopType | None = None
    seen_price: float | None = None
    current_quotes: AskBid | None = None
    exit_of: str | None = None
    triggered: bool = False
    filled_qty: Decimal = ZERO
    avg_price: Decimal | None = None

    @property
    def id(self) -> str:
        """The order's name in the API."""
        return f"O{self.number}"

    @property
    def symbol(self) -> str:
        """The name of the order's symbol."""
        return self.instrument.symbol


@dataclass(frozen=True, slots=True)
class Holding:
    """A position: shares held (BUY) or owed (SELL); a closed one has `qty` 0."""

    id: str
    instrument: Instrument
    side: Side
    qty: Decimal
    avg_price: Decimal

    @property
    def symbol(self) -> str:
        """The name of the position's symbol."""
        return self.instrument.symbol


@dataclass(frozen=True, slots=True)
class Trade:
    """One execution; `time` is in Unix milliseconds."""

    symbol: str
    side: Side
    qty: Decimal
    price: Decimal
    time: int


@dataclass(frozen=True, slots=True)
class Account:
    """The money of the account; `realized` is what closed positions have won or lost."""

    balance: Decimal
    realized: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Placement:
    """What an idempotency key was used for: a fingerprint of the request, and its outcome.

    `message` is what the answer says if the order was placed to close a position.
    """

    fingerprint: str
    order_id: str
    message: str | None = None


@dataclass(slots=True)
class Unit:
    """Changes that become durable together, or not at all: the new versions of what changed."""

    account: Account | None = None
    orders: dict[str, Order] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    leverages: dict[str, Decimal] = field(default_factory=dict)
    placements: dict[str, Placement] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != Unit()

    def merge(self, later: Unit) -> None:
        """Add the changes of a later unit to this one."""
        self.account = later.account or self.account
        self.orders |= later.orders
        self.holdings |= later.holdings
        self.trades += later.trades
        self.leverages |= later.leverages
        self.placements |= later.placements
