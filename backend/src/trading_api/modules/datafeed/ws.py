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

    A bar with the time of the last one (Unix milliseconds) replaces it; a later one follows it. The
    last update of a bar is the closed bar. Nothing is pushed once the replay has reached the end of
    its data. An unknown symbol is refused with 404.
    """
    return service.watch_bars(subscription.symbol, subscription.resolution)


@streams.stream("quotes")
async def quotes(
    subscription: QuotesSubscription, service: DatafeedService
) -> AsyncIterator[QuoteData]:
    """The quotes of all the symbols at once, then of each at its own pace.

    `symbols` follow once a virtual minute, `fastSymbols` every 15 virtual seconds. Nothing is
    pushed once the replay has reached the end of its data. An unknown symbol is refused with 404.
    """
    return service.watch_quotes(subscription.symbols, subscription.fast_symbols)
