"""Settings of the application, read from the environment; a module's own live in the module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from trading_api.shared.frontend import check_frontend_dir
from trading_api.shared.utils import discover_modules


class InvalidSettingError(ValueError):
    """A process cannot start with a setting; the message names the variable and what is wrong."""


class Settings(BaseSettings):
    """Settings from the environment, each with a docstring; `env_prefix` begins their names.

    Raises:
        InvalidSettingError: a value is not valid.
    """

    model_config = SettingsConfigDict(extra="ignore", use_attribute_docstrings=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InvalidSettingError("; ".join(self._faults(error))) from None

    @classmethod
    def _faults(cls, error: ValidationError) -> Iterator[str]:
        for fault in error.errors():
            reason = fault["msg"].removeprefix("Value error, ")
            if fault["loc"]:
                name = f"{cls.model_config['env_prefix']}{fault['loc'][0]}".upper()
                reason = f"{name}={fault['input']}: {reason}"
            yield reason


class AppSettings(Settings):
    """What a process serves, and to whom. Lists are comma separated."""

    enabled_modules: str = "all"
    """The modules to import and serve; `all`, or empty: every one."""

    cors_origins: str = "http://localhost:5173,http://127.0.0.1:5173"
    """The origins that may call from a browser."""

    allowed_hosts: str = "*"
    """The host names that are answered; `*` for any."""

    frontend_dir: Path | None = None
    """The folder of a built page to serve beside the modules; empty: none."""

    @field_validator("frontend_dir", mode="before")
    @classmethod
    def _frontend_is_built(cls, value: str | Path | None) -> Path | None:
        return check_frontend_dir(Path(value)) if value else None


def split_list(value: str) -> list[str]:
    """Return the parts of a comma separated list without blanks and empty parts."""
    return [part.strip() for part in value.split(",") if part.strip()]


def select_modules(enabled: str, modules_dir: Path) -> list[str]:
    """Return the modules that `enabled` names (`all`, or empty: every one), sorted.

    Raises:
        ValueError: a name is no module; the message lists the known ones.
    """
    known = discover_modules(modules_dir)
    wanted = split_list(enabled)
    if not wanted or wanted == ["all"]:
        return known
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise ValueError(
            f"ENABLED_MODULES names no module: {', '.join(unknown)}"
            f" (known: {', '.join(known)}, or all for every one)"
        )
    return sorted(set(wanted))
