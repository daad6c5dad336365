"""Calls an ASGI application in this process as a server would, one task for each request.

The protocol is https://asgi.readthedocs.io/en/latest/specs/www.html. As over HTTP, a response is
received while it is made, background tasks go on after it, and a caller that gives up does not
cancel what the application is doing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]

MAX_BUFFERED_BYTES: Final = 65_536
"""How far an application can be ahead of the caller that receives its response, as in uvicorn."""

logger = logging.getLogger(__name__)


class ConnectionClosedError(Exception):
    """The application failed after it had started its response."""


class AppRequest:
    """One request to an application, which is served from now on.

    Args:
        app: the application.
        scope: the request, without its body.
        body: its body, or the chunks of it.
    """

    def __init__(
        self, app: AsgiApp, scope: dict[str, Any], body: bytes | AsyncIterator[bytes]
    ) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._app = app
        self._scope = scope
        self._body: bytes | AsyncIterator[bytes] | None = body
        self._body_error: Exception | None = None
        self._chunks = deque[bytes]()
        self._buffered = 0
        self._is_complete = False
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()
        self._disconnected = asyncio.Event()
        self.task = asyncio.create_task(self._run(), name=f"{scope['method']} {scope['path']}")

    @property
    def is_abandoned(self) -> bool:
        """Whether the caller gave up before the response started."""
        return self._disconnected.is_set() and not self.status

    async def start(self) -> None:
        """Wait for status and headers of the response."""
        await self._wait(lambda: bool(self.status))

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body; the application waits if it is far ahead.

        Raises:
            ConnectionClosedError: the application did not complete the response.
        """
        while True:
            await self._wait(lambda: bool(self._chunks) or self._is_complete)
            if not self._chunks:
                return
            chunk = self._chunks.popleft()
            self._buffered -= len(chunk)
            self._taken.set()
            yield chunk

    def disconnect(self) -> None:
        """Let the application know that the caller has gone."""
        self._disconnected.set()
        self._taken.set()

    async def _wait(self, is_reached: Callable[[], bool]) -> None:
        while not is_reached():
            if self._body_error is not None:
                raise self._body_error
            if self.task.done():
                raise ConnectionClosedError
            self._changed.clear()
            await self._changed.wait()

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
            if not self.status and not self._disconnected.is_set():
                logger.error("%s has no response", self.task.get_name())
        except (Exception, SystemExit):  # asyncio would end the process on SystemExit
            logger.exception("%s failed in process", self.task.get_name())
        finally:
            if not self.status and self._body_error is None:
                self._respond_with_error()
            # Called after the task has ended, because `_wait` looks whether it has.
            asyncio.get_running_loop().call_soon(self._changed.set)

    def _respond_with_error(self) -> None:
        self.status = 500
        self.headers = [(b"content-type", b"text/plain; charset=utf-8")]
        self._chunks.append(b"Internal Server Error")
        self._is_complete = True

    async def _receive(self) -> dict[str, Any]:
        if isinstance(self._body, bytes):
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        if self._body is not None:
            try:
                chunk = await anext(self._body)
                return {"type": "http.request", "body": chunk, "more_body": True}
            except StopAsyncIteration:
                self._body = None
                return {"type": "http.request", "body": b"", "more_body": False}
            except Exception as error:
                self._body, self._body_error = None, error
                self._changed.set()
                self.disconnect()
        await self._disconnected.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if self._disconnected.is_set():
            # An application that only sends would never let the event loop run.
            await asyncio.sleep(0)
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(bytes(n), bytes(value)) for n, value in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            await self._send_body(message.get("body", b""), message.get("more_body", False))
        self._changed.set()

    async def _send_body(self, chunk: bytes, more: bool) -> None:
        if chunk and self._scope["method"] != "HEAD":
            self._chunks.append(chunk)
            self._buffered += len(chunk)
        self._changed.set()
        if not more:
            self._is_complete = True
            self._disconnected.set()
        while self._buffered > MAX_BUFFERED_BYTES and not self._disconnected.is_set():
            self._taken.clear()
            await self._taken.wait()
