"""What the two kinds of connections to a module's WebSocket have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

CONNECT: Final = "CONNECT"
"""The `method` of the errors of a connection."""

CLOSE_SECONDS: Final = 1.0
"""Seconds that a service has to close its side of a connection."""

ABNORMAL: Final = 1006
"""The code of a connection that was lost without a close frame."""

TOO_LARGE: Final = 1009
"""The code with which a message that is too large closes a connection."""


class SocketClosedError(Exception):
    """A connection is closed; `code` is that of the WebSocket protocol (RFC 6455)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"closed with {code} {reason}".rstrip())
        self.code = code


class Socket(Protocol):
    """An open connection, over the network or in process."""

    closed: asyncio.Future[SocketClosedError]
    """Done when the connection is closed, with the reason."""

    spec_version: str
    """The `Spec-Version` of the response to the handshake; empty without one."""

    def send(self, text: str) -> None:
        """Send a message; drop it if the connection is closed."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


Receive = Callable[[str | bytes], None]
"""Is called with each message, as soon as it has arrived; must not raise."""

OpenSocket = Callable[[Receive], Awaitable[Socket]]
"""Returns a new connection, or raises `TransportError`, or `ApiError` if it is rejected."""
