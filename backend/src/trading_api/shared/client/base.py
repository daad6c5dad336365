"""The base class of the generated clients: makes a call and reads its response.

A client calls its service over HTTP or, with `in_process`, calls the application directly.
Requests, return values and errors are the same.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from trading_api.shared.client.errors import ApiError, UnexpectedResponseError
from trading_api.shared.client.standin import paginate
from trading_api.shared.client.wire import (
    Headers,
    Parameters,
    Payload,
    ServerSentEvent,
    cookie_header,
    encode_headers,
    merge_headers,
    query_string,
    read_bytes,
    read_event,
)
from trading_api.shared.utils import url_variable

if TYPE_CHECKING:
    import httpx

    from trading_api.shared.client.lifespan import AsgiApp

ResponseT = TypeVar("ResponseT")

ReaderOrMapping = Callable[[bytes], ResponseT] | Mapping[str, Callable[[bytes], ResponseT]]
ErrorReaders = Mapping[
    int | str, Callable[[bytes], object] | Mapping[str, Callable[[bytes], object]]
]
"""The functions that read the bodies of declared errors; `default` is for every other status."""

IN_PROCESS_HOST: Final = "in-process"
"""The host name of a service that is called in process."""

DEFAULT_TIMEOUT: Final = 10.0
"""Seconds from the start of a call to its complete response."""


@dataclass(frozen=True, slots=True)
class Operation(Generic[ResponseT]):
    """One operation of a spec.

    `responses` maps each success status to the function that reads its body; this returns the value
    of the call or raises `pydantic.ValidationError`. `errors` does the same for declared errors.
    `retryable_with_key` means that the service carries out calls with the same `Idempotency-Key`
    only once.
    """

    method: str
    path: str
    responses: Mapping[
        int | str, Callable[[bytes], ResponseT] | Mapping[str, Callable[[bytes], ResponseT]]
    ]
    errors: ErrorReaders = field(default_factory=dict)
    retryable_with_key: bool = False
    api_keys: tuple[tuple[str, str], ...] = ()
    stream: Literal["events", "lines"] | None = None

    def is_retryable(self, headers: Headers) -> bool:
        """Return whether sending a request with these headers twice is safe."""
        has_key = self.retryable_with_key and b"idempotency-key" in headers
        return has_key or self.method in ("GET", "HEAD", "OPTIONS")


class ServiceClient:
    """The base of the generated clients.

    Args:
        base_url: the address of the service, such as `http://datafeed-service:8002`, with an
            optional path. Defaults to the server of the spec, if it names one.
        timeout: the seconds that a call may take in all; `math.inf` for no limit.
        headers: sent with every call.
        transport: an `httpx.AsyncBaseTransport` to send with, such as one of a test. The caller
            closes it.
        http_client: an `httpx.AsyncClient` to send with. Its base URL, headers and timeouts are not
            used. The caller closes it.

    A client can be used in several event loops, one after another. Close it in each, or its
    connections stay open until they are garbage collected. Redirects are not followed and cookies
    are not stored. A call is retried once if its connection was closed, and only if that is safe:
    a GET, HEAD or OPTIONS, or a call with an idempotency key that the spec declares.

    Raises:
        ValueError: `base_url` is not an absolute http or https URL, or both `transport` and
            `http_client` are given.
    """

    module: ClassVar[str]
    default_url: ClassVar[str]

    def __init__(
        self,
        base_url: str | None = None,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        if transport is not None and http_client is not None:
            raise ValueError("pass transport or http_client, not both")
        # Imported here because httpx takes longer to import than a client.
        from trading_api.shared.client.http import Connections

        self.base_url = _normalize_url(base_url or self.default_url, self.module)
        self.timeout = timeout
        scheme, host, *_ = urlsplit(self.base_url)
        defaults = {b"accept": [b"*/*"], b"host": [host.encode()]}
        self._headers = merge_headers(defaults, encode_headers((headers or {}).items()))
        self._connections = Connections(transport, http_client, secure=scheme == "https")

    @classmethod
    def from_env(cls, *, timeout: float = DEFAULT_TIMEOUT) -> Self:
        """Return a client of the address in `<MODULE>_URL`, or else of the server of the spec."""
        return cls(os.environ.get(url_variable(cls.module)), timeout=timeout)

    @classmethod
    def in_process(
        cls, app: AsgiApp, *, timeout: float = DEFAULT_TIMEOUT, run_lifespan: bool = True
    ) -> Self:
        """Return a client that calls `app` in this process, without a socket.

        The first call, or `async with`, starts the application (its ASGI lifespan); `aclose` stops
        it. Applications of `create_app` that are already running are not started again; for any
        other application that is already running, pass `run_lifespan=False`.
        """
        from trading_api.shared.client.http import InProcessConnections

        client = cls(f"http://{IN_PROCESS_HOST}", timeout=timeout)
        client._connections = InProcessConnections(app, run_lifespan=run_lifespan)
        return client

    async def __aenter__(self) -> Self:
        await self._connections.open(self.base_url)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, or stop the application that this client started in process.

        The client can be used again afterwards.
        """
        await self._connections.aclose()

    async def _stream(
        self, operation: Operation[ResponseT], path: str, **given: Any
    ) -> AsyncIterator[ResponseT]:
        """Yield the items of a stream."""
        whole = Operation(operation.method, operation.path, responses={200: read_bytes})
        content = await self._call(whole, path, **given)
        fields: dict[str, str] = {}
        for line in content.splitlines():
            if operation.stream == "events" and operation.responses[200] is read_event:
                name, _, text = line.decode().partition(": ")
                fields |= {name: text} if name in ("data", "event", "id") else {}
                if not line and fields:
                    yield ServerSentEvent(**fields)  # type: ignore[misc]
                    fields = {}
                continue
            if operation.stream == "events":
                line = line.removeprefix(b"data: ") if line.startswith(b"data: ") else b""
            if line:
                yield operation.responses[200](line)  # type: ignore[operator]

    def _paginate(
        self,
        fetch: Callable[[str | None], Awaitable[object]],
        *,
        items: str,
        next_cursor: str,
    ) -> AsyncIterator[Any]:
        return paginate(fetch, items, next_cursor)

    async def _call(
        self,
        operation: Operation[ResponseT],
        path: str,
        *,
        query: Parameters = (),
        headers: Parameters = (),
        cookies: Parameters = (),
        body: Payload | None = None,
        accept: str | None = None,
        timeout: float | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> ResponseT:
        url = f"{self.base_url}{path}{query_string(query)}"
        merged = merge_headers(
            self._headers,
            {} if body is None else {b"content-type": [body.content_type]},
            encode_headers(headers),
            cookie_header(cookies),
            encode_headers([("accept", accept)]),
            encode_headers((extra_headers or {}).items()),
        )
        status, content = await self._connections.exchange(
            operation.method,
            url,
            [(name, value) for name, values in merged.items() for value in values],
            None if body is None else body.content,
            timeout=self.timeout if timeout is None else timeout,
            retryable=operation.is_retryable(merged),
        )
        return _read(operation, url, status, content)


_ = Awaitable


def _read(operation: Any, url: str, status: int, content: bytes) -> Any:
    try:
        if status in operation.responses:
            reader = operation.responses[status]
            for each in reader.values() if isinstance(reader, dict) else [reader]:
                try:
                    return each(content)
                except ValidationError as error:
                    failure = error
            raise failure
        read_error = operation.errors.get(status) or operation.errors.get("default")
        if status >= 400:
            body = read_error(content) if read_error else None
            raise ApiError(operation.method, url, status, body, content)
        reasons = ["the status is not declared"]
    except ValidationError as error:
        reasons = [
            f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)
        ]
    raise UnexpectedResponseError(operation.method, url, status, reasons, content)


def _normalize_url(base_url: str, module: str) -> str:
    """Return `base_url` without a trailing slash.

    Raises:
        ValueError: it is not an absolute http or https URL, or contains credentials.
    """
    if "@" in base_url.partition("://")[2].partition("/")[0]:
        raise ValueError(f"the base URL of {module} contains credentials; pass them in headers=")
    if not _is_base_url(base_url):
        raise ValueError(
            f"{base_url!r} is not a valid base URL of {module}, such as http://127.0.0.1:8002;"
            f" pass base_url, or set {url_variable(module)} and use from_env()"
        )
    return base_url.rstrip("/")


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # the port or the brackets of an IPv6 address
        return False
    extra = parts.query or parts.fragment or any(each.isspace() for each in text)
    return bool(usable) and not extra
