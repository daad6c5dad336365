"""How the clients' requests travel: connections, deadlines, repetitions, the causes of failure.

This is the only file that uses httpx, so that its successor is a change of this file alone. It is
imported when the first client is built, because httpx takes longer to import than a client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from math import isinf
from typing import Any

import httpx

from trading_api.shared.client.errors import TransportCause, TransportError

AsgiApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


# Without a limit of connections: a call that is cancelled while it connects leaves its place in
# httpcore's pool taken (encode/httpcore issue 1093), and with a limit the pool is full in the end.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=3)
# The deadline of a call is its only limit, also with an httpx client that has timeouts of its own.
_NO_OTHER_TIMEOUT: dict[str, Any] = {"timeout": {}}


class Connections:
    """Sends with the given transport or httpx client, or with connections of its own.

    Args:
        transport: to send with instead.
        http_client: to send with instead; it stays the caller's to close.
        secure: whether certificates are needed; loading them takes 20 ms.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None,
        http_client: httpx.AsyncClient | None,
        *,
        secure: bool,
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
        repeatable: bool,
    ) -> tuple[int, bytes]:
        """Return status and body of the answer, complete within `timeout` seconds.

        With `repeatable`, a request whose connection breaks off is sent once more.

        Raises:
            TransportError: no answer arrived.
            ValueError: the address is too long, which only a long list of parameters makes it.
        """
        try:
            request = httpx.Request(
                method, url, headers=headers, content=content, extensions=_NO_OTHER_TIMEOUT
            )
        except httpx.InvalidURL as error:
            raise ValueError(f"{method} {url:.200}: {error}") from None
        try:
            async with asyncio.timeout(None if isinf(timeout) else timeout):
                try:
                    return await self._send(request)
                except httpx.TransportError as error:
                    if _cause_of(error) != "closed" or not repeatable:
                        raise
                    # The service closed an idle connection just as it was used again.
                    return await self._send(request)
        except TimeoutError:
            reason = f"no complete answer within {timeout:g} s"
            raise TransportError(method, url, "timeout", reason) from None
        except httpx.RequestError as error:
            reason = str(error) or type(error).__name__
            raise TransportError(method, url, _cause_of(error), reason) from error

    async def aclose(self) -> None:
        """Close the connections of this object; the next exchange opens new ones."""
        transport, loop = self._transport, self._loop
        self._transport = self._loop = None
        # Those of another event loop cannot be closed from here; they end when they are collected.
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


def in_process_transport(app: AsgiApp) -> httpx.AsyncBaseTransport:
    """Return the transport that calls `app` in this process, without a socket."""
    return httpx.ASGITransport(app, raise_app_exceptions=False)


def _cause_of(error: httpx.RequestError) -> TransportCause:
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if isinstance(error, httpx.ConnectError):
        return "connect"
    # httpx has no class of its own for a connection that ends before or within an answer.
    broken_off = any(words in str(error) for words in ("disconnected", "peer closed connection"))
    if broken_off or isinstance(error, httpx.NetworkError):
        return "closed"
    return "protocol"
