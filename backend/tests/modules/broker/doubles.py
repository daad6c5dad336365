"""A datafeed whose prices the test sets, a clock that it moves, and short-hands for orders."""

from __future__ import annotations

from typing import Any

from trading_api.models import (
    GetQuotesRequest,
    OrderStatus,
    OrderType,
    PlacedOrder,
    PreOrder,
    QuoteData,
    QuoteValues,
    Side,
    SymbolInfo,
)
from trading_api.models.common import Problem
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.client.errors import ApiError, TransportError

START = 1_700_000_000_000
"""The time at which a test's clock starts, in Unix milliseconds."""


class FakeDatafeed:
    """Knows the symbols that have a quote.

    A bare name is listed at TEST, and `TEST:NAME` means it too; `OTHER:NAME` is another listing.
    `failure` is raised by every call as long as it is set; `calls` counts the calls.
    """

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.calls = 0
        self._quotes: dict[str, tuple[float, float] | None] = {}

    def set(self, symbol: str, bid: float, ask: float) -> None:
        self._quotes[symbol] = (bid, ask)

    def set_without_price(self, symbol: str) -> None:
        self._quotes[symbol] = None

    async def resolve_symbol(self, symbol: str) -> SymbolInfo:
        self._called()
        known = symbol.removeprefix("TEST:")
        if known not in self._quotes:
            problem = Problem(title="Not Found", status=404)
            raise ApiError("GET", f"http://datafeed/{symbol}", 404, problem)
        return symbol_info(known if ":" in known else f"TEST:{known}")

    async def get_quotes(self, body: GetQuotesRequest) -> list[QuoteData]:
        self._called()
        return [self._quote(name) for name in body.symbols]

    async def get_server_time(self) -> int:
        self._called()
        return START // 1000

    def _called(self) -> None:
        self.calls += 1
        if self.failure is not None:
            raise self.failure

    def _quote(self, name: str) -> QuoteData:
        prices = self._quotes.get(name)
        if prices is None:
            return QuoteData(s="error", n=name, v=QuoteValues())
        return QuoteData(s="ok", n=name, v=QuoteValues(bid=prices[0], ask=prices[1]))


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


def symbol_info(ticker: str) -> SymbolInfo:
    """Return a symbol with a pip of 0.01."""
    exchange, _, name = ticker.partition(":")
    return SymbolInfo(
        name=name,
        description=name,
        type="stock",
        session="0930-1600",
        timezone="America/New_York",
        ticker=ticker,
        exchange=exchange,
        listed_exchange=exchange,
        format="price",
        pricescale=100,
        minmov=1,
        has_intraday=True,
        has_daily=True,
        supported_resolutions=[],
        volume_precision=0,
        data_status="streaming",
    )


def unreachable() -> TransportError:
    """Return the error of a datafeed that nobody can reach."""
    return TransportError("GET", "http://datafeed", "connect", "connection refused")


def order(
    side: Side, qty: float, kind: OrderType = OrderType.MARKET, symbol: str = "AAPL", **rest: Any
) -> PreOrder:
    """Return an order; a market order of AAPL unless said otherwise."""
    return PreOrder(symbol=symbol, type=kind, side=side, qty=qty, **rest)


def buy(qty: float, kind: OrderType = OrderType.MARKET, **rest: Any) -> PreOrder:
    """Return an order to buy AAPL."""
    return order(Side.BUY, qty, kind, **rest)


def sell(qty: float, kind: OrderType = OrderType.MARKET, **rest: Any) -> PreOrder:
    """Return an order to sell AAPL."""
    return order(Side.SELL, qty, kind, **rest)


async def placed(service: BrokerService, request: PreOrder) -> PlacedOrder:
    """Place an order and return it as it is then."""
    return service.order((await service.place_order(request)).order_id)


def working(service: BrokerService) -> list[PlacedOrder]:
    """Return the working orders."""
    return service.orders([OrderStatus.WORKING], None, 500, None)


async def exits_after(service: BrokerService, request: PreOrder) -> tuple[PlacedOrder, PlacedOrder]:
    """Place an order with two brackets; return the take-profit and the protecting stop."""
    await service.place_order(request)
    take_profit, stop = working(service)
    return take_profit, stop
