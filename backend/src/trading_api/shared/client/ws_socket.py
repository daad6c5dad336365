"""Connections to the WebSocket of a service, over the network with the library websockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from math import isinf
from typing import TYPE_CHECKING, Final, Protocol

from trading_api.shared.client.errors import ApiError, TransportCause, TransportError

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

CONNECT: Final = "CONNECT"
"""The `method` of the errors of a connection."""

PING_SECONDS: Final = 15.0
"""Seconds between two pings of an open connection."""

PONG_SECONDS: Final = 5.0
"""Seconds without a response to a ping after which a connection is lost."""

CLOSE_SECONDS: Final = 1.0
"""Seconds that a service has to close its side of a connection."""

ABNORMAL: Final = 1006
"""The code of a connection that was lost without a close frame."""

TOO_LARGE: Final = 1009
"""The code with which a message that is too large closes a connection."""


class SocketClosedError(Exception):
    """The connection is closed; `code` is that of the WebSocket protocol (RFC 6455)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"closed with {code} {reason}".rstrip())
        self.code = code


class Socket(Protocol):
    """An open connection; its messages are the same over the network and in process."""

    async def receive(self) -> str | bytes:
        """Return the next message.

        Raises:
            SocketClosedError: there is none, because the connection is closed.
        """
        ...

    async def send(self, text: str) -> None:
        """Send a message; drop it if the connection is closed."""
        ...

    async def close(self) -> None: ...


OpenSocket = Callable[[], Awaitable[Socket]]
"""Returns a new connection, or raises `TransportError`, or `ApiError` if it is rejected."""


class _WebSocket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self) -> str | bytes:
        from websockets.exceptions import ConnectionClosed

        try:
            # Decoding is left to the reader of JSON, which takes a sixth of the time.
            return await self._connection.recv(decode=False)
        except ConnectionClosed as error:
            # The side that closed first gave the reason.
            close = error.rcvd if error.rcvd and error.rcvd_then_sent else error.sent
            close = close or error.rcvd
            code, reason = (close.code, close.reason) if close else (ABNORMAL, "connection lost")
            raise SocketClosedError(code, reason) from None

    async def send(self, text: str) -> None:
        from websockets.exceptions import ConnectionClosed

        with suppress(ConnectionClosed):
            await self._connection.send(text)

    async def close(self) -> None:
        await self._connection.close()


async def open_websocket(
    url: str, headers: Sequence[tuple[str, str]], *, max_bytes: int, timeout: float
) -> Socket:
    """Connect to a service.

    Messages are not compressed: compression takes more time than loopback and data centres save.

    Raises:
        TransportError: there is no connection within `timeout` seconds.
        ApiError: the service, or a gateway in front of it, rejects the connection.
    """
    # Imported here because it takes longer to import than a client.
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidHandshake, InvalidStatus

    class Connect(connect):
        def process_redirect(self, exc: Exception) -> Exception:
            # The token would be sent to another address than that of the client.
            return exc

    connecting = Connect(
        url,
        additional_headers=headers,
        compression=None,
        proxy=None,
        open_timeout=None if isinf(timeout) else timeout,
        ping_interval=PING_SECONDS,
        ping_timeout=PONG_SECONDS,
        close_timeout=CLOSE_SECONDS,
        max_size=max_bytes,
    )
    try:
        return _WebSocket(await connecting)
    except InvalidStatus as error:
        status, body = error.response.status_code, error.response.body or b""
        if status >= 400:
            raise ApiError(CONNECT, url, status, None, bytes(body)) from None
        raise _failure(url, "protocol", f"the response has the status {status}") from None
    except TimeoutError:
        raise _failure(url, "timeout", f"no connection within {timeout:g} s") from None
    except InvalidHandshake as error:
        raise _failure(url, "protocol", str(error)) from None
    except EOFError:
        raise _failure(url, "closed", "the connection was closed") from None
    except OSError as error:
        raise _failure(url, "connect", str(error) or type(error).__name__) from error


def _failure(url: str, cause: TransportCause, reason: str) -> TransportError:
    return TransportError(CONNECT, url, cause, reason)
