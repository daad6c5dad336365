"""Retried orders, and many operations at once."""

from __future__ import annotations

import asyncio

from modules.broker.doubles import (
    FakeDatafeed,
    all_orders,
    buy,
    connect_error,
    raises_problem,
    sell,
)
from trading_api.models import OrderStatus, OrderType
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.shared.problems import ProblemError, ProblemType


async def test_order_with_the_same_key_is_placed_once(service: BrokerService) -> None:
    first = await service.place_order(buy(10), "key-1")
    second = await service.place_order(buy(10), "key-1")

    assert first == second
    assert len(await all_orders(service)) == 1
    assert len(await service.get_executions(None, 500)) == 1


async def test_order_with_a_used_key_and_other_values_is_rejected(service: BrokerService) -> None:
    await service.place_order(buy(10), "key-1")

    location = ("Idempotency-Key", "idempotency_key_reused")
    with raises_problem(409, ProblemType.IDEMPOTENCY_KEY_REUSED, location):
        await service.place_order(buy(11), "key-1")

    assert len(await all_orders(service)) == 1


async def test_order_with_another_key_or_none_is_placed_again(service: BrokerService) -> None:
    for key in ("key-1", "key-2", None, None):
        await service.place_order(buy(10), key)

    assert len(await all_orders(service)) == 4


async def test_concurrent_orders_with_one_key_are_placed_once(service: BrokerService) -> None:
    results = await asyncio.gather(*(service.place_order(buy(1), "key-1") for _ in range(20)))

    assert len({result.order_id for result in results}) == 1
    assert len(await service.get_executions(None, 500)) == 1


async def test_rejected_order_retried_returns_the_first_result(service: BrokerService) -> None:
    first = await service.place_order(buy(1_000_000), "key-1")

    assert (await service.get_order(first.order_id)).status is OrderStatus.REJECTED
    assert await service.place_order(buy(1_000_000), "key-1") == first


async def test_order_retried_without_datafeed_returns_the_first_result(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    first = await service.place_order(buy(1), "key-1")
    feed.failure = connect_error()

    assert await service.place_order(buy(1), "key-1") == first


async def test_order_retried_after_a_failure_is_placed(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    feed.failure = connect_error()
    with raises_problem(503, ProblemType.DATAFEED_UNAVAILABLE):
        await service.place_order(buy(1), "key-1")
    feed.failure = None

    result = await service.place_order(buy(1), "key-1")

    assert (await service.get_order(result.order_id)).status is OrderStatus.FILLED


async def test_concurrent_orders_never_exceed_the_margin(
    feed: FakeDatafeed, file_settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=file_settings) as service:
        # Each needs a margin of 200 * 101 / 5 = 4,040 and lowers the equity by 200: after 23, the
        # margin used is 92,920 and the equity 95,400.
        results = await asyncio.gather(*(service.place_order(buy(200)) for _ in range(60)))

        assert len({result.order_id for result in results}) == 60
        orders = [await service.get_order(result.order_id) for result in results]
        filled = [order for order in orders if order.status is OrderStatus.FILLED]
        rejected = [order for order in orders if order.status is OrderStatus.REJECTED]
        assert (len(filled), len(rejected)) == (23, 37)
        (position,) = service.get_positions()
        assert position.qty == 23 * 200
        account = service.get_account()
        assert (account.margin_used, account.equity) == (92_920, 95_400)


async def test_concurrent_closes_never_exceed_the_position(service: BrokerService) -> None:
    await service.place_order(buy(10))
    (position,) = service.get_positions()

    results = await asyncio.gather(
        *(service.close_position(position.id, 4) for _ in range(5)), return_exceptions=True
    )

    assert [str(result) for result in results[:2]] == ["closed 4 of 10 AAPL", "closed 4 of 6 AAPL"]
    assert all(isinstance(result, ProblemError) for result in results[2:])
    assert service.get_positions()[0].qty == 2


async def test_concurrent_cancels_and_fills_agree_on_one_outcome(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    placed = [
        await service.place_order(sell(1, OrderType.LIMIT, limit_price=105)) for _ in range(10)
    ]
    feed.set("AAPL", 106, 107)
    outcomes = await asyncio.gather(
        service.mark_to_market(),
        *(service.cancel_order(result.order_id) for result in placed),
        return_exceptions=True,
    )

    failed = sum(isinstance(outcome, ProblemError) for outcome in outcomes)
    statuses = [(await service.get_order(result.order_id)).status for result in placed]
    assert (
        statuses.count(OrderStatus.FILLED) == failed == len(await service.get_executions(None, 500))
    )
    assert statuses.count(OrderStatus.CANCELED) == 10 - failed
