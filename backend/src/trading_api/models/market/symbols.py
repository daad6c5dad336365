"""Symbols, and the configuration of a datafeed (TradingView's Datafeed API)."""

from __future__ import annotations

from typing import Literal

from trading_api.models.common import ApiModel, NamedStrEnum, unrecognized_members


class Resolution(NamedStrEnum):
    """The period of one bar, as TradingView writes it (a number alone means minutes)."""

    MINUTE = "1"
    MINUTE_5 = "5"
    MINUTE_15 = "15"
    HOUR = "60"
    DAY = "1D"
    WEEK = "1W"
    MONTH = "1M"
    UNRECOGNIZED = unrecognized_members()


class SymbolInfo(ApiModel):
    """What a chart needs to know about one symbol.

    Prices have a step of `minmov / pricescale`; `session` is in `timezone`, as in `0930-1600`.
    """

    name: str
    description: str
    type: str
    session: str
    timezone: str
    ticker: str
    exchange: str
    listed_exchange: str
    format: Literal["price", "volume"]
    pricescale: int
    minmov: int
    has_intraday: bool
    has_daily: bool
    supported_resolutions: list[Resolution]
    volume_precision: int
    data_status: Literal["streaming", "endofday", "delayed_streaming"]


class SearchSymbolResultItem(ApiModel):
    """One result of a symbol search."""

    symbol: str
    description: str
    exchange: str
    ticker: str
    type: str


class ExchangeInfo(ApiModel):
    """An exchange to filter a search by; `value` is the search's argument."""

    value: str
    name: str
    desc: str


class SymbolTypeInfo(ApiModel):
    """A type of symbol to filter a search by; `value` is the search's argument."""

    name: str
    value: str


class DatafeedConfiguration(ApiModel):
    """The features of the datafeed; a chart requests them once when it starts."""

    supported_resolutions: list[Resolution]
    exchanges: list[ExchangeInfo]
    symbols_types: list[SymbolTypeInfo]
    supports_marks: bool
    supports_timescale_marks: bool
    supports_time: bool
    supports_search: bool
    supports_group_request: bool
