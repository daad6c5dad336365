"""Sends the requests of clients to an application in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from math import isinf
from typing import Any
from urllib.parse import unquote, urlsplit
from weakref import WeakSet

import httpx

from trading_api.shared.client.asgi import AppRequest, AsgiApp, ConnectionClosedError
from trading_api.shared.client.errors import ApiError, TransportError
from trading_api.shared.client.http import Connections, ResponseStream
from trading_api.shared.client.lifespan import Lifespan
from trading_api.shared.client.options import DEFAULT_MAX_RESPONSE_BYTES, EventHooks
from trading_api.shared.client.request import Request
from trading_api.shared.client.ws_asgi import AppSocket
from trading_api.shared.client.ws_socket import CONNECT, Receive, Socket


class InProcessConnections(Connections):
    """Calls `app` in this process, and starts and stops it if `run_lifespan` is true."""

    def __init__(
        self,
        app: AsgiApp,
        *,
        run_lifespan: bool,
        event_hooks: EventHooks | None = None,
        retries: bool = True,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
    ) -> None:
        super().__init__(
            event_hooks=event_hooks, retries=retries, max_response_bytes=max_response_bytes
        )
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

    async def open_socket(
        self,
        url: str,
        headers: Sequence[tuple[str, str]],
        timeout: float,
        receive: Receive,
    ) -> Socket:
        """Connect to the WebSocket of the application.

        Raises:
            TransportError: the application did not start.
            ApiError: it rejects the connection, or has failed.
        """
        lifespan = await self._enter(CONNECT, url)
        scope = _websocket_scope(url, headers)
        if lifespan is not None:
            scope["state"] = lifespan.state.copy()
        socket = AppSocket(self._app, scope, receive, self.max_bytes)
        if lifespan is not None:
            socket.task.add_done_callback(lambda _: lifespan.leave())
        try:
            async with asyncio.timeout(None if isinf(timeout) else timeout):
                status = await socket.status
            if status >= 400:
                raise ApiError(CONNECT, url, status, None)
        except TimeoutError:
            await socket.close()
            reason = f"no connection within {timeout:g} s"
            raise TransportError(CONNECT, url, "timeout", reason) from None
        except BaseException:
            await socket.close()
            raise
        return socket

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


def _websocket_scope(url: str, headers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    parts = urlsplit(url)
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", parts.netloc.encode()), *pairs],
        "subprotocols": [],
        "server": (parts.hostname, parts.port),
        "client": ("127.0.0.1", 123),
        "state": {},
    }


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
