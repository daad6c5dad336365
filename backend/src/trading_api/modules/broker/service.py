"""The broker: one simulated account that trades at the prices of the datafeed."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pydantic import BaseModel

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
from trading_api.modules.broker import engine, exits, preview, views
from trading_api.modules.broker.book import Book, Transaction, check_working
from trading_api.modules.broker.events import EVENT_MODELS, BrokerEvents
from trading_api.modules.broker.ledger import Clock, Ledger, wall_clock
from trading_api.modules.broker.live_prices import LivePrices
from trading_api.modules.broker.marking import Marking
from trading_api.modules.broker.prices import Datafeed, Market
from trading_api.modules.broker.records import (
    Account,
    IdempotencyRecord,
    format_number,
    parse_number,
    to_decimal,
    to_quantity,
)
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.shared.problems import ProblemError, ProblemType, raise_errors
from trading_api.shared.settings import DataSettings
from trading_api.shared.versions import check_version
from trading_api.shared.ws import Numbered

if TYPE_CHECKING:
    from trading_api.modules.broker.store.store import AccountStore

logger = logging.getLogger(__name__)


class BrokerService:
    """The operations of the broker's account; `open_service` creates one.

    An operation first fetches prices; then it changes the account in one step, without another
    change in between. Executions and updates carry the time of `clock`, the time of this process:
    the datafeed's time may be that of a replay.
    """

    def __init__(
        self,
        datafeed: Datafeed,
        book: Book,
        settings: BrokerSettings,
        store: AccountStore,
        clock: Clock,
    ) -> None:
        self.events = BrokerEvents()
        self._settings = settings
        self._clock = clock
        self._store = store
        self._market = Market(datafeed, self._set_connection, settings, clock)
        self._ledger = Ledger(book, store, self.events, clock)
        live = LivePrices(datafeed, settings.price_interval)
        self._marking = Marking(
            self._market, live, self._ledger, self.events, settings.price_interval
        )
        self._connection = self._build_status(ConnectionStatus.CONNECTING, None)

    async def place_order(self, request: PreOrder, key: str | None = None) -> PlaceOrderResult:
        """Place an order; a retry with the same `key` changes nothing."""
        fingerprint = _fingerprint(request.model_dump_json())
        record = await self._ledger.find_record(key, fingerprint)
        if record is None:
            instrument, quote = await self._market.look_up(request.symbol)

            def place(transaction: Transaction) -> IdempotencyRecord:
                self._market.check_age(quote, transaction.now)
                number = transaction.next_number()
                order = views.to_order(request, instrument, number, transaction.now)
                engine.place_order(transaction, order, quote)
                return IdempotencyRecord(fingerprint, order.id, transaction.now)

            record = await self._ledger.change_once(key, fingerprint, place)
        return PlaceOrderResult(order_id=record.order_id)

    async def preview_order(self, request: PreOrder) -> OrderPreviewResult:
        """Return what placing the order now would do."""
        instrument, quote = await self._market.look_up(request.symbol)
        transaction = self._ledger.begin()
        number = transaction.next_number()
        order = views.to_order(request, instrument, number, transaction.now)
        return preview.preview_order(transaction, order, quote, self._settings.currency)

    async def get_orders(
        self, statuses: Collection[OrderStatus], symbol: str | None, limit: int, cursor: str | None
    ) -> list[PlacedOrder]:
        """Return orders, oldest first, from the one after the order `cursor`."""
        last = _parse_cursor("O", cursor, self._ledger.book.last_order)
        found = await self._store.find_orders(statuses, symbol, last or 0, limit)
        return [views.to_placed_order(order) for order in found]

    async def get_order(self, order_id: str) -> PlacedOrder:
        """Return one order."""
        return views.to_placed_order(await self._ledger.get_order(order_id))

    async def modify_order(
        self, order_id: str, request: PreOrder, if_match: str | None = None
    ) -> PlacedOrder:
        """Change a working order, if its version is one of `if_match`."""
        check_working(await self._ledger.get_order(order_id))
        instrument, quote = await self._market.look_up(request.symbol)

        def modify(transaction: Transaction) -> PlacedOrder:
            self._market.check_age(quote, transaction.now)
            order = transaction.get_working_order(order_id)
            check_version(if_match, order.version)
            wanted = views.to_order(request, instrument, order.number, transaction.now)
            engine.modify_order(transaction, order, wanted, quote)
            return views.to_placed_order(transaction.get_order(order_id))

        return await self._ledger.change(modify)

    async def cancel_order(self, order_id: str) -> None:
        """Cancel a working order."""

        def cancel(transaction: Transaction) -> None:
            exits.cancel_order(transaction, transaction.get_working_order(order_id))

        check_working(await self._ledger.get_order(order_id))
        await self._ledger.change(cancel)

    def get_positions(self) -> list[Position]:
        """Return the open positions."""
        return [views.to_position(each) for each in self._ledger.begin().open_positions()]

    async def close_position(
        self, position_id: str, amount: float | None, key: str | None = None
    ) -> str | None:
        """Close a position or a part of it; return a message that describes the result.

        A retry with the same `key` changes nothing.
        """
        fingerprint = _fingerprint(f"close {amount} of {position_id}")
        record = await self._ledger.find_record(key, fingerprint)
        if record is None:
            symbol = self._ledger.begin().get_position(position_id).symbol
            quote = await self._market.get_quote(symbol)

            def close(transaction: Transaction) -> IdempotencyRecord:
                self._market.check_age(quote, transaction.now)
                position = transaction.get_position(position_id)
                qty = position.qty if amount is None else to_quantity(amount)
                order = engine.close_position(transaction, position, qty, quote)
                closed, held = format_number(qty), format_number(position.qty)
                message = f"closed {closed} of {held} {symbol}"
                return IdempotencyRecord(fingerprint, order.id, transaction.now, message)

            record = await self._ledger.change_once(key, fingerprint, close)
        return record.message

    async def edit_position_brackets(
        self, position_id: str, request: Brackets, if_match: str | None = None
    ) -> Position:
        """Replace the exits of a position, if its version is one of `if_match`."""
        symbol = self._ledger.begin().get_position(position_id).symbol
        quote = await self._market.get_quote(symbol)
        brackets = views.to_brackets(request)

        def edit(transaction: Transaction) -> Position:
            self._market.check_age(quote, transaction.now)
            position = transaction.get_position(position_id)
            check_version(if_match, position.version)
            engine.edit_brackets(transaction, position, brackets, quote)
            return views.to_position(transaction.get_position(position_id))

        return await self._ledger.change(edit)

    async def get_executions(
        self, symbol: str | None, limit: int, cursor: str | None = None
    ) -> list[Execution]:
        """Return the newest executions before the execution `cursor`, oldest first."""
        before = _parse_cursor("E", cursor, self._ledger.book.last_execution)
        found = await self._store.find_executions(symbol, before, limit)
        return [views.to_execution(execution) for execution in found]

    def get_account(self) -> AccountMetainfo:
        """Return the account and its money, at the latest prices."""
        return views.to_account(self._settings, self._ledger.begin())

    def get_equity(self) -> EquityData:
        """Return the money of the account, at the latest prices."""
        return self._ledger.equity

    def get_connection(self) -> BrokerConnectionStatus:
        """Return whether the broker can trade."""
        return self._connection

    def check_account(self, account_id: str) -> None:
        """Check the account id of a subscription.

        Raises:
            ProblemError: 404, there is no such account.
        """
        if account_id != self._settings.account_id:
            detail, kind = "There is no such account.", ProblemType.UNKNOWN_ACCOUNT
            raise ProblemError(404, detail, type=kind, pointer="#/payload/accountId")

    @property
    def last_sequence(self) -> int:
        """The number of the last update of the account's streams."""
        return self._ledger.book.last_event

    async def read_updates(
        self, stream: str, since: int, limit: int
    ) -> list[Numbered[BaseModel]] | None:
        """Return the updates of a stream after the number `since`, or None; see `EventLog`."""
        models = {stream: EVENT_MODELS[stream]}
        events = await self._store.read_events(models, since, limit)
        if events is None:
            return None
        return [Numbered(event.number, event.payload) for event in events]

    async def get_leverage(self, symbol: str) -> LeverageInfo:
        """Return the leverage of a symbol."""
        instrument = await self._market.get_instrument(symbol, parameter="symbol")
        return views.to_leverage_info(self._ledger.begin(), instrument.symbol, self._settings)

    async def set_leverage(
        self, request: LeverageSetParams, if_match: str | None = None
    ) -> LeverageSetResult:
        """Set the leverage of a symbol, if it is one of `if_match`."""
        errors = engine.check_leverage(request.leverage, self._settings.max_leverage)
        raise_errors(422, ProblemType.TRADING_RULE_VIOLATION, errors)
        symbol = (await self._market.get_instrument(request.symbol)).symbol

        def change(transaction: Transaction) -> LeverageSetResult:
            check_version(if_match, transaction.leverage_of(symbol))
            engine.set_leverage(transaction, symbol, to_decimal(request.leverage))
            return LeverageSetResult(leverage=float(transaction.leverage_of(symbol)))

        return await self._ledger.change(change)

    async def preview_leverage(self, request: LeverageSetParams) -> LeveragePreviewResult:
        """Return what a change of leverage would do."""
        symbol = (await self._market.get_instrument(request.symbol)).symbol
        maximum = self._settings.max_leverage
        return preview.preview_leverage(self._ledger.begin(), symbol, request.leverage, maximum)

    async def mark_to_market(self) -> None:
        """Request the current prices and apply them: orders trigger and fill, stops trail."""
        await self._marking.request_prices(self._ledger.begin().watched_symbols())

    async def keep_marking(self) -> None:
        """Apply the prices as they arrive, until cancelled."""
        await self._marking.run()

    async def close(self) -> None:
        """Complete the changes that have started, and end the streams."""
        await self._ledger.close()
        self.events.close()

    def _set_connection(self, status: ConnectionStatus, message: str | None) -> None:
        if (status, message) == (self._connection.status, self._connection.message):
            return
        logger.info("connection to the datafeed: %s %s", status.name, message or "")
        self._connection = self._build_status(status, message)
        self.events.connection.publish(self._connection)

    def _build_status(
        self, status: ConnectionStatus, message: str | None
    ) -> BrokerConnectionStatus:
        return BrokerConnectionStatus(status=status, message=message, time=self._clock())


def _fingerprint(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()


def _parse_cursor(prefix: str, cursor: str | None, last: int) -> int | None:
    """Return the number in a cursor, or None if there is no cursor.

    Raises:
        ProblemError: 422, no element of the list has this id.
    """
    number = None if cursor is None else parse_number(prefix, cursor, last)
    if cursor is not None and number is None:
        detail = "The cursor is not the id of an element of the list."
        raise ProblemError(422, detail, type=ProblemType.UNKNOWN_CURSOR, parameter="cursor")
    return number


@asynccontextmanager
async def open_service(
    datafeed: Datafeed,
    *,
    settings: BrokerSettings | None = None,
    clock: Clock = wall_clock,
) -> AsyncIterator[BrokerService]:
    """Run the broker on its database, and watch the market until the context ends.

    By default, the settings come from the environment.

    Raises:
        InvalidSettingError: a setting is invalid, or the database cannot be used.
    """
    # The export of the specs, which opens no database, should not wait for these imports.
    from trading_api.modules.broker.store.databases import open_database
    from trading_api.modules.broker.store.store import AccountStore

    settings = settings or BrokerSettings()
    url = settings.database_url.get_secret_value()
    database = open_database(url, DataSettings().data_dir)
    store = AccountStore(database, events_kept=settings.events_kept)
    try:
        initial = Account(to_decimal(settings.initial_balance))
        snapshot = await store.open(initial, settings.account_id)
        book = Book(snapshot, to_decimal(settings.default_leverage))
        service = BrokerService(datafeed, book, settings, store, clock)
        marking = asyncio.create_task(service.keep_marking(), name="mark to market")
        try:
            yield service
        finally:
            marking.cancel()
            await asyncio.wait([marking])
            await service.close()
    finally:
        await store.close()
