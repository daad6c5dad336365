"""The trading days of the replay, which have no end: after the data, its last part repeats."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from trading_api.modules.datafeed.candles import SECONDS_PER_DAY

LAST_DAY = 253_370_764_800
"""9999-01-01 UTC in Unix seconds: the calendar ends before it, as the models' times do."""

_SECONDS_PER_WEEK = 7 * SECONDS_PER_DAY


class Calendar:
    """Trading days (midnight UTC of the date, in Unix seconds), numbered from 0.

    After the days of the data, those from `start` on follow again and again, `period` seconds later
    each time. A period is a number of weeks, so that every day keeps its weekday.
    """

    def __init__(self, days: Sequence[int], start: int, period: int) -> None:
        self._days = days
        self._count = len(days)
        self._first = bisect_left(days, start)
        self._repeated = self._count - self._first
        self._period = period
        self.length = self.count_until(LAST_DAY)

    def day(self, number: int) -> int:
        """Return the day with this number."""
        beyond = number - self._count
        if beyond < 0:
            return self._days[number]
        lap, position = divmod(beyond, self._repeated)
        return self._days[self._first + position] + (lap + 1) * self._period

    def source_of(self, number: int) -> int:
        """Return the number of the day of the data which this one repeats, or is."""
        beyond = number - self._count
        return number if beyond < 0 else self._first + beyond % self._repeated

    def count_until(self, day: int) -> int:
        """Return how many days there are up to `day`, which need not be a trading day."""
        beyond = day - self._days[-1]
        if beyond <= 0 or not self._repeated:
            return bisect_right(self._days, day)
        laps = -(-beyond // self._period)
        in_lap = bisect_right(self._days, day - laps * self._period) - self._first
        return self._count + (laps - 1) * self._repeated + max(0, in_lap)


def repetition_period(start: int, last: int) -> int:
    """Return the number of seconds after which the days from `start` to `last` repeat."""
    weeks = -((start - last - SECONDS_PER_DAY) // _SECONDS_PER_WEEK)
    return weeks * _SECONDS_PER_WEEK
