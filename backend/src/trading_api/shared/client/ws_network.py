"""A WebSocket over the network.

The protocol is that of the library websockets, without its own connection: messages are passed on
as they arrive, without a queue and a task in between.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from math import isinf
from typing import Final, cast

# A copy of the runtime passes mypy also where no client has streams, and websockets is missing.
from websockets.client import ClientProtocol  # type: ignore[import-not-found, unused-ignore]
from websockets.exceptions import (  # type: ignore[import-not-found, unused-ignore]
    InvalidHandshake,
    InvalidStatus,
)
from websockets.frames import Frame, Opcode  # type: ignore[import-not-found, unused-ignore]
from websockets.protocol import State  # type: ignore[import-not-found, unused-ignore]
from websockets.uri import parse_uri  # type: ignore[import-not-found, unused-ignore]

from trading_api.shared.client.errors import ApiError, TransportCause, TransportError
from trading_api.shared.client.ws_socket import (
    ABNORMAL,
    CLOSE_SECONDS,
    CONNECT,
    Receive,
    Socket,
    SocketClosedError,
)

PING_SECONDS: Final = 15.0
"""Seconds from the check of a connection to its next ping."""

PONG_SECONDS: Final = 5.0
"""Seconds without any data after a ping until a connection is regarded as lost."""


BYTES_AT_ONCE: Final = 16_384
"""The data that are read before other tasks run.

With asyncio's 256 KiB, hundreds of updates would be in memory at the same time in a burst, and
Python's garbage collector would take as much CPU as everything else.
"""


async def open_websocket(
    url: str,
    headers: Sequence[tuple[str, str]],
    receive: Receive,
    *,
    max_bytes: int,
    timeout: float,
) -> Socket:
    """Connect to a service. A redirect is not followed: it would lead the token elsewhere.

    Raises:
        TransportError: there is no connection within `timeout` seconds.
        ApiError: the service, or a gateway in front of it, rejects the connection.
    """
    socket: WebSocket | None = None
    try:
        async with asyncio.timeout(None if isinf(timeout) else timeout):
            socket = await _connect(url, headers, receive, max_bytes)
            await socket.opened
            return socket
    except TimeoutError:
        error: Exception = _failure(url, "timeout", f"no connection within {timeout:g} s")
    except InvalidStatus as invalid:
        status, body = invalid.response.status_code, invalid.response.body or b""
        error = _failure(url, "protocol", f"the response has the status {status}")
        if status >= 400:
            error = ApiError(CONNECT, url, status, None, bytes(body))
    except InvalidHandshake as invalid:
        error = _failure(url, "protocol", str(invalid))
    except SocketClosedError as closed:
        error = _failure(url, "closed", str(closed))
    except OSError as refused:
        error = _failure(url, "connect", str(refused) or type(refused).__name__)
    finally:
        if socket is not None and not socket.is_open:
            socket.abort()
    raise error


async def _connect(
    url: str, headers: Sequence[tuple[str, str]], receive: Receive, max_bytes: int
) -> WebSocket:
    uri = parse_uri(url)
    # Loading the certificates takes 20 ms.
    context = ssl.create_default_context() if uri.secure else None
    _, socket = await asyncio.get_running_loop().create_connection(
        lambda: WebSocket(url, headers, receive, max_bytes), uri.host, uri.port, ssl=context
    )
    return socket


def _failure(url: str, cause: TransportCause, reason: str) -> TransportError:
    return TransportError(CONNECT, url, cause, reason)


class WebSocket(asyncio.BufferedProtocol):
    """One connection.

    Messages are not compressed: compression takes more time than it saves on fast networks.
    """

    _transport: asyncio.Transport

    def __init__(
        self, url: str, headers: Sequence[tuple[str, str]], receive: Receive, max_bytes: int
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = self._loop.create_future()
        self.closed: asyncio.Future[SocketClosedError] = self._loop.create_future()
        self._protocol = ClientProtocol(parse_uri(url), max_size=max_bytes)
        self.spec_version = ""
        self._headers = headers
        self._receive = receive
        self._fragments: list[bytes] = []
        self._buffer = memoryview(bytearray(BYTES_AT_ONCE))
        self._has_heard = False
        self._timer: asyncio.TimerHandle | None = None
        self._lost = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._protocol.state is State.OPEN

    def send(self, text: str) -> None:
        """Send a message; drop it if the connection is closed."""
        if self.is_open:
            self._protocol.send_text(text.encode())
            self._flush()

    async def close(self) -> None:
        """Close the connection, at the latest after `CLOSE_SECONDS`."""
        if self.is_open:
            self._protocol.send_close(1000)
            self._flush()
        self._end(1000, "")
        await self._lost.wait()

    def abort(self) -> None:
        """Close the connection without a word."""
        self._end(ABNORMAL, "connection lost")
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        # The transports of uvloop have the methods of the class, and are not of it.
        self._transport = cast(asyncio.Transport, transport)
        request = self._protocol.connect()
        for name, value in self._headers:
            request.headers[name] = value
        self._protocol.send_request(request)
        self._flush()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next data are stored."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Pass the messages on that have arrived."""
        protocol, self._has_heard = self._protocol, True
        protocol.receive_data(bytes(self._buffer[:nbytes]))
        for event in protocol.events_received():
            if isinstance(event, Frame):
                self._frame_received(event)
            else:
                self.spec_version = event.headers.get("Spec-Version", "")
                self._handshake_received()
        self._flush()
        if protocol.state is not State.OPEN and protocol.close_expected():
            self._closing()

    def eof_received(self) -> None:
        """Note that nothing follows."""
        self._protocol.receive_eof()
        self._closing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is closed."""
        self._end(ABNORMAL, "connection lost" if exc is None else str(exc))
        if self._timer is not None:
            self._timer.cancel()
        self._lost.set()

    def _handshake_received(self) -> None:
        error = self._protocol.handshake_exc
        if self.opened.done():
            return
        if error is not None:
            self.opened.set_exception(error)
        else:
            self.opened.set_result(None)
            self._timer = self._loop.call_later(PING_SECONDS, self._ping)

    def _frame_received(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT and frame.fin:
            self._receive(bytes(frame.data))
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._fragments.append(bytes(frame.data))
            if frame.fin:
                message, self._fragments = b"".join(self._fragments), []
                self._receive(message)

    def _closing(self) -> None:
        """Note why the connection is being closed, by the side that began."""
        protocol = self._protocol
        close = protocol.close_sent
        if close is None or protocol.close_rcvd_then_sent:
            close = protocol.close_rcvd
        if close is None:
            self._end(ABNORMAL, "connection lost")
        else:
            self._end(close.code, close.reason)

    def _end(self, code: int, reason: str) -> None:
        if self.closed.done():
            return
        closed = SocketClosedError(code, reason)
        self.closed.set_result(closed)
        if not self.opened.done():
            self.opened.set_exception(self._protocol.handshake_exc or closed)
        if self._timer is not None:
            self._timer.cancel()
        # The service closes the connection first, or has failed to.
        self._timer = self._loop.call_later(CLOSE_SECONDS, self._transport.abort)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()

    def _ping(self) -> None:
        self._has_heard = False
        self._protocol.send_ping(b"")
        self._flush()
        self._timer = self._loop.call_later(PONG_SECONDS, self._check_pong)

    def _check_pong(self) -> None:
        if self._has_heard:
            self._timer = self._loop.call_later(PING_SECONDS, self._ping)
        else:
            self._end(ABNORMAL, f"no response to a ping within {PONG_SECONDS:g} s")
            self._transport.abort()
