"""A datafeed and a clock that the test controls, and shorthands for orders and problems."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from trading_api.models import (
    AccountMetainfo,
    GetQuotesRequest,
    OrderStatus,
    OrderType,
    PlacedOrder,
    Position,
    PreOrder,
    Problem,
    QuoteData,
    QuotesSubscription,
    QuoteValues,
    Side,
    SymbolInfo,
)
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.client import FakeSubscription, Subscription
from trading_api.shared.client.errors import ApiError, TransportError
from trading_api.shared.problems import ProblemError, ProblemType

START = 1_700_000_000_000
"""The time at which a test's clock starts, in Unix milliseconds."""


class FakeDatafeed:
    """Knows the symbols whose prices were set.

    `NAME` and `TEST:NAME` are the same listing; `OTHER:NAME` is another one. Every call, and the
    beginning of a subscription, raises `failure` while it is set; `calls` counts the calls.
    """

    def __init__(self) -> None:
        self.followers: dict[str, list[asyncio.Queue[Exception | None]]] = {}
        self.failure: Exception | None = None
        self.stream_failure: Exception | None = None
        self.calls = 0
        self._quotes: dict[str, tuple[float, float] | None] = {}

    def set(self, symbol: str, bid: float, ask: float) -> None:
        self._quotes[symbol] = (bid, ask)
        for queue in self.followers.get(symbol, ()):
            queue.put_nowait(None)

    def lose(self, symbol: str) -> None:
        """End the subscriptions of a symbol."""
        for queue in self.followers.get(symbol, ()):
            queue.put_nowait(connect_error())

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

    def quotes_stream(self, request: QuotesSubscription) -> Subscription[QuoteData]:
        (symbol,) = request.fast_symbols
        return FakeSubscription(self._follow(symbol))

    async def _follow(self, symbol: str) -> AsyncIterator[QuoteData | Exception]:
        failure = self.stream_failure or self.failure
        if failure is not None:
            yield failure
        queue: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.followers.setdefault(symbol, []).append(queue)
        try:
            yield self._quote(symbol)
            while True:
                error = await queue.get()
                yield error or self._quote(symbol)
        finally:
            self.followers[symbol].remove(queue)

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
    """A clock that the test sets."""

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


def connect_error() -> TransportError:
    """Return the error of a datafeed that cannot be reached."""
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


async def place(service: BrokerService, request: PreOrder) -> PlacedOrder:
    """Place an order and return it."""
    return await service.get_order((await service.place_order(request)).order_id)


async def all_orders(service: BrokerService) -> list[PlacedOrder]:
    """Return all orders."""
    return await service.get_orders((), None, 500, None)


async def working_orders(service: BrokerService) -> list[PlacedOrder]:
    """Return the working orders."""
    return await service.get_orders([OrderStatus.WORKING], None, 500, None)


async def state_of(
    service: BrokerService,
) -> tuple[list[PlacedOrder], list[Position], AccountMetainfo]:
    """Return what an operation could have changed."""
    return await all_orders(service), service.get_positions(), service.get_account()


async def place_with_brackets(
    service: BrokerService, request: PreOrder
) -> tuple[PlacedOrder, PlacedOrder]:
    """Place an order with two brackets; return the take-profit and the protecting stop."""
    await service.place_order(request)
    take_profit, stop = await working_orders(service)
    return take_profit, stop


@contextmanager
def raises_problem(status: int, type: ProblemType, *errors: tuple[str, str]) -> Iterator[None]:
    """Expect a problem whose errors have these locations (pointer or parameter) and codes."""
    with pytest.raises(ProblemError) as caught:
        yield
    problem = caught.value.problem
    assert (problem.status, problem.type) == (status, type)
    found = [(error.pointer or error.parameter, error.code) for error in problem.errors or []]
    assert found == list(errors)
