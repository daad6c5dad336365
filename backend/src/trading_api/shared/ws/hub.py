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

Push = Callable[[str], None]
"""Takes a frame for one subscriber; must not block."""

logger = logging.getLogger(__name__)


class Hub:
    """The running topics of one module. All calls are made in one event loop."""

    def __init__(self) -> None:
        self._topics: dict[str, Topic] = {}

    async def open(self, stream: Stream, subscription: BaseModel, service: Any) -> Topic:
        """Return the running topic of a subscription, started if necessary.

        Raises:
            ProblemError: the source rejects the subscription.
        """
        name = stream.topic_of(subscription)
        if name not in self._topics:
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
        self._last: str | None = None
        self._task = asyncio.create_task(self._run(source), name=f"topic {name}")

    def join(self, subscriber: Push) -> None:
        """Add a subscriber."""
        self._subscribers.add(subscriber)
        if self._stream.replay_last and self._last is not None:
            subscriber(self._last)

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
            logger.exception("stream %s failed", self._stream.name)
            problem = Problem(title="Internal Server Error", status=500)
        self._end()
        message = ErrorMessage(type="error", topic=self.name, payload=problem)
        self._push(message.model_dump_json(by_alias=True, exclude_none=True))

    def _push(self, frame: str) -> None:
        self._last = frame
        for subscriber in tuple(self._subscribers):
            subscriber(frame)
