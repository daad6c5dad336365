"""The life of an order: placed, triggered, filled or rejected, and what that does to the account.

Every function works on a draft, so that a preview is the same thing, not committed.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from trading_api.models import OrderStatus, OrderType
from trading_api.modules.broker import matching, portfolio
from trading_api.modules.broker.book import Draft
from trading_api.modules.broker.exits import (
    bracket_errors,
    resize_exits,
    set_exits,
    stop_type_errors,
)
from trading_api.modules.broker.records import (
    QUANTITY_STEP,
    ZERO,
    Holding,
    Order,
    Quote,
    Trade,
    opposite,
)


def order_errors(order: Order, quote: Quote) -> list[str]:
    """Say why the order makes no sense at this quote, whatever money there is."""
    if not order.qty:
        return [f"qty has to be at least {QUANTITY_STEP:f}"]
    price = matching.expected_price(order, quote)
    return [
        *bracket_errors(order.brackets, order.side, price, order.instrument),
        *stop_type_errors(order.brackets, order.stop_type),
    ]


def margin_error(draft: Draft, order: Order, price: Decimal) -> str | None:
    """Say why the account cannot afford a fill of the order at `price`.

    A trade that needs more margin than before is refused if the margin used would then exceed the
    equity; one that sets margin free is always allowed. Working orders reserve nothing.
    """
    equity = draft.equity()
    before = draft.margin_used()
    after = margin_after(draft, order, price)
    if after <= before or after <= equity:
        return None
    needed, free = after - before, equity - before
    return f"not enough free margin: the order needs {needed:.2f}, {free:.2f} is free"


def margin_after(draft: Draft, order: Order, price: Decimal) -> Decimal:
    """Return the margin used once the order is filled at `price`."""
    leverage = draft.leverage(order.symbol)
    held = draft.holding(order.symbol)
    current = portfolio.net(held, _traded(order, price)).current
    released = portfolio.margin(held, leverage) if held else ZERO
    needed = portfolio.margin(current, leverage) if current else ZERO
    return draft.margin_used() - released + needed


def place(draft: Draft, order: Order, quote: Quote) -> None:
    """Put a new order to work, and fill it if it executes at once.

    Without the money for it, it is REJECTED.
    """
    draft.quotes[order.symbol] = quote
    if margin_error(draft, order, matching.expected_price(order, quote)):
        draft.put(replace(order, status=OrderStatus.REJECTED))
        return
    draft.put(order)
    advance(draft, order, quote)


def mark(draft: Draft, symbol: str, quote: Quote) -> None:
    """Take over new prices of a symbol, and let its working orders react, oldest first."""
    draft.quotes[symbol] = quote
    for order in draft.working(symbol):
        current = draft.order(order.id)
        # A fill of an order before it may have cancelled or resized this one.
        if current is not None and current.status is OrderStatus.WORKING:
            advance(draft, current, quote)


def advance(draft: Draft, order: Order, quote: Quote) -> None:
    """Let one working order react to a quote: trail, trigger, fill."""
    moved = matching.trigger(matching.follow(order, quote), quote)
    if moved is not order:
        moved = replace(moved, updated=draft.now)
        draft.put(moved)
    price = matching.fill_price(moved, quote)
    if price is None:
        return
    if margin_error(draft, moved, price):
        draft.put(replace(moved, status=OrderStatus.REJECTED, updated=draft.now))
        return
    fill(draft, moved, price, quote)


def fill(draft: Draft, order: Order, price: Decimal, quote: Quote) -> None:
    """Execute an order: trade, position, money, and the exits that follow from it."""
    netting = portfolio.net(draft.holding(order.symbol), _traded(order, price))
    draft.put(
        replace(
            order,
            status=OrderStatus.FILLED,
            filled_qty=order.qty,
            avg_price=price,
            updated=draft.now,
        )
    )
    draft.put_holdings(netting.changed)
    draft.add_trade(Trade(order.symbol, order.side, order.qty, price, draft.now), netting.realized)
    for holding in netting.changed:
        resize_exits(draft, holding)
    current = netting.current
    if current and order.brackets and not order.exit_of and current.side is order.side:
        set_exits(draft, current, order.brackets, quote)


def close(draft: Draft, holding: Holding, qty: Decimal, quote: Quote) -> Order:
    """Close a position, or the part `qty` of it, with a market order; return that order."""
    order = Order(
        number=draft.next_number(),
        instrument=holding.instrument,
        type=OrderType.MARKET,
        side=opposite(holding.side),
        qty=qty,
        status=OrderStatus.WORKING,
        updated=draft.now,
    )
    place(draft, order, quote)
    return order


def _traded(order: Order, price: Decimal) -> Holding:
    """Return the position that the order would open on its own."""
    return Holding(f"P{order.number}", order.instrument, order.side, order.qty, price)
