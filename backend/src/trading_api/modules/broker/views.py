"""From the models of the API to the broker's records, and back."""

from __future__ import annotations

from decimal import Decimal

from trading_api.models import (
    AccountMetainfo,
    Brackets,
    EquityData,
    Execution,
    OrderStatus,
    ParentType,
    PlacedOrder,
    Position,
    PreOrder,
)
from trading_api.modules.broker.book import Draft
from trading_api.modules.broker.records import (
    BracketPrices,
    Holding,
    Instrument,
    Order,
    Trade,
    decimal_of,
    quantity_of,
)
from trading_api.modules.broker.settings import BrokerSettings


def order_of(request: PreOrder, instrument: Instrument, number: int, now: int) -> Order:
    """Return the working order that `request` asks for."""
    return Order(
        number=number,
        instrument=instrument,
        type=request.type,
        side=request.side,
        qty=quantity_of(request.qty),
        status=OrderStatus.WORKING,
        updated=now,
        limit_price=_decimal(request.limit_price),
        stop_price=_decimal(request.stop_price),
        brackets=brackets_of(request),
        stop_type=request.stop_type,
        seen_price=request.seen_price,
        current_quotes=request.current_quotes,
    )


def brackets_of(request: PreOrder | Brackets) -> BracketPrices:
    """Return the brackets that `request` asks for."""
    return BracketPrices(
        take_profit=_decimal(request.take_profit),
        stop_loss=_decimal(request.stop_loss),
        guaranteed_stop=_decimal(request.guaranteed_stop),
        trailing_pips=_decimal(request.trailing_stop_pips),
    )


def placed_order(order: Order) -> PlacedOrder:
    """Return an order as the API shows it."""
    return PlacedOrder(
        id=order.id,
        symbol=order.symbol,
        type=order.type,
        side=order.side,
        qty=float(order.qty),
        status=order.status,
        limit_price=_float(order.limit_price),
        stop_price=_float(order.stop_price),
        take_profit=_float(order.brackets.take_profit),
        stop_loss=_float(order.brackets.stop_loss),
        guaranteed_stop=_float(order.brackets.guaranteed_stop),
        trailing_stop_pips=_float(order.brackets.trailing_pips),
        stop_type=order.stop_type,
        seen_price=order.seen_price,
        current_quotes=order.current_quotes,
        filled_qty=float(order.filled_qty),
        avg_price=_float(order.avg_price),
        parent_id=order.exit_of,
        parent_type=None if order.exit_of is None else ParentType.POSITION,
        update_time=order.updated,
    )


def position(holding: Holding) -> Position:
    """Return a position as the API shows it."""
    return Position(
        id=holding.id,
        symbol=holding.symbol,
        qty=float(holding.qty),
        side=holding.side,
        avg_price=float(holding.avg_price),
    )


def execution(trade: Trade) -> Execution:
    """Return a trade as the API shows it."""
    return Execution(
        symbol=trade.symbol,
        price=float(trade.price),
        qty=float(trade.qty),
        side=trade.side,
        time=trade.time,
    )


def account(settings: BrokerSettings, draft: Draft) -> AccountMetainfo:
    """Return the account and its money."""
    return AccountMetainfo(
        id=settings.account_id,
        name=settings.account_name,
        currency=settings.currency,
        margin_used=float(draft.margin_used()),
        **equity(draft).model_dump(by_alias=False),
    )


def equity(draft: Draft) -> EquityData:
    """Return the money of the account."""
    return EquityData(
        equity=float(draft.equity()),
        balance=float(draft.account.balance),
        unrealized_pl=float(draft.unrealized()),
        realized_pl=float(draft.account.realized),
    )


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else decimal_of(value)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
