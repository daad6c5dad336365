"""Logs what a service says about itself beside its responses, once per operation and service.

An operation is deprecated (`Deprecation` and `Sunset`, RFC 9745 and RFC 8594), or the service
serves another spec than the one that the client was generated from (`Spec-Version`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trading_api.shared.client.base import ServiceClient
    from trading_api.shared.client.operation import Operation

logger = logging.getLogger(__name__)

_MOST_NOTICES = 10_000
_logged = set[tuple[str, ...]]()


def log_notices(
    client: ServiceClient, operation: Operation[Any], headers: Sequence[tuple[bytes, bytes]]
) -> None:
    """Log what the headers of a response say, if they have not said it before."""
    for name, value in headers:
        # Most headers have another length, so that this costs nearly nothing.
        if len(name) == 11 and name.lower() == b"deprecation":
            _log_deprecation(client, operation, value, headers)
        elif len(name) == 12 and name.lower() == b"spec-version":
            served = value.decode("latin-1")
            log_spec_version(client.module, client.base_url, client.spec_version, served)


def _log_deprecation(
    client: ServiceClient,
    operation: Operation[Any],
    since: bytes,
    headers: Sequence[tuple[bytes, bytes]],
) -> None:
    if _is_new(client.module, operation.method, operation.path):
        sunset = [value.decode("latin-1") for name, value in headers if name.lower() == b"sunset"]
        logger.warning(
            "%s: %s %s is deprecated%s%s",
            *(client.module, operation.method, operation.path, _since(since)),
            f", and may be removed on {sunset[0]}" if sunset else "",
        )


def _since(value: bytes) -> str:
    """Return the date in a Deprecation header, unless it is missing, invalid or 1970-01-01."""
    from datetime import UTC, datetime

    try:
        since = datetime.fromtimestamp(int(value.decode("ascii").removeprefix("@")), UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f" since {since:%Y-%m-%d}" if since.timestamp() else ""


def log_spec_version(module: str, url: str, own: str, served: str) -> None:
    """Log that the service at `url` serves another spec than that of the client, if it does.

    Either version is empty if it is not known.
    """
    if own in ("", served) or not served or not _is_new(module, url, served):
        return
    same = own.partition("+")[0] == served.partition("+")[0]
    logger.warning(
        "%s at %s serves the spec %s; this client was generated from %s%s",
        *(module, url, served, own),
        ": the version is the same, its operations, streams or models are not" if same else "",
    )


def _is_new(*notice: str) -> bool:
    if notice in _logged or len(_logged) >= _MOST_NOTICES:
        return False
    _logged.add(notice)
    return True
