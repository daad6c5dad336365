"""The clock of the replay: virtual time that runs through the sessions of the exchange only."""

from __future__ import annotations

import asyncio
import math
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from trading_api.modules.datafeed.calendar import Calendar
from trading_api.modules.datafeed.candles import SECONDS_PER_DAY
from trading_api.modules.datafeed.intraday import STEP_SECONDS
from trading_api.modules.datafeed.session import SESSION_SECONDS, session_open
from trading_api.shared.settings import InvalidSettingError

DEFAULT_REPLAY_SECONDS = 273 * SECONDS_PER_DAY
"""How long before the end of the data a replay starts by default: nine months."""

_ROUNDING = 1e-6  # seconds; a wait may end a little early because of floating point


class TimeSource(Protocol):
    """Real seconds since the epoch of the replay; negative before it. They never decrease."""

    def elapsed(self) -> float: ...

    async def wait_until(self, elapsed: float) -> None:
        """Wait until that time; let other tasks run even if it has passed."""
        ...


class WallClock:
    """The time source of a service: processes whose clocks agree have the same time."""

    def __init__(self, epoch: datetime) -> None:
        self._epoch = epoch.timestamp()
        self._latest = -math.inf

    def elapsed(self) -> float:
        # The clock of the machine can be set back.
        self._latest = max(self._latest, time.time() - self._epoch)
        return self._latest

    async def wait_until(self, elapsed: float) -> None:
        await asyncio.sleep(elapsed - self.elapsed())


@dataclass(frozen=True, slots=True)
class Moment:
    """A virtual moment: a trading day and the seconds (0 to 23,400) since its session opened.

    `day` is midnight UTC of the date, in Unix seconds.
    """

    day: int
    second: int

    @property
    def unix_seconds(self) -> int:
        return session_open(self.day) + self.second

    @property
    def minute(self) -> tuple[int, int]:
        """A key of the minute that contains this moment."""
        return self.day, self.second // 60


class ReplayClock:
    """Runs from the open of a trading day, at `speed` virtual seconds per real second.

    It stands still there before the epoch of the replay. At the close of a session it jumps to the
    open of the next trading day. At the close of the last day of the calendar it stops.
    """

    def __init__(
        self, calendar: Calendar, start: int, speed: float, time_source: TimeSource
    ) -> None:
        """`start` is one of the days of `calendar`."""
        self._calendar = calendar
        self._start = (calendar.count_until(start) - 1) * SESSION_SECONDS
        self._end = calendar.length * SESSION_SECONDS
        self._speed = speed
        self._time = time_source

    def now(self) -> Moment:
        return self._moment(self._position())

    async def steps(self) -> AsyncIterator[Moment]:
        """Yield the current moment, and then one moment in each step of the live price.

        Missed steps are skipped. At the end of the calendar it waits forever.
        """
        while True:
            position = self._position()
            yield self._moment(position)
            if position == self._end:
                await asyncio.Event().wait()
            following = (position // STEP_SECONDS + 1) * STEP_SECONDS
            await self._time.wait_until((following - self._start) / self._speed)

    def _position(self) -> int:
        """Return the session seconds between the open of the first day and now."""
        passed = int(max(0.0, self._time.elapsed()) * self._speed + _ROUNDING)
        return min(self._start + passed, self._end)

    def _moment(self, position: int) -> Moment:
        if position == self._end:
            return Moment(self._calendar.day(self._calendar.length - 1), SESSION_SECONDS)
        index, second = divmod(position, SESSION_SECONDS)
        return Moment(self._calendar.day(index), second)


def first_replay_day(days: Sequence[int], wanted: date | None) -> int:
    """Return the trading day on or after `wanted`, by default nine months before the last day.

    Raises:
        InvalidSettingError: `wanted` is outside the data.
    """
    if wanted is None:
        return days[bisect_left(days, days[-1] - DEFAULT_REPLAY_SECONDS)]
    midnight = int(datetime(wanted.year, wanted.month, wanted.day, tzinfo=UTC).timestamp())
    if not days[0] <= midnight <= days[-1]:
        first, last = (datetime.fromtimestamp(day, UTC).date() for day in (days[0], days[-1]))
        raise InvalidSettingError(
            f"DATAFEED_REPLAY_START={wanted}: is not within {first} to {last}"
        )
    return days[bisect_left(days, midnight)]
