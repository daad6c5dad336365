"""The store of the account: one transaction per commit, by one writer."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from prometheus_client import Histogram
from pydantic import BaseModel
from sqlalchemy import Connection, Executable, Row, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from trading_api.models import OrderStatus
from trading_api.modules.broker.records import (
    Account,
    Event,
    ExecutionRecord,
    IdempotencyRecord,
    Order,
    Snapshot,
    UnitOfWork,
)
from trading_api.modules.broker.store import rows, schema
from trading_api.modules.broker.store.databases import Database
from trading_api.modules.broker.store.errors import StoreError, StoreLost, StoreUnavailable
from trading_api.modules.broker.store.migrate import migrate
from trading_api.modules.broker.store.statements import SELECT_ORDERS, writes_of
from trading_api.shared.telemetry.metrics import SECONDS

_ACCOUNT, _RECORDS, _EVENTS = schema.account, schema.idempotency_records, schema.events

ResultT = TypeVar("ResultT")
Totals = dict[str, Any]

IDEMPOTENCY_MILLISECONDS = 24 * 3_600_000
"""How long idempotency records are kept, at least: a day."""

PRUNE_MILLISECONDS = 60_000
"""The time between two removals of old records and events."""

COMMIT_SECONDS = Histogram(
    "broker_commit_duration_seconds",
    "Seconds of a commit of the store, which may have several orders; failed ones count, too.",
    buckets=SECONDS,
)

logger = logging.getLogger(__name__)


class AccountStore:
    """Keeps an account in `database`, with the last `events_kept` events.

    A call that fails raises `StoreUnavailable`, and has changed nothing, except for a commit whose
    connection broke: then `is_behind` is set until the caller has gone on from `reload`.
    """

    def __init__(self, database: Database, *, events_kept: int) -> None:
        self.is_behind = False
        self._database = database
        self._events_kept = events_kept
        self._writes = ThreadPoolExecutor(1, "broker-writes")
        one_thread = database.has_one_connection
        self._reads = self._writes if one_thread else ThreadPoolExecutor(1, "broker-reads")
        self._connection: Connection | None = None
        self._totals: Totals = {}
        self._epoch = 0
        self._pruned = 0
        self._failing: set[ThreadPoolExecutor] = set()

    async def open(self, initial: Account, account_id: str) -> Snapshot:
        """Open the database, migrate it, and return its account; `initial` begins a new one.

        Raises:
            StoreError: the database cannot be used, or has the account of another id.
        """
        return await self._run(self._writes, self._open, initial, account_id)

    async def reload(self) -> Snapshot:
        """Connect again after a broken connection, and return what was stored.

        Raises:
            StoreUnavailable: the database is still unavailable.
            StoreLost: another process has opened the database.
        """
        return await self._guard(self._writes, self._reload)

    async def commit(self, unit_of_work: UnitOfWork, now: int) -> None:
        """Store all of `unit_of_work` at the time `now`.

        Raises:
            StoreUnavailable: see the class.
            StoreLost: another process has opened the database, or a number was used twice.
        """
        with COMMIT_SECONDS.time():
            await self._guard(self._writes, self._commit, unit_of_work, now)

    async def find_order(self, number: int) -> Order | None:
        """Return the order with this number, or None."""
        found = await self._read(SELECT_ORDERS.where(schema.orders.c.number == number))
        return rows.to_order(found[0]) if found else None

    async def find_orders(
        self, statuses: Collection[OrderStatus], symbol: str | None, after: int, limit: int
    ) -> list[Order]:
        """Return the first orders with a number above `after`; no status means any."""
        orders = schema.orders.c
        query = SELECT_ORDERS.where(orders.number > after).limit(limit)
        if list(statuses) == [OrderStatus.WORKING]:
            query = query.where(schema.is_working)
        elif statuses:
            query = query.where(orders.status.in_([int(status) for status in statuses]))
        if symbol is not None:
            query = query.where(orders.symbol == symbol)
        return [rows.to_order(row) for row in await self._read(query)]

    async def find_executions(
        self, symbol: str | None, before: int | None, limit: int
    ) -> list[ExecutionRecord]:
        """Return the newest executions with a number below `before`, oldest first."""
        executions = schema.executions.c
        query = select(schema.executions).order_by(executions.number.desc()).limit(limit)
        if before is not None:
            query = query.where(executions.number < before)
        if symbol is not None:
            query = query.where(executions.symbol == symbol)
        return [rows.to_execution(row) for row in await self._read(query)][::-1]

    async def find_record(self, key: str) -> IdempotencyRecord | None:
        """Return the record of an idempotency key, or None."""
        records = schema.idempotency_records
        found = await self._read(select(records).where(records.c.key == key))
        return rows.to_record(found[0]) if found else None

    async def read_events(
        self, models: Mapping[str, type[BaseModel]], after: int, limit: int | None = None
    ) -> list[Event] | None:
        """Return the events with a number above `after`.

        Return None if some of them are no longer kept, or if there are more than `limit`.

        `models` are the models of the streams to read.
        """
        events = schema.events
        query = select(events).where(events.c.number > after, events.c.stream.in_(models))
        most = None if limit is None else limit + 1
        found = await self._read(query.order_by(events.c.number).limit(most))
        # Read last: a commit in between may have removed events.
        oldest = await self._read(select(events.c.number).order_by(events.c.number).limit(1))
        if (oldest and oldest[0].number > after + 1) or (limit is not None and len(found) > limit):
            return None
        return [
            Event(row.number, row.stream, models[row.stream].model_validate_json(row.payload))
            for row in found
        ]

    async def close(self) -> None:
        """Close the database."""
        await self._run(self._writes, self._close)
        self._writes.shutdown()
        self._reads.shutdown()

    async def _read(self, query: Executable) -> Any:
        return await self._guard(self._reads, self._execute, query)

    async def _guard(
        self, thread: ThreadPoolExecutor, call: Callable[..., ResultT], *arguments: Any
    ) -> ResultT:
        """Run `call`, and report an error of the database once, not with every request."""
        try:
            result = await self._run(thread, call, *arguments)
        except IntegrityError as error:
            logger.critical("%s: %s", self._database.name, self._database.explain(error))
            raise StoreLost from error
        except DBAPIError as error:
            self._report(thread, self._database.explain(error))
            raise StoreUnavailable from error
        except StoreError as error:
            self._report(thread, error.reason)
            raise StoreUnavailable from error
        if thread in self._failing:
            self._failing.discard(thread)
            logger.warning("%s: available again", self._database.name)
        return result

    def _report(self, thread: ThreadPoolExecutor, reason: str) -> None:
        if thread not in self._failing:
            logger.error("%s: %s", self._database.name, reason)
        self._failing.add(thread)

    async def _run(
        self, thread: ThreadPoolExecutor, call: Callable[..., ResultT], *arguments: Any
    ) -> ResultT:
        return await asyncio.get_running_loop().run_in_executor(thread, call, *arguments)

    # The following methods run in one of the two threads.

    def _open(self, initial: Account, account_id: str) -> Snapshot:
        database = self._database
        try:
            self._connection = connection = database.connect()
            migrate(database, connection)
            with connection.begin():
                _insert_account(connection, initial, account_id)
                connection.execute(update(_ACCOUNT).values(epoch=_ACCOUNT.c.epoch + 1))
                row = connection.execute(select(_ACCOUNT)).one()
                snapshot = _read_snapshot(connection)
        except DBAPIError as error:
            raise StoreError(database.name, database.explain(error)) from None
        if row.account_id != account_id:
            reason = f"it has the account {row.account_id}, but BROKER_ACCOUNT_ID is {account_id}"
            raise StoreError(database.name, reason)
        database.confirm(row.database_id)
        self._epoch = row.epoch
        self._totals = _totals_of(snapshot)
        return snapshot

    def _reload(self) -> Snapshot:
        if self._connection is not None:
            self._connection.close()
        self._connection = connection = self._database.connect()
        with connection.begin():
            if connection.execute(select(_ACCOUNT.c.epoch)).scalar_one() != self._epoch:
                raise self._lose()
            snapshot = _read_snapshot(connection)
        self._totals = _totals_of(snapshot)
        return snapshot

    def _commit(self, unit_of_work: UnitOfWork, now: int) -> None:
        reason = self._database.check()
        if reason is not None:
            raise StoreError(self._database.name, reason)
        assert self._connection is not None
        totals = _add_totals(self._totals, unit_of_work)
        try:
            with self._connection.begin():
                self._write(self._connection, unit_of_work, totals)
                if now - self._pruned >= PRUNE_MILLISECONDS:
                    self._prune(self._connection, totals["last_event"], now)
                    self._pruned = now
        except DBAPIError as error:
            self.is_behind = error.connection_invalidated
            raise
        self._totals = totals

    def _write(self, connection: Connection, changes: UnitOfWork, totals: Totals) -> None:
        # The first statement locks the account, and finds out whether it is still ours.
        claim = update(_ACCOUNT).where(_ACCOUNT.c.epoch == self._epoch).values(totals)
        if connection.execute(claim).rowcount != 1:
            raise self._lose()
        for statement, values in writes_of(changes, self._totals["last_order"]):
            if values:
                connection.execute(statement, values)

    def _prune(self, connection: Connection, last_event: int, now: int) -> None:
        expired = _RECORDS.c.created < now - IDEMPOTENCY_MILLISECONDS
        connection.execute(delete(_RECORDS).where(expired))
        dropped = _EVENTS.c.number <= last_event - self._events_kept
        connection.execute(delete(_EVENTS).where(dropped))

    def _lose(self) -> StoreLost:
        logger.critical("%s: another process has opened this database", self._database.name)
        return StoreLost()

    def _execute(self, query: Executable) -> Sequence[Row[Any]]:
        with self._database.engine.connect() as connection:
            reader = connection.execution_options(isolation_level="AUTOCOMMIT")
            return reader.execute(query).all()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._database.close()


def _insert_account(connection: Connection, initial: Account, account_id: str) -> None:
    """Begin a new account, if there is none."""
    if connection.execute(select(_ACCOUNT)).first() is None:
        values = {
            "id": 1,
            "account_id": account_id,
            "database_id": str(uuid.uuid4()),
            "epoch": 0,
            **_totals_of(Snapshot(account=initial)),
        }
        connection.execute(insert(_ACCOUNT), values)


def _read_snapshot(connection: Connection) -> Snapshot:
    account = connection.execute(select(_ACCOUNT)).one()
    orders = connection.execute(SELECT_ORDERS.where(schema.is_working))
    # P9 before P10: in the order of opening.
    ids = schema.positions.c.id
    positions = connection.execute(select(schema.positions).order_by(func.length(ids), ids))
    leverages = connection.execute(select(schema.leverages))
    return Snapshot(
        account=Account(account.balance, account.realized),
        orders=[rows.to_order(row) for row in orders],
        positions=[rows.to_position(row) for row in positions],
        leverages={row.symbol: row.leverage for row in leverages},
        last_order=account.last_order,
        last_execution=account.last_execution,
        last_event=account.last_event,
    )


def _totals_of(snapshot: Snapshot) -> Totals:
    """Return the columns of the account that every commit writes."""
    return {
        "balance": snapshot.account.balance,
        "realized": snapshot.account.realized,
        "last_order": snapshot.last_order,
        "last_execution": snapshot.last_execution,
        "last_event": snapshot.last_event,
    }


def _add_totals(totals: Totals, changes: UnitOfWork) -> Totals:
    added = totals.copy()
    if changes.account is not None:
        added |= {"balance": changes.account.balance, "realized": changes.account.realized}
    numbers = [order.number for order in changes.orders.values()]
    added["last_order"] = max([totals["last_order"], *numbers])
    if changes.executions:
        added["last_execution"] = changes.executions[-1].number
    if changes.events:
        added["last_event"] = changes.events[-1].number
    return added
