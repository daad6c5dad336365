"""Settings of the datafeed, read from the environment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, ImportString
from pydantic_settings import SettingsConfigDict

from trading_api.modules.datafeed.source import CsvSource, MarketDataSource
from trading_api.shared.settings import Settings

DATA_DIR = Path(__file__).resolve().parent / "data"


class DatafeedSettings(Settings):
    """Where the data comes from, and how it is replayed; each is `DATAFEED_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="DATAFEED_")

    source: ImportString[Callable[[str], MarketDataSource]] = CsvSource
    """The dotted path of the source's class, which is called with the location."""

    source_location: str = str(DATA_DIR)
    """What the source reads; for `CsvSource` a folder."""

    replay_start: date | None = None
    """The date at whose session the replay starts, or the next trading day; within the data.

    Unset: nine months before the data ends.
    """

    speed: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    """Virtual seconds per real second."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Chooses the intraday prices; the same seed gives the same prices."""
