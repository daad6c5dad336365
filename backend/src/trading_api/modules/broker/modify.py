"""Changing a working order: what may change, and what comes out."""

from __future__ import annotations

from dataclasses import replace

from trading_api.models import OrderType, PreOrder, StopType
from trading_api.modules.broker import matching
from trading_api.modules.broker.engine import order_errors
from trading_api.modules.broker.exits import bracket_errors
from trading_api.modules.broker.records import (
    BracketPrices,
    Instrument,
    Order,
    Quote,
    opposite,
)
from trading_api.modules.broker.views import order_of


def modified(
    order: Order, request: PreOrder, instrument: Instrument, quote: Quote, now: int
) -> tuple[Order, list[str]]:
    """Return `order` as `request` wants it, and what is wrong with that.

    Symbol, side and type stay. Of the exit of a position only the price can change, or the distance
    of a trailing stop: its quantity is that of the position.
    """
    new = order_of(request, instrument, order.number, now)
    errors = [
        f"{name} cannot be changed"
        for name, old_value, new_value in (
            ("symbol", order.symbol, new.symbol),
            ("side", order.side, new.side),
            ("type", order.type, new.type),
        )
        if old_value != new_value
    ]
    if errors:
        return order, errors
    if order.exit_of is not None:
        return _modified_exit(order, new, quote)
    same_stop = new.stop_price == order.stop_price
    return replace(new, triggered=order.triggered and same_stop), order_errors(new, quote)


def _modified_exit(order: Order, new: Order, quote: Quote) -> tuple[Order, list[str]]:
    pips = new.brackets.trailing_pips or order.brackets.trailing_pips
    errors = []
    if new.qty != order.qty:
        errors.append("qty of an exit is that of its position")
    if new.stop_type not in (None, order.stop_type):
        errors.append("stopType of an exit cannot be changed")
    if replace(new.brackets, trailing_pips=order.brackets.trailing_pips) != order.brackets:
        errors.append("an exit has no brackets of its own")
    if new.brackets.trailing_pips and not order.brackets.trailing_pips:
        errors.append("the exit is no trailing stop")
    if order.stop_type is StopType.TRAILING_STOP:
        moved = replace(order, brackets=BracketPrices(trailing_pips=pips), updated=new.updated)
        if moved.brackets != order.brackets:
            moved = replace(moved, stop_price=matching.trailing_stop(moved, quote))
    else:
        moved = replace(
            order,
            limit_price=new.limit_price,
            stop_price=new.stop_price,
            updated=new.updated,
        )
    return moved, errors + _exit_price_errors(moved, quote)


def _exit_price_errors(order: Order, quote: Quote) -> list[str]:
    """Say what is wrong with the price of an exit, by the rules of brackets."""
    if order.type is OrderType.LIMIT:
        wanted = BracketPrices(take_profit=order.limit_price)
    elif order.stop_type is StopType.TRAILING_STOP:
        wanted = order.brackets
    else:
        wanted = BracketPrices(stop_loss=order.stop_price)
    held_side = opposite(order.side)
    return bracket_errors(wanted, held_side, quote.price_for(order.side), order.instrument)
