"""A client of a module's WebSocket, in process and without a WebSocket library."""

from __future__ import annotations

import asyncio
import json
import logging
import shlex
from dataclasses import dataclass
from typing import Any

from fuzz.application import FuzzedApplication

SECONDS = 30
"""Seconds within which a message has to be responded to."""

MESSAGES_PER_CONNECTION = 200
"""Fewer than a client may send at once, and than it may subscribe."""

logger = logging.getLogger(__name__)

REJECTIONS = (401, 403, 429)
"""Statuses of errors after which the service may close the connection."""


@dataclass(frozen=True, slots=True)
class MessageInput:
    """A message to a stream; `secrets` are texts in it that no error may repeat."""

    name: str
    path: str
    message: str | bytes
    secrets: tuple[str, ...] = ()
    is_valid: bool = False

    def reproduce(self) -> str:
        """Return the message as a command."""
        text = self.message if isinstance(self.message, str) else repr(self.message)
        shown = text if len(text) <= 2_000 else f"{text[:2_000]}... ({len(text)} characters)"
        return f"printf %s {shlex.quote(shown)} | websockets ws://localhost:8000{self.path}"


@dataclass(frozen=True, slots=True)
class MessageOutput:
    """The direct response to a message.

    It is None if there is none in time; `code` is the close code if the connection was closed, and
    0 if the application ended without one.
    """

    response: dict[str, Any] | None = None
    code: int | None = None


class StreamClient:
    """Sends messages on a connection that it opens again when it is closed."""

    def __init__(self, application: FuzzedApplication, path: str) -> None:
        self._application = application
        self.path = path
        self._connection: _Connection | None = None
        self._left = 0

    def ask(self, message: str | bytes) -> MessageOutput:
        """Return the response to a message."""
        return self._application.portal.call(self._ask, message)

    def close(self) -> None:
        """Close the connection."""
        self._application.portal.call(self._close)

    async def _ask(self, message: str | bytes) -> MessageOutput:
        if not self._left:
            await self._close()
        if self._connection is None:
            self._left = MESSAGES_PER_CONNECTION
            self._connection = _Connection(self._application, self.path)
            await self._connection.open()
        self._left -= 1
        output = await self._connection.ask(message)
        if output.response is None or _status_of(output.response) in REJECTIONS:
            await self._close()
        return output

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def shake_hands(
    application: FuzzedApplication, path: str, headers: list[tuple[bytes, bytes]]
) -> str:
    """Return the type of the event with which a handshake is responded to."""

    async def run() -> str:
        connection = _Connection(application, path, headers)
        try:
            return str((await connection.start())["type"])
        finally:
            await connection.close()

    return application.portal.call(run)


class _Connection:
    def __init__(
        self,
        application: FuzzedApplication,
        path: str,
        headers: list[tuple[bytes, bytes]] | None = None,
    ) -> None:
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"host", b"localhost")] if headers is None else headers,
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50_000),
            "root_path": "",
            "subprotocols": [],
        }
        self._path = path
        self._token = application.token
        self._in = asyncio.Queue[dict[str, Any]]()
        self._out = asyncio.Queue[dict[str, Any]]()
        self._task = asyncio.create_task(self._run(application.app, scope))

    async def start(self) -> dict[str, Any]:
        """Shake hands, and return the event with which the application responds."""
        self._in.put_nowait({"type": "websocket.connect"})
        async with asyncio.timeout(SECONDS):
            return await self._out.get()

    async def open(self) -> None:
        event = await self.start()
        assert event["type"] == "websocket.accept", event
        output = await self.ask(json.dumps(_authenticate(self._token)))
        assert output.response == {"type": "authenticated"}, output

    async def ask(self, message: str | bytes) -> MessageOutput:
        kind = "text" if isinstance(message, str) else "bytes"
        self._in.put_nowait({"type": "websocket.receive", kind: message})
        response = None
        try:
            async with asyncio.timeout(SECONDS):
                while response is None:
                    event = await self._out.get()
                    if event["type"] != "websocket.send":
                        return MessageOutput(None, event.get("code", 0))
                    response = _direct_response(json.loads(event["text"]))
            return MessageOutput(response)
        except TimeoutError:
            return MessageOutput()

    async def close(self) -> None:
        self._in.put_nowait({"type": "websocket.disconnect", "code": 1005})
        await asyncio.wait([self._task])

    async def _run(self, app: Any, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._in.get, self._out.put)
        except Exception:
            logger.exception("%s failed", self._path)
        self._out.put_nowait({"type": "ended", "code": 0})


def _authenticate(token: str) -> dict[str, Any]:
    return {"type": "authenticate", "payload": {"token": token}}


def _status_of(response: dict[str, Any]) -> Any:
    return response["payload"].get("status") if response["type"] == "error" else None


def _direct_response(message: dict[str, Any]) -> dict[str, Any] | None:
    """Return the message, unless it is one of a subscription, which can come at any time."""
    is_update = message["type"].endswith(".update")
    return None if is_update or (message["type"] == "error" and "topic" in message) else message
