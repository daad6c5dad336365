"""The live quotes of the watched symbols, from the datafeed's stream."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from trading_api.models import QuoteData, QuotesSubscription
from trading_api.shared.client.errors import ClientError

if TYPE_CHECKING:
    from trading_api.modules.broker.prices import Datafeed
    from trading_api.shared.client import Subscription

logger = logging.getLogger(__name__)


class LivePrices:
    """Follows the quotes of symbols, and keeps the latest one of each until it is taken.

    Each symbol has its own subscription, which all callers of the datafeed share. One that
    fails is tried again after `pause` seconds.
    """

    def __init__(self, datafeed: Datafeed, pause: float) -> None:
        self._datafeed = datafeed
        self._pause = pause
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._subscriptions: dict[str, Subscription[QuoteData]] = {}
        self._waiting: dict[str, QuoteData] = {}
        self._woken = asyncio.Event()

    def missing(self) -> list[str]:
        """Return the symbols whose quotes do not arrive."""
        return [
            symbol
            for symbol in self._readers
            if symbol not in self._subscriptions or not self._subscriptions[symbol].is_live
        ]

    def follow(self, symbols: Iterable[str]) -> None:
        """Follow these symbols from now on, and no others."""
        wanted = {*symbols}
        for symbol in self._readers.keys() - wanted:
            self._readers.pop(symbol).cancel()
            self._subscriptions.pop(symbol, None)
            self._waiting.pop(symbol, None)
        for symbol in wanted - self._readers.keys():
            self._readers[symbol] = asyncio.create_task(self._read(symbol), name=f"quote {symbol}")

    def wake(self) -> None:
        """End the wait, because other symbols may be watched now."""
        self._woken.set()

    async def wait(self, seconds: float) -> None:
        """Wait until a quote has arrived, or `wake`, or for so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    def take(self) -> list[QuoteData]:
        """Return the latest quote of each symbol that has a new one."""
        quotes, self._waiting = list(self._waiting.values()), {}
        return quotes

    async def close(self) -> None:
        """End the subscriptions."""
        readers = list(self._readers.values())
        self.follow(())
        if readers:
            await asyncio.wait(readers)

    async def _read(self, symbol: str) -> None:
        request = QuotesSubscription(symbols=[], fast_symbols=[symbol])
        while True:
            try:
                async with self._datafeed.quotes_stream(request) as quotes:
                    self._subscriptions[symbol] = quotes
                    self.wake()
                    async for quote in quotes:
                        self._waiting[symbol] = quote
                        self.wake()
            except ClientError as error:
                # It contains internal addresses, and the next check of the prices reports it.
                logger.debug("the quotes of %s cannot be followed: %s", symbol, error)
            except Exception:  # an error in one subscription must not end it for ever
                logger.exception("the quotes of %s cannot be followed", symbol)
            self._subscriptions.pop(symbol, None)
            await asyncio.sleep(self._pause)
