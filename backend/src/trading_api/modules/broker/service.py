"""The broker: one simulated account that trades at the prices of the datafeed."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from trading_api.models import (
    AccountMetainfo,
    Brackets,
    BrokerConnectionStatus,
    ConnectionStatus,
    EquityData,
    Execution,
    LeverageInfo,
    LeveragePreviewResult,
    LeverageSetParams,
    LeverageSetResult,
    OrderPreviewResult,
    OrderStatus,
    PlacedOrder,
    PlaceOrderResult,
    Position,
    PreOrder,
)
from trading_api.modules.broker import engine, leverage, matching, views
from trading_api.modules.broker.book import Book, Draft
from trading_api.modules.broker.checks import known_order, open_holding, refuse, working_order
from trading_api.modules.broker.events import BrokerEvents
from trading_api.modules.broker.exits import bracket_errors, cancel, set_exits
from trading_api.modules.broker.ledger import Clock, Ledger, wall_clock
from trading_api.modules.broker.modify import modified
from trading_api.modules.broker.preview import preview
from trading_api.modules.broker.prices import Datafeed, DatafeedUnavailable, Market
from trading_api.modules.broker.records import (
    Account,
    Placement,
    decimal_of,
    opposite,
    plain,
    quantity_of,
)
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store import BrokerStore, MemoryStore
from trading_api.shared.problems import ProblemError

logger = logging.getLogger(__name__)


class BrokerService:
    """The account, and everything that can be asked of it; `open_service` opens one.

    An operation fetches prices first; then it changes the account in one step, while nothing else
    does. Executions and updates carry the time of `clock`, that is of this process and not of the
    datafeed, whose clock may be that of a replay.
    """

    def __init__(
        self,
        datafeed: Datafeed,
        book: Book,
        settings: BrokerSettings,
        store: BrokerStore,
        clock: Clock,
    ) -> None:
        self.events = BrokerEvents()
        self._settings = settings
        self._clock = clock
        self._market = Market(datafeed, self._set_connection)
        self._ledger = Ledger(book, store, self.events, clock)
        self._connection = self._status(ConnectionStatus.CONNECTING, None)

    async def place_order(self, request: PreOrder, key: str | None = None) -> PlaceOrderResult:
        """Place an order; the same `key` with the same request again changes nothing."""
        fingerprint = _fingerprint(request.model_dump_json())
        earlier = self._earlier(key, fingerprint)
        if earlier is not None:
            return PlaceOrderResult(order_id=earlier.order_id)
        instrument, quote = await self._market.look_up(request.symbol)

        def place(draft: Draft) -> PlaceOrderResult:
            # A request with the same key may have been faster.
            earlier = self._earlier(key, fingerprint)
            if earlier is not None:
                return PlaceOrderResult(order_id=earlier.order_id)
            order = views.order_of(request, instrument, draft.next_number(), draft.now)
            refuse(422, engine.order_errors(order, quote))
            engine.place(draft, order, quote)
            if key is not None:
                draft.unit.placements[key] = Placement(fingerprint, order.id)
            return PlaceOrderResult(order_id=order.id)

        return await self._ledger.change(place)

    async def preview_order(self, request: PreOrder) -> OrderPreviewResult:
        """Return what placing the order now would do."""
        instrument, quote = await self._market.look_up(request.symbol)
        draft = self._ledger.read()
        order = views.order_of(request, instrument, draft.next_number(), draft.now)
        return preview(draft, order, quote, self._settings.currency)

    def orders(
        self, statuses: Collection[OrderStatus], symbol: str | None, limit: int, cursor: str | None
    ) -> list[PlacedOrder]:
        """Return orders in the order of their placing, those after the order `cursor`."""
        book = self._ledger.book
        last = None if cursor is None else book.order(cursor)
        if cursor is not None and last is None:
            raise ProblemError(422, "cursor is not the id of an order")
        found = book.find_orders(statuses, symbol, last.number if last else 0, limit)
        return [views.placed_order(order) for order in found]

    def order(self, order_id: str) -> PlacedOrder:
        """Return one order."""
        return views.placed_order(known_order(self._ledger.book.order(order_id)))

    async def modify_order(self, order_id: str, request: PreOrder) -> PlacedOrder:
        """Change a working order."""
        working_order(self._ledger.book.order(order_id))
        instrument, quote = await self._market.look_up(request.symbol)

        def modify(draft: Draft) -> PlacedOrder:
            order = working_order(draft.order(order_id))
            new, errors = modified(order, request, instrument, quote, draft.now)
            refuse(422, errors)
            draft.quotes[new.symbol] = quote
            error = engine.margin_error(draft, new, matching.expected_price(new, quote))
            refuse(409, [error] if error else [])
            draft.put(new)
            engine.advance(draft, new, quote)
            return views.placed_order(known_order(draft.order(order_id)))

        return await self._ledger.change(modify)

    async def cancel_order(self, order_id: str) -> None:
        """Cancel a working order."""
        await self._ledger.change(lambda draft: cancel(draft, working_order(draft.order(order_id))))

    def positions(self) -> list[Position]:
        """Return the open positions."""
        return [views.position(holding) for holding in self._ledger.read().holdings()]

    async def close_position(
        self, position_id: str, amount: float | None, key: str | None = None
    ) -> str | None:
        """Close a position or a part of it; return a sentence that says what was done.

        The same `key` with the same request again changes nothing.
        """
        fingerprint = _fingerprint(f"close {amount} of {position_id}")
        earlier = self._earlier(key, fingerprint)
        if earlier is not None:
            return earlier.message
        symbol = open_holding(self._ledger.read(), position_id).symbol
        quote = await self._market.quote(symbol)

        def close(draft: Draft) -> str | None:
            # A request with the same key may have been faster.
            earlier = self._earlier(key, fingerprint)
            if earlier is not None:
                return earlier.message
            holding = open_holding(draft, position_id)
            qty = holding.qty if amount is None else quantity_of(amount)
            if not 0 < qty <= holding.qty:
                raise ProblemError(
                    409, f"of the {plain(holding.qty)} held, {plain(qty)} cannot be closed"
                )
            order = engine.close(draft, holding, qty, quote)
            message = f"closed {plain(qty)} of {plain(holding.qty)} {symbol}"
            if key is not None:
                draft.unit.placements[key] = Placement(fingerprint, order.id, message)
            return message

        return await self._ledger.change(close)

    async def edit_position_brackets(self, position_id: str, request: Brackets) -> Position:
        """Replace the exits of a position."""
        symbol = open_holding(self._ledger.read(), position_id).symbol
        quote = await self._market.quote(symbol)
        brackets = views.brackets_of(request)

        def edit(draft: Draft) -> Position:
            holding = open_holding(draft, position_id)
            price = quote.price_for(opposite(holding.side))
            refuse(422, bracket_errors(brackets, holding.side, price, holding.instrument))
            set_exits(draft, holding, brackets, quote)
            return views.position(holding)

        return await self._ledger.change(edit)

    def executions(self, symbol: str | None, limit: int) -> list[Execution]:
        """Return the newest executions, oldest first."""
        return [views.execution(t) for t in self._ledger.book.newest_trades(symbol, limit)]

    def account(self) -> AccountMetainfo:
        """Return the account and its money, at the last prices seen."""
        return views.account(self._settings, self._ledger.read())

    def equity(self) -> EquityData:
        """Return the money of the account, at the last prices seen."""
        return self._ledger.equity

    def connection(self) -> BrokerConnectionStatus:
        """Return whether the broker can trade."""
        return self._connection

    def require_account(self, account_id: str) -> None:
        """Raise a `ProblemError` (404) unless this is the account's id."""
        if account_id != self._settings.account_id:
            raise ProblemError(404, "there is no such account")

    async def get_leverage(self, symbol: str) -> LeverageInfo:
        """Return the leverage of a symbol."""
        instrument = await self._market.instrument(symbol)
        return leverage.leverage_info(self._ledger.read(), instrument.symbol, self._settings)

    async def set_leverage(self, request: LeverageSetParams) -> LeverageSetResult:
        """Set the leverage of a symbol."""
        refuse(422, leverage.leverage_errors(request.leverage, self._settings))
        symbol = (await self._market.instrument(request.symbol)).symbol

        def change(draft: Draft) -> LeverageSetResult:
            refuse(409, leverage.set_leverage(draft, symbol, request.leverage))
            return LeverageSetResult(leverage=float(draft.leverage(symbol)))

        return await self._ledger.change(change)

    async def preview_leverage(self, request: LeverageSetParams) -> LeveragePreviewResult:
        """Return what a change of leverage would mean."""
        symbol = (await self._market.instrument(request.symbol)).symbol
        draft = self._ledger.read()
        return leverage.preview_leverage(draft, symbol, request.leverage, self._settings)

    async def mark_to_market(self) -> None:
        """Take over the current prices: orders trigger and fill, stops trail, equity moves.

        During an outage of the datafeed nothing changes but the connection's status.
        """
        symbols = self._ledger.read().watched_symbols()
        try:
            if not symbols:
                return await self._market.check()
            quotes = await self._market.quotes(symbols)
        except DatafeedUnavailable:
            return None

        def mark(draft: Draft) -> None:
            for symbol, quote in quotes.items():
                engine.mark(draft, symbol, quote)

        return await self._ledger.change(mark)

    async def keep_marking(self) -> None:
        """Mark to market at the price interval, until cancelled."""
        while True:
            try:
                await self.mark_to_market()
            except Exception:  # a fault of one step must not end the watch over all orders
                logger.exception("marking to market failed")
                self._set_connection(ConnectionStatus.ERROR, "orders are not being watched")
            await asyncio.sleep(self._settings.price_interval)

    async def close(self) -> None:
        """Complete what has begun, and end the streams."""
        await self._ledger.close()
        self.events.close()

    def _earlier(self, key: str | None, fingerprint: str) -> Placement | None:
        """Return what a request with this key has done before; 409 if it was another request."""
        earlier = None if key is None else self._ledger.book.placements.get(key)
        if earlier is None:
            return None
        if earlier.fingerprint != fingerprint:
            raise ProblemError(409, "the idempotency key was used for a different request")
        return earlier

    def _set_connection(self, status: ConnectionStatus, message: str | None) -> None:
        if (status, message) == (self._connection.status, self._connection.message):
            return
        logger.info("connection to the datafeed: %s %s", status.name, message or "")
        self._connection = self._status(status, message)
        self.events.connection.publish(self._connection)

    def _status(self, status: ConnectionStatus, message: str | None) -> BrokerConnectionStatus:
        return BrokerConnectionStatus(status=status, message=message, time=self._clock())


def _fingerprint(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()


@asynccontextmanager
async def open_service(
    datafeed: Datafeed,
    *,
    settings: BrokerSettings | None = None,
    store: BrokerStore | None = None,
    clock: Clock = wall_clock,
) -> AsyncIterator[BrokerService]:
    """Open the broker with what `store` holds, and watch the market until it is closed.

    Without arguments the settings come from the environment and the state lives in memory.
    """
    settings = settings or BrokerSettings()
    store = store or MemoryStore()
    initial = Account(decimal_of(settings.initial_balance))
    book = Book(initial, decimal_of(settings.default_leverage))
    book.apply(await store.load())
    service = BrokerService(datafeed, book, settings, store, clock)
    marking = asyncio.create_task(service.keep_marking(), name="mark to market")
    try:
        yield service
    finally:
        marking.cancel()
        await asyncio.wait([marking])
        await service.close()
