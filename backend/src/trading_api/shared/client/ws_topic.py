"""One subscription on the wire, which the readers with equal requests share."""

from __future__ import annotations

import asyncio
from typing import Any

from trading_api.shared.client.ws_buffer import Buffer
from trading_api.shared.client.ws_messages import Control, Update, update_type
from trading_api.shared.client.ws_stream import Stream


class Topic:
    """One subscription on the wire, and the buffers of those who read it."""

    def __init__(self, stream: Stream[Any, Any], request: str) -> None:
        self.stream = stream
        self.request = request
        self.method = f"{stream.name}.subscribe"
        self.update_type = update_type(stream)
        self.buffers: dict[Buffer[Any], asyncio.Future[None]] = {}
        """The buffer of each reader, with what is done when its updates can arrive."""
        self.ref = ""
        self.name: str | None = None
        """The name of the topic, while the service sends its updates."""
        self.has_begun = False
        self.is_known = False
        """Whether the fields of an update were compared with the spec since the topic began."""
        self.sequence: int | None = None
        self.resuming = False
        self.ended = 0
        """How often the topic has ended since its last update."""
        self._latest: dict[object, Any] = {}

    @property
    def can_continue(self) -> bool:
        """Whether no update is missed for good if the topic is subscribed to again."""
        return self.stream.replays or self.stream.numbered

    def join(self, buffer: Buffer[Any], begun: asyncio.Future[None]) -> None:
        """Add a reader; if the topic is running, it gets the latest updates at once."""
        self.buffers[buffer] = begun
        if self.name is not None:
            begun.set_result(None)
            for update in self._latest.values():
                buffer.put(update)

    def begin(self, message: Control) -> None:
        """Note that the service sends updates from now on."""
        self.name, self.has_begun, self.is_known = message.topic, True, False
        self._latest.clear()
        if self.stream.numbered and message.sequence is not None:
            self.sequence = message.sequence
        for begun in self.buffers.values():
            if not begun.done():
                begun.set_result(None)

    def take(self, update: Update) -> list[Buffer[Any]]:
        """Pass an update on; return the buffers that have no room for it."""
        stream, payload, self.ended = self.stream, update["payload"], 0
        if stream.numbered:
            sequence = update["sequence"]
            if self.sequence is not None and sequence <= self.sequence:
                return []
            self.sequence = sequence
        if stream.replays:
            self._latest[None if stream.key is None else stream.key(payload)] = payload
        return [buffer for buffer in self.buffers if not buffer.put(payload)]

    def fail(self, error: Exception) -> None:
        """Raise an error in all readers."""
        for buffer, begun in self.buffers.items():
            if begun.done():
                buffer.fail(error)
            else:
                begun.set_exception(error)
        self.buffers.clear()
