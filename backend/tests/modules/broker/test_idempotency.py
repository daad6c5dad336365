"""An order that is sent twice, and many orders at once."""

from __future__ import annotations

import asyncio

import pytest

from modules.broker.doubles import FakeDatafeed, buy, sell, unreachable
from trading_api.models import OrderStatus, OrderType
from trading_api.modules.broker.records import Unit
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store import MemoryStore
from trading_api.shared.problems import ProblemError


class WaitingStore(MemoryStore):
    """Lets everything else run while it commits, as a store on disk does."""

    async def commit(self, unit: Unit) -> None:
        await asyncio.sleep(0)
        await super().commit(unit)


async def test_same_key_and_order_is_the_same_order(service: BrokerService) -> None:
    first = await service.place_order(buy(10), "key-1")
    second = await service.place_order(buy(10), "key-1")

    assert first == second
    assert len(service.orders((), None, 500, None)) == 1
    assert len(service.executions(None, 500)) == 1


async def test_same_key_with_another_order_is_refused(service: BrokerService) -> None:
    await service.place_order(buy(10), "key-1")

    with pytest.raises(ProblemError, match="a different request") as refused:
        await service.place_order(buy(11), "key-1")

    assert refused.value.problem.status == 409
    assert len(service.orders((), None, 500, None)) == 1


async def test_other_keys_and_no_key_are_other_orders(service: BrokerService) -> None:
    for key in ("key-1", "key-2", None, None):
        await service.place_order(buy(10), key)

    assert len(service.orders((), None, 500, None)) == 4


async def test_simultaneous_repetitions_are_one_order(service: BrokerService) -> None:
    results = await asyncio.gather(*(service.place_order(buy(1), "key-1") for _ in range(20)))

    assert len({result.order_id for result in results}) == 1
    assert len(service.executions(None, 500)) == 1


async def test_a_rejected_order_is_remembered(service: BrokerService) -> None:
    first = await service.place_order(buy(1_000_000), "key-1")

    assert service.order(first.order_id).status is OrderStatus.REJECTED
    assert await service.place_order(buy(1_000_000), "key-1") == first


async def test_the_answer_is_known_while_the_datafeed_is_down(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    first = await service.place_order(buy(1), "key-1")
    feed.failure = unreachable()

    assert await service.place_order(buy(1), "key-1") == first


async def test_a_failed_attempt_can_be_repeated(service: BrokerService, feed: FakeDatafeed) -> None:
    feed.failure = unreachable()
    with pytest.raises(ProblemError):
        await service.place_order(buy(1), "key-1")
    feed.failure = None

    result = await service.place_order(buy(1), "key-1")

    assert service.order(result.order_id).status is OrderStatus.FILLED


async def test_simultaneous_orders_never_exceed_the_margin(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=settings, store=WaitingStore()) as service:
        # One takes 200 * 101 / 5 = 4,040 and costs 200 of equity; 23 leave 95,400 for 92,920.
        results = await asyncio.gather(*(service.place_order(buy(200)) for _ in range(60)))

        assert len({result.order_id for result in results}) == 60
        orders = [service.order(result.order_id) for result in results]
        filled = [order for order in orders if order.status is OrderStatus.FILLED]
        rejected = [order for order in orders if order.status is OrderStatus.REJECTED]
        assert (len(filled), len(rejected)) == (23, 37)
        (position,) = service.positions()
        assert position.qty == 23 * 200
        account = service.account()
        assert (account.margin_used, account.equity) == (92_920, 95_400)


async def test_simultaneous_closes_close_once(service: BrokerService) -> None:
    await service.place_order(buy(10))
    (position,) = service.positions()

    results = await asyncio.gather(
        *(service.close_position(position.id, 4) for _ in range(5)), return_exceptions=True
    )

    assert [str(result) for result in results[:2]] == ["closed 4 of 10 AAPL", "closed 4 of 6 AAPL"]
    assert all(isinstance(result, ProblemError) for result in results[2:])
    assert service.positions()[0].qty == 2


async def test_cancel_and_fill_at_once_agree_on_one_outcome(
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

    refused = sum(isinstance(outcome, ProblemError) for outcome in outcomes)
    statuses = [service.order(result.order_id).status for result in placed]
    assert statuses.count(OrderStatus.FILLED) == refused == len(service.executions(None, 500))
    assert statuses.count(OrderStatus.CANCELED) == 10 - refused
