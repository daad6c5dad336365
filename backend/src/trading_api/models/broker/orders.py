"""Orders, their previews and their executions (TradingView's Broker API)."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from trading_api.models.common import (
    CamelModel,
    CamelRequest,
    NamedIntEnum,
    Price,
    ProblemField,
    Quantity,
    SymbolName,
    UnixMilliseconds,
    unrecognized_members,
)


class OrderStatus(NamedIntEnum):
    """The state of an order."""

    CANCELED = 1
    FILLED = 2
    INACTIVE = 3
    PLACING = 4
    REJECTED = 5
    WORKING = 6
    UNRECOGNIZED = unrecognized_members()


class OrderType(NamedIntEnum):
    """The condition on which an order executes."""

    LIMIT = 1
    MARKET = 2
    STOP = 3
    STOP_LIMIT = 4
    UNRECOGNIZED = unrecognized_members()


class Side(NamedIntEnum):
    """Buy or sell."""

    BUY = 1
    SELL = -1
    UNRECOGNIZED = unrecognized_members()


class StopType(NamedIntEnum):
    """The kind of a protecting stop."""

    STOP_LOSS = 0
    TRAILING_STOP = 1
    GUARANTEED_STOP = 2
    UNRECOGNIZED = unrecognized_members()


class ParentType(NamedIntEnum):
    """The kind of the parent of an exit order."""

    ORDER = 1
    POSITION = 2
    UNRECOGNIZED = unrecognized_members()


class AskBid(CamelModel):
    """The two prices that a trader saw when placing an order."""

    ask: Price
    bid: Price


_NEEDED_PRICES = {
    OrderType.LIMIT: {"limitPrice"},
    OrderType.MARKET: set[str](),
    OrderType.STOP: {"stopPrice"},
    OrderType.STOP_LIMIT: {"limitPrice", "stopPrice"},
}
"""The prices that an order of each type needs; it cannot have the others."""


def _describe_prices(schema: dict[str, Any]) -> None:
    """Add the rule of `_NEEDED_PRICES` to the schema of an order, one type after the other."""
    rule: dict[str, Any] = {}
    for kind, needed in _NEEDED_PRICES.items():
        prices = {
            name: {"type": "number" if name in needed else "null"}
            for name in ("limitPrice", "stopPrice")
        }
        then = {"properties": prices, "required": sorted(needed)}
        condition = {"properties": {"type": {"const": kind.value}}}
        rule = {"if": condition, "then": then, **({"else": rule} if rule else {})}
    schema.update(rule)


class PreOrder(CamelRequest):
    """A new order, or the new values of a working order.

    A LIMIT order needs `limit_price`, a STOP order `stop_price`, a STOP_LIMIT order both; other
    orders must leave them out. `take_profit`, `stop_loss`, `guaranteed_stop` and
    `trailing_stop_pips` are brackets: they become exits of the position when the order fills. A pip
    is the smallest price step of the symbol. `seen_price` and `current_quotes` record the prices
    that the trader saw.
    """

    model_config = ConfigDict(json_schema_extra=_describe_prices)

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
    def _check_prices(self) -> Self:
        order = self.type.name.lower().replace("_", "-")
        errors: list[InitErrorDetails] = []
        for field, price, value in (
            ("limitPrice", "limit price", self.limit_price),
            ("stopPrice", "stop price", self.stop_price),
        ):
            required = field in _NEEDED_PRICES[self.type]
            names = {"order": order, "price": price}
            if required and value is None:
                error = PydanticCustomError(
                    "price_required", "A {order} order needs a {price}.", names
                )
            elif value is not None and not required:
                error = PydanticCustomError(
                    "price_not_allowed", "A {order} order cannot have a {price}.", names
                )
            else:
                continue
            errors.append(InitErrorDetails(type=error, loc=(field,), input=value))
        if errors:
            raise ValidationError.from_exception_data(type(self).__name__, errors)
        return self


class PlacedOrder(CamelModel):
    """An order in its current state; `update_time` is in Unix **milliseconds**.

    `avg_price` is the average price of the `filled_qty` shares that were executed so far. An exit
    order (a take-profit or a protecting stop) has the position that it closes as its `parent_id`
    and `parent_type`, also after it has filled or was cancelled; both are null for other orders.
    Brackets are not orders until their order fills. `version` rises with every change; a change
    can name the version that it is based on (`If-Match`).
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
    version: int


class PlaceOrderResult(CamelModel):
    """The id of the order that was placed."""

    order_id: str


class OrderPreviewRow(CamelModel):
    """One line of a preview."""

    title: str
    value: str


class OrderPreviewSection(CamelModel):
    """A group of lines of a preview, with a title."""

    header: str | None = None
    rows: list[OrderPreviewRow]


class OrderPreviewResult(CamelModel):
    """The cost and the effect of an order that has not been placed.

    `problems` lists why placing the order would fail or why it would be REJECTED. `errors` are the
    same problems as sentences (TradingView's form).
    """

    sections: list[OrderPreviewSection]
    warnings: list[str]
    errors: list[str]
    problems: list[ProblemField]


class Execution(CamelModel):
    """One execution of the order `order_id`; `time` is in Unix **milliseconds**."""

    id: str
    order_id: str
    symbol: str
    price: float
    qty: float
    side: Side
    time: UnixMilliseconds
