"""Orders, their life cycle, and what comes out of them (TradingView's Broker API)."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from trading_api.models.common import (
    CamelModel,
    CamelRequest,
    NamedIntEnum,
    Price,
    Quantity,
    SymbolName,
    UnixMilliseconds,
)


class OrderStatus(NamedIntEnum):
    """Where an order stands in its life."""

    CANCELED = 1
    FILLED = 2
    INACTIVE = 3
    PLACING = 4
    REJECTED = 5
    WORKING = 6


class OrderType(NamedIntEnum):
    """What makes an order execute."""

    LIMIT = 1
    MARKET = 2
    STOP = 3
    STOP_LIMIT = 4


class Side(NamedIntEnum):
    """Buy or sell."""

    BUY = 1
    SELL = -1


class StopType(NamedIntEnum):
    """The kind of the protecting stop of a bracket."""

    STOP_LOSS = 0
    TRAILING_STOP = 1
    GUARANTEED_STOP = 2


class ParentType(NamedIntEnum):
    """What an order belongs to whose exit it is."""

    ORDER = 1
    POSITION = 2


class AskBid(CamelModel):
    """The two prices a trader saw when placing an order."""

    ask: Price
    bid: Price


class PreOrder(CamelRequest):
    """An order as a trader gives it.

    A LIMIT order needs `limit_price`, a STOP order `stop_price`, a STOP_LIMIT order both; other
    orders must leave them out. `take_profit`, `stop_loss`, `guaranteed_stop` and
    `trailing_stop_pips` are the brackets put on the position once the order is filled; a pip is
    the smallest price step of the symbol. `seen_price` and `current_quotes` are what the trader
    saw, for the record.
    """

    symbol: SymbolName
    type: OrderType
    side: Side
    qty: Quantity
    limit_price: Price | None = None
    stop_price: Price | None = None
    take_profit: Price | None = None
    stop_loss: Price | None = None
    guaranteed_stop: Price | None = None
    trailing_stop_pips: Quantity | None = None
    stop_type: StopType | None = None
    seen_price: Price | None = None
    current_quotes: AskBid | None = None

    @model_validator(mode="after")
    def _prices_fit_type(self) -> Self:
        needs_limit = self.type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
        needs_stop = self.type in (OrderType.STOP, OrderType.STOP_LIMIT)
        for name, needed, value in (
            ("limitPrice", needs_limit, self.limit_price),
            ("stopPrice", needs_stop, self.stop_price),
        ):
            if needed and value is None:
                raise ValueError(f"a {self.type.name} order needs {name}")
            if not needed and value is not None:
                raise ValueError(f"a {self.type.name} order has no {name}")
        return self


class PlacedOrder(CamelModel):
    """An order as the broker holds it; `update_time` is in Unix **milliseconds**.

    `avg_price` is the average price of the `filled_qty` shares that were executed so far. An order
    that is an exit (a take-profit or a protecting stop) names what it is the exit of in
    `parent_id` and `parent_type`, also after its end; both are null for any other order. The
    brackets of an order that has not filled are no orders yet.
    """

    id: str
    symbol: str
    type: OrderType
    side: Side
    qty: float
    status: OrderStatus
    limit_price: float | None = None
    stop_price: float | None = None
    take_profit: float | None = None
    stop_loss: float | None = None
    guaranteed_stop: float | None = None
    trailing_stop_pips: float | None = None
    stop_type: StopType | None = None
    seen_price: float | None = None
    current_quotes: AskBid | None = None
    filled_qty: float | None = None
    avg_price: float | None = None
    parent_id: str | None = None
    parent_type: ParentType | None = None
    update_time: UnixMilliseconds | None = None


class PlaceOrderResult(CamelModel):
    """The id of the order that was placed."""

    order_id: str


class OrderPreviewRow(CamelModel):
    """One line of a preview."""

    title: str
    value: str


class OrderPreviewSection(CamelModel):
    """A titled group of lines of a preview."""

    header: str | None = None
    rows: list[OrderPreviewRow]


class OrderPreviewResult(CamelModel):
    """What an order would cost; `errors` says why it would be rejected, if it would be."""

    sections: list[OrderPreviewSection]
    warnings: list[str]
    errors: list[str]


class Execution(CamelModel):
    """One trade that an order led to; `time` is in Unix **milliseconds**."""

    symbol: str
    price: float
    qty: float
    side: Side
    time: UnixMilliseconds
