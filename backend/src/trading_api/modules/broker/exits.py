"""Brackets: which ones make sense, and the exit orders that they become on a position.

A take-profit is a LIMIT order, a protecting stop a STOP order with its `stop_type`. Exits have the
side that closes the position and always its quantity; when it is closed they are cancelled, so that
one cancels the other.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from trading_api.models import OrderStatus, OrderType, Side, StopType
from trading_api.modules.broker import matching
from trading_api.modules.broker.book import Draft
from trading_api.modules.broker.records import (
    BracketPrices,
    Holding,
    Instrument,
    Order,
    Quote,
    opposite,
    plain,
)

_PRICE_OF = {
    StopType.STOP_LOSS: "stopLoss",
    StopType.TRAILING_STOP: "trailingStopPips",
    StopType.GUARANTEED_STOP: "guaranteedStop",
}


def bracket_errors(
    brackets: BracketPrices, side: Side, price: Decimal, instrument: Instrument
) -> list[str]:
    """Say what is wrong with brackets for a position of `side` when the market is at `price`."""
    errors = []
    stops = (brackets.stop_loss, brackets.guaranteed_stop, brackets.trailing_pips)
    if sum(stop is not None for stop in stops) > 1:
        errors.append("only one of stopLoss, guaranteedStop and trailingStopPips can be given")
    better, worse = ("above", "below") if side is Side.BUY else ("below", "above")
    if brackets.take_profit is not None and (brackets.take_profit - price) * side <= 0:
        errors.append(f"takeProfit has to be {better} {plain(price)}")
    for name, stop in (
        ("stopLoss", brackets.stop_loss),
        ("guaranteedStop", brackets.guaranteed_stop),
    ):
        if stop is not None and (price - stop) * side <= 0:
            errors.append(f"{name} has to be {worse} {plain(price)}")
    distance = (brackets.trailing_pips or 0) * instrument.pip
    if side is Side.BUY and distance >= price:
        errors.append("trailingStopPips is more than the price itself")
    return errors


def stop_type_errors(brackets: BracketPrices, stop_type: StopType | None) -> list[str]:
    """Say how `stop_type` contradicts the protecting stop that is given."""
    given = _stop_type_of(brackets)
    if stop_type is None or stop_type is given:
        return []
    if stop_type is StopType.STOP_LOSS and given is None:
        return []
    return [f"stopType {stop_type.name} needs {_PRICE_OF[stop_type]}"]


def set_exits(draft: Draft, holding: Holding, brackets: BracketPrices, quote: Quote) -> None:
    """Make the working exits of a position those that `brackets` ask for.

    An exit of the same kind is kept and moved, others are cancelled or placed.
    """
    wanted = {(exit.type, exit.stop_type): exit for exit in _plan(draft, holding, brackets, quote)}
    for existing in draft.exits_of(holding.id):
        new = wanted.pop((existing.type, existing.stop_type), None)
        if new is None:
            cancel(draft, existing)
            continue
        if existing.brackets.trailing_pips and existing.brackets == new.brackets:
            new = replace(new, stop_price=existing.stop_price)
        draft.put(replace(new, number=existing.number))
    for new in wanted.values():
        draft.put(replace(new, number=draft.next_number()))


def resize_exits(draft: Draft, holding: Holding) -> None:
    """Give the exits of a position its quantity, and cancel them if it is closed."""
    for existing in draft.exits_of(holding.id):
        if not holding.qty:
            cancel(draft, existing)
        else:
            draft.put(replace(existing, qty=holding.qty, updated=draft.now))


def cancel(draft: Draft, order: Order) -> None:
    """Cancel a working order."""
    draft.put(replace(order, status=OrderStatus.CANCELED, updated=draft.now))


def _plan(draft: Draft, holding: Holding, brackets: BracketPrices, quote: Quote) -> list[Order]:
    """Return the exits for `brackets`, without a number yet."""
    base = Order(
        number=0,
        instrument=holding.instrument,
        type=OrderType.STOP,
        side=opposite(holding.side),
        qty=holding.qty,
        status=OrderStatus.WORKING,
        updated=draft.now,
        exit_of=holding.id,
    )
    planned = []
    if brackets.take_profit is not None:
        planned.append(replace(base, type=OrderType.LIMIT, limit_price=brackets.take_profit))
    stop_type = _stop_type_of(brackets)
    if stop_type is not None:
        planned.append(_protecting_stop(replace(base, stop_type=stop_type), brackets, quote))
    return planned


def _protecting_stop(order: Order, brackets: BracketPrices, quote: Quote) -> Order:
    if order.stop_type is StopType.TRAILING_STOP:
        order = replace(order, brackets=BracketPrices(trailing_pips=brackets.trailing_pips))
        return replace(order, stop_price=matching.trailing_stop(order, quote))
    order = replace(order, stop_price=brackets.stop_loss or brackets.guaranteed_stop)
    if matching.stop_reached(order, quote):
        # The market has jumped past it before the position was opened: nobody can guarantee a
        # price that is gone, and the difference would be a gift. It closes at the market.
        order = replace(order, stop_type=StopType.STOP_LOSS)
    return order


def _stop_type_of(brackets: BracketPrices) -> StopType | None:
    if brackets.trailing_pips is not None:
        return StopType.TRAILING_STOP
    if brackets.guaranteed_stop is not None:
        return StopType.GUARANTEED_STOP
    return StopType.STOP_LOSS if brackets.stop_loss is not None else None
