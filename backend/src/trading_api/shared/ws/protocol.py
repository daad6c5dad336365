"""WebSockets that cannot keep a process from its other connections."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

READ_BYTES: Final = 8_192
"""The most bytes that are read and parsed at a time, which may be a thousand messages."""


class FairWebSocketProtocol(WebSocketsSansIOProtocol, asyncio.BufferedProtocol):
    """A WebSocket whose data is read in small parts, between which others get their turn.

    A transport reads up to 256 kB at once for an ordinary protocol, and uvicorn parses all messages
    in it before anything else runs.
    """

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes go, which limits how many are read."""
        self._buffer = bytearray(READ_BYTES)
        return memoryview(self._buffer)

    def buffer_updated(self, nbytes: int) -> None:
        """Parse the bytes that were read."""
        self.data_received(bytes(self._buffer[:nbytes]))
