"""The frames that wait for one connection, and when its client is too slow for them."""

from __future__ import annotations

import asyncio
import time
from collections import deque

MAX_WAITING_CHARACTERS = 16_777_216
"""The characters of the frames that may wait for one connection."""

MAX_PAUSE_SECONDS = 10.0
"""How long a client may receive nothing while frames are waiting for it."""


class Outbox:
    """Frames in the order in which they are sent. A burst is not slowness: only a client is too
    slow that receives nothing for `MAX_PAUSE_SECONDS`, or has `MAX_WAITING_CHARACTERS` waiting.
    """

    def __init__(self) -> None:
        self.overflow = asyncio.Event()
        self._frames: deque[str] = deque()
        self._characters = 0
        self._filled = asyncio.Event()
        self._progress = 0.0

    def put(self, frame: str) -> None:
        """Add a frame; set `overflow` if the client is too slow."""
        now = time.monotonic()
        if not self._frames:
            self._progress = now
            self._filled.set()
        self._frames.append(frame)
        self._characters += len(frame)
        too_long = now - self._progress > MAX_PAUSE_SECONDS
        if too_long or self._characters > MAX_WAITING_CHARACTERS:
            self.overflow.set()

    async def get(self) -> str:
        """Return the next frame, which still waits until `done` is called."""
        while not self._frames:
            self._filled.clear()
            await self._filled.wait()
        return self._frames[0]

    def done(self) -> None:
        """Remove the frame that was sent."""
        self._characters -= len(self._frames.popleft())
        self._progress = time.monotonic()
