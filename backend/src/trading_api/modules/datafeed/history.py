"""The candles of one stock as they are known at a virtual moment, without its future."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter

from trading_api.models import Resolution
from trading_api.modules.datafeed.candles import Candle, aggregate
from trading_api.modules.datafeed.intraday import IntradayStore, minutes_so_far
from trading_api.modules.datafeed.replay import Moment
from trading_api.modules.datafeed.resample import (
    INTRADAY_MINUTES,
    period_start,
    resample_days,
    resample_minutes,
)
from trading_api.modules.datafeed.session import session_open
from trading_api.modules.datafeed.source import Listing

_time = attrgetter("time")


class History:
    """The candles of one stock at every resolution. Safe to read from several threads."""

    def __init__(self, listing: Listing, days: Sequence[Candle], intraday: IntradayStore) -> None:
        """`days` are the candles of one or more trading days, in ascending order."""
        self.listing = listing
        self._days = days
        self._opens = [session_open(day.time) for day in days]
        self._intraday = intraday
        self._periods = {Resolution.DAY: days}

    @property
    def days(self) -> list[int]:
        """The stock's trading days."""
        return [day.time for day in self._days]

    def listed(self, now: Moment) -> bool:
        """Return whether the first trading day of the stock has begun."""
        return self._days[0].time <= now.day

    def newest_first(
        self, resolution: Resolution, now: Moment, before: int | None = None
    ) -> Iterator[Candle]:
        """Yield the candles that start before `before` (Unix seconds), newest first.

        The newest candle is still forming: it covers its period up to `now`.
        """
        size = INTRADAY_MINUTES.get(resolution)
        if size is None:
            candles = self._days_or_longer(resolution, now)
            end = len(candles) if before is None else bisect_left(candles, before, key=_time)
            return (candles[index] for index in range(end - 1, -1, -1))
        return self._minutes_newest_first(size, now, before)

    def last_two_days(self, now: Moment) -> tuple[Candle, Candle | None]:
        """Return the latest trading day, up to `now`, and the one before.

        The stock must be listed at `now`.
        """
        closed = self._closed_days(now)
        today = self._today(now)
        days = [*self._days[max(0, closed - 2) : closed], *today]
        return days[-1], days[-2] if len(days) > 1 else None

    def _closed_days(self, now: Moment) -> int:
        return bisect_left(self._days, now.day, key=_time)

    def _trading_day(self, now: Moment) -> Sequence[Candle]:
        """Return today's whole candle, with its future; empty if there is no trading today."""
        closed = self._closed_days(now)
        return [day for day in self._days[closed : closed + 1] if day.time == now.day]

    def _today(self, now: Moment) -> list[Candle]:
        return [
            self._intraday.day_so_far(self.listing.name, day, now.second)
            for day in self._trading_day(now)
        ]

    def _days_or_longer(self, resolution: Resolution, now: Moment) -> Sequence[Candle]:
        start = period_start(now.day, resolution)
        periods = self._all_periods(resolution)
        first = bisect_left(self._days, start, key=_time)
        forming = [*self._days[first : self._closed_days(now)], *self._today(now)]
        closed = periods[: bisect_left(periods, start, key=_time)]
        return [*closed, aggregate(forming)._replace(time=start)] if forming else closed

    def _all_periods(self, resolution: Resolution) -> Sequence[Candle]:
        """Return all days, weeks or months, with the future; resampled at the first use."""
        if resolution not in self._periods:
            self._periods[resolution] = resample_days(self._days, resolution)
        return self._periods[resolution]

    def _minutes_newest_first(self, size: int, now: Moment, before: int | None) -> Iterator[Candle]:
        traded = self._closed_days(now) + len(self._trading_day(now))
        if before is not None:
            traded = min(traded, bisect_left(self._opens, before))
        for index in range(traded - 1, -1, -1):
            day = self._days[index]
            minutes: Sequence[Candle] = self._intraday.minutes(self.listing.name, day)
            if day.time == now.day:
                minutes = minutes_so_far(minutes, now.second)
            for candle in reversed(resample_minutes(minutes, size)):
                if before is None or candle.time < before:
                    yield candle
