"""Changes of the account: all or nothing, stored, then applied and published.

Changes that wait for the store are committed together, so that many cost little more than one.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from trading_api.models import EquityData
from trading_api.modules.broker import views
from trading_api.modules.broker.book import Book, Transaction, unknown_order
from trading_api.modules.broker.events import EVENT_MODELS, BrokerEvents, build_events
from trading_api.modules.broker.records import Event, IdempotencyRecord, Order, parse_number
from trading_api.modules.broker.store.errors import StoreLost, StoreUnavailable
from trading_api.shared.client.deadline import current_deadline
from trading_api.shared.problems import ProblemError, ProblemType
from trading_api.shared.requests import deadline_exceeded

if TYPE_CHECKING:
    from trading_api.modules.broker.store.store import AccountStore

ResultT = TypeVar("ResultT")

Clock = Callable[[], int]
"""Returns the time in Unix milliseconds."""

MAX_GROUP = 64
"""The most changes that are committed together."""

logger = logging.getLogger(__name__)


def wall_clock() -> int:
    """Return the time in Unix milliseconds."""
    return time.time_ns() // 1_000_000


def stop_process() -> None:
    """End this process as its supervisor would, because another one has its account."""
    signal.raise_signal(signal.SIGTERM)


class _Change:
    """An operation that waits to be committed, and its result."""

    def __init__(self, operation: Callable[[Transaction], Any]) -> None:
        self.operation = operation
        self.deadline = current_deadline.get()
        self.has_begun = False
        self.result: Any = None
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def run(self, transaction: Transaction) -> None:
        """Run the operation on a transaction.

        Raises:
            ProblemError: 503, the request that makes the change has no time left.
        """
        # Of the request that makes the change; this runs in the task of the ledger.
        if self.deadline is not None and self.deadline.remaining == 0:
            raise deadline_exceeded()
        self.has_begun = True
        self.result = self.operation(transaction)

    def succeed(self) -> None:
        if not self.done.done():
            self.done.set_result(self.result)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Ledger:
    """The book, the store behind it, and the events that publish its changes."""

    def __init__(
        self,
        book: Book,
        store: AccountStore,
        events: BrokerEvents,
        clock: Clock,
    ) -> None:
        self.book = book
        self._store = store
        self._events = events
        self._clock = clock
        self._waiting: deque[_Change] = deque()
        self._worker: asyncio.Task[None] | None = None
        self.equity: EquityData = views.to_equity(self.begin())

    def begin(self) -> Transaction:
        """Return a transaction that is never committed, to read from or to try something out."""
        return Transaction(self.book, self._clock())

    async def change(self, operation: Callable[[Transaction], ResultT]) -> ResultT:
        """Run `operation` on a transaction, commit that, and return the operation's result.

        If the operation or the store raises, nothing has changed. If the caller is cancelled before
        the operation runs, or its request has no time left, it never runs; after that, the change
        is completed. A request whose change is being stored is not ended by its deadline, because
        its response says what was stored.
        """
        change = _Change(operation)
        self._waiting.append(change)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        try:
            result: ResultT = await asyncio.shield(change.done)
        except asyncio.CancelledError:
            if not change.has_begun or change.deadline is None:
                change.done.cancel()
                raise
            result = await change.done
        return result

    async def change_once(
        self,
        key: str | None,
        fingerprint: str,
        operation: Callable[[Transaction], IdempotencyRecord],
    ) -> IdempotencyRecord:
        """Run `operation` as `change` does, unless a request with this key has already run."""

        def run(transaction: Transaction) -> IdempotencyRecord:
            if key is None:
                return operation(transaction)
            record = _check_fingerprint(transaction.find_record(key), fingerprint)
            if record is None:
                record = operation(transaction)
                transaction.unit_of_work.idempotency_records[key] = record
            return record

        return await self.change(run)

    async def find_record(self, key: str | None, fingerprint: str) -> IdempotencyRecord | None:
        """Return the record of an idempotency key, or None if the key is new or missing.

        Raises:
            ProblemError: 409, the key belongs to a request with another fingerprint.
        """
        if key is None:
            return None
        record = self.book.idempotency_records.get(key) or await self._store.find_record(key)
        return _check_fingerprint(record, fingerprint)

    async def get_order(self, order_id: str) -> Order:
        """Return the order with this id, whatever its status.

        Raises:
            ProblemError: 404, there is no such order.
        """
        order = self.book.find_order(order_id)
        number = parse_number("O", order_id, self.book.last_order)
        if order is None and number is not None:
            order = await self._store.find_order(number)
        if order is None:
            raise unknown_order()
        return order

    async def close(self) -> None:
        """Wait for the changes that have started."""
        if self._worker is not None:
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        while self._waiting:
            size = min(len(self._waiting), MAX_GROUP)
            group = [self._waiting.popleft() for _ in range(size)]
            try:
                await self._change_together([each for each in group if not each.done.done()])
            except StoreUnavailable as error:
                for change in group:
                    change.fail(error)
                if isinstance(error, StoreLost):
                    stop_process()
            except Exception as error:
                logger.exception("a change of the account failed")
                for change in group:
                    change.fail(error)
        self._worker = None

    async def _change_together(self, group: list[_Change]) -> None:
        if self._store.is_behind:
            await self._catch_up()
        transaction = self.begin()
        succeeded = []
        for change in group:
            # The change of one caller must not be undone because that of another one fails.
            attempt = transaction.fork(self._clock())
            try:
                change.run(attempt)
            except Exception as error:
                change.fail(error)
            else:
                transaction = attempt
                succeeded.append(change)
        unit_of_work = transaction.unit_of_work
        unit_of_work.events = build_events(unit_of_work, self.book.last_event)
        if unit_of_work:
            await self._store.commit(unit_of_work, transaction.now)
        self.book.apply(unit_of_work)
        self.book.quotes.update(transaction.new_quotes)
        self._publish(unit_of_work.events)
        for change in succeeded:
            change.succeed()

    async def _catch_up(self) -> None:
        """After a broken connection, go on from what was stored, and publish what was missed."""
        snapshot = await self._store.reload()
        events = await self._store.read_events(EVENT_MODELS, self.book.last_event)
        self.book.restore(snapshot)
        self._store.is_behind = False
        self._publish(events or [])

    def _publish(self, events: list[Event]) -> None:
        for event in events:
            self._events.publish(event)
        equity = views.to_equity(self.begin())
        if equity != self.equity:
            self.equity = equity
            self._events.equity.publish(equity)


def _check_fingerprint(
    record: IdempotencyRecord | None, fingerprint: str
) -> IdempotencyRecord | None:
    if record is None or record.fingerprint == fingerprint:
        return record
    detail = "This idempotency key was used for a different request."
    kind = ProblemType.IDEMPOTENCY_KEY_REUSED
    raise ProblemError(409, detail, type=kind, parameter="Idempotency-Key")
