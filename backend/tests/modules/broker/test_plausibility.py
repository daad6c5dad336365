"""Quotes that are never traded on: not plausible, or too old."""

from __future__ import annotations

import asyncio

import pytest

from modules.broker.doubles import Clock, FakeDatafeed, all_orders, buy, place, raises_problem
from trading_api.models import OrderStatus, OrderType
from trading_api.modules.broker.plausibility import CONFIRMATIONS, QuoteFilter
from trading_api.modules.broker.records import Quote, to_decimal
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store.store import AccountStore
from trading_api.shared.problems import ProblemType


@pytest.mark.parametrize(
    ("bid", "ask"),
    [
        (100, 1e308),
        (0, 100),
        (-1, 100),
        (100, 0),
        (101, 100),
        (100, 1e9 + 1),
        (500, 501),
        (20, 21),
    ],
)
async def test_order_at_an_implausible_quote_is_a_503(
    service: BrokerService, feed: FakeDatafeed, bid: float, ask: float
) -> None:
    await service.place_order(buy(1))
    account = service.get_account()
    feed.set("AAPL", bid, ask)

    with raises_problem(503, ProblemType.DATAFEED_UNAVAILABLE):
        await service.place_order(buy(1))
    await service.mark_to_market()
    assert service.get_account() == account

    feed.set("AAPL", 100, 101)
    assert (await place(service, buy(1))).status is OrderStatus.FILLED


async def test_working_order_does_not_fill_at_an_implausible_quote(
    service: BrokerService, feed: FakeDatafeed, caplog: pytest.LogCaptureFixture
) -> None:
    order = await place(service, buy(1, OrderType.LIMIT, limit_price=90))
    for _ in range(CONFIRMATIONS - 1):
        feed.set("AAPL", 1, 2)
        await service.mark_to_market()
    assert (await service.get_order(order.id)).status is OrderStatus.WORKING
    assert [record.message for record in caplog.records] == [
        "the quote of AAPL is not used: it is too far from the last one: 1.5 after 100.5"
    ]

    feed.set("AAPL", 89, 90)
    await service.mark_to_market()
    assert (await service.get_order(order.id)).status is OrderStatus.FILLED


def check(quotes: QuoteFilter, price: float) -> Quote | None:
    return quotes.check("AAPL", price, price, 0)


def test_new_level_is_accepted_when_three_quotes_in_a_row_agree() -> None:
    quotes = QuoteFilter(2)
    assert CONFIRMATIONS == 3
    assert check(quotes, 100)
    assert [bool(check(quotes, price)) for price in (300, 310, 305)] == [False, False, True]
    assert check(quotes, 320)
    # A plausible quote in between begins the count anew, and so does another level.
    accepted = [bool(check(quotes, price)) for price in (1000, 300, 1000, 9000, 1000, 1000, 1000)]
    assert accepted == [False, True, False, False, False, False, True]


def test_factor_of_a_change_is_that_of_the_settings() -> None:
    assert BrokerSettings().max_price_change == 2
    quotes = QuoteFilter(1.5)
    assert check(quotes, 100)
    assert check(quotes, 150)
    assert check(quotes, 100)
    assert not check(quotes, 150.1)
    assert not check(quotes, 66)


async def test_order_that_waits_too_long_for_its_commit_is_a_503(
    feed: FakeDatafeed, settings: BrokerSettings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, released = asyncio.Event(), asyncio.Event()
    commit = AccountStore.commit

    async def wait(store: AccountStore, *arguments: object) -> None:
        waiting.set()
        await released.wait()
        await commit(store, *arguments)  # type: ignore[arg-type]

    async with open_service(feed, settings=settings, clock=clock) as service:
        monkeypatch.setattr(AccountStore, "commit", wait)
        first = asyncio.create_task(service.place_order(buy(1)))
        await waiting.wait()
        second = asyncio.create_task(service.place_order(buy(2)))
        for _ in range(20):
            await asyncio.sleep(0)
        clock.now += 5_001
        released.set()
        await first
        with raises_problem(503, ProblemType.DATAFEED_UNAVAILABLE):
            await second
        assert [order.qty for order in await all_orders(service)] == [1]


def test_quote_may_be_as_old_as_the_setting_says(service: BrokerService) -> None:
    quote = Quote(to_decimal(1), to_decimal(2), 1_000)
    assert BrokerSettings().max_quote_age == 5
    service._market.check_age(quote, 6_000)
    with raises_problem(503, ProblemType.DATAFEED_UNAVAILABLE):
        service._market.check_age(quote, 6_001)
