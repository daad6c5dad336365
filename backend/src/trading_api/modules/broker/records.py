"""The records of the broker: orders, positions, executions, money. Immutable, with exact decimals.

Floats on the wire become decimals of the same digits, so that buying 0.1 and 0.2 shares and selling
0.3 leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import BaseModel

from trading_api.models import AskBid, OrderStatus, OrderType, Side, StopType
from trading_api.models.common import MIN_QUANTITY

ZERO = Decimal(0)


def opposite_side(side: Side) -> Side:
    """Return the side that closes a position of `side`."""
    return Side.SELL if side is Side.BUY else Side.BUY


def to_decimal(value: float) -> Decimal:
    """Return the decimal with the digits that `value` is written with."""
    return Decimal(repr(value))


QUANTITY_STEP = to_decimal(MIN_QUANTITY)


def to_quantity(value: float) -> Decimal:
    """Return `value` rounded to `QUANTITY_STEP`."""
    return to_decimal(value).quantize(QUANTITY_STEP).normalize()


def format_number(value: Decimal) -> str:
    """Return a number without trailing zeros or an exponent: 101.5, 20."""
    return f"{value.normalize():f}"


def parse_number(prefix: str, text: str, last: int) -> int | None:
    """Return the number in an id such as `O7`, if it is from 1 to `last`; else None."""
    digits = text.removeprefix(prefix)
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= len(str(last))
    number = int(digits) if is_number else 0
    return number if 1 <= number <= last and text == f"{prefix}{number}" else None


@dataclass(frozen=True, slots=True)
class Quote:
    """The prices at which a symbol could be sold (`bid`) and bought (`ask`) at `time`.

    `time` is in Unix milliseconds.
    """

    bid: Decimal
    ask: Decimal
    time: int = 0

    def price_for(self, side: Side) -> Decimal:
        """Return the price of a market order of this side."""
        return self.ask if side is Side.BUY else self.bid


@dataclass(frozen=True, slots=True)
class Instrument:
    """A symbol by its one canonical name, and its smallest price step, the pip."""

    symbol: str
    pip: Decimal

    def format_price(self, price: Decimal) -> str:
        """Return `price` with at least the decimals of a pip: 101.20."""
        # A sum has the decimals of the operand that has more of them.
        return f"{price + 0 * self.pip:f}"


@dataclass(frozen=True, slots=True)
class BracketPrices:
    """The exits that a position should have; a trailing stop is a distance in pips."""

    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    guaranteed_stop: Decimal | None = None
    trailing_pips: Decimal | None = None

    def __bool__(self) -> bool:
        return self != NO_BRACKETS


NO_BRACKETS = BracketPrices()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order; `number` counts the orders of the account from 1.

    A fill creates exits of the position from `brackets`. An exit order has the id of its position
    in `exit_of`, and only the trailing distance in its `brackets`. A STOP_LIMIT order acts as a
    limit order once it is `triggered`. `updated` is in Unix milliseconds. `version` rises with
    every change.
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
    version: int = 1

    @property
    def id(self) -> str:
        """The order's id in the API."""
        return f"O{self.number}"

    @property
    def symbol(self) -> str:
        """The name of the order's symbol."""
        return self.instrument.symbol

    @property
    def is_working(self) -> bool:
        """Whether the order can still execute, change or be cancelled."""
        return self.status is OrderStatus.WORKING


@dataclass(frozen=True, slots=True)
class PositionRecord:
    """A position: shares held (BUY) or owed (SELL); a closed one has `qty` 0.

    `version` rises with every change, also of the brackets.
    """

    id: str
    instrument: Instrument
    side: Side
    qty: Decimal
    avg_price: Decimal
    version: int = 1

    @property
    def symbol(self) -> str:
        """The name of the position's symbol."""
        return self.instrument.symbol


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """One execution of an order; `number` counts the executions of the account from 1.

    `time` is in Unix milliseconds.
    """

    number: int
    order_id: str
    symbol: str
    side: Side
    qty: Decimal
    price: Decimal
    time: int

    @property
    def id(self) -> str:
        """The execution's id in the API."""
        return f"E{self.number}"


@dataclass(frozen=True, slots=True)
class Account:
    """The money of the account; `realized` is the profit or loss of closed positions."""

    balance: Decimal
    realized: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """What the request with an idempotency key did; `fingerprint` identifies the request.

    `message` is the message of the response, if the order closed a position. `created` is in Unix
    milliseconds.
    """

    fingerprint: str
    order_id: str
    created: int
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An update of the stream named `stream`; `number` counts the events of the account from 1."""

    number: int
    stream: str
    payload: BaseModel


@dataclass(slots=True)
class UnitOfWork:
    """Changes that are stored together or not at all: the new version of each changed record."""

    account: Account | None = None
    orders: dict[str, Order] = field(default_factory=dict)
    positions: dict[str, PositionRecord] = field(default_factory=dict)
    executions: list[ExecutionRecord] = field(default_factory=list)
    leverages: dict[str, Decimal] = field(default_factory=dict)
    idempotency_records: dict[str, IdempotencyRecord] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self != UnitOfWork()

    def copy(self) -> UnitOfWork:
        """Return a unit of work with the same changes, to add others to."""
        return UnitOfWork(
            self.account,
            self.orders.copy(),
            self.positions.copy(),
            self.executions.copy(),
            self.leverages.copy(),
            self.idempotency_records.copy(),
            self.events.copy(),
        )


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """The state of the account without its history: what a broker needs to go on.

    `orders` are the working ones and `positions` the open ones, oldest first. The numbers are those
    of the last order, execution and event; 0 for none.
    """

    account: Account
    orders: list[Order] = field(default_factory=list)
    positions: list[PositionRecord] = field(default_factory=list)
    leverages: dict[str, Decimal] = field(default_factory=dict)
    last_order: int = 0
    last_execution: int = 0
    last_event: int = 0
