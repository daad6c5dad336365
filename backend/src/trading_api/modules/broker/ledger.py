"""Changes of the account: one at a time, all or nothing, told to whoever watches."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from trading_api.models import EquityData
from trading_api.modules.broker import views
from trading_api.modules.broker.book import Book, Draft
from trading_api.modules.broker.events import BrokerEvents
from trading_api.modules.broker.store import BrokerStore

ResultT = TypeVar("ResultT")

Clock = Callable[[], int]
"""Returns the time in Unix milliseconds."""


def wall_clock() -> int:
    """Return the time in Unix milliseconds."""
    return time.time_ns() // 1_000_000


class Ledger:
    """The book, the store that keeps it, and the feeds that tell of its changes."""

    def __init__(self, book: Book, store: BrokerStore, events: BrokerEvents, clock: Clock) -> None:
        self.book = book
        self._store = store
        self._events = events
        self._clock = clock
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[object]] = set()
        self.equity: EquityData = views.equity(self.read())

    def read(self) -> Draft:
        """Return a draft that is never committed: to read from, or to try something out."""
        return Draft(self.book, self._clock())

    async def change(self, operation: Callable[[Draft], ResultT]) -> ResultT:
        """Carry out `operation` on a draft and commit that; return what the operation returns.

        If the operation or the store raises, nothing has changed. A change that has begun is
        completed even if the caller is cancelled, so that book and store cannot drift apart.
        """
        task = asyncio.create_task(self._change(operation))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for the changes that have begun."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _change(self, operation: Callable[[Draft], ResultT]) -> ResultT:
        async with self._lock:
            draft = self.read()
            result = operation(draft)
            if draft.unit:
                await self._store.commit(draft.unit)
            self.book.apply(draft.unit)
            self.book.quotes.update(draft.new_quotes)
            self._publish(draft)
            return result

    def _publish(self, draft: Draft) -> None:
        for order in draft.unit.orders.values():
            self._events.orders.publish(views.placed_order(order))
        for trade in draft.unit.trades:
            self._events.executions.publish(views.execution(trade))
        for holding in draft.unit.holdings.values():
            self._events.positions.publish(views.position(holding))
        equity = views.equity(self.read())
        if equity != self.equity:
            self.equity = equity
            self._events.equity.publish(equity)
