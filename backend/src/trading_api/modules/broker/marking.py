"""Applies prices to the account: orders trigger and fill, stops trail, the equity moves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

from trading_api.models import ConnectionStatus
from trading_api.modules.broker import engine
from trading_api.modules.broker.book import Transaction
from trading_api.modules.broker.events import BrokerEvents
from trading_api.modules.broker.ledger import Ledger
from trading_api.modules.broker.live_prices import LivePrices
from trading_api.modules.broker.prices import DatafeedUnavailable, Market
from trading_api.modules.broker.records import Quote

logger = logging.getLogger(__name__)


class Marking:
    """Marks the account to market.

    Live prices are applied as they arrive. The prices of symbols whose live prices do not arrive
    are requested, at most every `interval` seconds; so is a sign of life while no symbol is
    watched, because the account says whether it can trade.
    """

    def __init__(
        self,
        market: Market,
        live: LivePrices,
        ledger: Ledger,
        events: BrokerEvents,
        interval: float,
    ) -> None:
        self._market = market
        self._live = live
        self._ledger = ledger
        self._events = events
        self._interval = interval
        self._requested_at = -interval
        self._missing: set[str] = set()
        """The symbols whose live prices did not arrive at the last request."""
        self._warned: set[str] = set()

    async def run(self) -> None:
        """Apply prices until cancelled."""
        waking = asyncio.create_task(self._wake_for_orders())
        try:
            while True:
                try:
                    await self._step()
                except DatafeedUnavailable as error:  # its prices are too old
                    self._market.report(ConnectionStatus.DISCONNECTED, str(error))
                except Exception:  # one failed step must not end the monitoring of all orders
                    logger.exception("marking to market failed")
                    reason = "Orders are not being monitored."
                    self._market.report(ConnectionStatus.ERROR, reason)
                await self._live.wait(self._interval)
        finally:
            waking.cancel()
            await self._live.close()

    async def request_prices(self, symbols: Sequence[str]) -> None:
        """Request the prices of symbols and apply them, or only ask whether the datafeed responds.

        While the datafeed is unavailable, only the status of the connection changes.
        """
        try:
            if symbols:
                await self._apply(await self._market.get_quotes(symbols))
            else:
                await self._market.check_connection()
        except DatafeedUnavailable as error:
            self._market.report(ConnectionStatus.DISCONNECTED, str(error))

    async def _step(self) -> None:
        symbols = self._ledger.begin().watched_symbols()
        self._live.follow(symbols)
        missing = self._live.missing()
        # Those that arrived while the last ones were applied are one change.
        if received := self._live.take():
            await self._apply(self._market.accept(received))
        if symbols and not missing:
            self._missing.clear()
            self._warned.clear()
            self._market.report(ConnectionStatus.CONNECTED, None)
        elif time.monotonic() - self._requested_at >= self._interval:
            self._requested_at = time.monotonic()
            self._warn(missing)
            await self.request_prices(missing)

    def _warn(self, missing: Sequence[str]) -> None:
        """Log that prices have to be requested, once for each symbol, and not at its beginning."""
        again = self._missing.intersection(missing) - self._warned
        self._missing = {*missing}
        self._warned = (self._warned & self._missing) | again
        if again:
            logger.warning("the live prices of %s do not arrive", ", ".join(sorted(again)))

    async def _apply(self, quotes: Mapping[str, Quote]) -> None:
        def mark(transaction: Transaction) -> None:
            for symbol, quote in quotes.items():
                self._market.check_age(quote, transaction.now)
                engine.apply_quote(transaction, symbol, quote)

        await self._ledger.change(mark)

    async def _wake_for_orders(self) -> None:
        """Follow the symbol of a new order at once."""
        async for _ in self._events.orders.subscribe():
            self._live.wake()
