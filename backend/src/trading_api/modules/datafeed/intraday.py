"""Synthetic minutes: a plausible path of prices within the real range of a day.

The source has daily prices only. The synthetic minutes of a day add up exactly to its open, high,
low, close and volume. The same seed always gives the same minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import accumulate, pairwise, repeat
from operator import add, mul, sub
from random import Random

from trading_api.modules.datafeed.candles import Candle, merge
from trading_api.modules.datafeed.session import SESSION_MINUTES, SESSION_SECONDS, session_open

STEP_SECONDS = 15
"""The live price moves every 15 seconds, in four steps a minute."""

STEPS_PER_MINUTE = 60 // STEP_SECONDS

CACHED_DAYS = 256

_ACTIVITY = [0.4 + (2 * minute / SESSION_MINUTES - 1) ** 2 for minute in range(SESSION_MINUTES)]
"""The relative trading volume of each minute of a session."""


class IntradayStore:
    """The synthetic minutes of trading days, with a cache of the recently used ones."""

    def __init__(self, seed: int) -> None:
        self.minutes = lru_cache(maxsize=CACHED_DAYS)(partial(synthesize_minutes, seed))
        self._totals = lru_cache(maxsize=CACHED_DAYS)(self._running_totals)

    def day_so_far(self, name: str, day: Candle, second: int) -> Candle:
        """Return the day's candle up to `second` seconds after its session opened."""
        totals = self._totals(name, day)
        minute = second // 60
        if minute >= SESSION_MINUTES:
            return day
        forming = minute_so_far(self.minutes(name, day)[minute], second % 60)
        so_far = merge(totals[minute - 1], forming) if minute else forming
        return so_far._replace(time=day.time)

    def _running_totals(self, name: str, day: Candle) -> tuple[Candle, ...]:
        return tuple(accumulate(self.minutes(name, day), merge))


def minutes_so_far(minutes: Sequence[Candle], second: int) -> list[Candle]:
    """Return the minutes of a session up to `second`; the last one may still be forming."""
    minute, second_of_minute = divmod(second, 60)
    forming = [minute_so_far(candle, second_of_minute) for candle in minutes[minute : minute + 1]]
    return [*minutes[:minute], *forming]


def minute_so_far(minute: Candle, second: int) -> Candle:
    """Return a minute up to its `second`: it opens, reaches both extremes, and closes.

    A rising minute reaches its low first, a falling one its high.
    """
    rising = minute.close >= minute.open
    extremes = (minute.low, minute.high) if rising else (minute.high, minute.low)
    steps = second // STEP_SECONDS + 1
    seen = (minute.open, *extremes, minute.close)[:steps]
    volume = minute.volume * steps // STEPS_PER_MINUTE
    return Candle(minute.time, minute.open, max(seen), min(seen), seen[-1], volume)


def synthesize_minutes(seed: int, name: str, day: Candle) -> tuple[Candle, ...]:
    """Return the 390 minutes of a trading day of the symbol `name`.

    Each minute opens at the close of the previous one. Candles are built column by column, because
    an hourly chart needs the minutes of hundreds of days at once.
    """
    random = Random(f"{seed} {name} {day.time}")
    path = _path(random, day)
    starts, ends = path[:-1], path[1:]
    highs = map(add, map(max, starts, ends), _reach(random, day))
    lows = map(sub, map(min, starts, ends), _reach(random, day))
    opening = session_open(day.time)
    times = range(opening, opening + SESSION_SECONDS, 60)
    columns = (
        times,
        starts,
        map(min, highs, repeat(day.high)),
        map(max, lows, repeat(day.low)),
        ends,
        _volumes(random, day.volume),
    )
    return tuple(map(Candle, *columns))


def _path(random: Random, day: Candle) -> list[int]:
    """Return the 391 prices between the minutes, from open to close through both extremes."""
    first, second = sorted(random.sample(range(1, SESSION_MINUTES), 2))
    rising = day.close >= day.open
    low_first = random.random() < (0.75 if rising else 0.25)
    extremes = (day.low, day.high) if low_first else (day.high, day.low)
    anchors = [(0, day.open), (first, extremes[0]), (second, extremes[1])]
    path = [day.open]
    for (left, start), (right, end) in pairwise([*anchors, (SESSION_MINUTES, day.close)]):
        path += _bridge(random, day, start, end, right - left)
    return path


def _bridge(random: Random, day: Candle, start: int, end: int, steps: int) -> list[int]:
    """Return `steps` prices of a random walk from `start` (excluded) to `end`."""
    spread = 2 * (day.high - day.low) / SESSION_MINUTES**0.5
    walk = list(accumulate([spread * (roll - 0.5) for roll in _rolls(random, steps)]))
    drift = (end - start - walk[-1]) / steps
    prices = [int(start + drift * step + noise) for step, noise in enumerate(walk, 1)]
    prices[-1] = end
    return list(map(max, map(min, prices, repeat(day.high)), repeat(day.low)))


def _reach(random: Random, day: Candle) -> list[int]:
    """Return how far each minute moves beyond its open and close, in ticks."""
    reach = max(2.0, 4 * (day.high - day.low) / SESSION_MINUTES)
    return [int(reach * roll * roll) for roll in _rolls(random, SESSION_MINUTES)]


def _volumes(random: Random, total: int) -> list[int]:
    """Return the volumes of the minutes, highest at open and close; they add up to `total`."""
    weights = map(mul, _ACTIVITY, _rolls(random, SESSION_MINUTES))
    sums = list(accumulate(weights))
    scale = total / sums[-1]
    borders = [0, *[int(part * scale) for part in sums]]
    borders[-1] = total
    return [end - start for start, end in pairwise(borders)]


def _rolls(random: Random, count: int) -> list[float]:
    return [random.random() for _ in range(count)]
