"""The rules of orders, margin and leverage, and what each operation does to the account.

Every function works on a transaction, so a preview runs the same code and does not commit it. A
function named `check_...` returns what is wrong; the others raise a `ProblemError`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from trading_api.models import OrderStatus, OrderType, ProblemField, StopType
from trading_api.modules.broker import matching
from trading_api.modules.broker.book import Transaction
from trading_api.modules.broker.exits import (
    check_brackets,
    check_stop_type,
    resize_exits,
    set_exits,
)
from trading_api.modules.broker.portfolio import compute_margin, net_positions
from trading_api.modules.broker.records import (
    ZERO,
    BracketPrices,
    Order,
    PositionRecord,
    Quote,
    format_number,
    opposite_side,
)
from trading_api.modules.broker.settings import LEVERAGE_MIN, LEVERAGE_STEP
from trading_api.shared.problems import ProblemError, ProblemType, body_error, raise_errors


def check_order(order: Order, quote: Quote) -> list[ProblemField]:
    """Return the rules that the order breaks at this quote, apart from the margin rule."""
    price = matching.estimate_price(order, quote)
    return [
        *check_brackets(order.brackets, order.side, price, order.instrument),
        *check_stop_type(order.brackets, order.stop_type),
    ]


def place_order(transaction: Transaction, order: Order, quote: Quote) -> None:
    """Put a new order to work, and fill it if it executes now; REJECT it if the margin is short.

    Raises:
        ProblemError: 422, the order breaks a rule.
    """
    raise_errors(422, ProblemType.TRADING_RULE_VIOLATION, check_order(order, quote))
    transaction.quotes[order.symbol] = quote
    if check_margin(transaction, order, matching.estimate_price(order, quote)):
        transaction.put_order(replace(order, status=OrderStatus.REJECTED))
        return
    transaction.put_order(order)
    advance_order(transaction, order, quote)


def modify_order(transaction: Transaction, order: Order, wanted: Order, quote: Quote) -> None:
    """Give a working order the values of `wanted`, and fill it if it executes now.

    Symbol, side and type stay. Of an exit only the price can change, or the distance of a trailing
    stop: its quantity is that of the position.

    Raises:
        ProblemError: 422, the change breaks a rule; 409, the margin does not allow it.
    """
    raise_errors(422, ProblemType.TRADING_RULE_VIOLATION, _check_identity(order, wanted))
    if order.exit_of is None:
        same_stop = wanted.stop_price == order.stop_price
        new = replace(wanted, triggered=order.triggered and same_stop)
        errors = check_order(new, quote)
    else:
        new = _move_exit(order, wanted, quote)
        errors = _check_exit_change(order, wanted) + _check_exit_price(new, quote)
    raise_errors(422, ProblemType.TRADING_RULE_VIOLATION, errors)
    transaction.quotes[new.symbol] = quote
    errors = check_margin(transaction, new, matching.estimate_price(new, quote))
    raise_errors(409, ProblemType.NOT_ENOUGH_MARGIN, errors)
    transaction.put_order(new)
    advance_order(transaction, new, quote)


def apply_quote(transaction: Transaction, symbol: str, quote: Quote) -> None:
    """Apply the new prices of a symbol, and let its working orders react, oldest first."""
    transaction.quotes[symbol] = quote
    for order in transaction.working_orders(symbol):
        current = transaction.get_order(order.id)
        # The fill of an older order may have cancelled or resized this one.
        if current.is_working:
            advance_order(transaction, current, quote)


def advance_order(transaction: Transaction, order: Order, quote: Quote) -> None:
    """Let one working order react to a quote: trail, trigger, fill."""
    moved = matching.trigger_stop_limit(matching.trail_stop(order, quote), quote)
    if moved is not order:
        moved = replace(moved, updated=transaction.now)
        transaction.put_order(moved)
    price = matching.find_fill_price(moved, quote)
    if price is None:
        return
    if check_margin(transaction, moved, price):
        rejected = replace(moved, status=OrderStatus.REJECTED, updated=transaction.now)
        transaction.put_order(rejected)
        return
    fill_order(transaction, moved, price, quote)


def fill_order(transaction: Transaction, order: Order, price: Decimal, quote: Quote) -> None:
    """Execute an order at `price`, with all effects on position, money and exits."""
    netting = net_positions(transaction.find_position(order.symbol), _open_position(order, price))
    transaction.put_order(
        replace(
            order,
            status=OrderStatus.FILLED,
            filled_qty=order.qty,
            avg_price=price,
            updated=transaction.now,
        )
    )
    transaction.put_positions(netting.changed)
    transaction.add_execution(order, price, netting.realized)
    for position in netting.changed:
        resize_exits(transaction, position)
    current = netting.current
    if current and order.brackets and not order.exit_of and current.side is order.side:
        set_exits(transaction, current, order.brackets, quote)


def _open_position(order: Order, price: Decimal) -> PositionRecord:
    """Return the position that the order would open on its own."""
    return PositionRecord(f"P{order.number}", order.instrument, order.side, order.qty, price)


def _check_identity(order: Order, wanted: Order) -> list[ProblemField]:
    return [
        _fixed(field, f"The {field} of an order cannot be changed.")
        for field, old, new in (
            ("symbol", order.symbol, wanted.symbol),
            ("side", order.side, wanted.side),
            ("type", order.type, wanted.type),
        )
        if old != new
    ]


def _move_exit(order: Order, wanted: Order, quote: Quote) -> Order:
    if order.stop_type is not StopType.TRAILING_STOP:
        return replace(
            order,
            limit_price=wanted.limit_price,
            stop_price=wanted.stop_price,
            updated=wanted.updated,
        )
    pips = wanted.brackets.trailing_pips or order.brackets.trailing_pips
    moved = replace(order, brackets=BracketPrices(trailing_pips=pips), updated=wanted.updated)
    if moved.brackets == order.brackets:
        return moved
    return replace(moved, stop_price=matching.compute_trailing_stop(moved, quote))


def _check_exit_change(order: Order, wanted: Order) -> list[ProblemField]:
    """Return the values of `wanted` that an exit cannot take over."""
    errors = []
    if wanted.qty != order.qty:
        errors.append(_fixed("qty", "The quantity of an exit is that of its position."))
    if wanted.stop_type not in (None, order.stop_type):
        errors.append(_fixed("stopType", "The stop type of an exit cannot be changed."))
    if wanted.brackets.trailing_pips and not order.brackets.trailing_pips:
        errors.append(_fixed("trailingStopPips", "This exit is not a trailing stop."))
    for field, bracket in (
        ("takeProfit", wanted.brackets.take_profit),
        ("stopLoss", wanted.brackets.stop_loss),
        ("guaranteedStop", wanted.brackets.guaranteed_stop),
    ):
        if bracket is not None:
            errors.append(_fixed(field, "An exit cannot have brackets of its own."))
    return errors


def _check_exit_price(order: Order, quote: Quote) -> list[ProblemField]:
    """Return what is wrong with the price of an exit, by the rules of brackets."""
    if order.type is OrderType.LIMIT:
        field, brackets = "limitPrice", BracketPrices(take_profit=order.limit_price)
    elif order.stop_type is StopType.TRAILING_STOP:
        field, brackets = "trailingStopPips", order.brackets
    else:
        field, brackets = "stopPrice", BracketPrices(stop_loss=order.stop_price)
    price = quote.price_for(order.side)
    errors = check_brackets(brackets, opposite_side(order.side), price, order.instrument)
    return [error.model_copy(update={"pointer": f"#/{field}"}) for error in errors]


def _fixed(field: str, detail: str) -> ProblemField:
    return body_error(field, "cannot_be_changed", detail)


def close_position(
    transaction: Transaction, position: PositionRecord, qty: Decimal, quote: Quote
) -> Order:
    """Close a position, or the part `qty` of it, with a market order; return that order.

    Raises:
        ProblemError: 409, the position has fewer shares, or `qty` is 0.
    """
    _check_amount(position, qty)
    order = Order(
        number=transaction.next_number(),
        instrument=position.instrument,
        type=OrderType.MARKET,
        side=opposite_side(position.side),
        qty=qty,
        status=OrderStatus.WORKING,
        updated=transaction.now,
    )
    place_order(transaction, order, quote)
    return order


def edit_brackets(
    transaction: Transaction, position: PositionRecord, brackets: BracketPrices, quote: Quote
) -> None:
    """Replace the exits of a position.

    Raises:
        ProblemError: 422, the brackets break a rule.
    """
    price = quote.price_for(opposite_side(position.side))
    errors = check_brackets(brackets, position.side, price, position.instrument)
    raise_errors(422, ProblemType.TRADING_RULE_VIOLATION, errors)
    transaction.put_positions([position])
    set_exits(transaction, position, brackets, quote)


def _check_amount(position: PositionRecord, qty: Decimal) -> None:
    if qty > position.qty:
        held, wanted = format_number(position.qty), format_number(qty)
        detail = f"The position has only {held} shares; you cannot close {wanted}."
        kind = ProblemType.AMOUNT_EXCEEDS_POSITION
        raise ProblemError(409, detail, type=kind, parameter="amount")


def check_margin(transaction: Transaction, order: Order, price: Decimal) -> list[ProblemField]:
    """Return an error if the margin does not allow a fill of the order at `price`."""
    after = compute_margin_after(transaction, order, price)
    if _margin_allows(transaction, after):
        return []
    used, equity = transaction.margin_used, transaction.equity
    needed, free = f"{after - used:,.2f}", f"{equity - used:,.2f}"
    detail = (
        f"The free margin is too small: the order needs {needed}, but only {free} is available."
    )
    return [ProblemField(pointer="#", code="not_enough_margin", detail=detail)]


def compute_margin_after(transaction: Transaction, order: Order, price: Decimal) -> Decimal:
    """Return the margin used once the order is filled at `price`."""
    held = transaction.find_position(order.symbol)
    current = net_positions(held, _open_position(order, price)).current
    leverage = transaction.leverage_of(order.symbol)
    return _replace_margin(transaction, order.symbol, current, leverage)


def check_leverage(leverage: float, maximum: int) -> list[ProblemField]:
    """Return an error if no symbol can have this leverage."""
    if leverage <= maximum:
        return []
    limits = f"from {LEVERAGE_MIN:g} to {maximum} in steps of {LEVERAGE_STEP:g}"
    return [body_error("leverage", "leverage_not_allowed", f"The leverage must be {limits}.")]


def check_leverage_margin(
    transaction: Transaction, symbol: str, leverage: Decimal
) -> list[ProblemField]:
    """Return an error if the margin does not allow this leverage of a symbol."""
    after = _replace_margin(transaction, symbol, transaction.find_position(symbol), leverage)
    if _margin_allows(transaction, after):
        return []
    equity = transaction.equity
    detail = f"Open positions would need {after:,.2f} of margin; the equity is {equity:,.2f}."
    return [body_error("leverage", "not_enough_margin", detail)]


def set_leverage(transaction: Transaction, symbol: str, leverage: Decimal) -> None:
    """Set the leverage of a symbol, which must be within the limits.

    Raises:
        ProblemError: 409, the margin does not allow it.
    """
    errors = check_leverage_margin(transaction, symbol, leverage)
    raise_errors(409, ProblemType.NOT_ENOUGH_MARGIN, errors)
    transaction.unit_of_work.leverages[symbol] = leverage


def _replace_margin(
    transaction: Transaction, symbol: str, position: PositionRecord | None, leverage: Decimal
) -> Decimal:
    """Return the margin used if `position` at `leverage` were the position in `symbol`."""
    held = transaction.find_position(symbol)
    released = compute_margin(held, transaction.leverage_of(symbol)) if held else ZERO
    needed = compute_margin(position, leverage) if position else ZERO
    return transaction.margin_used - released + needed


def _margin_allows(transaction: Transaction, margin_after: Decimal) -> bool:
    """Return whether a change may lead to this margin used.

    A change that needs more margin than before must leave it within the equity; one that releases
    margin is always allowed. Working orders reserve nothing.
    """
    return margin_after <= max(transaction.margin_used, transaction.equity)
