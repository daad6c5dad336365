"""Changes of the account: one at a time, all or nothing, stored and published.

`BrokerStore` is the contract of a store; `MemoryStore` is the one that is built in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from trading_api.models import EquityData
from trading_api.modules.broker import views
from trading_api.modules.broker.book import Book, Transaction
from trading_api.modules.broker.events import BrokerEvents
from trading_api.modules.broker.records import IdempotencyRecord, UnitOfWork
from trading_api.shared.problems import ProblemError, ProblemType

ResultT = TypeVar("ResultT")

Clock = Callable[[], int]
"""Returns the time in Unix milliseconds."""


def wall_clock() -> int:
    """Return the time in Unix milliseconds."""
    return time.time_ns() // 1_000_000


class BrokerStore(Protocol):
    """Stores what the broker commits. Calls never overlap."""

    async def load(self) -> UnitOfWork:
        """Return everything committed so far as one unit of work, in the order of the commits."""
        ...

    async def commit(self, unit_of_work: UnitOfWork) -> None:
        """Store all of `unit_of_work`; if this raises, nothing of it may be stored.

        The broker shows a change to nobody before this has returned.
        """
        ...


class MemoryStore:
    """Keeps the state in memory, as long as the store itself exists."""

    def __init__(self) -> None:
        self._stored = UnitOfWork()

    async def load(self) -> UnitOfWork:
        """Return everything committed so far."""
        loaded = UnitOfWork()
        loaded.merge(self._stored)
        return loaded

    async def commit(self, unit_of_work: UnitOfWork) -> None:
        """Store all of `unit_of_work`."""
        self._stored.merge(unit_of_work)
        for closed in [each.id for each in unit_of_work.positions.values() if not each.qty]:
            del self._stored.positions[closed]


class Ledger:
    """The book, the store behind it, and the events that publish its changes."""

    def __init__(self, book: Book, store: BrokerStore, events: BrokerEvents, clock: Clock) -> None:
        self.book = book
        self._store = store
        self._events = events
        self._clock = clock
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[object]] = set()
        self.equity: EquityData = views.to_equity(self.begin())

    def begin(self) -> Transaction:
        """Return a transaction that is never committed, to read from or to try something out."""
        return Transaction(self.book, self._clock())

    async def change(self, operation: Callable[[Transaction], ResultT]) -> ResultT:
        """Run `operation` on a transaction, commit that, and return the operation's result.

        If the operation or the store raises, nothing has changed. A change that has started is
        completed even if the caller is cancelled, so that book and store always agree.
        """
        task = asyncio.create_task(self._change(operation))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def change_once(
        self,
        key: str | None,
        fingerprint: str,
        operation: Callable[[Transaction], IdempotencyRecord],
    ) -> IdempotencyRecord:
        """Run `operation` as `change` does, unless a request with this key has already run."""

        def run(transaction: Transaction) -> IdempotencyRecord:
            record = self.find_record(key, fingerprint)
            if record is None:
                record = operation(transaction)
                if key is not None:
                    transaction.unit_of_work.idempotency_records[key] = record
            return record

        return await self.change(run)

    def find_record(self, key: str | None, fingerprint: str) -> IdempotencyRecord | None:
        """Return the record of an idempotency key, or None if the key is new or missing.

        Raises:
            ProblemError: 409, the key belongs to a request with another fingerprint.
        """
        record = None if key is None else self.book.idempotency_records.get(key)
        if record is None or record.fingerprint == fingerprint:
            return record
        detail = "This idempotency key was used for a different request."
        kind = ProblemType.IDEMPOTENCY_KEY_REUSED
        raise ProblemError(409, detail, type=kind, parameter="Idempotency-Key")

    async def close(self) -> None:
        """Wait for the changes that have started."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _change(self, operation: Callable[[Transaction], ResultT]) -> ResultT:
        async with self._lock:
            transaction = self.begin()
            result = operation(transaction)
            if transaction.unit_of_work:
                await self._store.commit(transaction.unit_of_work)
            self.book.apply(transaction.unit_of_work)
            self.book.quotes.update(transaction.new_quotes)
            self._publish(transaction.unit_of_work)
            return result

    def _publish(self, unit_of_work: UnitOfWork) -> None:
        for order in unit_of_work.orders.values():
            self._events.orders.publish(views.to_placed_order(order))
        for execution in unit_of_work.executions:
            self._events.executions.publish(views.to_execution(execution))
        for position in unit_of_work.positions.values():
            self._events.positions.publish(views.to_position(position))
        equity = views.to_equity(self.begin())
        if equity != self.equity:
            self.equity = equity
            self._events.equity.publish(equity)
