"""The updates that wait for a reader: how many there may be, and which are kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

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
        self._waiting: OrderedDict[object, UpdateT] = OrderedDict()
        self._count = 0
        self._error: Exception | None = None
        self._is_closed = False
        self._wake: asyncio.Future[None] | None = None

    def put(self, update: UpdateT) -> bool:
        """Add an update; return False if too many are waiting."""
        key: object
        if self._key is not None:
            key = self._key(update)
            self._counts.replaced_updates += key in self._waiting
        else:
            key = self._count = self._count + 1
        if len(self._waiting) >= MAX_WAITING_UPDATES and key not in self._waiting:
            return False
        self._waiting[key] = update
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
        return self._waiting.popitem(last=False)[1]

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
