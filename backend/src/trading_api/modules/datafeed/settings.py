"""Settings of the datafeed, from the environment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field, ImportString
from pydantic_settings import SettingsConfigDict

from trading_api.modules.datafeed.source import CsvSource, MarketDataSource
from trading_api.shared.settings import Settings

DATA_DIR = Path(__file__).resolve().parent / "data"


class DatafeedSettings(Settings):
    """The source of the data and its replay. The variable of a setting is `DATAFEED_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="DATAFEED_")

    source: ImportString[Callable[[str], MarketDataSource]] = CsvSource
    """The dotted path of the source class, which is called with the location."""

    source_location: str = str(DATA_DIR)
    """The location of the data; for `CsvSource` a folder."""

    replay_start: date | None = None
    """The date on which the replay starts (or the next trading day); it must be within the data.

    By default nine months before the data ends.
    """

    replay_epoch: AwareDatetime = datetime(2026, 11, 1, tzinfo=UTC)
    """The real time at which the replay starts, with a time zone, such as `2026-11-01T00:00Z`.

    Processes with the same settings have the same prices at every moment.
    """

    speed: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    """The virtual seconds per real second."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Selects the intraday prices; the same seed gives the same prices."""
