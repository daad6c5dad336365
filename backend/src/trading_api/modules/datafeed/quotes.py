"""Quotes: the current price and its change since the last close."""

from __future__ import annotations

from trading_api.models import QuoteData, QuoteValues
from trading_api.modules.datafeed.candles import to_price
from trading_api.modules.datafeed.history import History
from trading_api.modules.datafeed.replay import Moment

HALF_SPREAD_TICKS = 1
"""Bid and ask are one tick from the last price, because the source has neither."""


def build_quote(symbol: str, history: History | None, now: Moment) -> QuoteData:
    """Return the quote of a stock, or of an unknown symbol, under the name of the request."""
    if history is None:
        return QuoteData(s="error", n=symbol, v=QuoteValues())
    today, previous = history.last_two_days(now)
    listing = history.listing
    return QuoteData(
        s="ok",
        n=symbol,
        v=QuoteValues(
            lp=to_price(today.close),
            ask=to_price(today.close + HALF_SPREAD_TICKS),
            bid=to_price(today.close - HALF_SPREAD_TICKS),
            spread=to_price(2 * HALF_SPREAD_TICKS),
            open_price=to_price(today.open),
            high_price=to_price(today.high),
            low_price=to_price(today.low),
            prev_close_price=None if previous is None else to_price(previous.close),
            volume=today.volume,
            ch=None if previous is None else to_price(today.close - previous.close),
            chp=None if previous is None else _percent_change(today.close, previous.close),
            short_name=listing.name,
            exchange=listing.exchange,
            description=listing.description,
            original_name=listing.ticker,
        ),
    )


def _percent_change(value: int, base: int) -> float:
    return round(100 * (value - base) / base, 2)
