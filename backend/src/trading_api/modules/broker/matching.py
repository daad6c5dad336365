"""When an order executes, and at which price. Pure functions of an order and a quote.

A buy looks at the ask, a sell at the bid. A fill is of the whole quantity: the simulated market is
as deep as needed.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from trading_api.models import OrderType, Side, StopType
from trading_api.modules.broker.records import Order, Quote


def fill_price(order: Order, quote: Quote) -> Decimal | None:
    """Return the price at which `order` executes at this quote; None if it does not.

    A limit order gets the market price, which is its limit or better; a stop order the market
    price once its stop is reached, a guaranteed stop exactly its stop price.
    """
    market = quote.price_for(order.side)
    if order.type is OrderType.MARKET:
        return market
    if order.type is OrderType.STOP:
        if not stop_reached(order, quote):
            return None
        return order.stop_price if _is_exit(order, StopType.GUARANTEED_STOP) else market
    if order.type is OrderType.STOP_LIMIT and not order.triggered:
        return None
    return market if _limit_allows(order, market) else None


def expected_price(order: Order, quote: Quote) -> Decimal:
    """Return the price to reckon with when `order` is placed: that of a fill now, else its own."""
    return (
        fill_price(trigger(order, quote), quote)
        or order.limit_price
        or order.stop_price
        or quote.price_for(order.side)
    )


def trigger(order: Order, quote: Quote) -> Order:
    """Return `order`, triggered if it is a STOP_LIMIT order whose stop is reached."""
    if order.type is OrderType.STOP_LIMIT and not order.triggered and stop_reached(order, quote):
        return replace(order, triggered=True)
    return order


def follow(order: Order, quote: Quote) -> Order:
    """Return `order`, its stop moved if it is a trailing stop that the market has left behind."""
    if not _is_exit(order, StopType.TRAILING_STOP):
        return order
    stop = trailing_stop(order, quote)
    if order.stop_price is not None:
        closer = max if order.side is Side.SELL else min
        stop = closer(stop, order.stop_price)
    return order if stop == order.stop_price else replace(order, stop_price=stop)


def trailing_stop(order: Order, quote: Quote) -> Decimal:
    """Return the stop price of a trailing exit that starts to trail at this quote."""
    distance = (order.brackets.trailing_pips or 0) * order.instrument.pip
    return quote.price_for(order.side) + distance * order.side


def stop_reached(order: Order, quote: Quote) -> bool:
    """Tell whether the market is at the order's stop price, or beyond it."""
    if order.stop_price is None:
        return False
    if order.side is Side.BUY:
        return quote.ask >= order.stop_price
    return quote.bid <= order.stop_price


def _is_exit(order: Order, stop_type: StopType) -> bool:
    """Tell whether the order is such a stop itself, and does not only ask for one as a bracket."""
    return order.exit_of is not None and order.stop_type is stop_type


def _limit_allows(order: Order, price: Decimal) -> bool:
    if order.limit_price is None:
        return False
    return price <= order.limit_price if order.side is Side.BUY else price >= order.limit_price
