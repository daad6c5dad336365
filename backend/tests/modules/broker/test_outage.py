"""What remains of the broker while the datafeed is away, and how it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from modules.broker.doubles import START, Clock, FakeDatafeed, buy, placed, unreachable, working
from trading_api.models import (
    Brackets,
    ConnectionStatus,
    LeverageSetParams,
    OrderStatus,
    OrderType,
    Problem,
    Side,
)
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.shared.client.errors import ApiError, ClientError, UnexpectedResponseError
from trading_api.shared.problems import ProblemError

LEVERAGE = LeverageSetParams(symbol="AAPL", order_type=OrderType.MARKET, side=Side.BUY, leverage=2)

FAILURES = [
    (unreachable(), "no answer (connect)"),
    (ApiError("GET", "http://datafeed", 500, Problem(title="Broken", status=500)), "answered 500"),
    (UnexpectedResponseError("GET", "http://datafeed", 200, ["body"], b""), "contradicts its spec"),
]

PRICED: dict[str, Callable[[BrokerService], Awaitable[object]]] = {
    "place": lambda service: service.place_order(buy(1)),
    "preview": lambda service: service.preview_order(buy(1)),
    "modify": lambda service: service.modify_order("O2", buy(1, OrderType.LIMIT, limit_price=90)),
    "close": lambda service: service.close_position("P1", None),
    "brackets": lambda service: service.edit_position_brackets("P1", Brackets()),
    "get leverage": lambda service: service.get_leverage("AAPL"),
    "set leverage": lambda service: service.set_leverage(LEVERAGE),
    "preview leverage": lambda service: service.preview_leverage(LEVERAGE),
}


@pytest.fixture
async def busy(service: BrokerService) -> BrokerService:
    """A broker with the position P1 and the working order O2."""
    await service.place_order(buy(10))
    await service.place_order(buy(5, OrderType.LIMIT, limit_price=95))
    return service


@pytest.mark.parametrize(("failure", "reason"), FAILURES)
async def test_failure_of_the_datafeed_is_a_503_that_names_it(
    busy: BrokerService, feed: FakeDatafeed, failure: ClientError, reason: str
) -> None:
    feed.failure = failure

    with pytest.raises(ProblemError) as refused:
        await busy.place_order(buy(1))

    problem = refused.value.problem
    assert problem.status == 503
    assert problem.detail is not None
    assert "the datafeed is unavailable" in problem.detail
    assert reason in problem.detail
    assert "http:" not in problem.detail
    assert busy.connection().status is ConnectionStatus.DISCONNECTED
    assert busy.connection().message == problem.detail


@pytest.mark.parametrize("operation", PRICED.values(), ids=PRICED.keys())
async def test_whatever_needs_a_price_is_a_503_and_changes_nothing(
    busy: BrokerService,
    feed: FakeDatafeed,
    operation: Callable[[BrokerService], Awaitable[object]],
) -> None:
    before = (busy.orders((), None, 500, None), busy.positions(), busy.account())
    feed.failure = unreachable()

    with pytest.raises(ProblemError) as refused:
        await operation(busy)

    assert refused.value.problem.status == 503
    assert (busy.orders((), None, 500, None), busy.positions(), busy.account()) == before


async def test_orders_can_be_cancelled_during_an_outage(
    busy: BrokerService, feed: FakeDatafeed
) -> None:
    feed.failure = unreachable()

    await busy.cancel_order("O2")

    assert working(busy) == []


async def test_symbol_without_a_price_is_a_503(service: BrokerService, feed: FakeDatafeed) -> None:
    feed.set_without_price("MSFT")

    with pytest.raises(ProblemError, match="no price") as refused:
        await service.place_order(buy(1, symbol="MSFT"))

    assert refused.value.problem.status == 503


@pytest.mark.parametrize("operation", ["place", "preview", "leverage"])
async def test_unknown_symbol_is_a_404_and_no_outage(
    service: BrokerService, operation: str
) -> None:
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "place": lambda: service.place_order(buy(1, symbol="NONE")),
        "preview": lambda: service.preview_order(buy(1, symbol="NONE")),
        "leverage": lambda: service.get_leverage("NONE"),
    }

    watch = service.events.connection.subscribe()

    with pytest.raises(ProblemError, match="no such symbol") as refused:
        await calls[operation]()

    service.events.close()
    assert refused.value.problem.status == 404
    assert [told.status async for told in watch] == [ConnectionStatus.CONNECTED]
    assert service.orders((), None, 500, None) == []


async def test_orders_react_again_after_an_outage(busy: BrokerService, feed: FakeDatafeed) -> None:
    feed.set("AAPL", 94, 95)
    feed.failure = unreachable()
    await busy.mark_to_market()
    assert busy.order("O2").status is OrderStatus.WORKING

    feed.failure = None
    await busy.mark_to_market()
    assert busy.order("O2").status is OrderStatus.FILLED
    assert busy.connection().status is ConnectionStatus.CONNECTED


async def test_connection_is_told_when_it_changes_and_only_then(
    service: BrokerService, feed: FakeDatafeed, clock: Clock
) -> None:
    assert service.connection().status is ConnectionStatus.CONNECTING
    watch = service.events.connection.subscribe()
    for failure in (None, None, unreachable(), unreachable(), None):
        clock.now += 1000
        feed.failure = failure
        await service.mark_to_market()
    service.events.close()

    told = [(status.status, status.time - START) async for status in watch]
    assert told == [
        (ConnectionStatus.CONNECTED, 1000),
        (ConnectionStatus.DISCONNECTED, 3000),
        (ConnectionStatus.CONNECTED, 5000),
    ]


async def test_many_symbols_are_asked_for_in_calls_of_500(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    for number in range(501):
        feed.set(f"S{number}", 10, 11)
        await service.place_order(buy(1, OrderType.LIMIT, symbol=f"S{number}", limit_price=5))
    feed.set("S500", 4, 5)
    feed.calls = 0
    await service.mark_to_market()

    assert feed.calls == 2
    assert len(working(service)) == 500
    assert service.positions()[0].symbol == "S500"


async def test_the_watch_over_the_market_survives_everything(feed: FakeDatafeed) -> None:
    settings = BrokerSettings(price_interval=0.001)
    async with open_service(feed, settings=settings) as service:
        connection = service.events.connection.subscribe(first=service.connection())

        async def until(status: ConnectionStatus) -> None:
            async with asyncio.timeout(5):
                async for event in connection:
                    if event.status is status:
                        return

        await until(ConnectionStatus.CONNECTED)
        feed.failure = unreachable()
        await until(ConnectionStatus.DISCONNECTED)
        feed.failure = RuntimeError("a fault in a client")
        await until(ConnectionStatus.ERROR)
        feed.failure = None
        await until(ConnectionStatus.CONNECTED)

        executions = service.events.executions.subscribe()
        order = await placed(service, buy(1, OrderType.LIMIT, limit_price=95))
        feed.set("AAPL", 94, 95)
        async with asyncio.timeout(5):
            assert (await anext(executions)).price == 95
        assert service.order(order.id).status is OrderStatus.FILLED
