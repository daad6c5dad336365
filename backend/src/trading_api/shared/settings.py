"""Settings of the application, read from the environment; each module defines its own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from trading_api.shared.utils import discover_modules, url_variable

MEMORY = "memory:"
"""Instead of a folder or a database: the data ends with the process."""


NO_KEYS = "none"
"""Instead of a file with keys: callers need no token, wherever they are."""


class InvalidSettingError(ValueError):
    """A setting is invalid; the message names the environment variable and the reason."""


class Settings(BaseSettings):
    """Settings from the environment variables `<env_prefix><FIELD>`; each field has a docstring.

    Raises:
        InvalidSettingError: a value is invalid.
    """

    model_config = SettingsConfigDict(extra="ignore", use_attribute_docstrings=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            reasons = [self._reason(details) for details in error.errors()]
            raise InvalidSettingError("; ".join(reasons)) from None

    @classmethod
    def _reason(cls, details: ErrorDetails) -> str:
        reason = details["msg"].removeprefix("Value error, ")
        if not details["loc"]:
            return reason
        field = str(details["loc"][0])
        name = f"{cls.model_config['env_prefix']}{field}".upper()
        is_secret = cls.model_fields[field].annotation is SecretStr
        return f"{name}: {reason}" if is_secret else f"{name}={details['input']}: {reason}"


class DataSettings(Settings):
    """Where modules keep their data."""

    data_dir: Path = Path(".data")
    """The folder where modules keep their files; with `memory:`, they keep nothing."""


class AppSettings(Settings):
    """The modules that a process serves, and its clients. Lists are comma separated."""

    enabled_modules: str = "all"
    """The modules to import and serve; `all` or empty for every module."""

    cors_origins: str = "http://localhost:5173,http://127.0.0.1:5173"
    """The origins whose pages may call the API from a browser, beside the API's own."""

    allowed_hosts: str = "localhost,127.0.0.1,[::1]"
    """The host names that requests may be addressed to; `*` for any.

    Those in the `<MODULE>_URL` of the modules that the process serves are always allowed.
    """

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe records that are logged; each request is one of `info`."""

    request_timeout: Annotated[float, Field(gt=0, le=3600)] = 9.0
    """Seconds until the response to a request has to start; shorter than its callers wait."""

    rate_limit: Annotated[float, Field(ge=0, le=1_000_000)] = 1_000
    """Requests per second that each caller may make, and twice as many at once; 0 for any."""

    drain_seconds: Annotated[float, Field(ge=0, le=300)] = 0
    """Seconds after SIGTERM in which requests are still served, and `/health/ready` is a 503."""

    client_retries: bool = True
    """Whether the clients of other modules retry; `false` behind a service mesh that does."""

    frontend_dir: Path | None = None
    """The folder of a built page to serve beside the modules; empty for none."""

    @field_validator("frontend_dir", mode="before")
    @classmethod
    def _check_frontend_is_built(cls, value: str | Path | None) -> Path | None:
        if not value:
            return None
        if not (Path(value) / "index.html").is_file():
            raise ValueError(
                "there is no index.html;"
                " build the page with: make -C frontend build, or unset FRONTEND_DIR"
            )
        return Path(value)


class AuthSettings(Settings):
    """Which callers a process serves, and the token with which it calls other modules."""

    model_config = SettingsConfigDict(env_prefix="AUTH_")

    keys: str = ""
    """The file with the public keys of the issuer of tokens: a JSON Web Key Set, or PEM.

    If it is empty, callers need no token, and only loopback is served. With `none`, callers need no
    token anywhere, because a gateway authenticates them.
    """

    issuer: str = ""
    """The claim `iss` of the tokens; needed with `AUTH_KEYS`."""

    audience: str = ""
    """The claim `aud` of the tokens; needed with `AUTH_KEYS`."""

    service_token_file: Path | None = None
    """The file with the token for calls to other modules; read again when it changes."""

    @model_validator(mode="after")
    def _check_claims_are_known(self) -> Self:
        if self.keys and self.keys != NO_KEYS and not (self.issuer and self.audience):
            raise ValueError("AUTH_KEYS needs AUTH_ISSUER and AUTH_AUDIENCE, too")
        return self


def split_list(value: str) -> list[str]:
    """Return the parts of a comma separated list, without whitespace and empty parts."""
    return [part.strip() for part in value.split(",") if part.strip()]


def own_hosts(module_names: Iterable[str]) -> list[str]:
    """Return the host names in the URLs of these modules that the environment has."""
    urls = [os.environ.get(url_variable(name), "") for name in module_names]
    hosts = [host for host in (urlsplit(url).hostname for url in urls) if host]
    return [f"[{host}]" if ":" in host else host for host in hosts]


def select_modules(enabled: str, modules_dir: Path) -> list[str]:
    """Return the modules that `enabled` names (`all` or empty for every module), sorted.

    Raises:
        ValueError: a module does not exist; the message lists those that do.
    """
    known = discover_modules(modules_dir)
    wanted = split_list(enabled)
    if not wanted or wanted == ["all"]:
        return known
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise ValueError(
            f"ENABLED_MODULES: unknown module {', '.join(unknown)}"
            f" (known: {', '.join(known)}, or use all)"
        )
    return sorted(set(wanted))
