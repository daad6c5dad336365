"""Candles: bars in exact integers, as this module calculates with them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from trading_api.models import Bar

TICKS_PER_UNIT = 100
"""The price steps (ticks) in one unit of the currency: a tick is a cent."""

SECONDS_PER_DAY = 86_400

CACHED_BARS = 16_384


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


def price(ticks: int) -> float:
    """Return a price in units of the currency."""
    return ticks / TICKS_PER_UNIT


@lru_cache(maxsize=CACHED_BARS)
def to_bar(candle: Candle) -> Bar:
    """Return the candle as a model: its start in milliseconds, its prices as floats.

    Cached, because charts request the same bars repeatedly and validating them dominates the cost.
    """
    return Bar(
        time=candle.time * 1000,
        open=price(candle.open),
        high=price(candle.high),
        low=price(candle.low),
        close=price(candle.close),
        volume=candle.volume,
    )
