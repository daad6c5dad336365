"""Settings of the broker, read from the environment."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from trading_api.shared.settings import Settings

LEVERAGE_MIN = 1.0
LEVERAGE_STEP = 1.0


class BrokerSettings(Settings):
    """The account and how it trades; the variables are named `BROKER_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="BROKER_")

    account_id: Annotated[str, Field(min_length=1, max_length=64)] = "demo"
    """The account's id; its streams are subscribed with it."""

    account_name: Annotated[str, Field(min_length=1, max_length=100)] = "Demo account"
    """The account's display name."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    """The currency of the account."""

    initial_balance: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] = 100_000.0
    """The balance of a new account."""

    database_url: SecretStr = SecretStr("")
    """The database: `sqlite:///FILE`, `postgresql://USER:PASSWORD@HOST/NAME`, or `memory:`.

    By default `broker.sqlite3` in `DATA_DIR`. With `memory:`, the account ends with the process.
    """

    events_kept: Annotated[int, Field(ge=1)] = 100_000
    """The events that a stream can resume from."""

    price_interval: Annotated[float, Field(gt=0, le=3600)] = 1.0
    """Seconds between two requests for prices while live ones do not arrive.

    Live prices are applied as they arrive.
    """

    max_price_change: Annotated[float, Field(gt=1, le=1000)] = 2.0
    """The factor by which a price may rise or fall from one quote to the next.

    Quotes beyond it are not traded on, unless three in a row agree.
    """

    max_quote_age: Annotated[float, Field(gt=0, le=3600)] = 5.0
    """Seconds for which a quote may be traded on."""

    default_leverage: Annotated[int, Field(ge=1, le=1000)] = 5
    """The leverage of a symbol that has none of its own; at most `BROKER_MAX_LEVERAGE`."""

    max_leverage: Annotated[int, Field(ge=1, le=1000)] = 20
    """The highest leverage that can be set; a leverage is a whole number from 1."""

    @model_validator(mode="after")
    def _check_default_leverage(self) -> Self:
        if self.default_leverage > self.max_leverage:
            raise ValueError("BROKER_DEFAULT_LEVERAGE is more than BROKER_MAX_LEVERAGE")
        return self
