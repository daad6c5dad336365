"""REST operations of the broker."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response

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
from trading_api.models.common import MIN_QUANTITY
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.auth.scopes import needs_scope
from trading_api.shared.module import service_of
from trading_api.shared.problems import problem_responses
from trading_api.shared.versions import ETAG_HEADER, IfMatch, entity_tag

router = APIRouter()

ID_PATTERN = r"^[A-Za-z0-9_-]+$"

Broker = Annotated[BrokerService, Depends(service_of(BrokerService))]
OrderId = Annotated[str, Path(min_length=1, max_length=64, pattern=ID_PATTERN)]
PositionId = Annotated[str, Path(min_length=1, max_length=64, pattern=ID_PATTERN)]
Cursor = Annotated[str | None, Query(min_length=1, max_length=64, pattern=ID_PATTERN)]
Limit = Annotated[int, Query(ge=1, le=500)]
Amount = Annotated[float | None, Query(ge=MIN_QUANTITY, le=1e9, allow_inf_nan=False)]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$"),
]

SEQUENCE_HEADER: dict[str, Any] = {
    "headers": {
        "Last-Sequence": {
            "description": "The response includes the stream updates up to this number: subscribe"
            " with it as `since`.",
            "schema": {"type": "integer"},
        }
    }
}


async def add_sequence(broker: Broker, response: Response) -> None:
    """Send the number of the last update, read before the list: at worst an update comes twice."""
    response.headers["Last-Sequence"] = str(broker.last_sequence)


@router.post("/orders", status_code=201, responses=problem_responses(404, 409, 422, 503))
async def place_order(
    order: PreOrder, broker: Broker, idempotency_key: IdempotencyKey = None
) -> PlaceOrderResult:
    """Place an order at the current prices of the datafeed.

    A MARKET order fills at once at the ask (BUY) or the bid (SELL), a LIMIT order at its limit or
    better as soon as the market allows, a STOP order at the market once its stop price is reached;
    a STOP_LIMIT order becomes a limit order then. There is one position per symbol: an opposite
    order reduces it, and the rest of a larger one opens a position the other way. Brackets become
    working exit orders of the position when the order fills. They protect the whole position, also
    if the order only adds to it, and replace its previous exits, as a preview warns; an order that
    only reduces a position ignores its brackets.

    If the free margin is too small for an order, now or when it would fill, the order is placed
    with status REJECTED; a preview explains why. Working orders reserve no margin. Quantities have
    up to 8 decimals.

    With an `Idempotency-Key` the request can be retried safely: the response is that of the first
    request, and no second order is placed. The same key with another request is a 409. Brackets
    on the wrong side of the price are a 422.
    """
    return await broker.place_order(order, idempotency_key)


@router.post(
    "/orders/preview", responses=problem_responses(404, 422, 503), openapi_extra=needs_scope("read")
)
async def preview_order(order: PreOrder, broker: Broker) -> OrderPreviewResult:
    """Return what an order would cost and do, without placing it.

    `problems` lists why placing it would fail (brackets) or why it would be REJECTED (margin).
    """
    return await broker.preview_order(order)


@router.get(
    "/orders",
    responses={200: SEQUENCE_HEADER, **problem_responses(422, 503)},
    dependencies=[Depends(add_sequence)],
)
async def get_orders(
    broker: Broker,
    status: Annotated[list[OrderStatus] | None, Query(max_length=6)] = None,
    symbol: Annotated[SymbolName | None, Query()] = None,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> list[PlacedOrder]:
    """Return orders, oldest first, including the exits of positions.

    `status` can be repeated; `symbol` is written as in the orders. At most `limit` orders are
    returned; to get the next ones, pass the id of the last one as `cursor`. An unknown cursor is a
    422.
    """
    return await broker.get_orders(status or (), symbol, limit, cursor)


@router.get("/orders/{order_id}", responses={200: ETAG_HEADER, **problem_responses(404, 422, 503)})
async def get_order(order_id: OrderId, broker: Broker, response: Response) -> PlacedOrder:
    """Return one order, whatever its status."""
    order = await broker.get_order(order_id)
    response.headers["ETag"] = entity_tag(order.version)
    return order


@router.put(
    "/orders/{order_id}", responses={200: ETAG_HEADER, **problem_responses(404, 409, 412, 422, 503)}
)
async def modify_order(
    order_id: OrderId,
    order: PreOrder,
    broker: Broker,
    response: Response,
    if_match: IfMatch = None,
) -> PlacedOrder:
    """Change quantity, prices and brackets of a WORKING order, and fill it if it executes now.

    Symbol, side and type cannot change (422). Of a position's exit only the price can change, or
    the distance of a trailing stop. If the free margin is too small for the change, or the order is
    no longer WORKING, the response is a 409 and the order stays as it is. With the order's version
    in `If-Match`, an order that has changed since is a 412.
    """
    changed = await broker.modify_order(order_id, order, if_match)
    response.headers["ETag"] = entity_tag(changed.version)
    return changed


@router.delete(
    "/orders/{order_id}", status_code=204, responses=problem_responses(404, 409, 422, 503)
)
async def cancel_order(order_id: OrderId, broker: Broker) -> None:
    """Cancel a WORKING order; if it is no longer WORKING, the response is a 409."""
    await broker.cancel_order(order_id)


@router.get("/positions", responses={200: SEQUENCE_HEADER}, dependencies=[Depends(add_sequence)])
async def get_positions(broker: Broker) -> list[Position]:
    """Return the open positions."""
    return broker.get_positions()


@router.delete("/positions/{position_id}", responses=problem_responses(404, 409, 422, 503))
async def close_position(
    position_id: PositionId,
    broker: Broker,
    amount: Amount = None,
    idempotency_key: IdempotencyKey = None,
) -> SuccessResponse:
    """Close a position with a market order, or only `amount` shares of it.

    Its exits get the new quantity, or are cancelled if the position is closed. An `amount` that
    exceeds the position is a 409.

    With an `Idempotency-Key` the request can be retried safely, even after the position is closed:
    the response is that of the first request, and nothing more is closed. The same key with
    another request is a 409.
    """
    message = await broker.close_position(position_id, amount, idempotency_key)
    return SuccessResponse(success=True, message=message)


@router.put(
    "/positions/{position_id}/brackets",
    responses={200: ETAG_HEADER, **problem_responses(404, 412, 422, 503)},
)
async def edit_position_brackets(
    position_id: PositionId,
    brackets: Brackets,
    broker: Broker,
    response: Response,
    if_match: IfMatch = None,
) -> Position:
    """Replace the exits of a position; brackets on the wrong side of the price are a 422.

    With the position's version in `If-Match`, a position that has changed since is a 412.
    """
    position = await broker.edit_position_brackets(position_id, brackets, if_match)
    response.headers["ETag"] = entity_tag(position.version)
    return position


@router.get(
    "/executions",
    responses={200: SEQUENCE_HEADER, **problem_responses(422, 503)},
    dependencies=[Depends(add_sequence)],
)
async def get_executions(
    broker: Broker,
    symbol: Annotated[SymbolName | None, Query()] = None,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> list[Execution]:
    """Return the newest executions, oldest first; times are Unix **milliseconds**.

    At most `limit` executions are returned; to get the ones before them, pass the id of the first
    one as `cursor`. An unknown cursor is a 422.
    """
    return await broker.get_executions(symbol, limit, cursor)


@router.get("/account")
async def get_account(broker: Broker) -> AccountMetainfo:
    """Return the account and its money, at the latest prices."""
    return broker.get_account()


@router.get("/leverage", responses={200: ETAG_HEADER, **problem_responses(404, 422, 503)})
async def get_leverage(
    broker: Broker,
    symbol: Annotated[SymbolName, Query()],
    order_type: Annotated[OrderType, Query(alias="orderType")],
    side: Annotated[Side, Query()],
    response: Response,
) -> LeverageInfo:
    """Return the leverage of a symbol; it is the same for all types and sides of orders."""
    leverage = await broker.get_leverage(symbol)
    response.headers["ETag"] = entity_tag(leverage.leverage)
    return leverage


@router.put("/leverage", responses={200: ETAG_HEADER, **problem_responses(404, 409, 412, 422, 503)})
async def set_leverage(
    params: LeverageSetParams, broker: Broker, response: Response, if_match: IfMatch = None
) -> LeverageSetResult:
    """Set the leverage of a symbol, also for its open position.

    A value outside the limits is a 422. If the equity does not cover the margin that open positions
    would need, the response is a 409. With the `ETag` of the leverage in `If-Match`, a leverage
    that has changed since is a 412.
    """
    result = await broker.set_leverage(params, if_match)
    response.headers["ETag"] = entity_tag(result.leverage)
    return result


@router.post(
    "/leverage/preview",
    responses=problem_responses(404, 422, 503),
    openapi_extra=needs_scope("read"),
)
async def preview_leverage(params: LeverageSetParams, broker: Broker) -> LeveragePreviewResult:
    """Return what a change of leverage would do, without making it."""
    return await broker.preview_leverage(params)
