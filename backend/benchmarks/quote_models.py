"""The model that the benchmarked calls return, with 15 fields."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class Trend(StrEnum):
    """The direction of the price."""

    UP = "up"
    DOWN = "down"


class Quote(BaseModel):
    """The market data of a symbol at one moment."""

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
