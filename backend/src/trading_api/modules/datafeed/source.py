"""Sources of daily market data."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from trading_api.modules.datafeed.candles import TICKS_PER_UNIT, Candle


@dataclass(frozen=True, slots=True)
class Listing:
    """One stock on its exchange; `ticker` is unique across exchanges."""

    name: str
    exchange: str
    description: str

    @property
    def ticker(self) -> str:
        return f"{self.exchange}:{self.name}"


class MarketDataSource(Protocol):
    """Reads market data once, in a thread, when the service opens; an error stops the start."""

    def listings(self) -> Sequence[Listing]:
        """Return every stock in display order."""
        ...

    def daily_history(self, listing: Listing) -> Sequence[Candle]:
        """Return the candles of one or more trading days of a stock, in ascending order.

        `time` is midnight UTC of the day; prices are adjusted for splits and dividends.
        """
        ...


class CsvSource:
    """A folder with `listings.csv` (Ticker, Exchange, Description) and `stocks.csv.gz`.

    `stocks.csv.gz` holds Ticker, Date, Open, High, Low, Close, Volume and Adj Close, the days of
    each ticker in ascending order. Prices are adjusted by Adj Close / Close, then rounded to ticks.

    Raises:
        OSError: a file cannot be read.
        ValueError: a row has invalid numbers, or a ticker is in only one of the files.
    """

    def __init__(self, location: str) -> None:
        folder = Path(location)
        self._listings = _read_listings(folder / "listings.csv")
        self._days = _read_days(folder / "stocks.csv.gz")
        unmatched = {listing.name for listing in self._listings} ^ self._days.keys()
        if unmatched:
            raise ValueError(
                f"{folder}: in only one of listings.csv and stocks.csv.gz: "
                + ", ".join(sorted(unmatched))
            )

    def listings(self) -> Sequence[Listing]:
        return self._listings

    def daily_history(self, listing: Listing) -> Sequence[Candle]:
        return self._days[listing.name]


def _read_listings(path: Path) -> list[Listing]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Listing(row["Ticker"], row["Exchange"], row["Description"])
            for row in csv.DictReader(file)
        ]


def _read_days(path: Path) -> dict[str, list[Candle]]:
    days: dict[str, list[Candle]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for ticker, *values in rows:
            try:
                days.setdefault(ticker, []).append(_candle(values))
            except (ValueError, ZeroDivisionError) as error:
                raise ValueError(f"{path.name}, line {rows.line_num}: {error}") from error
    return days


def _candle(values: Sequence[str]) -> Candle:
    opened, high, low, close, volume, adjusted_close = map(float, values[1:])
    ticks_per_price = adjusted_close / close * TICKS_PER_UNIT
    prices = [round(price * ticks_per_price) for price in (opened, high, low, close)]
    return Candle._make((_midnight(values[0]), *prices, int(volume)))


@lru_cache(maxsize=16_384)
def _midnight(date: str) -> int:
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp())
