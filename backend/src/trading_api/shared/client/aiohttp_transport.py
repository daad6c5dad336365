"""A transport of httpx that sends with aiohttp: a call takes less than half the CPU.

It needs the package aiohttp, the extra `aiohttp` of this project. The caller opens and closes it:

    async with AiohttpTransport() as transport:
        client = DatafeedClient(transport=transport)

A library for this (httpx-aiohttp 0.2) resolves `%2E%2E` in paths, sends PUT and DELETE again when a
connection is closed, and reports a closed connection as a timeout.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import httpx
from yarl import URL

from trading_api.shared.client.options import IDLE_SECONDS


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends the requests of clients with aiohttp; it can be used in one event loop after another.

    Args:
        verify: the certificates to accept, as an `ssl.SSLContext`; those of httpx by default.
        proxy: the address of an HTTP proxy.
    """

    def __init__(self, *, verify: ssl.SSLContext | None = None, proxy: str | None = None) -> None:
        self._verify = verify
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response of a request as soon as its head has arrived.

        Raises:
            httpx.TransportError: there is no response.
            ValueError: a header is not ASCII; aiohttp would send it as UTF-8.
        """
        headers = [(name.decode("ascii"), _ascii(value)) for name, value in request.headers.raw]
        with _httpx_errors():
            response = await self._loop_session(request.url.scheme).request(
                request.method,
                # Encoded as it is: aiohttp would decode some characters, and resolve `%2E%2E`.
                URL(str(request.url), encoded=True),
                headers=[each for each in headers if each[0].lower() != "transfer-encoding"],
                data=_body_of(request),
                allow_redirects=False,
                proxy=self._proxy,
            )
        return httpx.Response(
            response.status, headers=response.raw_headers, stream=_Body(response), request=request
        )

    async def aclose(self) -> None:
        """Close the connections; the next request opens new ones."""
        session, loop = self._session, self._loop
        self._session = self._loop = None
        if session is not None and loop is asyncio.get_running_loop():
            await session.close()

    def _loop_session(self, scheme: str) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._loop is not loop:
            if scheme == "https" and self._verify is None:
                self._verify = httpx.create_ssl_context()
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, keepalive_timeout=IDLE_SECONDS, ssl=self._verify or True
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("Accept-Encoding", "Content-Type", "User-Agent"),
            )
            # The client retries, and only what is safe; aiohttp would send PUT and DELETE again.
            self._session._retry_connection = False
            self._loop = loop
        return self._session


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors():
            async for chunk in self._response.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        # Of a body that has been received, the connection is in the pool already.
        self._response.close()


def _body_of(request: httpx.Request) -> bytes | httpx.AsyncByteStream | None:
    try:
        return request.content or None
    except httpx.RequestNotRead:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        return request.stream


def _ascii(value: bytes) -> str:
    try:
        return value.decode("ascii")
    except UnicodeDecodeError:
        raise ValueError(f"aiohttp cannot send the header value {value!r}, only ASCII") from None


@contextmanager
def _httpx_errors() -> Iterator[None]:
    try:
        yield
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(str(error)) from error
    except aiohttp.ClientConnectionError as error:
        raise httpx.ReadError(str(error) or "the connection was closed") from error
    except aiohttp.ClientPayloadError as error:
        raise httpx.ReadError(str(error)) from error
    except aiohttp.ClientError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
