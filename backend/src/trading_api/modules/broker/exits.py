"""Brackets: which ones are valid, and the exit orders that they become on a position.

A take-profit is a LIMIT order, a protecting stop is a STOP order with its `stop_type`. Exits have
the side that closes the position and always its quantity. Closing the position cancels them, so one
exit cancels the other.

A position has one set of exits, as in TradingView's terminal for accounts that net: the brackets of
an order that adds to a position protect all of it, and replace the exits that it had. The preview
of the order says so.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from trading_api.models import OrderStatus, OrderType, ProblemField, Side, StopType
from trading_api.modules.broker.book import Transaction
from trading_api.modules.broker.matching import compute_trailing_stop, is_stop_reached
from trading_api.modules.broker.records import (
    BracketPrices,
    Instrument,
    Order,
    PositionRecord,
    Quote,
    opposite_side,
)
from trading_api.shared.problems import body_error


def check_brackets(
    brackets: BracketPrices, side: Side, price: Decimal, instrument: Instrument
) -> list[ProblemField]:
    """Return what is wrong with brackets for a position of `side` when the market is at `price`.

    The codes say on which wrong side a value is: `take_profit_below_price`,
    `stop_loss_above_price` and so on. A value equal to the price is on the wrong side, too.
    """
    errors = []
    formatted = instrument.format_price(price)
    for field, name, value, profit_side in (
        ("takeProfit", "take profit", brackets.take_profit, side),
        ("stopLoss", "stop loss", brackets.stop_loss, opposite_side(side)),
        ("guaranteedStop", "guaranteed stop", brackets.guaranteed_stop, opposite_side(side)),
    ):
        if value is not None and (value - price) * profit_side <= 0:
            right, wrong = ("above", "below") if profit_side is Side.BUY else ("below", "above")
            code = f"{name.replace(' ', '_')}_{wrong}_price"
            detail = f"The {name} must be {right} the price of {formatted}."
            errors.append(body_error(field, code, detail))
    if side is Side.BUY and (brackets.trailing_pips or 0) * instrument.pip >= price:
        detail = f"The distance must be smaller than the price of {formatted}."
        errors.append(body_error("trailingStopPips", "trailing_stop_too_far", detail))
    return errors + _check_only_stop(brackets)


def check_stop_type(brackets: BracketPrices, stop_type: StopType | None) -> list[ProblemField]:
    """Return an error if `stop_type` contradicts the protecting stop of `brackets`."""
    given = _find_stop_type(brackets)
    if stop_type is None or stop_type is given:
        return []
    if stop_type is StopType.STOP_LOSS and given is None:
        return []
    name = stop_type.name.replace("_", " ").lower()
    detail = f"The stop type is {name}, but the order has no {name}."
    return [body_error("stopType", "stop_type_without_stop", detail)]


def set_exits(
    transaction: Transaction, position: PositionRecord, brackets: BracketPrices, quote: Quote
) -> None:
    """Make `brackets` the working exits of a position.

    An exit of the same kind is kept and moved, others are cancelled or placed.
    """
    exits = _build_exits(transaction, position, brackets, quote)
    wanted = {(exit.type, exit.stop_type): exit for exit in exits}
    for existing in transaction.working_exits(position.id):
        new = wanted.pop((existing.type, existing.stop_type), None)
        if new is None:
            cancel_order(transaction, existing)
            continue
        if existing.brackets.trailing_pips and existing.brackets == new.brackets:
            new = replace(new, stop_price=existing.stop_price)
        transaction.put_order(replace(new, number=existing.number))
    for new in wanted.values():
        transaction.put_order(replace(new, number=transaction.next_number()))


def resize_exits(transaction: Transaction, position: PositionRecord) -> None:
    """Give the exits of a position its quantity, or cancel them if it is closed."""
    for existing in transaction.working_exits(position.id):
        if position.qty:
            resized = replace(existing, qty=position.qty, updated=transaction.now)
            transaction.put_order(resized)
        else:
            cancel_order(transaction, existing)


def cancel_order(transaction: Transaction, order: Order) -> None:
    """Cancel a working order."""
    cancelled = replace(order, status=OrderStatus.CANCELED, updated=transaction.now)
    transaction.put_order(cancelled)


def _check_only_stop(brackets: BracketPrices) -> list[ProblemField]:
    stops = {
        "stopLoss": brackets.stop_loss,
        "guaranteedStop": brackets.guaranteed_stop,
        "trailingStopPips": brackets.trailing_pips,
    }
    given = [field for field, stop in stops.items() if stop is not None]
    if len(given) <= 1:
        return []
    return [body_error(given[1], "second_stop", "Only one protecting stop is allowed.")]


def _build_exits(
    transaction: Transaction, position: PositionRecord, brackets: BracketPrices, quote: Quote
) -> list[Order]:
    """Return the exits for `brackets`, still without a number."""
    base = Order(
        number=0,
        instrument=position.instrument,
        type=OrderType.STOP,
        side=opposite_side(position.side),
        qty=position.qty,
        status=OrderStatus.WORKING,
        updated=transaction.now,
        exit_of=position.id,
    )
    exits = []
    if brackets.take_profit is not None:
        exits.append(replace(base, type=OrderType.LIMIT, limit_price=brackets.take_profit))
    stop_type = _find_stop_type(brackets)
    if stop_type is not None:
        exits.append(_price_stop(replace(base, stop_type=stop_type), brackets, quote))
    return exits


def _price_stop(order: Order, brackets: BracketPrices, quote: Quote) -> Order:
    """Return a protecting stop with its stop price."""
    if order.stop_type is StopType.TRAILING_STOP:
        order = replace(order, brackets=BracketPrices(trailing_pips=brackets.trailing_pips))
        return replace(order, stop_price=compute_trailing_stop(order, quote))
    order = replace(order, stop_price=brackets.stop_loss or brackets.guaranteed_stop)
    if is_stop_reached(order, quote):
        # The market passed the price before the position was opened. A guaranteed fill at a price
        # that no longer exists would be a gift, so the stop closes the position at the market.
        order = replace(order, stop_type=StopType.STOP_LOSS)
    return order


def _find_stop_type(brackets: BracketPrices) -> StopType | None:
    if brackets.trailing_pips is not None:
        return StopType.TRAILING_STOP
    if brackets.guaranteed_stop is not None:
        return StopType.GUARANTEED_STOP
    return StopType.STOP_LOSS if brackets.stop_loss is not None else None
