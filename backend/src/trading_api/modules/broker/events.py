"""Feeds that distribute updates to their subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, Self, TypeVar
from weakref import WeakSet

from pydantic import BaseModel

from trading_api.models import (
    BrokerConnectionStatus,
    EquityData,
    Execution,
    PlacedOrder,
    Position,
)
from trading_api.modules.broker import views
from trading_api.modules.broker.records import Event, UnitOfWork
from trading_api.shared.problems import ProblemError
from trading_api.shared.ws import Numbered

EventT = TypeVar("EventT")

MAX_WAITING = 100_000
"""The most unread events of one subscription; a slower reader is dropped."""


class Subscription(AsyncIterator[EventT]):
    """The events of one feed from now on, for one reader.

    Raises (while iterating):
        ProblemError: 503, the reader was too slow and has missed events.
    """

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[EventT | None] = asyncio.Queue(MAX_WAITING)
        self._overrun = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EventT:
        if self._overrun:
            raise ProblemError(
                503, f"The reader was too slow: more than {MAX_WAITING} events were unread."
            )
        event = await self._waiting.get()
        if event is None:
            raise StopAsyncIteration
        return event

    def push(self, event: EventT | None) -> None:
        """Queue an event, or None for the end, without waiting."""
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            self._overrun = True


class Feed(Generic[EventT]):
    """Distributes events of one kind. Holds its subscriptions weakly, so unused ones disappear."""

    def __init__(self) -> None:
        self._subscriptions: WeakSet[Subscription[EventT]] = WeakSet()

    def __len__(self) -> int:
        return len(self._subscriptions)

    def subscribe(self, first: EventT | None = None) -> Subscription[EventT]:
        """Return an iterator over `first`, if given, and the events from now on."""
        subscription = Subscription[EventT]()
        if first is not None:
            subscription.push(first)
        self._subscriptions.add(subscription)
        return subscription

    def publish(self, event: EventT) -> None:
        """Send an event to every subscription."""
        for subscription in tuple(self._subscriptions):
            subscription.push(event)

    def close(self) -> None:
        """End every subscription."""
        for subscription in tuple(self._subscriptions):
            subscription.push(None)


class BrokerEvents:
    """The five feeds of an account."""

    def __init__(self) -> None:
        self.orders: Feed[Numbered[PlacedOrder]] = Feed()
        self.positions: Feed[Numbered[Position]] = Feed()
        self.executions: Feed[Numbered[Execution]] = Feed()
        self.equity: Feed[EquityData] = Feed()
        self.connection: Feed[BrokerConnectionStatus] = Feed()

    def publish(self, event: Event) -> None:
        """Send a stored event to the subscriptions of its stream."""
        getattr(self, event.stream).publish(Numbered(event.number, event.payload))

    def close(self) -> None:
        """End every subscription of every feed."""
        self.orders.close()
        self.positions.close()
        self.executions.close()
        self.equity.close()
        self.connection.close()


EVENT_MODELS: dict[str, type[BaseModel]] = {
    "orders": PlacedOrder,
    "executions": Execution,
    "positions": Position,
}
"""The streams whose updates are stored, and their models."""


def build_events(unit_of_work: UnitOfWork, last: int) -> list[Event]:
    """Return the events that publish the changes, numbered from `last` + 1."""
    updates: list[tuple[str, BaseModel]] = [
        *(("orders", views.to_placed_order(order)) for order in unit_of_work.orders.values()),
        *(("executions", views.to_execution(each)) for each in unit_of_work.executions),
        *(("positions", views.to_position(each)) for each in unit_of_work.positions.values()),
    ]
    return [
        Event(number, stream, payload) for number, (stream, payload) in enumerate(updates, last + 1)
    ]
