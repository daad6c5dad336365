"""The keywords of a client's constructors."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypedDict

if TYPE_CHECKING:
    import httpx

Credential = str | Callable[[], Awaitable[str]]
"""A token or a key, or an async function that returns the current one before each call."""

EventHooks = Mapping[str, Sequence[Callable[[Any], Awaitable[None]]]]
"""Async functions that are called with each `httpx.Request` and `httpx.Response`, by `request` and
`response`."""

DEFAULT_TIMEOUT: Final = 10.0
"""Seconds from the start of a call to its complete response."""

DEFAULT_MAX_RESPONSE_BYTES: Final = 10_000_000
"""Bytes of a body, decompressed, or of one item of a stream."""

IDLE_SECONDS: Final = 3
"""Seconds after which an idle connection is closed: before uvicorn closes it after 5."""


class CallOptions(TypedDict, total=False):
    """Keywords of every client; `ServiceClient` describes them."""

    timeout: float
    headers: Mapping[str, str] | None
    token: Credential | None
    api_key: Credential | None
    event_hooks: EventHooks | None
    retries: bool
    max_response_bytes: int


class ClientOptions(CallOptions, total=False):
    """Keywords of a client that calls its service over HTTP."""

    transport: httpx.AsyncBaseTransport | None
    http_client: httpx.AsyncClient | None


async def read_credential(credential: Credential) -> str:
    """Return a token or key, from its function if it has one."""
    return credential if isinstance(credential, str) else await credential()


def check_event_hooks(hooks: EventHooks) -> None:
    """Check the names of event hooks, and that they are async functions.

    Raises:
        ValueError: one is neither `request` nor `response`.
        TypeError: one would not be awaited.
    """
    for name, functions in hooks.items():
        if name not in ("request", "response"):
            raise ValueError(f"event_hooks has no {name!r}; use 'request' and 'response'")
        for function in functions:
            call = getattr(function, "__call__", None)  # noqa: B004
            if not (inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)):
                raise TypeError(f"the event hook {function!r} is not an async function")
