"""Symbols and prices from the datafeed, and the problems that its failures become."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

from trading_api.models import (
    ConnectionStatus,
    GetQuotesRequest,
    QuoteData,
    QuotesSubscription,
    SymbolInfo,
)
from trading_api.modules.broker.plausibility import QuoteFilter
from trading_api.modules.broker.records import Instrument, Quote
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.shared.client.errors import ApiError, ClientError, TransportError
from trading_api.shared.problems import ProblemError, ProblemType

if TYPE_CHECKING:
    from trading_api.clients.datafeed_client import DatafeedClient
    from trading_api.shared.client import Subscription

ResponseT = TypeVar("ResponseT")

MAX_SYMBOLS = 500
"""The most symbols that the datafeed quotes in one call."""

logger = logging.getLogger(__name__)


class Datafeed(Protocol):
    """The operations of the datafeed that the broker calls."""

    async def resolve_symbol(self, symbol: str, /) -> SymbolInfo: ...

    async def get_quotes(self, body: GetQuotesRequest, /) -> list[QuoteData]: ...

    async def get_server_time(self) -> int: ...

    def quotes_stream(self, request: QuotesSubscription, /) -> Subscription[QuoteData]: ...


if TYPE_CHECKING:

    def _check_client_type(client: DatafeedClient) -> Datafeed:
        return client


class DatafeedUnavailable(ProblemError):
    """The datafeed does not respond, or has no price: 503."""

    def __init__(self, reason: str) -> None:
        detail = f"The datafeed is unavailable: {reason}."
        super().__init__(503, detail, type=ProblemType.DATAFEED_UNAVAILABLE)


class UnknownSymbol(ProblemError):
    """The datafeed does not know the symbol: 404.

    `parameter` is the query parameter that the symbol came from; None means the request body.
    """

    def __init__(self, parameter: str | None) -> None:
        super().__init__(
            404,
            "The symbol is unknown.",
            type=ProblemType.UNKNOWN_SYMBOL,
            pointer=None if parameter else "#/symbol",
            parameter=parameter,
        )


class Market:
    """Symbols and prices, from the datafeed.

    After every call, `on_status` receives whether the datafeed responded, and if not, why. Quotes
    have the time of `clock`, and are traded on for `max_quote_age` seconds.
    """

    def __init__(
        self,
        datafeed: Datafeed,
        on_status: Callable[[ConnectionStatus, str | None], None],
        settings: BrokerSettings,
        clock: Callable[[], int],
    ) -> None:
        self._datafeed = datafeed
        self._on_status = on_status
        self._clock = clock
        self._filter = QuoteFilter(settings.max_price_change)
        self._max_age = settings.max_quote_age

    async def get_instrument(self, symbol: str, *, parameter: str | None = None) -> Instrument:
        """Return the instrument of `symbol`, under one name for all spellings.

        That is the short name (`AAPL`), or the ticker (`NASDAQ:AAPL`) if the short name means the
        listing of another exchange. `parameter` is the query parameter with the symbol, if any.

        Raises:
            UnknownSymbol: 404.
            DatafeedUnavailable: 503.
        """
        info = await self._resolve(symbol, parameter)
        pip = Decimal(info.minmov) / Decimal(info.pricescale)
        if info.name == symbol:
            return Instrument(symbol, pip)
        try:
            unique = (await self._resolve(info.name, parameter)).ticker == info.ticker
        except UnknownSymbol:
            unique = False
        return Instrument(info.name if unique else info.ticker, pip)

    async def get_quote(self, symbol: str) -> Quote:
        """Return the current prices of a symbol.

        Raises:
            DatafeedUnavailable: 503, also if there is no plausible price for the symbol.
        """
        quotes = await self.get_quotes([symbol])
        if symbol not in quotes:
            raise DatafeedUnavailable("it has no plausible price for the symbol")
        return quotes[symbol]

    async def look_up(self, symbol: str) -> tuple[Instrument, Quote]:
        """Return the instrument of `symbol` and its current prices; raises as the two do."""
        instrument = await self.get_instrument(symbol)
        return instrument, await self.get_quote(instrument.symbol)

    async def get_quotes(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """Return the current prices of those symbols that have plausible ones.

        Raises:
            DatafeedUnavailable: 503.
        """
        sent = self._clock()
        received: list[QuoteData] = []
        for start in range(0, len(symbols), MAX_SYMBOLS):
            request = GetQuotesRequest(symbols=list(symbols[start : start + MAX_SYMBOLS]))
            received += await self._call(self._datafeed.get_quotes(request))
        return self._accept(received, sent)

    def accept(self, received: Sequence[QuoteData]) -> dict[str, Quote]:
        """Return the prices that have just arrived, of those symbols that have plausible ones."""
        return self._accept(received, self._clock())

    def report(self, status: ConnectionStatus, reason: str | None) -> None:
        """Report whether the datafeed can be used, and if not, why."""
        self._on_status(status, reason)

    def _accept(self, received: Sequence[QuoteData], time: int) -> dict[str, Quote]:
        quotes = {}
        for data in received:
            bid, ask = data.v.bid, data.v.ask
            if data.s == "ok" and bid is not None and ask is not None:
                quote = self._filter.check(data.n, bid, ask, time)
                if quote is not None:
                    quotes[data.n] = quote
        return quotes

    def check_age(self, quote: Quote, now: int) -> None:
        """Check that a quote is recent enough to trade on at `now`.

        Raises:
            DatafeedUnavailable: 503, it is not.
        """
        age = (now - quote.time) / 1000
        if age > self._max_age:
            raise DatafeedUnavailable(f"its price is {age:.1f} s old")

    async def check_connection(self) -> None:
        """Check that the datafeed responds.

        Raises:
            DatafeedUnavailable: 503.
        """
        await self._call(self._datafeed.get_server_time())

    async def _resolve(self, symbol: str, parameter: str | None) -> SymbolInfo:
        unknown = UnknownSymbol(parameter)
        return await self._call(self._datafeed.resolve_symbol(symbol), rejection=unknown)

    async def _call(
        self, call: Awaitable[ResponseT], *, rejection: ProblemError | None = None
    ) -> ResponseT:
        """Await a call; raise `rejection`, if given, when the datafeed rejects the request."""
        try:
            response = await call
        except ClientError as error:
            # A gateway in front of the datafeed responds with something else than a problem.
            problem = error.problem if isinstance(error, ApiError) else None
            if rejection is not None and problem is not None and problem.status in (404, 422):
                self._on_status(ConnectionStatus.CONNECTED, None)
                raise rejection from error
            # The error contains internal addresses: log it, do not show it to callers.
            logger.debug("the datafeed failed: %s", error)
            unavailable = DatafeedUnavailable(_describe(error))
            self._on_status(ConnectionStatus.DISCONNECTED, str(unavailable))
            raise unavailable from error
        self._on_status(ConnectionStatus.CONNECTED, None)
        return response


def _describe(error: ClientError) -> str:
    if isinstance(error, TransportError):
        return f"it does not respond ({error.cause})"
    if isinstance(error, ApiError):
        return f"it responded with status {error.status}"
    return "its response does not match its spec"
