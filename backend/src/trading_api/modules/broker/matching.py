"""When an order executes, and at which price. Pure functions of an order and a quote.

A buy executes at the ask, a sell at the bid. Every fill is of the whole quantity: the simulated
market has unlimited depth.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from trading_api.models import OrderType, Side, StopType
from trading_api.modules.broker.records import Order, Quote


def find_fill_price(order: Order, quote: Quote) -> Decimal | None:
    """Return the price at which `order` executes at this quote, or None if it does not.

    A limit order gets the market price, which is its limit or better; a stop order gets the market
    price once its stop is reached, a guaranteed stop exactly its stop price.
    """
    market = quote.price_for(order.side)
    if order.type is OrderType.MARKET:
        return market
    if order.type is OrderType.STOP:
        if not is_stop_reached(order, quote):
            return None
        return order.stop_price if _is_exit(order, StopType.GUARANTEED_STOP) else market
    if order.type is OrderType.STOP_LIMIT and not order.triggered:
        return None
    return market if _is_within_limit(order, market) else None


def estimate_price(order: Order, quote: Quote) -> Decimal:
    """Return the price of a fill at this quote, or else the price that the order waits for."""
    return (
        find_fill_price(trigger_stop_limit(order, quote), quote)
        or order.limit_price
        or order.stop_price
        or quote.price_for(order.side)
    )


def trigger_stop_limit(order: Order, quote: Quote) -> Order:
    """Return `order`, triggered if it is a STOP_LIMIT order whose stop is reached."""
    waiting = order.type is OrderType.STOP_LIMIT and not order.triggered
    return replace(order, triggered=True) if waiting and is_stop_reached(order, quote) else order


def trail_stop(order: Order, quote: Quote) -> Order:
    """Return `order`; if it is a trailing stop, its stop follows the market but never retreats."""
    if not _is_exit(order, StopType.TRAILING_STOP):
        return order
    stop = compute_trailing_stop(order, quote)
    if order.stop_price is not None:
        closer = max if order.side is Side.SELL else min
        stop = closer(stop, order.stop_price)
    return order if stop == order.stop_price else replace(order, stop_price=stop)


def compute_trailing_stop(order: Order, quote: Quote) -> Decimal:
    """Return the stop price of a trailing exit that starts to trail at this quote."""
    distance = (order.brackets.trailing_pips or 0) * order.instrument.pip
    return quote.price_for(order.side) + distance * order.side


def is_stop_reached(order: Order, quote: Quote) -> bool:
    """Return whether the market is at the order's stop price or beyond it."""
    if order.stop_price is None:
        return False
    if order.side is Side.BUY:
        return quote.ask >= order.stop_price
    return quote.bid <= order.stop_price


def _is_exit(order: Order, stop_type: StopType) -> bool:
    """Return whether the order is itself a stop of this type, not one that has it as a bracket."""
    return order.exit_of is not None and order.stop_type is stop_type


def _is_within_limit(order: Order, price: Decimal) -> bool:
    if order.limit_price is None:
        return False
    return price <= order.limit_price if order.side is Side.BUY else price >= order.limit_price
