"""The broker during an outage of the datafeed, and after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from modules.broker.doubles import (
    START,
    Clock,
    FakeDatafeed,
    all_orders,
    buy,
    connect_error,
    place,
    raises_problem,
    state_of,
    working_orders,
)
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
from trading_api.shared.problems import ProblemError, ProblemType

LEVERAGE = LeverageSetParams(symbol="AAPL", order_type=OrderType.MARKET, side=Side.BUY, leverage=2)

FAILURES = [
    (connect_error(), "it does not respond (connect)"),
    (
        ApiError("GET", "http://datafeed", 500, Problem(title="Broken", status=500)),
        "responded with status 500",
    ),
    (
        UnexpectedResponseError("GET", "http://datafeed", 200, ["body"], b""),
        "does not match its spec",
    ),
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
async def test_order_during_a_datafeed_failure_is_a_503_with_the_reason(
    busy: BrokerService, feed: FakeDatafeed, failure: ClientError, reason: str
) -> None:
    feed.failure = failure

    with pytest.raises(ProblemError) as caught:
        await busy.place_order(buy(1))

    problem = caught.value.problem
    assert (problem.status, problem.type) == (503, ProblemType.DATAFEED_UNAVAILABLE)
    assert problem.detail is not None
    assert reason in problem.detail
    assert "http:" not in problem.detail
    assert busy.get_connection().status is ConnectionStatus.DISCONNECTED
    assert busy.get_connection().message == problem.detail


@pytest.mark.parametrize("operation", PRICED.values(), ids=PRICED.keys())
async def test_operation_that_needs_a_price_without_datafeed_is_a_503_and_changes_nothing(
    busy: BrokerService,
    feed: FakeDatafeed,
    operation: Callable[[BrokerService], Awaitable[object]],
) -> None:
    before = await state_of(busy)
    feed.failure = connect_error()

    with raises_problem(503, ProblemType.DATAFEED_UNAVAILABLE):
        await operation(busy)

    assert await state_of(busy) == before


async def test_cancel_order_without_datafeed_succeeds(
    busy: BrokerService, feed: FakeDatafeed
) -> None:
    feed.failure = connect_error()

    await busy.cancel_order("O2")

    assert await working_orders(busy) == []


async def test_order_for_a_symbol_without_a_price_is_a_503(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    feed.set_without_price("MSFT")

    with raises_problem(503, ProblemType.DATAFEED_UNAVAILABLE):
        await service.place_order(buy(1, symbol="MSFT"))


@pytest.mark.parametrize(
    ("operation", "location"),
    [("place", "#/symbol"), ("preview", "#/symbol"), ("leverage", "symbol")],
)
async def test_unknown_symbol_is_a_404_and_leaves_the_connection_up(
    service: BrokerService, operation: str, location: str
) -> None:
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "place": lambda: service.place_order(buy(1, symbol="NONE")),
        "preview": lambda: service.preview_order(buy(1, symbol="NONE")),
        "leverage": lambda: service.get_leverage("NONE"),
    }
    connection = service.events.connection.subscribe()

    with raises_problem(404, ProblemType.UNKNOWN_SYMBOL, (location, "unknown_symbol")):
        await calls[operation]()

    service.events.close()
    assert [update.status async for update in connection] == [ConnectionStatus.CONNECTED]
    assert await all_orders(service) == []


async def test_working_orders_after_an_outage_fill_again(
    busy: BrokerService, feed: FakeDatafeed
) -> None:
    feed.set("AAPL", 94, 95)
    feed.failure = connect_error()
    await busy.mark_to_market()
    assert (await busy.get_order("O2")).status is OrderStatus.WORKING

    feed.failure = None
    await busy.mark_to_market()
    assert (await busy.get_order("O2")).status is OrderStatus.FILLED
    assert busy.get_connection().status is ConnectionStatus.CONNECTED


async def test_connection_status_is_published_only_when_it_changes(
    service: BrokerService, feed: FakeDatafeed, clock: Clock
) -> None:
    assert service.get_connection().status is ConnectionStatus.CONNECTING
    connection = service.events.connection.subscribe()
    for failure in (None, None, connect_error(), connect_error(), None):
        clock.now += 1000
        feed.failure = failure
        await service.mark_to_market()
    service.events.close()

    published = [(update.status, update.time - START) async for update in connection]
    assert published == [
        (ConnectionStatus.CONNECTED, 1000),
        (ConnectionStatus.DISCONNECTED, 3000),
        (ConnectionStatus.CONNECTED, 5000),
    ]


async def test_quotes_of_501_symbols_need_two_calls(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    for number in range(501):
        feed.set(f"S{number}", 10, 11)
        await service.place_order(buy(1, OrderType.LIMIT, symbol=f"S{number}", limit_price=6))
    feed.set("S500", 5, 6)
    feed.calls = 0
    await service.mark_to_market()

    assert feed.calls == 2
    assert len(await working_orders(service)) == 500
    assert service.get_positions()[0].symbol == "S500"


async def test_price_updates_continue_after_every_kind_of_failure(feed: FakeDatafeed) -> None:
    settings = BrokerSettings(price_interval=0.001)
    async with open_service(feed, settings=settings) as service:
        connection = service.events.connection.subscribe(first=service.get_connection())

        async def until(status: ConnectionStatus) -> None:
            async with asyncio.timeout(5):
                async for event in connection:
                    if event.status is status:
                        return

        await until(ConnectionStatus.CONNECTED)
        feed.failure = connect_error()
        await until(ConnectionStatus.DISCONNECTED)
        feed.failure = RuntimeError("a bug in the client")
        await until(ConnectionStatus.ERROR)
        feed.failure = None
        await until(ConnectionStatus.CONNECTED)

        executions = service.events.executions.subscribe()
        order = await place(service, buy(1, OrderType.LIMIT, limit_price=95))
        feed.set("AAPL", 94, 95)
        async with asyncio.timeout(5):
            assert (await anext(executions)).update.price == 95
        assert (await service.get_order(order.id)).status is OrderStatus.FILLED
