"""REST operations of the broker."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query

from trading_api.models import (
    AccountMetainfo,
    Brackets,
    Execution,
    LeverageInfo,
    LeveragePreviewResult,
    LeverageSetParams,
    LeverageSetResult,
    OrderPreviewResult,
    OrderStatus,
    OrderType,
    PlacedOrder,
    PlaceOrderResult,
    Position,
    PreOrder,
    Side,
    SuccessResponse,
    SymbolName,
)
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.module import service_of
from trading_api.shared.problems import problem_responses

router = APIRouter()

ID_PATTERN = r"^[A-Za-z0-9_-]+$"

Broker = Annotated[BrokerService, Depends(service_of(BrokerService))]
OrderId = Annotated[str, Path(min_length=1, max_length=64, pattern=ID_PATTERN)]
PositionId = Annotated[str, Path(min_length=1, max_length=64, pattern=ID_PATTERN)]
Cursor = Annotated[str | None, Query(min_length=1, max_length=64, pattern=ID_PATTERN)]
Limit = Annotated[int, Query(ge=1, le=500)]
Amount = Annotated[float | None, Query(gt=0, le=1e9, allow_inf_nan=False)]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$"),
]


@router.post("/orders", status_code=201, responses=problem_responses(404, 409, 422, 503))
async def place_order(
    order: PreOrder, broker: Broker, idempotency_key: IdempotencyKey = None
) -> PlaceOrderResult:
    """Place an order at the current prices of the datafeed.

    A MARKET order fills at once at the ask (BUY) or the bid (SELL), a LIMIT order at its limit or
    better as soon as the market allows, a STOP order at the market once its stop price is reached;
    a STOP_LIMIT order becomes a limit order then. There is one position per symbol: an opposite
    order reduces it, and turns it around with what is left. Brackets become working exit orders of
    the position when the order fills, and replace the exits that it had; an order that only reduces
    a position puts none on it.

    An order that the free margin does not allow is placed all the same, with status REJECTED, now
    or when it would fill; the preview's `errors` say why. Working orders reserve no margin.
    Quantities are kept to 8 decimals.

    With an `Idempotency-Key` the order can be sent again without danger: the answer is that of the
    first time, and there is no second order. The same key with another request is a 409. Brackets
    on the wrong side of the price are a 422.
    """
    return await broker.place_order(order, idempotency_key)


@router.post("/orders/preview", responses=problem_responses(404, 422, 503))
async def preview_order(order: PreOrder, broker: Broker) -> OrderPreviewResult:
    """Tell what an order would cost and do, and change nothing.

    `errors` says why placing it would be refused (brackets) or why it would be REJECTED (margin).
    """
    return await broker.preview_order(order)


@router.get("/orders", responses=problem_responses(422))
async def get_orders(
    broker: Broker,
    status: Annotated[list[OrderStatus] | None, Query(max_length=6)] = None,
    symbol: Annotated[SymbolName | None, Query()] = None,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> list[PlacedOrder]:
    """Return orders in the order of their placing, exits of positions among them.

    An exit names its position in `parentId`.

    `status` can be repeated; `symbol` is spelt as in the orders. At most `limit` orders are
    returned; for the next ones, give the id of the last one as `cursor`. An unknown cursor is a
    422.
    """
    return broker.orders(status or (), symbol, limit, cursor)


@router.get("/orders/{order_id}", responses=problem_responses(404, 422))
async def get_order(order_id: OrderId, broker: Broker) -> PlacedOrder:
    """Return one order, in whatever state it is."""
    return broker.order(order_id)


@router.put("/orders/{order_id}", responses=problem_responses(404, 409, 422, 503))
async def modify_order(order_id: OrderId, order: PreOrder, broker: Broker) -> PlacedOrder:
    """Change quantity, prices and brackets of a WORKING order, and fill it if it executes now.

    Symbol, side and type stay (422). Of the exit of a position only its price can change, or the
    distance of a trailing stop. A change that the free margin does not allow is a 409 and leaves
    the order as it was, as does an order that is not WORKING any more.
    """
    return await broker.modify_order(order_id, order)


@router.delete("/orders/{order_id}", status_code=204, responses=problem_responses(404, 409, 422))
async def cancel_order(order_id: OrderId, broker: Broker) -> None:
    """Cancel a WORKING order; one that is not WORKING any more is a 409."""
    await broker.cancel_order(order_id)


@router.get("/positions")
async def get_positions(broker: Broker) -> list[Position]:
    """Return the open positions."""
    return broker.positions()


@router.delete("/positions/{position_id}", responses=problem_responses(404, 409, 422, 503))
async def close_position(
    position_id: PositionId,
    broker: Broker,
    amount: Amount = None,
    idempotency_key: IdempotencyKey = None,
) -> SuccessResponse:
    """Close a position with a market order, or only `amount` shares of it.

    Its exits get the new quantity, or are cancelled with it. More than is held is a 409.

    With an `Idempotency-Key` the request can be sent again without danger, also when the position
    is gone: the answer is that of the first time, and nothing more is closed. The same key with
    another request is a 409.
    """
    message = await broker.close_position(position_id, amount, idempotency_key)
    return SuccessResponse(success=True, message=message)


@router.put("/positions/{position_id}/brackets", responses=problem_responses(404, 422, 503))
async def edit_position_brackets(
    position_id: PositionId, brackets: Brackets, broker: Broker
) -> Position:
    """Replace the exits of a position; those on the wrong side of the market are a 422."""
    return await broker.edit_position_brackets(position_id, brackets)


@router.get("/executions", responses=problem_responses(422))
async def get_executions(
    broker: Broker,
    symbol: Annotated[SymbolName | None, Query()] = None,
    limit: Limit = 500,
) -> list[Execution]:
    """Return the newest executions, oldest first; times are Unix **milliseconds**."""
    return broker.executions(symbol, limit)


@router.get("/account")
async def get_account(broker: Broker) -> AccountMetainfo:
    """Return the account and its money, at the last prices seen."""
    return broker.account()


@router.get("/leverage", responses=problem_responses(404, 422, 503))
async def get_leverage(
    broker: Broker,
    symbol: Annotated[SymbolName, Query()],
    order_type: Annotated[OrderType, Query(alias="orderType")],
    side: Annotated[Side, Query()],
) -> LeverageInfo:
    """Return the leverage of a symbol; it is the same for every type and side of order."""
    return await broker.get_leverage(symbol)


@router.put("/leverage", responses=problem_responses(404, 409, 422, 503))
async def set_leverage(params: LeverageSetParams, broker: Broker) -> LeverageSetResult:
    """Set the leverage of a symbol, for its open position too.

    A value outside of the limits is a 422, one whose margin the equity does not cover a 409.
    """
    return await broker.set_leverage(params)


@router.post("/leverage/preview", responses=problem_responses(404, 422, 503))
async def preview_leverage(params: LeverageSetParams, broker: Broker) -> LeveragePreviewResult:
    """Tell what a change of leverage would mean, and change nothing."""
    return await broker.preview_leverage(params)
