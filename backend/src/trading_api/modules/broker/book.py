"""The current state of the account in memory, and transactions that are about to change it.

A `Transaction` collects changes that nobody else sees. Its unit of work is committed to the store
and then applied to the `Book`. A transaction without changes reads the book.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from trading_api.modules.broker.portfolio import compute_margin, compute_unrealized
from trading_api.modules.broker.records import (
    ZERO,
    Account,
    ExecutionRecord,
    IdempotencyRecord,
    Order,
    PositionRecord,
    Quote,
    Snapshot,
    UnitOfWork,
)
from trading_api.shared.problems import ProblemError, ProblemType

Orders = dict[str, Order]

MAX_CLOSED_ORDERS = 10_000
"""Filled, cancelled and rejected orders in memory, so that a running request finds them."""

RECENT_RECORD_MILLISECONDS = 600_000
"""The age up to which idempotency records are in memory; no request takes so long."""


class Book:
    """The state of the account, indexed. `quotes` are the latest prices; they are not stored.

    Of the history, it has what a running request may ask for: the orders that closed last, and the
    idempotency records of the last minutes. All others are only in the store.
    """

    def __init__(self, snapshot: Snapshot, default_leverage: Decimal) -> None:
        self.default_leverage = default_leverage
        self.quotes: dict[str, Quote] = {}
        self.restore(snapshot)

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a stored state; the quotes stay."""
        self.account = snapshot.account
        self.last_order = snapshot.last_order
        self.last_execution = snapshot.last_execution
        self.last_event = snapshot.last_event
        self.positions = {position.symbol: position for position in snapshot.positions}
        self.leverages = snapshot.leverages
        self.idempotency_records: dict[str, IdempotencyRecord] = {}
        self.working: dict[str, Orders] = {}
        self.exits: dict[str, Orders] = {}
        self._working_by_id: Orders = {}
        self._closed: Orders = {}
        for order in snapshot.orders:
            self._apply_order(order)

    def find_order(self, order_id: str) -> Order | None:
        """Return the order with this id if it is working or closed lately, or None."""
        return self._working_by_id.get(order_id) or self._closed.get(order_id)

    def apply(self, unit_of_work: UnitOfWork) -> None:
        """Apply committed changes."""
        self.account = unit_of_work.account or self.account
        self.leverages |= unit_of_work.leverages
        self._apply_records(unit_of_work.idempotency_records)
        for order in unit_of_work.orders.values():
            self._apply_order(order)
        # In the order of opening: a symbol's previous position is closed before the next one opens.
        for position in unit_of_work.positions.values():
            self._apply_position(position)
        if unit_of_work.executions:
            self.last_execution = unit_of_work.executions[-1].number
        if unit_of_work.events:
            self.last_event = unit_of_work.events[-1].number

    def _apply_order(self, order: Order) -> None:
        self.last_order = max(self.last_order, order.number)
        _index_working(self.working, order.symbol, order)
        if order.exit_of is not None:
            _index_working(self.exits, order.exit_of, order)
        if order.is_working:
            self._working_by_id[order.id] = order
            return
        self._working_by_id.pop(order.id, None)
        self._closed[order.id] = order
        if len(self._closed) > MAX_CLOSED_ORDERS:
            del self._closed[next(iter(self._closed))]

    def _apply_position(self, position: PositionRecord) -> None:
        if position.qty:
            self.positions[position.symbol] = position
        else:
            self.positions.pop(position.symbol, None)

    def _apply_records(self, records: dict[str, IdempotencyRecord]) -> None:
        newest = max((record.created for record in records.values()), default=0)
        self.idempotency_records |= records
        for key, record in tuple(self.idempotency_records.items()):
            if record.created > newest - RECENT_RECORD_MILLISECONDS:
                break
            del self.idempotency_records[key]


class Transaction:
    """Uncommitted changes on top of a book; `now` is their time in Unix milliseconds."""

    def __init__(self, book: Book, now: int) -> None:
        self.now = now
        self.unit_of_work = UnitOfWork()
        self.new_quotes: dict[str, Quote] = {}
        self.quotes = ChainMap(self.new_quotes, book.quotes)
        self._book = book
        self._last_order = book.last_order
        self._last_execution = book.last_execution
        self._positions: dict[str, PositionRecord] = {}
        self._exits: dict[str, Orders] = {}

    def fork(self, now: int) -> Transaction:
        """Return a transaction with the same changes, which further changes do not affect."""
        forked = Transaction(self._book, now)
        forked.unit_of_work = self.unit_of_work.copy()
        forked.new_quotes.update(self.new_quotes)
        forked._last_order = self._last_order
        forked._last_execution = self._last_execution
        forked._positions = self._positions.copy()
        forked._exits = {key: orders.copy() for key, orders in self._exits.items()}
        return forked

    def next_number(self) -> int:
        """Return the number for a new order."""
        self._last_order += 1
        return self._last_order

    def find_record(self, key: str) -> IdempotencyRecord | None:
        """Return the record of an idempotency key, or None."""
        records = self.unit_of_work.idempotency_records
        return records.get(key) or self._book.idempotency_records.get(key)

    def get_order(self, order_id: str) -> Order:
        """Return the order with this id.

        Raises:
            ProblemError: 404, there is no such order.
        """
        order = self.unit_of_work.orders.get(order_id) or self._book.find_order(order_id)
        if order is None:
            raise unknown_order()
        return order

    def get_working_order(self, order_id: str) -> Order:
        """Return the working order with this id.

        Raises:
            ProblemError: 404, there is no such order; 409, it is not working.
        """
        order = self.get_order(order_id)
        check_working(order)
        return order

    def put_order(self, order: Order) -> None:
        """Add an order, or replace its previous version."""
        previous = self.unit_of_work.orders.get(order.id) or self._book.find_order(order.id)
        if previous is not None:
            order = replace(order, version=previous.version + 1)
        self.unit_of_work.orders[order.id] = order
        if order.exit_of is not None:
            self._exits.setdefault(order.exit_of, {})[order.id] = order

    def working_orders(self, symbol: str) -> list[Order]:
        """Return the working orders of a symbol, oldest first."""
        changed = {o.id: o for o in self.unit_of_work.orders.values() if o.symbol == symbol}
        return _select_working(self._book.working.get(symbol, {}) | changed)

    def working_exits(self, position_id: str) -> list[Order]:
        """Return the working exits of a position."""
        committed = self._book.exits.get(position_id, {})
        return _select_working(committed | self._exits.get(position_id, {}))

    def watched_symbols(self) -> list[str]:
        """Return the symbols with a working order or an open position."""
        return sorted(self._book.working.keys() | self._book.positions.keys())

    def find_position(self, symbol: str) -> PositionRecord | None:
        """Return the open position in a symbol, or None."""
        position = self._positions.get(symbol) or self._book.positions.get(symbol)
        return position if position and position.qty else None

    def open_positions(self) -> list[PositionRecord]:
        """Return the open positions, in the order of their numbers, as the store returns them."""
        found = (each for each in (self._book.positions | self._positions).values() if each.qty)
        return sorted(found, key=lambda each: (len(each.id), each.id))

    def get_position(self, position_id: str) -> PositionRecord:
        """Return the open position with this id.

        Raises:
            ProblemError: 404, there is no such open position.
        """
        for position in self.open_positions():
            if position.id == position_id:
                return position
        detail, kind = "There is no such open position.", ProblemType.POSITION_NOT_OPEN
        raise ProblemError(404, detail, type=kind, parameter="position_id")

    def put_positions(self, changed: Iterable[PositionRecord]) -> None:
        """Replace positions; of two with one symbol, the last one is current."""
        for position in changed:
            previous = self.find_position(position.symbol)
            if previous is not None and previous.id == position.id:
                position = replace(position, version=previous.version + 1)
            self.unit_of_work.positions[position.id] = position
            self._positions[position.symbol] = position

    def add_execution(self, order: Order, price: Decimal, realized: Decimal) -> None:
        """Add an execution of `order` at `price`, and book its realized profit or loss."""
        self._last_execution += 1
        execution = ExecutionRecord(
            self._last_execution, order.id, order.symbol, order.side, order.qty, price, self.now
        )
        self.unit_of_work.executions.append(execution)
        account = self.account
        self.unit_of_work.account = Account(account.balance + realized, account.realized + realized)

    @property
    def account(self) -> Account:
        """The money of the account."""
        return self.unit_of_work.account or self._book.account

    def leverage_of(self, symbol: str) -> Decimal:
        """Return the leverage of a symbol."""
        return (
            self.unit_of_work.leverages.get(symbol)
            or self._book.leverages.get(symbol)
            or self._book.default_leverage
        )

    @property
    def unrealized(self) -> Decimal:
        """The profit or loss of closing all positions; 0 for a position without a price."""
        return sum(
            (
                compute_unrealized(position, self.quotes[position.symbol])
                for position in self.open_positions()
                if position.symbol in self.quotes
            ),
            ZERO,
        )

    @property
    def equity(self) -> Decimal:
        """The balance with all positions at their current value."""
        return self.account.balance + self.unrealized

    @property
    def margin_used(self) -> Decimal:
        """The margin that the open positions use."""
        positions = self.open_positions()
        return sum((compute_margin(p, self.leverage_of(p.symbol)) for p in positions), ZERO)


def unknown_order() -> ProblemError:
    """Return the error for an id that no order has: 404."""
    detail, kind = "There is no such order.", ProblemType.UNKNOWN_ORDER
    return ProblemError(404, detail, type=kind, parameter="order_id")


def check_working(order: Order) -> None:
    """Check that an order can still change.

    Raises:
        ProblemError: 409, it is not working.
    """
    if not order.is_working:
        detail = f"The order is no longer working: it is {order.status.name.lower()}."
        kind = ProblemType.ORDER_NOT_WORKING
        raise ProblemError(409, detail, type=kind, parameter="order_id")


def _index_working(index: dict[str, Orders], key: str, order: Order) -> None:
    """Keep `order` under `key` while it is working."""
    orders = index.setdefault(key, {})
    if order.is_working:
        orders[order.id] = order
    else:
        orders.pop(order.id, None)
    if not orders:
        del index[key]


def _select_working(orders: Orders) -> list[Order]:
    return [order for order in orders.values() if order.is_working]
