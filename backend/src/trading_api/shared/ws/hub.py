"""Topics: each has one source, whose updates are serialised once and sent to every subscriber."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

from pydantic import BaseModel

from trading_api.models.common import Problem
from trading_api.shared.problems import ProblemError
from trading_api.shared.ws.messages import ErrorMessage, messages_of
from trading_api.shared.ws.router import Stream

logger = logging.getLogger(__name__)


class Subscriber(Protocol):
    """A receiver of the frames of a topic; `push` must not block."""

    def push(self, frame: str) -> None: ...


class Hub:
    """The running topics of one module. All calls are made in one event loop."""

    def __init__(self) -> None:
        self._topics: dict[str, _Topic] = {}

    async def open(self, topic: str, stream: Stream, subscription: BaseModel, service: Any) -> None:
        """Start the source of `topic` unless it is running.

        Raises:
            ProblemError: the source rejects the subscription.
        """
        if topic in self._topics:
            return
        source = await stream.open(subscription, service)
        # Another connection may have started the topic in the meantime.
        if topic not in self._topics:
            self._topics[topic] = _Topic(topic, stream, source, self._drop)

    def join(self, topic: str, subscriber: Subscriber) -> None:
        """Add a subscriber to a running topic."""
        self._topics[topic].add(subscriber)

    def has(self, topic: str, subscriber: Subscriber) -> bool:
        """Return whether `subscriber` receives the updates of `topic`."""
        running = self._topics.get(topic)
        return running is not None and subscriber in running.subscribers

    def leave(self, topic: str, subscriber: Subscriber) -> None:
        """Remove a subscriber; without subscribers the source is stopped."""
        running = self._topics.get(topic)
        if running is not None:
            running.subscribers.discard(subscriber)
            if not running.subscribers:
                self._drop(running)
                running.stop()

    def _drop(self, topic: _Topic) -> None:
        if self._topics.get(topic.name) is topic:
            del self._topics[topic.name]


class _Topic:
    def __init__(
        self,
        name: str,
        stream: Stream,
        source: AsyncIterator[Any],
        on_end: Callable[[_Topic], None],
    ) -> None:
        self.name = name
        self.subscribers: set[Subscriber] = set()
        self._stream = stream
        self._on_end = on_end
        self._last: str | None = None
        self._task = asyncio.create_task(self._run(source), name=f"topic {name}")

    def add(self, subscriber: Subscriber) -> None:
        self.subscribers.add(subscriber)
        if self._stream.replay_last and self._last is not None:
            subscriber.push(self._last)

    def stop(self) -> None:
        self._task.cancel()

    async def _run(self, source: AsyncIterator[Any]) -> None:
        kind = f"{self._stream.name}.update"
        model = messages_of(self._stream).update
        problem = Problem(title="Gone", status=410, detail="the stream has ended")
        try:
            async for update in source:
                message = model.model_construct(type=kind, topic=self.name, payload=update)
                self._push(message.model_dump_json(by_alias=True))
        except ProblemError as error:
            problem = error.problem
        except Exception:  # an error in a module's code must not end the connections
            logger.exception("stream %s failed", self.name)
            problem = Problem(title="Internal Server Error", status=500)
        self._on_end(self)
        message = ErrorMessage(type="error", topic=self.name, payload=problem)
        self._push(message.model_dump_json(by_alias=True, exclude_none=True))

    def _push(self, frame: str) -> None:
        self._last = frame
        for subscriber in tuple(self.subscribers):
            subscriber.push(frame)
