"""The frames for one connection, and when its client is too slow for them."""

from __future__ import annotations

import asyncio
import time
from asyncio.tasks import _enter_task, _leave_task
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine
from typing import Any

MAX_WAITING_CHARACTERS = 16_777_216
"""The characters of the frames that may wait for one connection."""

MAX_PAUSE_SECONDS = 10.0
"""How long a client may receive nothing while frames are waiting for it."""


class Outbox:
    """Sends frames in their order. A burst is not slowness: only a client is too slow that receives
    nothing for `MAX_PAUSE_SECONDS`, or has `MAX_WAITING_CHARACTERS` waiting.

    A frame is sent at once if none is waiting, which saves a switch to the task of the connection
    for each frame. That task goes on if the client does not keep up.
    """

    def __init__(self, send: Callable[[dict[str, str]], Coroutine[Any, Any, None]]) -> None:
        self.overflow = asyncio.Event()
        self._send = send
        self._frames: deque[str] = deque()
        self._begun: Awaitable[None] | None = None
        """The sending of the first frame, if it has begun."""
        self._characters = 0
        self._progress = 0.0
        self._writer: asyncio.Task[Any] | None = None
        self._wake: asyncio.Future[None] | None = None

    def put(self, frame: str, _sequence: int = 0) -> None:
        """Send a frame, now or later; set `overflow` if the client is too slow."""
        if not self._frames and self._writer is not None:
            # The step is made in the name of the writer's task, in which the rest is awaited. See
            # https://docs.python.org/3/library/asyncio-extending.html#task-lifetime-support.
            sending = self._send({"type": "websocket.send", "text": frame})
            writer, loop, task = self._writer, asyncio.get_running_loop(), asyncio.current_task()
            if task is not None:
                _leave_task(loop, task)
            _enter_task(loop, writer)
            try:
                self._begun = _resume(sending, sending.send(None))
            except StopIteration:
                return
            except Exception as error:
                self._begun = _fail(error)
            finally:
                _leave_task(loop, writer)
                if task is not None:
                    _enter_task(loop, task)
        self._append(frame)

    async def run(self) -> None:
        """Send the frames that are waiting, until cancelled or a frame cannot be sent."""
        self._writer = asyncio.current_task()
        while True:
            while self._frames:
                begun, self._begun = self._begun, None
                await (begun or self._send({"type": "websocket.send", "text": self._frames[0]}))
                self._characters -= len(self._frames.popleft())
                self._progress = time.monotonic()
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake

    def _append(self, frame: str) -> None:
        now = time.monotonic()
        if not self._frames:
            self._progress = now
        self._frames.append(frame)
        self._characters += len(frame)
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
        too_long = now - self._progress > MAX_PAUSE_SECONDS
        if too_long or self._characters > MAX_WAITING_CHARACTERS:
            self.overflow.set()


@coroutine
def _resume(sending: Coroutine[Any, Any, None], waiting: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine that has been started, and waits for `waiting`."""
    try:
        yield waiting
    except BaseException:
        sending.close()
        raise
    yield from sending


async def _fail(error: Exception) -> None:
    raise error
