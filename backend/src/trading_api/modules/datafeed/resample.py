"""Builds longer candles from shorter ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from trading_api.models import Resolution
from trading_api.modules.datafeed.candles import SECONDS_PER_DAY, Candle, aggregate

INTRADAY_MINUTES = {
    Resolution.MINUTE: 1,
    Resolution.MINUTE_5: 5,
    Resolution.MINUTE_15: 15,
    Resolution.HOUR: 60,
}
"""The minutes of a bar of each intraday resolution."""

_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday


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


def resample_days(days: Sequence[Candle], resolution: Resolution) -> list[Candle]:
    """Return daily candles grouped into days, weeks or months."""
    groups = groupby(days, key=lambda candle: period_start(candle.time, resolution))
    return [aggregate(group)._replace(time=start) for start, group in groups]


def resample_minutes(minutes: Sequence[Candle], size: int) -> Sequence[Candle]:
    """Return candles of `size` minutes, starting with the first minute of the session."""
    if size == 1:
        return minutes
    return [aggregate(minutes[start : start + size]) for start in range(0, len(minutes), size)]
