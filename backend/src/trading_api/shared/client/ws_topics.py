"""The subscriptions of one client in one event loop, over one connection.

Readers with equal requests share a topic: one subscription on the wire. After the connection was
lost, each topic subscribes again: from the number of its last update if the stream has numbers,
else anew, which gives the latest state of a stream that replays it. A topic that can do neither
ends with an error, because updates may have been missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError

from trading_api.shared.client.errors import (
    ClientError,
    SlowReaderError,
    TransportError,
    UnexpectedResponseError,
)
from trading_api.shared.client.options import Credential
from trading_api.shared.client.ws_buffer import MAX_WAITING_UPDATES, Buffer
from trading_api.shared.client.ws_connection import Connection, pause
from trading_api.shared.client.ws_messages import (
    Control,
    Malformed,
    MessageReader,
    problem_error,
    status_of,
    subscribe_message,
    unknown_fields,
    unsubscribe_message,
)
from trading_api.shared.client.ws_socket import OpenSocket
from trading_api.shared.client.ws_stream import Stream, StreamCounts
from trading_api.shared.client.ws_topic import Topic

TEMPORARY: Final = (429, 500, 502, 503, 504)
"""The statuses of problems after which a topic that has begun subscribes again, later."""

SWITCHING_PROTOCOLS: Final = 101
"""The status of the response that began the messages."""


class Topics:
    """The topics of a client; the owner of its connection."""

    def __init__(
        self, url: str, open_socket: OpenSocket, token: Credential | None, counts: StreamCounts
    ) -> None:
        self.url = url
        self.counts = counts
        self._connection = Connection(open_socket, token, self)
        self._messages = MessageReader()
        self._topics: dict[tuple[str, str], Topic] = {}
        self._by_name: dict[str | None, list[Topic]] = {}
        self._refs = 0

    @property
    def last_error(self) -> TransportError | None:
        """Why there is no connection."""
        return self._connection.last_error

    def join(
        self, stream: Stream[Any, Any], request: str, buffer: Buffer[Any]
    ) -> tuple[Topic, asyncio.Future[None]]:
        """Add a reader; return its topic, and what is done when its updates can arrive."""
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        key = stream.name, request
        topic = self._topics.get(key)
        if topic is None:
            self._messages.add(stream)
            topic = self._topics[key] = Topic(stream, request)
            self._subscribe(topic)
        topic.join(buffer, begun)
        self._connection.open()
        return topic, begun

    def leave(self, topic: Topic, buffer: Buffer[Any]) -> None:
        """Remove a reader; the last one ends the topic."""
        if topic.buffers.pop(buffer, None) is not None and not topic.buffers:
            self._remove(topic)

    async def aclose(self) -> None:
        """End all subscriptions and close the connection."""
        reason = "the client was closed"
        for topic in list(self._topics.values()):
            self._fail(topic, TransportError(topic.method, self.url, "closed", reason))
        await self._connection.aclose()

    # Called by the connection.

    def is_needed(self) -> bool:
        """Return whether anything is subscribed to."""
        return bool(self._topics)

    def opened(self) -> None:
        """Subscribe to every topic on a new connection."""
        self.counts.connections += 1
        for topic in self._topics.values():
            self._subscribe(topic)

    def received(self, frame: str | bytes) -> None:
        """Handle a message."""
        try:
            update = self._messages.read_update(frame)
        except ValidationError as error:
            self._receive_other(self._messages.read_other(frame, error))
            return
        # A topic that was just left still has updates on their way.
        for topic in tuple(self._by_name.get(update["topic"], ())):
            if topic.update_type == update["type"]:
                if not topic.is_known:
                    topic.is_known = True
                    self.counts.unknown_fields |= unknown_fields(topic.stream, frame, update)
                for buffer in topic.take(update):
                    self._overrun(topic, buffer)

    def lost(self, error: ClientError) -> None:
        """Wait for the next connection, and end the topics that may have missed updates."""
        self._by_name.clear()
        for topic in list(self._topics.values()):
            topic.name, topic.ref = None, ""
            if topic.has_begun and not topic.can_continue:
                self._fail(topic, error)

    def reject(self, error: Exception) -> None:
        """End every topic: another connection would fail in the same way."""
        for topic in list(self._topics.values()):
            self._fail(topic, error)

    # Messages to the service.

    def _subscribe(self, topic: Topic) -> None:
        if not self._connection.is_open:
            return
        self._refs += 1
        topic.ref, topic.resuming = str(self._refs), topic.sequence is not None
        self._forget_name(topic)
        self._connection.send(
            subscribe_message(topic.stream, topic.request, topic.ref, topic.sequence)
        )

    def _subscribe_later(self, topic: Topic) -> None:
        """Subscribe again, after pauses that grow until there is an update."""
        self._forget_name(topic)
        topic.ref = ""

        def subscribe() -> None:
            # A new connection may have subscribed in the meantime.
            if topic.buffers and not topic.ref:
                self._subscribe(topic)

        asyncio.get_running_loop().call_later(pause(topic.ended), subscribe)
        topic.ended += 1

    def _remove(self, topic: Topic) -> None:
        if self._topics.pop((topic.stream.name, topic.request), None) is None:
            return
        if topic.ref:
            self._connection.send(unsubscribe_message(topic.stream, topic.request))
        self._forget_name(topic)
        if not self._topics:
            self._connection.close_soon()

    def _forget_name(self, topic: Topic) -> None:
        same = self._by_name.get(topic.name, [])
        if topic in same:
            same.remove(topic)
            if not same:
                del self._by_name[topic.name]
        topic.name = None

    def _fail(self, topic: Topic, error: Exception) -> None:
        topic.fail(error)
        self._remove(topic)

    # Messages from the service.

    def _receive_other(self, message: Control | Malformed | None) -> None:
        if message is None:
            self.counts.unknown_messages += 1
        elif isinstance(message, Malformed):
            self._fail_readers(message)
        else:
            self._control(message)

    def _overrun(self, topic: Topic, buffer: Buffer[Any]) -> None:
        buffer.fail(SlowReaderError(topic.method, self.url, MAX_WAITING_UPDATES))
        self.leave(topic, buffer)

    def _fail_readers(self, message: Malformed) -> None:
        for topic in tuple(self._by_name.get(message.topic, ())):
            error = UnexpectedResponseError(
                topic.method, self.url, SWITCHING_PROTOCOLS, message.reasons, message.content
            )
            self._fail(topic, error)

    def _control(self, message: Control) -> None:
        verb = message.type.rpartition(".")[2]
        if message.type == "error":
            self._error(message)
        elif verb == "subscribed":
            self._connection.accept()
            for topic in self._with_ref(message.ref):
                topic.begin(message)
                self._by_name.setdefault(topic.name, []).append(topic)
        elif verb == "unsubscribed":
            # Two requests had the same topic, and ending one has ended both.
            for topic in tuple(self._by_name.get(message.topic, ())):
                self._subscribe(topic)
        elif message.type == "authenticated":
            self._connection.accept()
        elif message.type != "pong":
            self.counts.unknown_messages += 1

    def _error(self, message: Control) -> None:
        """Handle a rejected message, which has a `ref`, or the end of a topic."""
        if message.ref is not None:
            for topic in self._with_ref(message.ref):
                self._reject(topic, message.payload)
        elif message.topic is not None:
            for topic in tuple(self._by_name.get(message.topic, ())):
                if topic.can_continue:
                    self._subscribe_later(topic)
                else:
                    self._fail(topic, problem_error(topic.method, self.url, message.payload))
        else:
            self._connection.note_rejection(message.payload)

    def _reject(self, topic: Topic, problem: Any) -> None:
        if topic.has_begun and topic.can_continue and status_of(problem) in TEMPORARY:
            self._subscribe_later(topic)
        else:
            topic.ref = ""
            self._fail(topic, problem_error(topic.method, self.url, problem))

    def _with_ref(self, ref: str | None) -> Iterator[Topic]:
        yield from [each for each in self._topics.values() if ref and each.ref == ref]
