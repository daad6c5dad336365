"""The state of the account in memory, and drafts of changes to it.

A change is made on a `Draft`, which nobody else sees; what it holds in the end is committed to the
store as one unit, and then applied to the `Book`. A draft without changes reads the book.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable
from decimal import Decimal
from itertools import islice

from trading_api.models import OrderStatus
from trading_api.modules.broker import portfolio
from trading_api.modules.broker.records import (
    ZERO,
    Account,
    Holding,
    Order,
    Placement,
    Quote,
    Trade,
    Unit,
)

Orders = dict[str, Order]


class Book:
    """Everything committed, indexed. `quotes` are the last prices seen; they are not committed."""

    def __init__(self, account: Account, default_leverage: Decimal) -> None:
        self.account = account
        self.default_leverage = default_leverage
        self.orders: list[Order] = []
        self.trades: list[Trade] = []
        self.holdings: dict[str, Holding] = {}
        self.leverages: dict[str, Decimal] = {}
        self.placements: dict[str, Placement] = {}
        self.quotes: dict[str, Quote] = {}
        self.working: dict[str, Orders] = {}
        self.exits: dict[str, Orders] = {}

    def order(self, order_id: str) -> Order | None:
        """Return an order by its id."""
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

    def newest_trades(self, symbol: str | None, limit: int) -> list[Trade]:
        """Return the newest trades, oldest first."""
        newest = (trade for trade in reversed(self.trades) if symbol in (None, trade.symbol))
        return list(islice(newest, limit))[::-1]

    def apply(self, unit: Unit) -> None:
        """Take over changes that are committed."""
        self.account = unit.account or self.account
        self.trades += unit.trades
        self.leverages |= unit.leverages
        self.placements |= unit.placements
        for order in unit.orders.values():
            self._apply_order(order)
        # In the order of their opening: of a symbol, the one before is closed by then.
        for holding in unit.holdings.values():
            self._apply_holding(holding)

    def _apply_order(self, order: Order) -> None:
        if order.number > len(self.orders):
            self.orders.append(order)
        else:
            self.orders[order.number - 1] = order
        _index(self.working, order.symbol, order)
        if order.exit_of is not None:
            _index(self.exits, order.exit_of, order)

    def _apply_holding(self, holding: Holding) -> None:
        if holding.qty:
            self.holdings[holding.symbol] = holding
        else:
            self.holdings.pop(holding.symbol, None)


class Draft:
    """Changes in the making, on top of a book; `now` is their time in Unix milliseconds."""

    def __init__(self, book: Book, now: int) -> None:
        self.now = now
        self.unit = Unit()
        self.new_quotes: dict[str, Quote] = {}
        self.quotes = ChainMap(self.new_quotes, book.quotes)
        self._book = book
        self._last_number = len(book.orders)
        self._held: dict[str, Holding] = {}
        self._exits: dict[str, Orders] = {}

    def next_number(self) -> int:
        """Return the number of a new order."""
        self._last_number += 1
        return self._last_number

    def order(self, order_id: str) -> Order | None:
        """Return an order by its id."""
        return self.unit.orders.get(order_id) or self._book.order(order_id)

    def put(self, order: Order) -> None:
        """Add an order, or replace its former version."""
        self.unit.orders[order.id] = order
        if order.exit_of is not None:
            self._exits.setdefault(order.exit_of, {})[order.id] = order

    def working(self, symbol: str) -> list[Order]:
        """Return the working orders of a symbol, in the order of their placing."""
        changed = {o.id: o for o in self.unit.orders.values() if o.symbol == symbol}
        return _only_working(self._book.working.get(symbol, {}) | changed)

    def exits_of(self, holding_id: str) -> list[Order]:
        """Return the working exits of a position."""
        return _only_working(self._book.exits.get(holding_id, {}) | self._exits.get(holding_id, {}))

    def watched_symbols(self) -> list[str]:
        """Return the symbols whose prices matter: with a working order or an open position."""
        return sorted(self._book.working.keys() | self._book.holdings.keys())

    def holding(self, symbol: str) -> Holding | None:
        """Return the open position of a symbol."""
        holding = self._held.get(symbol) or self._book.holdings.get(symbol)
        return holding if holding and holding.qty else None

    def holdings(self) -> list[Holding]:
        """Return the open positions."""
        return [holding for holding in (self._book.holdings | self._held).values() if holding.qty]

    def holding_by_id(self, holding_id: str) -> Holding | None:
        """Return an open position by its id."""
        return next((h for h in self.holdings() if h.id == holding_id), None)

    def put_holdings(self, changed: Iterable[Holding]) -> None:
        """Replace positions; of a symbol, the last one is the current one."""
        for holding in changed:
            self.unit.holdings[holding.id] = holding
            self._held[holding.symbol] = holding

    def add_trade(self, trade: Trade, realized: Decimal) -> None:
        """Record an execution and book what it won or lost."""
        self.unit.trades.append(trade)
        account = self.account
        self.unit.account = Account(account.balance + realized, account.realized + realized)

    @property
    def account(self) -> Account:
        """The money of the account."""
        return self.unit.account or self._book.account

    def leverage(self, symbol: str) -> Decimal:
        """Return the leverage that a symbol is traded with."""
        return (
            self.unit.leverages.get(symbol)
            or self._book.leverages.get(symbol)
            or self._book.default_leverage
        )

    def unrealized(self) -> Decimal:
        """Return what closing every position would win or lose; 0 for one without a price."""
        return sum(
            (
                portfolio.unrealized(holding, self.quotes[holding.symbol])
                for holding in self.holdings()
                if holding.symbol in self.quotes
            ),
            ZERO,
        )

    def equity(self) -> Decimal:
        """Return the balance with all positions at their current value."""
        return self.account.balance + self.unrealized()

    def margin_used(self) -> Decimal:
        """Return the money that the open positions tie up."""
        return sum((portfolio.margin(h, self.leverage(h.symbol)) for h in self.holdings()), ZERO)


def _index(index: dict[str, Orders], key: str, order: Order) -> None:
    """Keep `order` below `key` while it is working."""
    orders = index.setdefault(key, {})
    if order.status is OrderStatus.WORKING:
        orders[order.id] = order
    else:
        orders.pop(order.id, None)
    if not orders:
        del index[key]


def _only_working(orders: Orders) -> list[Order]:
    return [order for order in orders.values() if order.status is OrderStatus.WORKING]
