"""Bars: prices and volume of one period."""

from __future__ import annotations

from pydantic import Field

from trading_api.models.common import ApiModel, RequestModel, SymbolName, UnixMilliseconds
from trading_api.models.market.symbols import Resolution


class Bar(ApiModel):
    """The prices of one period, and its volume in shares.

    `time` is the start of the period in Unix **milliseconds**; for a day, a week or a month it is
    midnight UTC of the first day.
    """

    time: UnixMilliseconds
    open: float
    high: float
    low: float
    close: float
    volume: float


class GetBarsResponse(ApiModel):
    """Bars in ascending order of time.

    `no_data` is true if the range contains no bar; `next_time` (Unix **milliseconds**) is then the
    time of the newest bar before the range, if there is one.
    """

    bars: list[Bar]
    no_data: bool = Field(alias="noData")
    next_time: UnixMilliseconds | None = Field(default=None, alias="nextTime")


class BarsSubscription(RequestModel):
    """Selects the live bars of one symbol at one resolution."""

    symbol: SymbolName
    resolution: Resolution
