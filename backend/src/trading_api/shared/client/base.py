"""What every generated client stands on: how a call is put together, and its answer read.

A client reaches its service over HTTP or, with `in_process`, by calling the application directly;
what it sends, returns and raises is the same. How a request travels is in `http`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, Generic, Literal, Self, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import ValidationError

from trading_api.shared.client.errors import (
    ApiError,
    UnexpectedResponseError,
)
from trading_api.shared.client.wire import (
    Parameters,
    Payload,
    cookie_pairs,
    header_pairs,
    query_string,
)

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from trading_api.shared.client.http import AsgiApp

AnswerT = TypeVar("AnswerT")

ErrorReaders = Mapping[int | Literal["default"], Callable[[bytes], object]]
"""What reads the body of each declared error; `default` stands for every status not named."""

IN_PROCESS_HOST: Final = "in-process"
"""The host name of a service that is called without a socket."""

DEFAULT_TIMEOUT: Final = 10.0
"""Seconds from the start of a call to its complete answer."""

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Operation(Generic[AnswerT]):
    """One operation of a spec: how to call it, and how to read what comes back.

    `responses` maps each status of success to the reader of its body, which returns the answer or
    raises `pydantic.ValidationError`; `errors` does so for the declared errors, with `default` for
    every status not named. With `retryable_with_key` the service promises that two calls with one
    `Idempotency-Key` are carried out once.
    """

    method: str
    path: str
    responses: Mapping[int, Callable[[bytes], AnswerT]]
    errors: ErrorReaders = field(default_factory=dict)
    retryable_with_key: bool = False

    def may_repeat(self, headers: list[tuple[bytes, bytes]]) -> bool:
        """Tell whether a request with these headers does no more if it is sent twice."""
        return self.method in _REPEATABLE or (
            self.retryable_with_key and any(name == b"idempotency-key" for name, _ in headers)
        )


class ServiceClient:
    """The base of the generated clients.

    Args:
        base_url: where the service is, such as `http://datafeed-service:8002`; a path in it is
            kept. Without it, the server that the spec names, if it names one.
        timeout: seconds that a call may take in all; `math.inf` for no limit.
        headers: sent with every call.
        transport: an `httpx.AsyncBaseTransport` to send with, such as a test's; it stays the
            caller's to close.
        http_client: an `httpx.AsyncClient` to send with; it stays the caller's to close, and its
            own base address, headers and timeouts are not used.

    A client may be used from several event loops, one after another; close it in each, or its
    connections there stay open until they are collected. Redirects are not followed
    and no cookies are kept. A call is repeated, once, only if that cannot do anything twice: a GET,
    HEAD or OPTIONS, or a call with an idempotency key that the spec declares, whose connection
    broke off.

    Raises:
        ValueError: `base_url` is no absolute http or https address, or both `transport` and
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
            raise ValueError("give transport or http_client, not both: one sends")
        self.base_url = _checked_url(base_url or self.default_url, self.module)
        self.timeout = timeout
        self._headers = [
            (b"accept", b"*/*"),
            (b"host", urlsplit(self.base_url).netloc.encode()),
        ]
        self._headers = _merged(self._headers, header_pairs((headers or {}).items()))
        from trading_api.shared.client.http import Connections

        secure = urlsplit(self.base_url).scheme == "https"
        self._connections = Connections(transport, http_client, secure=secure)

    @classmethod
    def from_env(cls, *, timeout: float = DEFAULT_TIMEOUT) -> Self:
        """Return a client of the address in `<MODULE>_URL`, or of the one that the spec names."""
        return cls(os.environ.get(f"{cls.module.upper()}_URL"), timeout=timeout)

    @classmethod
    def in_process(cls, app: AsgiApp, *, timeout: float = DEFAULT_TIMEOUT) -> Self:
        """Return a client that calls `app` in this process, without a socket."""
        from trading_api.shared.client.http import in_process_transport

        transport = in_process_transport(app)
        return cls(f"http://{IN_PROCESS_HOST}", timeout=timeout, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections of this client; the next call opens new ones."""
        await self._connections.aclose()

    async def _call(
        self,
        operation: Operation[AnswerT],
        path: str,
        *,
        query: Parameters = (),
        headers: Parameters = (),
        cookies: Parameters = (),
        body: Payload | None = None,
        timeout: float | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AnswerT:
        url = f"{self.base_url}{path}{query_string(query)}"
        pairs = self._headers
        content = None
        if body is not None:
            content = body.content
            pairs = _merged(pairs, [(b"content-type", body.content_type)])
        pairs = _merged(pairs, header_pairs(headers))
        if cookies:
            pairs = _merged(pairs, cookie_pairs(cookies))
        if extra_headers:
            pairs = _merged(pairs, header_pairs(extra_headers.items()))
        status, answer = await self._connections.exchange(
            operation.method,
            url,
            pairs,
            content,
            timeout=self.timeout if timeout is None else timeout,
            repeatable=operation.may_repeat(pairs),
        )
        return _read(operation, url, status, answer)


def _read(operation: Operation[AnswerT], url: str, status: int, content: bytes) -> AnswerT:
    try:
        if status in operation.responses:
            return operation.responses[status](content)
        read_error = operation.errors.get(status) or operation.errors.get("default")
        if status >= 400 and read_error is not None:
            body = read_error(content)
            raise ApiError(operation.method, url, status, body, content)
    except ValidationError as error:
        reasons = [
            f"{'.'.join(str(part) for part in fault['loc']) or 'body'}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise UnexpectedResponseError(operation.method, url, status, reasons, content) from None
    if status >= 400:
        raise ApiError(operation.method, url, status, None, content)
    raise UnexpectedResponseError(
        operation.method, url, status, ["no success is declared with this status"], content
    )


def _merged(
    pairs: list[tuple[bytes, bytes]], more: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """Return the headers with those of `more` in place of the ones of the same name.

    Cookies are added to those that are there.
    """
    if not more:
        return pairs
    names = {name for name, _ in more} - {b"cookie"}
    merged = [*(pair for pair in pairs if pair[0] not in names), *more]
    cookies = [value for name, value in merged if name == b"cookie"]
    if len(cookies) < 2:
        return merged
    kept = [pair for pair in merged if pair[0] != b"cookie"]
    return [*kept, (b"cookie", b"; ".join(cookies))]


def _checked_url(base_url: str, module: str) -> str:
    parts = urlsplit(base_url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or not _has_sound_port(parts)
        or any(each.isspace() for each in base_url)
    ):
        raise ValueError(
            f"{base_url!r} is no base address of {module} such as http://127.0.0.1:8002;"
            f" give base_url, or set {module.upper()}_URL and use from_env()"
        )
    if "@" in parts.netloc:
        raise ValueError(f"the base address of {module} holds credentials; send them by headers=")
    return base_url.rstrip("/")


def _has_sound_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False
