"""Settings of the datafeed, read from the environment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, ImportString
from pydantic_settings import BaseSettings, SettingsConfigDict

from trading_api.modules.datafeed.source import CsvSource, MarketDataSource

DATA_DIR = Path(__file__).resolve().parent / "data"


class DatafeedSettings(BaseSettings):
    """Where the data comes from, and how it is replayed.

    `DATAFEED_SOURCE`: the dotted path of the source's class, called with the location.
    `DATAFEED_SOURCE_LOCATION`: what the source reads; for `CsvSource` a folder.
    `DATAFEED_REPLAY_START`: the date at whose session the replay starts, or the next trading day;
    it lies within the data. Unset: nine months before the data ends.
    `DATAFEED_SPEED`: virtual seconds per real second.
    `DATAFEED_SEED`: chooses the intraday prices; the same seed gives the same prices.
    """

    model_config = SettingsConfigDict(env_prefix="DATAFEED_", extra="ignore")

    source: ImportString[Callable[[str], MarketDataSource]] = CsvSource
    source_location: str = str(DATA_DIR)
    replay_start: date | None = None
    speed: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
