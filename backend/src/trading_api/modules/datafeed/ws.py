"""The live streams of the datafeed."""

from __future__ import annotations

from collections.abc import AsyncIterator

from trading_api.models import Bar, BarsSubscription, QuoteData, QuotesSubscription
from trading_api.modules.datafeed.service import DatafeedService
from trading_api.shared.ws import StreamRouter

streams = StreamRouter()


@streams.stream("bars", replay_last=True)
async def bars(subscription: BarsSubscription, service: DatafeedService) -> AsyncIterator[Bar]:
    """The newest bar, at once and then every 15 virtual seconds.

    A bar with the same time (Unix milliseconds) as the previous one replaces it. The last update of
    a bar is the closed bar. An unknown symbol is a 404 error.
    """
    return service.watch_bars(subscription.symbol, subscription.resolution)


@streams.stream("quotes", replay_last_of="n")
async def quotes(
    subscription: QuotesSubscription, service: DatafeedService
) -> AsyncIterator[QuoteData]:
    """The quotes of all symbols at once, and then as often as the subscription asks.

    `symbols` are updated once a virtual minute, `fastSymbols` every 15 virtual seconds. An unknown
    symbol is a 404 error.
    """
    return service.watch_quotes(subscription.symbols, subscription.fast_symbols)
