"""Market data: what the broker needs of the datafeed, and what its failures mean here."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

from trading_api.models import (
    ConnectionStatus,
    GetQuotesRequest,
    QuoteData,
    SymbolInfo,
)
from trading_api.modules.broker.records import Instrument, Quote, decimal_of
from trading_api.shared.client.errors import ApiError, ClientError, TransportError
from trading_api.shared.problems import ProblemError

if TYPE_CHECKING:
    from trading_api.clients.datafeed_client import DatafeedClient

AnswerT = TypeVar("AnswerT")

MAX_SYMBOLS = 500
"""Symbols that the datafeed quotes in one call."""

logger = logging.getLogger(__name__)


class Datafeed(Protocol):
    """The operations of the datafeed that the broker uses."""

    async def resolve_symbol(self, symbol: str, /) -> SymbolInfo: ...

    async def get_quotes(self, body: GetQuotesRequest, /) -> list[QuoteData]: ...

    async def get_server_time(self) -> int: ...


if TYPE_CHECKING:

    def _client_fits(client: DatafeedClient) -> Datafeed:
        return client


class DatafeedUnavailable(ProblemError):
    """The datafeed does not answer, or not sensibly: 503 for whoever needs a price."""

    def __init__(self, reason: str) -> None:
        super().__init__(503, f"the datafeed is unavailable: {reason}")


class UnknownSymbol(ProblemError):
    """The datafeed knows no such symbol: 404."""

    def __init__(self) -> None:
        super().__init__(404, "the datafeed knows no such symbol")


class Market:
    """Prices and symbols, by way of the datafeed.

    `on_status` is told after every call whether the datafeed could be reached.
    """

    def __init__(
        self, datafeed: Datafeed, on_status: Callable[[ConnectionStatus, str | None], None]
    ) -> None:
        self._datafeed = datafeed
        self._on_status = on_status

    async def instrument(self, symbol: str) -> Instrument:
        """Return what `symbol` names, by one name however it was spelt.

        That is the short name (`AAPL`), or the ticker (`NASDAQ:AAPL`) where the short name means
        the listing of another exchange.

        Raises:
            ProblemError: 404, there is no such symbol.
            DatafeedUnavailable: 503.
        """
        info = await self._resolve(symbol)
        pip = Decimal(info.minmov) / Decimal(info.pricescale)
        if info.name == symbol:
            return Instrument(symbol, pip)
        try:
            unique = (await self._resolve(info.name)).ticker == info.ticker
        except UnknownSymbol:
            unique = False
        return Instrument(info.name if unique else info.ticker, pip)

    async def quote(self, symbol: str) -> Quote:
        """Return the current prices of a symbol.

        Raises:
            DatafeedUnavailable: 503, also if the datafeed has no price for the symbol.
        """
        quotes = await self.quotes([symbol])
        if symbol not in quotes:
            raise DatafeedUnavailable("it has no price for the symbol")
        return quotes[symbol]

    async def look_up(self, symbol: str) -> tuple[Instrument, Quote]:
        """Return what `symbol` names, and its current prices; raises as the two do."""
        instrument = await self.instrument(symbol)
        return instrument, await self.quote(instrument.symbol)

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """Return the current prices of the symbols that have any.

        Raises:
            DatafeedUnavailable: 503.
        """
        answers: list[QuoteData] = []
        for start in range(0, len(symbols), MAX_SYMBOLS):
            request = GetQuotesRequest(symbols=list(symbols[start : start + MAX_SYMBOLS]))
            answers += await self._ask(self._datafeed.get_quotes(request))
        return {answer.n: quote for answer in answers if (quote := _quote_of(answer)) is not None}

    async def check(self) -> None:
        """Find out whether the datafeed answers.

        Raises:
            DatafeedUnavailable: 503.
        """
        await self._ask(self._datafeed.get_server_time())

    async def _resolve(self, symbol: str) -> SymbolInfo:
        return await self._ask(self._datafeed.resolve_symbol(symbol), refusal=UnknownSymbol)

    async def _ask(
        self, call: Awaitable[AnswerT], *, refusal: Callable[[], ProblemError] | None = None
    ) -> AnswerT:
        """Await a call; with `refusal`, that is raised if the datafeed refuses what was asked."""
        try:
            answer = await call
        except ClientError as error:
            refused = isinstance(error, ApiError) and error.status in (404, 422)
            if refusal is not None and refused:
                self._on_status(ConnectionStatus.CONNECTED, None)
                raise refusal() from error
            # The error names addresses inside the installation: for the log, not for callers.
            logger.debug("the datafeed failed: %s", error)
            unavailable = DatafeedUnavailable(_reason(error))
            self._on_status(ConnectionStatus.DISCONNECTED, str(unavailable))
            raise unavailable from error
        self._on_status(ConnectionStatus.CONNECTED, None)
        return answer


def _reason(error: ClientError) -> str:
    if isinstance(error, TransportError):
        return f"no answer ({error.cause})"
    if isinstance(error, ApiError):
        return f"it answered {error.status}"
    return "its answer contradicts its spec"


def _quote_of(answer: QuoteData) -> Quote | None:
    """Return the prices of an answer, or None if it has none to trade at."""
    bid, ask = answer.v.bid, answer.v.ask
    if answer.s != "ok" or not bid or not ask or bid < 0 or ask < 0:
        return None
    return Quote(decimal_of(bid), decimal_of(ask))
