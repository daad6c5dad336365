"""Conversion of API models to the broker's records, and back."""

from __future__ import annotations

from decimal import Decimal

from trading_api.models import (
    AccountMetainfo,
    Brackets,
    EquityData,
    Execution,
    LeverageInfo,
    OrderStatus,
    ParentType,
    PlacedOrder,
    Position,
    PreOrder,
)
from trading_api.modules.broker.book import Transaction
from trading_api.modules.broker.records import (
    BracketPrices,
    ExecutionRecord,
    Instrument,
    Order,
    PositionRecord,
    to_decimal,
    to_quantity,
)
from trading_api.modules.broker.settings import LEVERAGE_MIN, LEVERAGE_STEP, BrokerSettings


def to_order(request: PreOrder, instrument: Instrument, number: int, now: int) -> Order:
    """Return the working order for a request."""
    return Order(
        number=number,
        instrument=instrument,
        type=request.type,
        side=request.side,
        qty=to_quantity(request.qty),
        status=OrderStatus.WORKING,
        updated=now,
        limit_price=_to_decimal(request.limit_price),
        stop_price=_to_decimal(request.stop_price),
        brackets=to_brackets(request),
        stop_type=request.stop_type,
        seen_price=request.seen_price,
        current_quotes=request.current_quotes,
    )


def to_brackets(request: PreOrder | Brackets) -> BracketPrices:
    """Return the brackets of a request."""
    return BracketPrices(
        take_profit=_to_decimal(request.take_profit),
        stop_loss=_to_decimal(request.stop_loss),
        guaranteed_stop=_to_decimal(request.guaranteed_stop),
        trailing_pips=_to_decimal(request.trailing_stop_pips),
    )


def to_placed_order(order: Order) -> PlacedOrder:
    """Return the API's model of an order."""
    return PlacedOrder(
        id=order.id,
        symbol=order.symbol,
        type=order.type,
        side=order.side,
        qty=float(order.qty),
        status=order.status,
        limit_price=_to_float(order.limit_price),
        stop_price=_to_float(order.stop_price),
        take_profit=_to_float(order.brackets.take_profit),
        stop_loss=_to_float(order.brackets.stop_loss),
        guaranteed_stop=_to_float(order.brackets.guaranteed_stop),
        trailing_stop_pips=_to_float(order.brackets.trailing_pips),
        stop_type=order.stop_type,
        seen_price=order.seen_price,
        current_quotes=order.current_quotes,
        filled_qty=float(order.filled_qty),
        avg_price=_to_float(order.avg_price),
        parent_id=order.exit_of,
        parent_type=None if order.exit_of is None else ParentType.POSITION,
        update_time=order.updated,
        version=order.version,
    )


def to_position(position: PositionRecord) -> Position:
    """Return the API's model of a position."""
    return Position(
        id=position.id,
        symbol=position.symbol,
        qty=float(position.qty),
        side=position.side,
        avg_price=float(position.avg_price),
        version=position.version,
    )


def to_execution(execution: ExecutionRecord) -> Execution:
    """Return the API's model of an execution."""
    return Execution(
        id=execution.id,
        order_id=execution.order_id,
        symbol=execution.symbol,
        price=float(execution.price),
        qty=float(execution.qty),
        side=execution.side,
        time=execution.time,
    )


def to_account(settings: BrokerSettings, transaction: Transaction) -> AccountMetainfo:
    """Return the account and its money."""
    return AccountMetainfo(
        id=settings.account_id,
        name=settings.account_name,
        currency=settings.currency,
        margin_used=float(transaction.margin_used),
        **to_equity(transaction).model_dump(by_alias=False),
    )


def to_equity(transaction: Transaction) -> EquityData:
    """Return the money of the account."""
    return EquityData(
        equity=float(transaction.equity),
        balance=float(transaction.account.balance),
        unrealized_pl=float(transaction.unrealized),
        realized_pl=float(transaction.account.realized),
    )


def to_leverage_info(
    transaction: Transaction, symbol: str, settings: BrokerSettings
) -> LeverageInfo:
    """Return the leverage of a symbol, and its limits."""
    return LeverageInfo(
        title=f"Leverage of {symbol}",
        leverage=float(transaction.leverage_of(symbol)),
        min=LEVERAGE_MIN,
        max=settings.max_leverage,
        step=LEVERAGE_STEP,
    )


def _to_decimal(value: float | None) -> Decimal | None:
    return None if value is None else to_decimal(value)


def _to_float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
