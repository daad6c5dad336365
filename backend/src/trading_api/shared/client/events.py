"""Parses streams: server-sent events, and lines of JSON.

The parser of events follows
https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple


class ServerSentEvent(NamedTuple):
    """An event: its data as text, its type, and the last id that the stream has sent."""

    data: str
    event: str = "message"
    id: str = ""


class ItemTooLargeError(Exception):
    """An event or a line has more bytes than allowed."""


class EventParser:
    """Finds the events in the chunks of a stream; the end of a chunk can be anywhere.

    Both parsers raise an `ItemTooLargeError` for an item of more than `max_bytes`.
    """

    def __init__(self, max_bytes: int = sys.maxsize) -> None:
        self.last_id = ""
        """The id to resume after; empty if the service sends none."""
        self.retry: float | None = None
        """The seconds to wait before reconnecting, if the service has said so."""
        self._max_bytes = max_bytes
        self._lines = LineParser(max_bytes, carriage_returns=True)
        self._is_first_line = True
        self._clear()

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Return the events that this chunk completes."""
        events = []
        for line in self._lines.feed(chunk):
            if self._is_first_line:
                line = line.removeprefix(b"\xef\xbb\xbf")
                self._is_first_line = False
            if line:
                self._interpret(line.decode("utf-8", "replace"))
            else:
                if self._data:
                    events.append(ServerSentEvent("\n".join(self._data), self._event, self._id))
                self.last_id = self._id
                self._clear()
        return events

    def reconnect(self) -> None:
        """Forget the incomplete event of a connection that was lost."""
        self._lines = LineParser(self._max_bytes, carriage_returns=True)
        self._is_first_line = True
        self._clear()

    def _clear(self) -> None:
        self._data: list[str] = []
        self._size = 0
        self._event = "message"
        self._id = self.last_id

    def _interpret(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "data":
                self._size += len(value) + 1
                if self._size > self._max_bytes:
                    raise ItemTooLargeError
                self._data.append(value)
            case "event":
                self._event = value or "message"
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry = float(value) / 1000
            case _:
                pass  # A comment, or a field of a later specification.


class LineParser:
    """Finds the lines in the chunks of a stream."""

    def __init__(self, max_bytes: int = sys.maxsize, *, carriage_returns: bool = False) -> None:
        self._max_bytes = max_bytes
        self._carriage_returns = carriage_returns
        self._pending: list[bytes] = []
        self._size = 0
        self._skips_line_feed = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that this chunk completes, without their line breaks."""
        if self._carriage_returns and chunk:
            if self._skips_line_feed:
                # The line ended with the carriage return of the previous chunk.
                chunk = chunk.removeprefix(b"\n")
            self._skips_line_feed = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *others = chunk.split(b"\n")
        self._size += len(first)
        if self._size > self._max_bytes:
            raise ItemTooLargeError
        if not others:
            self._pending.append(first)
            return []
        # Joined only now: a long line in many chunks would be copied with each of them.
        lines = [b"".join([*self._pending, first]), *others[:-1]]
        self._pending = [others[-1]]
        self._size = len(others[-1])
        return lines

    def rest(self) -> bytes:
        """Return the last line, which has no line break."""
        return b"".join(self._pending)


async def lines_of(chunks: AsyncIterator[bytes], max_bytes: int) -> AsyncGenerator[bytes, None]:
    """Yield the lines of a stream that are not blank; see `EventParser` for `max_bytes`."""
    parser = LineParser(max_bytes)
    async for chunk in chunks:
        for line in parser.feed(chunk):
            if line.strip():
                yield line
    if parser.rest().strip():
        yield parser.rest()
