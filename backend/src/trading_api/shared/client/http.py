"""Sends the requests of the clients: connections, timeouts, retries, limits, causes of failure.

Only this file, `in_process`, `response_size` and `aiohttp_transport` use httpx. They are imported
when the first client is created, because importing httpx takes longer than importing a client.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf, isinf
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from trading_api.shared.client.deadline import (
    DEADLINE_HEADER,
    deadline_is_over,
    format_timeout,
)
from trading_api.shared.client.errors import (
    TransportCause,
    TransportError,
    UnexpectedResponseError,
)
from trading_api.shared.client.forwarded import forwarded_headers
from trading_api.shared.client.operation import Received
from trading_api.shared.client.options import (
    DEFAULT_MAX_RESPONSE_BYTES,
    IDLE_SECONDS,
    EventHooks,
)
from trading_api.shared.client.protection import (
    FAILED_STATUSES,
    SHORTEST_TIMEOUT,
    NotMadeError,
    Protection,
    retry_delay,
)
from trading_api.shared.client.request import Request
from trading_api.shared.client.response_size import read_limited

if TYPE_CHECKING:
    from trading_api.shared.client.ws_socket import Receive, Socket

# The number of connections is not limited: a call that is cancelled while it connects keeps its
# slot in httpcore's pool (encode/httpcore issue 1093), so a limited pool would fill up.
_LIMITS = httpx.Limits(
    max_connections=None, max_keepalive_connections=20, keepalive_expiry=IDLE_SECONDS
)
# The deadline of a call is its only limit, even if a shared httpx client has timeouts of its own.
_NO_HTTPX_TIMEOUT: dict[str, Any] = {"timeout": {}}

# Collecting a transport would close connections that the parent process uses.
_of_parent: list[httpx.AsyncBaseTransport] = []

ResponseT = TypeVar("ResponseT", "ResponseStream", Received)


class ResponseStream:
    """A response whose body has not been received yet."""

    def __init__(self, request: Request, response: httpx.Response, max_bytes: int) -> None:
        self.status = response.status_code
        self.headers: Sequence[tuple[bytes, bytes]] = response.headers.raw
        self._max_bytes = max_bytes
        self._request = request
        self._response = response

    async def iter_bytes(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it arrives, decompressed.

        Raises:
            TransportError: the response is incomplete.
        """
        try:
            async for chunk in self._response.aiter_bytes():
                yield chunk
        except httpx.RequestError as error:
            raise _transport_error(self._request, error) from error

    async def read(self) -> Received:
        """Return the complete response, received within the timeout of the request.

        Raises:
            TransportError: the response is incomplete.
            UnexpectedResponseError: the response is too large.
        """
        async with _limit_time(self._request):
            content = await read_limited(self._request, self._response, self._max_bytes)
            return Received(self.status, self.headers, content)

    async def aclose(self) -> None:
        """Close the response; its connection is closed if the body has not been received."""
        await self._response.aclose()


class Connections:
    """Sends requests over connections of its own, one pool per event loop.

    Args:
        transport: used instead; it is not closed.
        http_client: used instead; it is not closed.
        secure: whether to load certificates, which takes 20 ms.
        event_hooks: what to call with each request and response.
        retries: whether calls are retried.
        max_response_bytes: the most bytes of a body.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        http_client: httpx.AsyncClient | None = None,
        *,
        secure: bool = False,
        event_hooks: EventHooks | None = None,
        retries: bool = True,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
    ) -> None:
        self.protection = Protection(retries=retries)
        self.max_bytes = max_response_bytes
        self._given_transport = transport
        self._http_client = http_client
        self._secure = secure
        hooks = event_hooks or {}
        self._request_hooks = tuple(hooks.get("request", ()))
        self._response_hooks = tuple(hooks.get("response", ()))
        self._transport: httpx.AsyncBaseTransport | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def exchange(self, request: Request) -> Received:
        """Return the response, received completely within the timeout of the request.

        A retryable request is sent a second time if its connection is closed, or if the response
        says when to (429 or 503 with `Retry-After`).

        Raises:
            TransportError: no response was received.
            UnexpectedResponseError: the response is too large.
            ValueError: the URL is too long for httpx, because of its parameters.
        """
        return await self._attempt(request, self._receive)

    async def stream(self, request: Request) -> ResponseStream:
        """Return a response whose status and headers arrived within the timeout of the request.

        Raises:
            TransportError: they did not.
            ValueError: the URL is too long for httpx, because of its parameters.
        """
        return await self._attempt(request, self._start)

    async def open_socket(
        self,
        url: str,
        headers: Sequence[tuple[str, str]],
        timeout: float,
        receive: Receive,
    ) -> Socket:
        """Connect to the WebSocket of a service.

        Raises:
            TransportError: there is no connection within `timeout` seconds.
            ApiError: the service rejects the connection.
        """
        from trading_api.shared.client.ws_network import open_websocket

        return await open_websocket(
            url, headers, receive, max_bytes=self.max_bytes, timeout=timeout
        )

    async def open(self, url: str) -> None:
        """Start an application that is called in process; connections are opened when needed."""

    async def aclose(self) -> None:
        """Close the connections; the next exchange opens new ones."""
        transport, loop = self._transport, self._loop
        self._transport = self._loop = None
        # Connections of another event loop cannot be closed here; the garbage collector does it.
        if transport is not None and loop is asyncio.get_running_loop():
            await transport.aclose()

    def forget(self) -> None:
        """Leave the connections to the parent process, after a fork."""
        if self._transport is not None:
            _of_parent.append(self._transport)
        self._transport = self._loop = None
        self.protection.reset()

    async def _attempt(
        self, request: Request, send: Callable[[Request, httpx.Request], Awaitable[ResponseT]]
    ) -> ResponseT:
        protection, started = self.protection, time.monotonic()
        try:
            if protection.is_full and protection.is_available:
                await protection.wait(request.timeout - request.spent)
                request.spent += time.monotonic() - started
            is_try = protection.begin()
        except NotMadeError as error:
            raise TransportError(
                request.method, request.shown_url, "unavailable", str(error)
            ) from None
        succeeded: bool | None = None
        try:
            async with _limit_time(request):
                response = await self._send_twice_if_needed(request, send)
            succeeded = response.status not in FAILED_STATUSES
            return response
        except TransportError as error:
            succeeded = None if error.cause == "timeout" and _is_short(request) else False
            raise
        except UnexpectedResponseError:  # it is too large
            succeeded = False
            raise
        except asyncio.CancelledError:
            succeeded = False if deadline_is_over() and not _is_short(request) else None
            raise
        finally:
            protection.end(is_try, succeeded, f"{request.method} {request.shown_url}")

    async def _send_twice_if_needed(
        self, request: Request, send: Callable[[Request, httpx.Request], Awaitable[ResponseT]]
    ) -> ResponseT:
        outgoing, sent_at = _build_request(request), time.monotonic()
        try:
            response = await send(request, outgoing)
            if response.status not in (429, 503) or not request.retryable:
                return response
            delay = _parse_retry_after(response.headers)
            left = request.timeout - request.spent - (time.monotonic() - sent_at)
            if delay >= left or not self.protection.take_retry():
                return response
            if isinstance(response, ResponseStream):
                await response.aclose()
        except httpx.TransportError as error:
            # The service closed an idle connection just as it was used again.
            if _cause_of(error) != "closed" or not request.retryable:
                raise
            if not self.protection.take_retry():
                raise
            delay = 0.0
        await asyncio.sleep(delay + retry_delay())
        return await send(request, outgoing)

    async def _start(self, request: Request, outgoing: httpx.Request) -> ResponseStream:
        return ResponseStream(request, await self._send(outgoing), self.max_bytes)

    async def _receive(self, request: Request, outgoing: httpx.Request) -> Received:
        response = await self._send(outgoing)
        try:
            content = await read_limited(request, response, self.max_bytes)
        finally:
            await response.aclose()
        if response.status_code == 500 and self._uses_own_connections():
            await _discard_connection(response)
        return Received(response.status_code, response.headers.raw, content)

    def _uses_own_connections(self) -> bool:
        return self._given_transport is None and self._http_client is None

    async def _send(self, request: httpx.Request) -> httpx.Response:
        if self._request_hooks:
            for hook in self._request_hooks:
                await hook(request)
        if self._http_client is not None:
            response = await self._http_client.send(request, stream=True, follow_redirects=False)
        else:
            response = await self._loop_transport().handle_async_request(request)
        if self._response_hooks:
            response.request = request
            try:
                for hook in self._response_hooks:
                    await hook(response)
            except BaseException:
                await response.aclose()
                raise
        return response

    def _loop_transport(self) -> httpx.AsyncBaseTransport:
        if self._given_transport is not None:
            return self._given_transport
        loop = asyncio.get_running_loop()
        if self._transport is None or self._loop is not loop:
            self._transport = httpx.AsyncHTTPTransport(verify=self._secure, limits=_LIMITS)
            self._loop = loop
        return self._transport


def _build_request(request: Request) -> httpx.Request:
    content = request.content
    if content is not None and not isinstance(content, bytes):
        content = _chunks_of(content)
    headers = [(name, value) for name, values in request.headers.items() for value in values]
    headers += [each for each in forwarded_headers.get() if each[0] not in request.headers]
    if not isinf(request.timeout) and DEADLINE_HEADER not in request.headers:
        headers.append((DEADLINE_HEADER, format_timeout(request.timeout - request.spent)))
    try:
        return httpx.Request(
            request.method,
            request.url,
            headers=headers,
            content=content,
            extensions=_NO_HTTPX_TIMEOUT,
        )
    except httpx.InvalidURL as error:
        raise ValueError(f"{request.method} {request.shown_url:.200}: {error}") from None


async def _chunks_of(content: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    async for chunk in content:
        # An empty chunk would end the body in HTTP/1.1.
        if chunk:
            yield chunk


async def _discard_connection(response: httpx.Response) -> None:
    """Close the connection of a response, because servers close it after an unexpected error.

    The next call on it would fail if it was faster than the server.
    """
    stream = response.extensions.get("network_stream")
    if stream is not None:
        await stream.aclose()


def _parse_retry_after(headers: Sequence[tuple[bytes, bytes]]) -> float:
    """Return the seconds in `Retry-After`, which may be a date; `inf` if there are none."""
    text = next((value for name, value in headers if name.lower() == b"retry-after"), b"")
    value = text.decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return inf
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)


@asynccontextmanager
async def _limit_time(request: Request) -> AsyncIterator[None]:
    """Raise the errors of httpx, and a timeout, as a `TransportError`."""
    seconds = None if isinf(request.timeout) else request.timeout - request.spent
    timer = asyncio.timeout(seconds)
    try:
        async with timer:
            if seconds is not None and seconds <= 0:
                # Not sent at all: the deadline of the request that is being served has passed.
                await asyncio.Event().wait()
            yield
    except TimeoutError:
        if not timer.expired():
            raise  # of a hook, or of the chunks of a body
        reason = f"no complete response within {request.timeout:g} s"
        raise TransportError(request.method, request.shown_url, "timeout", reason) from None
    except httpx.RequestError as error:
        raise _transport_error(request, error) from error


def _transport_error(request: Request, error: httpx.RequestError) -> TransportError:
    reason = str(error) or type(error).__name__
    return TransportError(request.method, request.shown_url, _cause_of(error), reason)


def _cause_of(error: httpx.RequestError) -> TransportCause:
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if isinstance(error, httpx.ConnectError):
        return "connect"
    # httpx has no exception for a connection that is closed before or within a response.
    closed = any(words in str(error) for words in ("disconnected", "peer closed connection"))
    return "closed" if closed or isinstance(error, httpx.NetworkError) else "protocol"


def _is_short(request: Request) -> bool:
    """Return whether the caller gave the service so little time that a timeout says nothing."""
    return request.timeout < SHORTEST_TIMEOUT
