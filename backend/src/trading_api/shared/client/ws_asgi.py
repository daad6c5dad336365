"""A WebSocket of an ASGI application in this process, without a network.

The protocol is https://asgi.readthedocs.io/en/latest/specs/www.html#websocket.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any, Final

from trading_api.shared.client.asgi import AsgiApp
from trading_api.shared.client.ws_socket import (
    ABNORMAL,
    CLOSE_SECONDS,
    TOO_LARGE,
    SocketClosedError,
)

MAX_BUFFERED_MESSAGES: Final = 16
"""How far an application can be ahead of the client that receives its messages, as websockets."""

logger = logging.getLogger(__name__)


class AppSocket:
    """One connection to an application, which serves it from now on.

    Args:
        app: the application.
        scope: the handshake.
        max_bytes: the characters of a message; a larger one closes the connection.
    """

    def __init__(self, app: AsgiApp, scope: dict[str, Any], max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._to_app = asyncio.Queue[dict[str, Any]]()
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._from_app = deque[str | bytes]()
        self._closed: SocketClosedError | None = None
        self._status = 0
        self._accepted = False
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()
        self.task = asyncio.create_task(self._run(app, scope), name=f"WebSocket {scope['path']}")

    async def accept(self) -> int:
        """Return 101 when the application has accepted the connection, or the status of an error.

        Raises:
            SocketClosedError: the application has failed.
        """
        while not (self._accepted or self._status or self._closed):
            await self._wait()
        if self._accepted:
            return 101
        # As servers respond to a connection that is closed before it was accepted.
        return self._status or 403

    async def receive(self) -> str | bytes:
        """Return the next message.

        Raises:
            SocketClosedError: the application has closed the connection, or has ended.
        """
        while not self._from_app:
            if self._closed is not None:
                raise self._closed
            await self._wait()
        message = self._from_app.popleft()
        self._taken.set()
        return message

    async def send(self, text: str) -> None:
        """Send a message."""
        self._to_app.put_nowait({"type": "websocket.receive", "text": text})

    async def close(self) -> None:
        """Disconnect, and give the application a moment to notice."""
        self._end(1000, "")
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1000, "reason": ""})
        self._taken.set()
        await asyncio.wait([self.task], timeout=CLOSE_SECONDS)
        self.task.cancel()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _end(self, code: int, reason: str) -> None:
        if self._closed is None:
            self._closed = SocketClosedError(code, reason)
        self._changed.set()

    async def _run(self, app: AsgiApp, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._to_app.get, self._send)
        except (Exception, SystemExit):  # asyncio would end the process on SystemExit
            logger.exception("%s failed in process", scope["path"])
            self._status = self._status or 500
        finally:
            self._end(ABNORMAL, "the application has ended")

    async def _send(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            self._accepted = True
            self._changed.set()
        elif kind == "websocket.close":
            self._end(message.get("code", 1000), message.get("reason") or "")
        elif kind == "websocket.http.response.start":
            self._status = message["status"]
        elif kind == "websocket.send":
            await self._receive(message.get("text") or message.get("bytes") or "")

    async def _receive(self, content: str | bytes) -> None:
        if len(content) > self._max_bytes:
            self._end(TOO_LARGE, f"a message has more than {self._max_bytes:,} bytes")
            self._to_app.put_nowait({"type": "websocket.disconnect", "code": TOO_LARGE})
        if self._closed is not None:
            # An application that only sends would never let the event loop run.
            await asyncio.sleep(0)
            return
        self._from_app.append(content)
        self._changed.set()
        while len(self._from_app) > MAX_BUFFERED_MESSAGES and self._closed is None:
            self._taken.clear()
            await self._taken.wait()
