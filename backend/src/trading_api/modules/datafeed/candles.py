"""Candles: bars in exact integers, as this module calculates with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from trading_api.models import Bar, Resolution

TICKS_PER_UNIT = 100
"""The price steps (ticks) in one unit of the currency: a tick is a cent."""

SECONDS_PER_DAY = 86_400

INTRADAY_MINUTES = {
    Resolution.MINUTE: 1,
    Resolution.MINUTE_5: 5,
    Resolution.MINUTE_15: 15,
    Resolution.HOUR: 60,
}
"""The minutes of a bar of each intraday resolution."""

CACHED_BARS = 16_384

_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday


class Candle(NamedTuple):
    """One period: start in Unix seconds, prices in ticks, volume in shares.

    Integers keep aggregation exact: the minutes of a day add up to the day.
    """

    time: int
    open: int
    high: int
    low: int
    close: int
    volume: int


def merge(earlier: Candle, later: Candle) -> Candle:
    """Return the candle of two adjacent periods."""
    return Candle(
        earlier.time,
        earlier.open,
        max(earlier.high, later.high),
        min(earlier.low, later.low),
        later.close,
        earlier.volume + later.volume,
    )


def aggregate(candles: Iterable[Candle]) -> Candle:
    """Return the candle of one or more adjacent periods, given in ascending order."""
    times, opens, highs, lows, closes, volumes = zip(*candles, strict=True)
    return Candle(times[0], opens[0], max(highs), min(lows), closes[-1], sum(volumes))


def period_start(day: int, resolution: Resolution) -> int:
    """Return the start of the day, week (its Monday) or month that contains `day`.

    Both are midnight UTC in Unix seconds. The start is not always a trading day.
    """
    if resolution is Resolution.WEEK:
        weekday = (day // SECONDS_PER_DAY + _EPOCH_WEEKDAY) % 7
        return day - weekday * SECONDS_PER_DAY
    if resolution is Resolution.MONTH:
        return int(datetime.fromtimestamp(day, UTC).replace(day=1).timestamp())
    return day


def resample_days(days: Iterable[Candle], resolution: Resolution) -> list[Candle]:
    """Return daily candles grouped into weeks or months."""
    groups = groupby(days, key=lambda candle: period_start(candle.time, resolution))
    return [aggregate(group)._replace(time=start) for start, group in groups]


def resample_minutes(minutes: Sequence[Candle], size: int) -> Sequence[Candle]:
    """Return candles of `size` minutes, starting with the first minute of the session."""
    if size == 1:
        return minutes
    return [aggregate(minutes[start : start + size]) for start in range(0, len(minutes), size)]


def to_price(ticks: int) -> float:
    """Return a price in units of the currency."""
    return ticks / TICKS_PER_UNIT


@lru_cache(maxsize=CACHED_BARS)
def to_bar(candle: Candle) -> Bar:
    """Return the candle as a model: its start in milliseconds, its prices as floats.

    Cached, because charts request the same bars repeatedly and validating them dominates the cost.
    """
    return Bar(
        time=candle.time * 1000,
        open=to_price(candle.open),
        high=to_price(candle.high),
        low=to_price(candle.low),
        close=to_price(candle.close),
        volume=candle.volume,
    )
