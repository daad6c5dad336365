"""The candles of one stock as they are known at a virtual moment, without its future."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from operator import attrgetter

from trading_api.models import Resolution
from trading_api.modules.datafeed.calendar import Calendar
from trading_api.modules.datafeed.candles import (
    INTRADAY_MINUTES,
    Candle,
    aggregate,
    period_start,
    resample_days,
    resample_minutes,
)
from trading_api.modules.datafeed.intraday import IntradayStore, minutes_so_far
from trading_api.modules.datafeed.replay import Moment
from trading_api.modules.datafeed.source import Listing

_time = attrgetter("time")


class History:
    """The candles of one stock at every resolution. Safe to read from several threads."""

    def __init__(
        self,
        listing: Listing,
        days: Sequence[Candle],
        calendar: Calendar,
        intraday: IntradayStore,
    ) -> None:
        """`days` are the candles of the days of the data; `calendar` repeats them without end."""
        self.listing = listing
        self._days = days
        self._calendar = calendar
        self._intraday = intraday
        nothing: tuple[int, Sequence[Candle]] = (0, [])
        self._closed = {Resolution.WEEK: nothing, Resolution.MONTH: nothing}

    def is_listed(self, now: Moment) -> bool:
        """Return whether the first trading day of the stock has begun."""
        return self._days[0].time <= now.day

    def newest_first(
        self, resolution: Resolution, now: Moment, before: int | None = None
    ) -> Iterator[Candle]:
        """Yield the candles that start before `before` (Unix seconds), newest first.

        The newest candle is still forming: it covers its period up to `now`.
        """
        end = now.day if before is None else min(now.day, before)
        size = INTRADAY_MINUTES.get(resolution)
        if size is not None:
            candles = self._minutes_newest_first(size, now, end)
        elif resolution is Resolution.DAY:
            candles = self._days_newest_first(now, end)
        else:
            candles = self._periods_newest_first(resolution, now, end)
        return candles if before is None else (each for each in candles if each.time < before)

    def last_two_days(self, now: Moment) -> tuple[Candle, Candle | None]:
        """Return the latest trading day, up to `now`, and the one before.

        The stock must be listed at `now`.
        """
        latest, *earlier = islice(self._days_newest_first(now, now.day), 2)
        return latest, earlier[0] if earlier else None

    def _days_newest_first(self, now: Moment, end: int) -> Iterator[Candle]:
        """Yield the trading days up to `end`, without the future of today."""
        for number in range(self._calendar.count_until(end) - 1, -1, -1):
            day = self._day(number)
            if day.time == now.day:
                day = self._intraday.day_so_far(self.listing.name, day, now.second)
            yield day

    def _periods_newest_first(
        self, resolution: Resolution, now: Moment, end: int
    ) -> Iterator[Candle]:
        """Yield the weeks or months up to the one of `end`."""
        start = period_start(now.day, resolution)
        closed = self._closed_periods(resolution, start)
        if end >= start:
            forming = takewhile(
                lambda day: day.time >= start, self._days_newest_first(now, now.day)
            )
            if days := [*forming][::-1]:
                yield aggregate(days)._replace(time=start)
        last = bisect_right(closed, end, key=_time)
        yield from (closed[index] for index in range(last - 1, -1, -1))

    def _closed_periods(self, resolution: Resolution, end: int) -> Sequence[Candle]:
        """Return the weeks or months that start before `end`; each is computed once."""
        known, closed = self._closed[resolution]
        count = self._calendar.count_until(end - 1)
        if count > known:
            days = map(self._day, range(known, count))
            closed = [*closed, *resample_days(days, resolution)]
            self._closed[resolution] = count, closed
        return closed if count == known else closed[: bisect_left(closed, end, key=_time)]

    def _minutes_newest_first(self, size: int, now: Moment, end: int) -> Iterator[Candle]:
        for number in range(self._calendar.count_until(end) - 1, -1, -1):
            day = self._day(number)
            minutes: Sequence[Candle] = self._intraday.minutes(self.listing.name, day)
            if day.time == now.day:
                minutes = minutes_so_far(minutes, now.second)
            yield from reversed(resample_minutes(minutes, size))

    def _day(self, number: int) -> Candle:
        """Return a whole trading day."""
        candle = self._days[self._calendar.source_of(number)]
        time = self._calendar.day(number)
        return candle if time == candle.time else candle._replace(time=time)
