"""Brackets: the exits that they become, and how these follow their position."""

from __future__ import annotations

from typing import Any

import pytest

from modules.broker.doubles import FakeDatafeed, buy, exits_after, placed, sell, working
from trading_api.models import (
    OrderStatus,
    OrderType,
    PreOrder,
    Side,
    StopType,
)
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemError


def last_price(service: BrokerService) -> float:
    return service.executions(None, 1)[0].price


async def test_brackets_become_working_exits_of_the_position(service: BrokerService) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))

    assert (take_profit.type, take_profit.side, take_profit.qty) == (OrderType.LIMIT, Side.SELL, 10)
    assert take_profit.limit_price == 120
    assert (stop.type, stop.side, stop.qty) == (OrderType.STOP, Side.SELL, 10)
    assert (stop.stop_price, stop.stop_type) == (90, StopType.STOP_LOSS)


async def test_brackets_wait_for_the_fill(service: BrokerService, feed: FakeDatafeed) -> None:
    entry = await placed(service, buy(10, OrderType.LIMIT, limit_price=95, stop_loss=90))
    assert [order.id for order in working(service)] == [entry.id]

    feed.set("AAPL", 94, 95)
    await service.mark_to_market()

    (stop,) = working(service)
    assert (stop.stop_price, stop.qty) == (90, 10)


@pytest.mark.parametrize(
    ("entry", "quotes", "price"),
    [
        (buy(10, take_profit=120, stop_loss=90), (121, 122), 121),
        (sell(10, take_profit=80, stop_loss=110), (78, 79), 79),
    ],
)
async def test_take_profit_closes_the_position_and_cancels_the_stop(
    service: BrokerService,
    feed: FakeDatafeed,
    entry: PreOrder,
    quotes: tuple[float, float],
    price: float,
) -> None:
    take_profit, stop = await exits_after(service, entry)

    feed.set("AAPL", *quotes)
    await service.mark_to_market()

    assert service.positions() == []
    assert service.order(take_profit.id).status is OrderStatus.FILLED
    assert service.order(stop.id).status is OrderStatus.CANCELED
    assert last_price(service) == price


@pytest.mark.parametrize(
    ("entry", "quotes", "price"),
    [
        (buy(10, take_profit=120, stop_loss=90), (88, 89), 88),
        (sell(10, take_profit=80, stop_loss=110), (111, 112), 112),
        (buy(10, take_profit=120, guaranteed_stop=90), (70, 71), 90),
        (sell(10, take_profit=80, guaranteed_stop=110), (150, 151), 110),
    ],
)
async def test_stop_closes_the_position_and_cancels_the_take_profit(
    service: BrokerService,
    feed: FakeDatafeed,
    entry: PreOrder,
    quotes: tuple[float, float],
    price: float,
) -> None:
    take_profit, stop = await exits_after(service, entry)

    feed.set("AAPL", *quotes)
    await service.mark_to_market()

    assert service.positions() == []
    assert service.order(stop.id).status is OrderStatus.FILLED
    assert service.order(take_profit.id).status is OrderStatus.CANCELED
    # A plain stop gets the market price, a guaranteed one exactly its own.
    assert last_price(service) == price


async def test_guaranteed_stop_limits_the_loss_to_the_cent(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10, guaranteed_stop=95.5))
    feed.set("AAPL", 20, 21)
    await service.mark_to_market()

    # 10 * (95.5 - 101)
    assert service.account().realized_pl == -55


@pytest.mark.parametrize(
    "bracket",
    [
        {"guaranteed_stop": 100.0, "stop_type": StopType.GUARANTEED_STOP},
        {"trailing_stop_pips": 500.0, "stop_type": StopType.TRAILING_STOP},
    ],
)
async def test_the_kind_of_its_bracket_says_nothing_about_a_stop_entry(
    service: BrokerService, feed: FakeDatafeed, bracket: dict[str, Any]
) -> None:
    entry = await placed(service, buy(10, OrderType.STOP, stop_price=105, **bracket))
    feed.set("AAPL", 102, 103)
    await service.mark_to_market()
    assert service.order(entry.id) == entry

    feed.set("AAPL", 107, 108)
    await service.mark_to_market()
    assert service.order(entry.id).avg_price == 108


async def test_a_guarantee_for_a_price_that_is_gone_at_the_fill_is_no_gift(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10, OrderType.LIMIT, limit_price=98, guaranteed_stop=95))
    feed.set("AAPL", 79, 80)
    await service.mark_to_market()
    await service.mark_to_market()

    # Bought at 80 and sold at the market of 79, not at 95.
    assert service.positions() == []
    assert service.account().realized_pl == -10


async def test_trailing_stop_follows_a_long_position_up_and_never_down(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10, trailing_stop_pips=500))
    (stop,) = working(service)
    assert (stop.stop_type, stop.trailing_stop_pips) == (StopType.TRAILING_STOP, 500)

    seen = [stop.stop_price]
    for bid in (104, 110, 106, 105.01):
        feed.set("AAPL", bid, bid + 1)
        await service.mark_to_market()
        seen.append(service.order(stop.id).stop_price)
    # 500 pips of 0.01 below the highest bid.
    assert seen == [95, 99, 105, 105, 105]

    feed.set("AAPL", 104.5, 105.5)
    await service.mark_to_market()
    assert service.positions() == []
    assert last_price(service) == 104.5


async def test_trailing_stop_follows_a_short_position_down(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(sell(10, trailing_stop_pips=500))
    (stop,) = working(service)
    assert stop.stop_price == 106

    feed.set("AAPL", 89, 90)
    await service.mark_to_market()
    assert service.order(stop.id).stop_price == 95

    feed.set("AAPL", 95, 96)
    await service.mark_to_market()
    assert last_price(service) == 96


async def test_exits_have_the_size_of_their_position(service: BrokerService) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))

    await service.place_order(buy(5))
    assert [order.qty for order in working(service)] == [15, 15]
    await service.place_order(sell(12))
    assert [order.qty for order in working(service)] == [3, 3]
    assert [order.id for order in working(service)] == [take_profit.id, stop.id]


async def test_closing_the_position_cancels_its_exits(service: BrokerService) -> None:
    await service.place_order(buy(10, take_profit=120, stop_loss=90))
    (position,) = service.positions()

    await service.close_position(position.id, None)

    assert working(service) == []


async def test_turning_the_position_around_replaces_its_exits(service: BrokerService) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))

    await service.place_order(sell(25, stop_loss=110))

    assert service.order(take_profit.id).status is OrderStatus.CANCELED
    assert service.order(stop.id).status is OrderStatus.CANCELED
    (new,) = working(service)
    assert (new.side, new.qty, new.stop_price) == (Side.BUY, 15, 110)


async def test_an_order_that_only_reduces_leaves_the_exits_alone(service: BrokerService) -> None:
    await service.place_order(buy(10, stop_loss=90))
    await service.place_order(sell(4, stop_loss=110))

    (stop,) = working(service)
    assert (stop.side, stop.qty, stop.stop_price) == (Side.SELL, 6, 90)


async def test_an_addition_with_brackets_brings_its_own_exits(service: BrokerService) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))

    await service.place_order(buy(10, take_profit=130, guaranteed_stop=95))

    kept, guaranteed = working(service)
    assert (kept.id, kept.limit_price, kept.qty) == (take_profit.id, 130, 20)
    assert service.order(stop.id).status is OrderStatus.CANCELED
    assert (guaranteed.stop_type, guaranteed.stop_price) == (StopType.GUARANTEED_STOP, 95)


async def test_two_exits_reached_at_once_close_the_position_once(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))
    # Both are on the right side of the market when they are moved, which then goes between them.
    await service.modify_order(stop.id, sell(10, OrderType.STOP, stop_price=99))
    feed.set("AAPL", 98, 99)
    await service.modify_order(take_profit.id, sell(10, OrderType.LIMIT, limit_price=98.5))
    feed.set("AAPL", 98.7, 99.7)
    await service.mark_to_market()

    assert service.order(take_profit.id).status is OrderStatus.FILLED
    assert service.order(stop.id).status is OrderStatus.CANCELED
    assert service.positions() == []
    assert working(service) == []
    assert len(service.executions(None, 500)) == 2


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (buy(1, take_profit=101), "takeProfit has to be above 101"),
        (buy(1, stop_loss=101), "stopLoss has to be below 101"),
        (buy(1, guaranteed_stop=102), "guaranteedStop has to be below 101"),
        (sell(1, take_profit=100), "takeProfit has to be below 100"),
        (sell(1, stop_loss=99), "stopLoss has to be above 100"),
        (buy(1, OrderType.LIMIT, limit_price=90, stop_loss=95), "stopLoss has to be below 90"),
        (buy(1, OrderType.STOP, stop_price=120, take_profit=110), "takeProfit has to be above 120"),
        (buy(1, trailing_stop_pips=10_100), "trailingStopPips is more than the price"),
        (buy(1, stop_loss=90, guaranteed_stop=90), "only one of"),
        (buy(1, stop_loss=90, trailing_stop_pips=5), "only one of"),
        (buy(1, stop_type=StopType.TRAILING_STOP), "TRAILING_STOP needs trailingStopPips"),
        (
            buy(1, stop_loss=90, stop_type=StopType.GUARANTEED_STOP),
            "GUARANTEED_STOP needs guaranteedStop",
        ),
        (buy(1, trailing_stop_pips=5, stop_type=StopType.STOP_LOSS), "STOP_LOSS needs stopLoss"),
    ],
)
async def test_senseless_brackets_are_refused(
    service: BrokerService, entry: PreOrder, complaint: str
) -> None:
    with pytest.raises(ProblemError, match=complaint) as refused:
        await service.place_order(entry)

    assert refused.value.problem.status == 422
    assert service.orders((), None, 500, None) == []


@pytest.mark.parametrize(
    "brackets",
    [
        {},
        {"stop_loss": 90.0},
        {"trailing_stop_pips": 5, "stop_type": StopType.TRAILING_STOP},
        {"stop_type": StopType.STOP_LOSS},
        {"stop_loss": 90.0, "stop_type": StopType.STOP_LOSS},
    ],
)
async def test_sensible_brackets_are_accepted(
    service: BrokerService, brackets: dict[str, Any]
) -> None:
    order = await placed(service, buy(1, **brackets))

    assert order.status is OrderStatus.FILLED
