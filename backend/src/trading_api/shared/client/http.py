"""Sends the requests of the clients: connections, deadlines, retries, causes of failure.

Only this file and `aiohttp_transport`, a transport of httpx, use httpx, so that it can be replaced
in one place. The file is imported when the first client is created, because importing httpx takes
longer than importing a client.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Sequence,
)
from contextlib import asynccontextmanager
from math import isinf
from typing import Any, TypeVar
from weakref import WeakSet

import httpx

from trading_api.shared.client.asgi import AppRequest, AsgiApp, ConnectionClosedError
from trading_api.shared.client.errors import TransportCause, TransportError
from trading_api.shared.client.lifespan import Lifespan
from trading_api.shared.client.operation import Received
from trading_api.shared.client.options import IDLE_SECONDS, EventHooks
from trading_api.shared.client.request import Request

# The number of connections is not limited: a call that is cancelled while it connects keeps its
# slot in httpcore's pool (encode/httpcore issue 1093), so a limited pool would fill up.
_LIMITS = httpx.Limits(
    max_connections=None, max_keepalive_connections=20, keepalive_expiry=IDLE_SECONDS
)
# The deadline of a call is its only limit, even if a shared httpx client has timeouts of its own.
_NO_HTTPX_TIMEOUT: dict[str, Any] = {"timeout": {}}

# Collecting a transport would close connections that the parent process uses.
_of_parent: list[httpx.AsyncBaseTransport] = []

ValueT = TypeVar("ValueT")


class ResponseStream:
    """A response whose body has not been received yet."""

    def __init__(self, request: Request, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers: Sequence[tuple[bytes, bytes]] = response.headers.raw
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
        """Return the complete response, received within the timeout of the request."""
        async with _limit_time(self._request):
            return Received(self.status, self.headers, await self._response.aread())

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
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        http_client: httpx.AsyncClient | None = None,
        *,
        secure: bool = False,
        event_hooks: EventHooks | None = None,
    ) -> None:
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

        A retryable request is sent a second time if its connection is closed.

        Raises:
            TransportError: no response was received.
            ValueError: the URL is too long for httpx, because of its parameters.
        """
        return await self._attempt(request, self._receive)

    async def stream(self, request: Request) -> ResponseStream:
        """Return a response whose status and headers arrived within the timeout of the request.

        Raises:
            TransportError: they did not.
            ValueError: the URL is too long for httpx, because of its parameters.
        """
        return ResponseStream(request, await self._attempt(request, self._send))

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

    async def _attempt(
        self, request: Request, send: Callable[[httpx.Request], Awaitable[ValueT]]
    ) -> ValueT:
        outgoing = _outgoing(request)
        async with _limit_time(request):
            try:
                return await send(outgoing)
            except httpx.TransportError as error:
                if _cause_of(error) != "closed" or not request.retryable:
                    raise
                # The service closed an idle connection just as it was used again.
                return await send(outgoing)

    async def _receive(self, request: httpx.Request) -> Received:
        response = await self._send(request)
        try:
            return Received(response.status_code, response.headers.raw, await response.aread())
        finally:
            await response.aclose()

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


class InProcessConnections(Connections):
    """Calls `app` in this process, and starts and stops it if `run_lifespan` is true."""

    def __init__(
        self,
        app: AsgiApp,
        *,
        run_lifespan: bool,
        event_hooks: EventHooks | None = None,
    ) -> None:
        super().__init__(event_hooks=event_hooks)
        self._app = app
        self._run_lifespan = run_lifespan
        self._lifespan: Lifespan | None = None
        self._requests = set[AppRequest]()
        self._streams = WeakSet[ResponseStream]()

    async def open(self, url: str) -> None:
        """Start the application if it is not running.

        Raises:
            TransportError: it did not start.
        """
        lifespan = await self._enter("LIFESPAN", url)
        if lifespan is not None:
            lifespan.leave()

    async def stream(self, request: Request) -> ResponseStream:
        """Return a response whose body has not been received yet."""
        response = await super().stream(request)
        self._streams.add(response)
        return response

    async def aclose(self) -> None:
        """Wait for calls and background tasks, and stop the application if no one else uses it.

        Streams end, and requests whose callers gave up before the response are cancelled. The next
        call starts the application again.
        """
        for stream in list(self._streams):
            await stream.aclose()
        loop = asyncio.get_running_loop()
        tasks = [each.task for each in self._requests if each.task.get_loop() is loop]
        for request in list(self._requests):
            if request.is_abandoned and request.task in tasks:
                request.task.cancel()
        lifespan, self._lifespan = self._lifespan, None
        if lifespan is not None and lifespan.loop is loop:
            await lifespan.release(self)
        if tasks:
            await asyncio.wait(tasks)

    async def serve(
        self, scope: dict[str, Any], url: str, body: bytes | AsyncIterator[bytes]
    ) -> AppRequest:
        """Return a request whose response has started."""
        lifespan = await self._enter(scope["method"], url)
        if lifespan is not None:
            scope["state"] = lifespan.state.copy()
        request = AppRequest(self._app, scope, body)
        self._requests.add(request)

        def end(task: asyncio.Task[None]) -> None:
            self._requests.discard(request)
            if lifespan is not None:
                lifespan.leave()

        request.task.add_done_callback(end)
        try:
            await request.start()
        except BaseException:
            request.disconnect()
            raise
        return request

    async def _enter(self, method: str, url: str) -> Lifespan | None:
        if not self._run_lifespan:
            return None
        if self._lifespan is None or not self._lifespan.accepts_calls():
            self._lifespan = Lifespan.of(self._app, self)
        lifespan = self._lifespan
        await lifespan.enter(method, url)
        return lifespan

    def _loop_transport(self) -> httpx.AsyncBaseTransport:
        return _AppTransport(self)


class _AppTransport(httpx.AsyncBaseTransport):
    """Sends the requests of httpx to an application."""

    def __init__(self, connections: InProcessConnections) -> None:
        self._connections = connections

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            body: bytes | AsyncIterator[bytes] = request.content
        except httpx.RequestNotRead:
            assert isinstance(request.stream, httpx.AsyncByteStream)
            body = aiter(request.stream)
        scope = {
            "type": "http",
            # As uvicorn's: applications notice a disconnection by waiting for it.
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 123),
            "root_path": "",
        }
        served = await self._connections.serve(scope, str(request.url), body)
        return httpx.Response(
            served.status, headers=served.headers, stream=_AppResponseBody(served), request=request
        )


class _AppResponseBody(httpx.AsyncByteStream):
    def __init__(self, request: AppRequest) -> None:
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._request.chunks():
                yield chunk
        except ConnectionClosedError:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body"
            ) from None

    async def aclose(self) -> None:
        self._request.disconnect()


def _outgoing(request: Request) -> httpx.Request:
    content = request.content
    if content is not None and not isinstance(content, bytes):
        content = _chunks_of(content)
    try:
        return httpx.Request(
            request.method,
            request.url,
            headers=[(name, value) for name, values in request.headers.items() for value in values],
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


@asynccontextmanager
async def _limit_time(request: Request) -> AsyncIterator[None]:
    """Raise the errors of httpx, and a timeout, as a `TransportError`."""
    seconds = None if isinf(request.timeout) else request.timeout - request.spent
    timer = asyncio.timeout(seconds)
    try:
        async with timer:
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
