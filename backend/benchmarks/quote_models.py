"""The model that the benchmarked calls return: 15 fields, as a market's quote has them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class Trend(StrEnum):
    """Where the price goes."""

    UP = "up"
    DOWN = "down"


class Quote(BaseModel):
    """What is known of a symbol at one moment."""

    symbol: str
    name: str
    exchange: str
    currency: str
    trend: Trend
    bid: float
    ask: float
    last: float
    high: float
    low: float
    volume: int
    trades: int
    is_open: bool
    updated: datetime
    note: str | None = None
