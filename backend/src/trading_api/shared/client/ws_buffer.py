"""The updates that wait for a reader: how many there may be, and which are kept."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from trading_api.shared.client.ws_stream import StreamCounts

UpdateT = TypeVar("UpdateT")

MAX_WAITING_UPDATES: Final = 1_024
"""The updates that may wait for a reader. More of them end its subscription with an error."""


class Buffer(Generic[UpdateT]):
    """Keeps updates in their order until they are taken.

    With `key`, an update replaces the waiting one of the same key: of a state, the latest value is
    what counts. Without `key`, no update is dropped: if too many wait, `put` returns False.
    """

    def __init__(self, key: Callable[[UpdateT], object] | None, counts: StreamCounts) -> None:
        self._key = key
        self._counts = counts
        # The updates, or the keys of those in `_latest`.
        self._waiting: deque[Any] = deque()
        self._latest: dict[object, UpdateT] = {}
        self._error: Exception | None = None
        self._is_closed = False
        self._wake: asyncio.Future[None] | None = None

    def put(self, update: UpdateT) -> bool:
        """Add an update; return False if too many are waiting."""
        item: object = update
        if self._key is not None:
            item = self._key(update)
            if item in self._latest:
                self._latest[item] = update
                self._counts.replaced_updates += 1
                return True
        if len(self._waiting) >= MAX_WAITING_UPDATES:
            return False
        if self._key is not None:
            self._latest[item] = update
        self._waiting.append(item)
        self._notify()
        return True

    def fail(self, error: Exception) -> None:
        """Raise `error` after the waiting updates."""
        self._error = self._error or error
        self._notify()

    def close(self) -> None:
        """Drop the waiting updates, and end."""
        self._is_closed = True
        self._waiting.clear()
        self._latest.clear()
        self._notify()

    async def take(self) -> UpdateT:
        """Return the oldest update.

        Raises:
            StopAsyncIteration: the buffer was closed.
            RuntimeError: another task is waiting for an update.
        """
        while not self._waiting:
            if self._is_closed:
                raise StopAsyncIteration
            if self._error is not None:
                raise self._error
            if self._wake is not None:
                raise RuntimeError("another task is waiting for the next update")
            self._wake = asyncio.get_running_loop().create_future()
            try:
                await self._wake
            finally:
                self._wake = None
        item = self._waiting.popleft()
        update: UpdateT = item if self._key is None else self._latest.pop(item)
        return update

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
