"""A WebSocket of an ASGI application in this process, without a network.

The protocol is https://asgi.readthedocs.io/en/latest/specs/www.html#websocket.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from trading_api.shared.client.asgi import AsgiApp
from trading_api.shared.client.ws_socket import (
    ABNORMAL,
    CLOSE_SECONDS,
    TOO_LARGE,
    Receive,
    SocketClosedError,
)

ACCEPTED: Final = 101
"""The status of an accepted handshake."""

NOT_ACCEPTED: Final = 403
"""The status with which servers respond if an application closes before it has accepted."""

logger = logging.getLogger(__name__)


class AppSocket:
    """One connection to an application, which serves it from now on.

    Args:
        app: the application.
        scope: the handshake.
        receive: takes the messages of the application.
        max_bytes: the characters of a message; a larger one closes the connection.
    """

    def __init__(
        self, app: AsgiApp, scope: dict[str, Any], receive: Receive, max_bytes: int
    ) -> None:
        loop = asyncio.get_running_loop()
        self.status: asyncio.Future[int] = loop.create_future()
        """The status of the response to the handshake."""
        self.closed: asyncio.Future[SocketClosedError] = loop.create_future()
        self.spec_version = ""
        self._receive = receive
        self._max_bytes = max_bytes
        self._to_app = asyncio.Queue[dict[str, Any]]()
        self._to_app.put_nowait({"type": "websocket.connect"})
        self.task = loop.create_task(self._run(app, scope), name=f"WebSocket {scope['path']}")

    def send(self, text: str) -> None:
        """Send a message; drop it if the connection is closed."""
        if not self.closed.done():
            self._to_app.put_nowait({"type": "websocket.receive", "text": text})

    async def close(self) -> None:
        """Disconnect, and give the application a moment to notice."""
        self._end(1000, "")
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1000, "reason": ""})
        await asyncio.wait([self.task], timeout=CLOSE_SECONDS)
        self.task.cancel()

    def _end(self, code: int, reason: str) -> None:
        self._respond(NOT_ACCEPTED)
        if not self.closed.done():
            self.closed.set_result(SocketClosedError(code, reason))

    def _respond(self, status: int) -> None:
        if not self.status.done():
            self.status.set_result(status)

    async def _run(self, app: AsgiApp, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._to_app.get, self._send)
        except (Exception, SystemExit):  # asyncio would end the process on SystemExit
            logger.exception("%s failed in process", scope["path"])
            self._respond(500)
        finally:
            self._end(ABNORMAL, "the application has ended")

    async def _send(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            self.spec_version = _spec_version(message)
            self._respond(ACCEPTED)
        elif kind == "websocket.close":
            self._end(message.get("code", 1000), message.get("reason") or "")
        elif kind == "websocket.http.response.start":
            self._respond(message["status"])
        elif kind == "websocket.send" and not self.closed.done():
            content = message.get("text") or message.get("bytes") or ""
            if len(content) > self._max_bytes:
                self._end(TOO_LARGE, f"a message has more than {self._max_bytes:,} bytes")
                self._to_app.put_nowait({"type": "websocket.disconnect", "code": TOO_LARGE})
            else:
                self._receive(content)
        elif self.closed.done():
            # An application that only sends would never let the event loop run.
            await asyncio.sleep(0)


def _spec_version(message: dict[str, Any]) -> str:
    versions = [value for name, value in message.get("headers", ()) if name == b"spec-version"]
    return bytes(versions[0]).decode("latin-1") if versions else ""
