"""The service of the datafeed: symbols, bars and quotes at the virtual time of its replay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice, takewhile

from trading_api.models import (
    Bar,
    DatafeedConfiguration,
    GetBarsResponse,
    ProblemField,
    QuoteData,
    Resolution,
    SearchSymbolResultItem,
    SymbolInfo,
)
from trading_api.modules.datafeed import symbols
from trading_api.modules.datafeed.calendar import Calendar, repetition_period
from trading_api.modules.datafeed.candles import Candle, to_bar
from trading_api.modules.datafeed.history import History
from trading_api.modules.datafeed.intraday import IntradayStore
from trading_api.modules.datafeed.quotes import build_quote
from trading_api.modules.datafeed.replay import (
    Moment,
    ReplayClock,
    TimeSource,
    WallClock,
    first_replay_day,
)
from trading_api.modules.datafeed.settings import DatafeedSettings
from trading_api.modules.datafeed.source import Listing
from trading_api.shared.problems import ProblemError, ProblemType
from trading_api.shared.settings import InvalidSettingError

MAX_BARS = 5000
"""The maximum number of bars in one response: the newest ones of the range."""


class DatafeedService:
    """Symbols, bars and quotes of the stocks in `histories` at the time of `clock`.

    A stock is unknown until its first trading day. A symbol is a name (`AAPL`) or a ticker
    (`NASDAQ:AAPL`), in any case; an unknown symbol raises a 404 `ProblemError`.
    """

    def __init__(self, histories: Sequence[History], clock: ReplayClock) -> None:
        self._clock = clock
        self._histories = histories
        self._by_symbol = {
            symbol.casefold(): history
            for history in histories
            for symbol in (history.listing.name, history.listing.ticker)
        }

    def get_configuration(self) -> DatafeedConfiguration:
        return symbols.build_configuration(history.listing for history in self._histories)

    def get_server_time(self) -> int:
        """Return the virtual time in Unix seconds."""
        return self._clock.now().unix_seconds

    def get_symbols(self, exchange: str | None, symbol_type: str | None) -> list[SymbolInfo]:
        listings = symbols.select(self._listings(), exchange, symbol_type)
        return [symbols.build_symbol_info(listing) for listing in listings]

    def search_symbols(
        self, text: str, exchange: str | None, symbol_type: str | None, max_results: int
    ) -> list[SearchSymbolResultItem]:
        listings = symbols.select(self._listings(), exchange, symbol_type)
        hits = symbols.search(listings, text)[:max_results]
        return [symbols.build_search_item(listing) for listing in hits]

    def resolve_symbol(self, symbol: str) -> SymbolInfo:
        return symbols.build_symbol_info(self._get_history(symbol, self._clock.now()).listing)

    def get_bars(
        self, symbol: str, resolution: Resolution, start: int, end: int, count: int | None
    ) -> GetBarsResponse:
        """Return the bars that start from `start` (inclusive) to `end` (exclusive), Unix seconds.

        With `count`, return the last `count` bars before `end` instead. At most `MAX_BARS`.
        """
        if start > end:
            error = ProblemField(
                parameter="from_time",
                code="after_to_time",
                detail="from_time must not be after to_time.",
            )
            raise ProblemError(422, type=ProblemType.VALIDATION_ERROR, errors=[error])
        now = self._clock.now()
        history = self._get_history(symbol, now)
        candles = history.newest_first(resolution, now, before=end)
        if count is None:
            candles = takewhile(lambda candle: candle.time >= start, candles)
        bars = _bars_in_order(islice(candles, min(count or MAX_BARS, MAX_BARS)))
        if bars:
            return GetBarsResponse(bars=bars, no_data=False)
        earlier = next(history.newest_first(resolution, now, before=start), None)
        next_time = None if earlier is None else earlier.time * 1000
        return GetBarsResponse(bars=[], no_data=True, next_time=next_time)

    def get_quotes(self, wanted: Iterable[str]) -> list[QuoteData]:
        """Return quotes in the given order; an unknown symbol has the status `error`."""
        return self._quotes_at(wanted, self._clock.now())

    def watch_bars(self, symbol: str, resolution: Resolution) -> AsyncIterator[Bar]:
        """Return the newest bar, and then the bars that change at each step of the price.

        These are the bars that have closed since the last step, and the forming bar.
        """
        history = self._get_history(symbol, self._clock.now(), "#/payload/symbol")
        return self._bar_updates(history, resolution)

    def watch_quotes(
        self, wanted: Sequence[str], wanted_fast: Sequence[str]
    ) -> AsyncIterator[QuoteData]:
        """Return all quotes, then those of `wanted` once a minute and the fast ones at each step.

        A symbol in both lists is fast.
        """
        now = self._clock.now()
        for field, listed in (("symbols", wanted), ("fastSymbols", wanted_fast)):
            for index, symbol in enumerate(listed):
                self._get_history(symbol, now, f"#/payload/{field}/{index}")
        fast = dict.fromkeys(wanted_fast)
        slow = [symbol for symbol in dict.fromkeys(wanted) if symbol not in fast]
        return self._quote_updates(slow, list(fast))

    async def _bar_updates(self, history: History, resolution: Resolution) -> AsyncIterator[Bar]:
        since: int | None = None
        async for now in self._clock.steps():
            changed = _changed_since(since, history.newest_first(resolution, now))
            since = changed[0].time
            for bar in _bars_in_order(changed):
                yield bar

    async def _quote_updates(
        self, slow: Sequence[str], fast: Sequence[str]
    ) -> AsyncIterator[QuoteData]:
        minute = None
        async for now in self._clock.steps():
            due = fast if now.minute == minute else [*fast, *slow]
            minute = now.minute
            for update in self._quotes_at(due, now):
                yield update

    def _quotes_at(self, wanted: Iterable[str], now: Moment) -> list[QuoteData]:
        return [build_quote(symbol, self._find(symbol, now), now) for symbol in wanted]

    def _listings(self) -> list[Listing]:
        now = self._clock.now()
        return [history.listing for history in self._histories if history.is_listed(now)]

    def _find(self, symbol: str, now: Moment) -> History | None:
        history = self._by_symbol.get(symbol.casefold())
        return history if history and history.is_listed(now) else None

    def _get_history(self, symbol: str, now: Moment, pointer: str | None = None) -> History:
        history = self._find(symbol, now)
        if history is None:
            raise ProblemError(
                404,
                "The symbol is unknown.",
                type=ProblemType.UNKNOWN_SYMBOL,
                pointer=pointer,
                parameter=None if pointer else "symbol",
            )
        return history


@asynccontextmanager
async def open_service() -> AsyncIterator[DatafeedService]:
    """Load the data and start its replay, as the settings say.

    Raises:
        InvalidSettingError: a setting, or the data at the source location, is invalid.
    """
    settings = DatafeedSettings()
    yield await asyncio.to_thread(build_service, settings, WallClock(settings.replay_epoch))


def build_service(settings: DatafeedSettings, time_source: TimeSource) -> DatafeedService:
    """Return a service whose replay runs on `time_source`."""
    intraday = IntradayStore(settings.seed)
    try:
        source = settings.source(settings.source_location)
        data = {listing: source.daily_history(listing) for listing in source.listings()}
    except (OSError, ValueError) as error:
        raise InvalidSettingError(
            f"DATAFEED_SOURCE_LOCATION={settings.source_location}: {error}"
        ) from error
    days = sorted({day.time for candles in data.values() for day in candles})
    start = first_replay_day(days, settings.replay_start)
    period = repetition_period(start, days[-1])
    histories = [
        History(listing, candles, Calendar([day.time for day in candles], start, period), intraday)
        for listing, candles in data.items()
    ]
    calendar = Calendar(days, start, period)
    return DatafeedService(histories, ReplayClock(calendar, start, settings.speed, time_source))


def _bars_in_order(newest_first: Iterable[Candle]) -> list[Bar]:
    return [to_bar(candle) for candle in newest_first][::-1]


def _changed_since(time: int | None, newest_first: Iterator[Candle]) -> list[Candle]:
    """Return the candles that may have changed since the candle at `time` was the newest."""
    if time is None:
        return list(islice(newest_first, 1))
    changed = takewhile(lambda candle: candle.time >= time, newest_first)
    return list(islice(changed, MAX_BARS))
