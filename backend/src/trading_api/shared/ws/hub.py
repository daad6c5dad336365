"""Topics: each has one source, whose updates are serialised once and sent to every subscriber."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from pydantic import BaseModel

from trading_api.models.common import Problem
from trading_api.shared.problems import ProblemError
from trading_api.shared.ws.messages import ErrorMessage, messages_of
from trading_api.shared.ws.router import Stream

Push = Callable[[str, int], None]
"""Takes a frame for one subscriber, and the number of its update or 0; must not block."""

MAX_TOPICS = 1_000
"""The topics that may run at the same time; each has a source that works for it."""

UPDATES_BETWEEN_PAUSES = 64
"""The updates that a topic sends before it lets other tasks run."""

logger = logging.getLogger(__name__)


class Hub:
    """The running topics of one module. All calls are made in one event loop."""

    def __init__(self) -> None:
        self._topics: dict[str, Topic] = {}

    async def open(self, stream: Stream, subscription: BaseModel, service: Any) -> Topic:
        """Return the running topic of a subscription, started if necessary.

        Raises:
            ProblemError: the source rejects the subscription, or too many topics are running.
        """
        name = stream.topic_of(subscription)
        if name not in self._topics:
            if len(self._topics) >= MAX_TOPICS:
                raise ProblemError(503, f"{MAX_TOPICS} streams are running; try again later")
            source = await stream.open(subscription, service)
            # Another connection may have started the topic in the meantime.
            if name not in self._topics:
                self._topics[name] = Topic(name, stream, source, self._topics)
        return self._topics[name]


class Topic:
    """A running source with its subscribers; registered in `topics` until it ends."""

    def __init__(
        self, name: str, stream: Stream, source: AsyncIterator[Any], topics: dict[str, Topic]
    ) -> None:
        self.name = name
        self.ended = False
        self._stream = stream
        self._topics = topics
        self._subscribers: set[Push] = set()
        self._latest: dict[Any, str] = {}
        self._task = asyncio.create_task(self._run(source), name=f"topic {name}")

    def join(self, subscriber: Push) -> None:
        """Add a subscriber."""
        self._subscribers.add(subscriber)
        for frame in self._latest.values():
            subscriber(frame, 0)

    def leave(self, subscriber: Push) -> None:
        """Remove a subscriber; the last one ends the topic."""
        self._subscribers.discard(subscriber)
        if not self._subscribers:
            self._end()
            self._task.cancel()

    def _end(self) -> None:
        self.ended = True
        if self._topics.get(self.name) is self:
            del self._topics[self.name]

    async def _run(self, source: AsyncIterator[Any]) -> None:
        problem = Problem(title="Gone", status=410, detail="the stream has ended")
        count = 0
        try:
            async for update in source:
                self._send(update)
                count += 1
                if count % UPDATES_BETWEEN_PAUSES == 0:
                    await asyncio.sleep(0)
        except ProblemError as error:
            problem = error.problem
        except Exception:  # an error in a module's code must not end the connections
            logger.exception("stream %s failed", self._stream.name)
            problem = Problem(title="Internal Server Error", status=500)
        self._end()
        message = ErrorMessage(type="error", topic=self.name, payload=problem)
        self._push(message.model_dump_json(by_alias=True, exclude_none=True), 0)

    def _send(self, update: Any) -> None:
        stream = self._stream
        sequence, payload = (update.sequence, update.update) if stream.numbered else (0, update)
        frame = serialize_update(stream, self.name, payload, sequence)
        if stream.replay_last:
            self._latest[None] = frame
        elif stream.replay_last_of is not None:
            self._latest[getattr(payload, stream.replay_last_of)] = frame
        self._push(frame, sequence)

    def _push(self, frame: str, sequence: int) -> None:
        for subscriber in tuple(self._subscribers):
            subscriber(frame, sequence)


def serialize_update(stream: Stream, topic: str, payload: BaseModel, sequence: int) -> str:
    """Return the message with an update of `topic`."""
    fields: dict[str, Any] = {"sequence": sequence} if stream.numbered else {}
    model = messages_of(stream).update
    message = model.model_construct(
        type=f"{stream.name}.update", topic=topic, payload=payload, **fields
    )
    return message.model_dump_json(by_alias=True)
