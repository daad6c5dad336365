"""The candles of one stock as they are known at a virtual moment, without its future."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter

from trading_api.models import Resolution
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

    def is_listed(self, now: Moment) -> bool:
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
        *earlier, latest = self._days_so_far(now, max(0, self._begun_days(now) - 2))
        return latest, earlier[-1] if earlier else None

    def _begun_days(self, now: Moment) -> int:
        return bisect_right(self._days, now.day, key=_time)

    def _days_so_far(self, now: Moment, first: int) -> list[Candle]:
        """Return the trading days from the index `first`, without the future of today."""
        days = list(self._days[first : self._begun_days(now)])
        if days and days[-1].time == now.day:
            days[-1] = self._intraday.day_so_far(self.listing.name, days[-1], now.second)
        return days

    def _days_or_longer(self, resolution: Resolution, now: Moment) -> Sequence[Candle]:
        start = period_start(now.day, resolution)
        periods = self._all_periods(resolution)
        forming = self._days_so_far(now, bisect_left(self._days, start, key=_time))
        closed = periods[: bisect_left(periods, start, key=_time)]
        return [*closed, aggregate(forming)._replace(time=start)] if forming else closed

    def _all_periods(self, resolution: Resolution) -> Sequence[Candle]:
        """Return all days, weeks or months, with the future; resampled at the first use."""
        if resolution not in self._periods:
            self._periods[resolution] = resample_days(self._days, resolution)
        return self._periods[resolution]

    def _minutes_newest_first(self, size: int, now: Moment, before: int | None) -> Iterator[Candle]:
        begun = self._begun_days(now)
        if before is not None:
            begun = min(begun, bisect_left(self._opens, before))
        for day in reversed(self._days[:begun]):
            minutes: Sequence[Candle] = self._intraday.minutes(self.listing.name, day)
            if day.time == now.day:
                minutes = minutes_so_far(minutes, now.second)
            for candle in reversed(resample_minutes(minutes, size)):
                if before is None or candle.time < before:
                    yield candle
