"""Sends the requests of the clients: connections, deadlines, retries, causes of failure.

Only this file uses httpx, so that replacing it changes one file. It is imported when the first
client is created, because importing httpx takes longer than importing a client.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager, nullcontext
from math import isinf
from typing import Any

import httpx

from trading_api.shared.client.errors import TransportCause, TransportError
from trading_api.shared.client.lifespan import AsgiApp, Lifespan

# The number of connections is not limited: a call that is cancelled while it connects keeps its
# slot in httpcore's pool (encode/httpcore issue 1093), so a limited pool would fill up.
# Idle connections are closed after 3 seconds, before uvicorn closes them after 5.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=3)
# The deadline of a call is its only limit, even if a shared httpx client has timeouts of its own.
_NO_HTTPX_TIMEOUT: dict[str, Any] = {"timeout": {}}

logger = logging.getLogger(__name__)


class Connections:
    """Sends requests over connections of its own, one pool per event loop.

    Args:
        transport: used instead; it is not closed.
        http_client: used instead; it is not closed.
        secure: whether to load certificates, which takes 20 ms.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        http_client: httpx.AsyncClient | None = None,
        *,
        secure: bool = False,
    ) -> None:
        self._given_transport = transport
        self._http_client = http_client
        self._secure = secure
        self._transport: httpx.AsyncBaseTransport | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def exchange(
        self,
        method: str,
        url: str,
        headers: list[tuple[bytes, bytes]],
        content: bytes | None,
        *,
        timeout: float,
        retryable: bool,
    ) -> tuple[int, bytes]:
        """Return status and body of the response, received completely within `timeout` seconds.

        A `retryable` request is sent a second time if its connection is closed.

        Raises:
            TransportError: no response was received.
            ValueError: the URL is too long for httpx, because of its parameters.
        """
        try:
            request = httpx.Request(
                method, url, headers=headers, content=content, extensions=_NO_HTTPX_TIMEOUT
            )
        except httpx.InvalidURL as error:
            raise ValueError(f"{method} {url:.200}: {error}") from None
        try:
            async with asyncio.timeout(None if isinf(timeout) else timeout):
                try:
                    return await self._send(request)
                except httpx.TransportError as error:
                    if _cause_of(error) != "closed" or not retryable:
                        raise
                    # The service closed an idle connection just as it was used again.
                    return await self._send(request)
        except TimeoutError:
            reason = f"no complete response within {timeout:g} s"
            raise TransportError(method, url, "timeout", reason) from None
        except httpx.RequestError as error:
            reason = str(error) or type(error).__name__
            raise TransportError(method, url, _cause_of(error), reason) from error

    async def open(self, url: str) -> None:
        """Start an application that is called in process; connections are opened when needed."""

    async def aclose(self) -> None:
        """Close the connections; the next exchange opens new ones."""
        transport, loop = self._transport, self._loop
        self._transport = self._loop = None
        # Connections of another event loop cannot be closed here; the garbage collector does it.
        if transport is not None and loop is asyncio.get_running_loop():
            await transport.aclose()

    async def _send(self, request: httpx.Request) -> tuple[int, bytes]:
        if self._http_client is not None:
            response = await self._http_client.send(request, follow_redirects=False)
            return response.status_code, response.content
        response = await self._loop_transport().handle_async_request(request)
        try:
            return response.status_code, await response.aread()
        finally:
            await response.aclose()

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

    def __init__(self, app: AsgiApp, *, run_lifespan: bool) -> None:
        super().__init__(httpx.ASGITransport(self._serve, raise_app_exceptions=False))
        self._app = app
        self._run_lifespan = run_lifespan
        self._lifespan: Lifespan | None = None

    async def open(self, url: str) -> None:
        """Start the application if it is not running.

        Raises:
            TransportError: it did not start.
        """
        async with self._running_app("LIFESPAN", url):
            pass

    async def aclose(self) -> None:
        """Wait for the calls in progress and stop the application; the next call starts it."""
        if self._lifespan is not None and self._lifespan.loop is asyncio.get_running_loop():
            await self._lifespan.stop()

    async def _send(self, request: httpx.Request) -> tuple[int, bytes]:
        async with self._running_app(request.method, str(request.url)):
            return await super()._send(request)

    def _running_app(self, method: str, url: str) -> AbstractAsyncContextManager[None]:
        if not self._run_lifespan:
            return nullcontext()
        if self._lifespan is None or not self._lifespan.accepts_calls():
            self._lifespan = Lifespan(self._app, self._lifespan)
        return self._lifespan.call(method, url)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Call the application, and log an exception as a server would."""
        if self._lifespan is not None:
            scope["state"] = self._lifespan.state.copy()
        try:
            await self._app(scope, receive, send)
        except Exception:
            logger.exception("%s %s failed in process", scope["method"], scope["path"])
            raise


def _cause_of(error: httpx.RequestError) -> TransportCause:
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if isinstance(error, httpx.ConnectError):
        return "connect"
    # httpx has no exception for a connection that is closed before or within a response.
    closed = any(words in str(error) for words in ("disconnected", "peer closed connection"))
    return "closed" if closed or isinstance(error, httpx.NetworkError) else "protocol"
