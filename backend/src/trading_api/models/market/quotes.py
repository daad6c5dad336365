"""Quotes: the current prices of a symbol."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trading_api.models.common import ApiModel, RequestModel, SymbolName


class QuoteValues(ApiModel):
    """The values of a quote; all are null if the symbol is unknown.

    `lp` is the last price, `ch` and `chp` its change since `prev_close_price` (absolute, and in
    percent), `volume` the shares traded in the current session.
    """

    lp: float | None = None
    ask: float | None = None
    bid: float | None = None
    spread: float | None = None
    open_price: float | None = None
    high_price: float | None = None
    low_price: float | None = None
    prev_close_price: float | None = None
    volume: float | None = None
    ch: float | None = None
    chp: float | None = None
    short_name: str | None = None
    exchange: str | None = None
    description: str | None = None
    original_name: str | None = None


class QuoteData(ApiModel):
    """The quote of the symbol `n`; `s` is `error` if the symbol is unknown."""

    s: Literal["ok", "error"]
    n: str
    v: QuoteValues


class GetQuotesRequest(RequestModel):
    """The symbols to quote, 1 to 500 of them."""

    symbols: Annotated[list[SymbolName], Field(min_length=1, max_length=500)]


class QuotesSubscription(RequestModel):
    """Selects live quotes: one of each symbol at once, then updates at the pace of its list.

    `symbols` are sent once a minute, `fast_symbols` at every step of the live price (every 15
    seconds), both in the time of the datafeed's replay; a symbol in both lists is fast.
    """

    symbols: Annotated[list[SymbolName], Field(max_length=500)]
    fast_symbols: Annotated[list[SymbolName], Field(max_length=500, alias="fastSymbols")]
