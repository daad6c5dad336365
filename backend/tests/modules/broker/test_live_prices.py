"""The broker applies prices as they arrive from the datafeed's stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from modules.broker.doubles import FakeDatafeed, buy, connect_error, order, sell
from support.live import until
from trading_api.models import ConnectionStatus, OrderType, Side
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings


@pytest.fixture
async def live(feed: FakeDatafeed, settings: BrokerSettings) -> AsyncIterator[BrokerService]:
    """A broker whose price interval is so long that only live prices can arrive."""
    async with asyncio.timeout(30), open_service(feed, settings=settings) as service:
        yield service


async def begin_to_follow(feed: FakeDatafeed, symbol: str) -> None:
    await until(lambda: bool(feed.followers.get(symbol)))


async def test_order_fills_when_its_price_arrives_without_a_request(
    live: BrokerService, feed: FakeDatafeed
) -> None:
    executions = live.events.executions.subscribe()
    await live.place_order(buy(1, OrderType.LIMIT, limit_price=95))
    await begin_to_follow(feed, "AAPL")
    feed.calls = 0
    feed.set("AAPL", 94, 95)
    assert (await anext(executions)).update.price == 95
    assert feed.calls == 0


async def test_equity_follows_the_prices_of_a_position(
    live: BrokerService, feed: FakeDatafeed
) -> None:
    await live.place_order(buy(10))
    await begin_to_follow(feed, "AAPL")
    equity = live.events.equity.subscribe()
    feed.set("AAPL", 105, 106)
    assert (await anext(equity)).unrealized_pl == 40


async def test_symbol_that_is_no_longer_watched_is_no_longer_followed(
    live: BrokerService, feed: FakeDatafeed
) -> None:
    await live.place_order(buy(10))
    await live.place_order(order(Side.BUY, 1, symbol="IBM"))
    await begin_to_follow(feed, "AAPL")
    await begin_to_follow(feed, "IBM")
    await live.place_order(sell(10))
    await until(lambda: not feed.followers["AAPL"])
    assert feed.followers["IBM"]


async def test_prices_are_requested_while_the_stream_is_lost(feed: FakeDatafeed) -> None:
    settings = BrokerSettings(price_interval=0.01)
    async with asyncio.timeout(30), open_service(feed, settings=settings) as service:
        await service.place_order(buy(1, OrderType.LIMIT, limit_price=95))
        await begin_to_follow(feed, "AAPL")
        await until(lambda: service.get_connection().status is ConnectionStatus.CONNECTED)
        feed.failure = connect_error()
        feed.lose("AAPL")
        await until(lambda: service.get_connection().status is ConnectionStatus.DISCONNECTED)
        executions = service.events.executions.subscribe()
        feed.set("AAPL", 94, 95)
        feed.failure = None
        assert (await anext(executions)).update.price == 95


async def test_live_prices_that_do_not_arrive_are_logged_once(
    feed: FakeDatafeed, caplog: pytest.LogCaptureFixture
) -> None:
    settings = BrokerSettings(price_interval=0.01)
    async with asyncio.timeout(30), open_service(feed, settings=settings) as service:
        await service.place_order(buy(1, OrderType.LIMIT, limit_price=95))
        await begin_to_follow(feed, "AAPL")
        feed.stream_failure = connect_error()
        feed.lose("AAPL")
        calls = feed.calls
        await until(lambda: feed.calls > calls + 5)
    assert caplog.text.count("the live prices of AAPL do not arrive") == 1


async def test_service_that_ends_follows_nothing(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=settings) as service:
        await service.place_order(buy(10))
        await begin_to_follow(feed, "AAPL")
    assert not feed.followers["AAPL"]
