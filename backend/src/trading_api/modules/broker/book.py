"""The current state of the account in memory, and transactions that are about to change it.

A `Transaction` collects changes that nobody else sees. Its unit of work is committed to the store
and then applied to the `Book`. A transaction without changes reads the book.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable
from decimal import Decimal
from itertools import islice

from trading_api.models import OrderStatus
from trading_api.modules.broker.portfolio import compute_margin, compute_unrealized
from trading_api.modules.broker.records import (
    ZERO,
    Account,
    ExecutionRecord,
    IdempotencyRecord,
    Order,
    PositionRecord,
    Quote,
    UnitOfWork,
)
from trading_api.shared.problems import ProblemError, ProblemType

Orders = dict[str, Order]


class Book:
    """All committed records, indexed. `quotes` are the latest prices; they are not stored."""

    def __init__(self, account: Account, default_leverage: Decimal) -> None:
        self.account = account
        self.default_leverage = default_leverage
        self.orders: list[Order] = []
        self.executions: list[ExecutionRecord] = []
        self.positions: dict[str, PositionRecord] = {}
        self.leverages: dict[str, Decimal] = {}
        self.idempotency_records: dict[str, IdempotencyRecord] = {}
        self.quotes: dict[str, Quote] = {}
        self.working: dict[str, Orders] = {}
        self.exits: dict[str, Orders] = {}

    def find_order(self, order_id: str) -> Order | None:
        """Return the order with this id, or None."""
        number = order_id.removeprefix("O")
        if not number.isdecimal() or not 1 <= int(number) <= len(self.orders):
            return None
        order = self.orders[int(number) - 1]
        return order if order.id == order_id else None

    def find_orders(
        self,
        statuses: Collection[OrderStatus],
        symbol: str | None,
        after: int,
        limit: int,
    ) -> list[Order]:
        """Return the first orders with a number above `after`; no status means any."""
        found = (
            order
            for order in islice(self.orders, after, None)
            if (not statuses or order.status in statuses) and symbol in (None, order.symbol)
        )
        return list(islice(found, limit))

    def find_executions(self, symbol: str | None, limit: int) -> list[ExecutionRecord]:
        """Return the newest executions, oldest first."""
        newest = (each for each in reversed(self.executions) if symbol in (None, each.symbol))
        return list(islice(newest, limit))[::-1]

    def apply(self, unit_of_work: UnitOfWork) -> None:
        """Apply committed changes."""
        self.account = unit_of_work.account or self.account
        self.executions += unit_of_work.executions
        self.leverages |= unit_of_work.leverages
        self.idempotency_records |= unit_of_work.idempotency_records
        for order in unit_of_work.orders.values():
            self._apply_order(order)
        # In the order of opening: a symbol's previous position is closed before the next one opens.
        for position in unit_of_work.positions.values():
            self._apply_position(position)

    def _apply_order(self, order: Order) -> None:
        if order.number > len(self.orders):
            self.orders.append(order)
        else:
            self.orders[order.number - 1] = order
        _index_working(self.working, order.symbol, order)
        if order.exit_of is not None:
            _index_working(self.exits, order.exit_of, order)

    def _apply_position(self, position: PositionRecord) -> None:
        if position.qty:
            self.positions[position.symbol] = position
        else:
            self.positions.pop(position.symbol, None)


class Transaction:
    """Uncommitted changes on top of a book; `now` is their time in Unix milliseconds."""

    def __init__(self, book: Book, now: int) -> None:
        self.now = now
        self.unit_of_work = UnitOfWork()
        self.new_quotes: dict[str, Quote] = {}
        self.quotes = ChainMap(self.new_quotes, book.quotes)
        self._book = book
        self._last_number = len(book.orders)
        self._positions: dict[str, PositionRecord] = {}
        self._exits: dict[str, Orders] = {}

    def next_number(self) -> int:
        """Return the number for a new order."""
        self._last_number += 1
        return self._last_number

    def get_order(self, order_id: str) -> Order:
        """Return the order with this id.

        Raises:
            ProblemError: 404, there is no such order.
        """
        order = self.unit_of_work.orders.get(order_id) or self._book.find_order(order_id)
        if order is None:
            detail, kind = "There is no such order.", ProblemType.UNKNOWN_ORDER
            raise ProblemError(404, detail, type=kind, parameter="order_id")
        return order

    def get_working_order(self, order_id: str) -> Order:
        """Return the working order with this id.

        Raises:
            ProblemError: 404, there is no such order; 409, it is not working.
        """
        order = self.get_order(order_id)
        if not order.is_working:
            detail = f"The order is no longer working: it is {order.status.name.lower()}."
            kind = ProblemType.ORDER_NOT_WORKING
            raise ProblemError(409, detail, type=kind, parameter="order_id")
        return order

    def put_order(self, order: Order) -> None:
        """Add an order, or replace its previous version."""
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
        """Return the open positions."""
        return [each for each in (self._book.positions | self._positions).values() if each.qty]

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
            self.unit_of_work.positions[position.id] = position
            self._positions[position.symbol] = position

    def add_execution(self, execution: ExecutionRecord, realized: Decimal) -> None:
        """Add an execution and book its realized profit or loss."""
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
