"""Brackets, and the exits that they become."""

from __future__ import annotations

from typing import Any

import pytest

from modules.broker.doubles import (
    FakeDatafeed,
    all_orders,
    buy,
    place,
    place_with_brackets,
    raises_problem,
    sell,
    working_orders,
)
from trading_api.models import (
    OrderStatus,
    OrderType,
    PreOrder,
    Side,
    StopType,
)
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemType


async def last_price(service: BrokerService) -> float:
    return (await service.get_executions(None, 1))[0].price


async def test_brackets_of_a_filled_order_become_working_exits(service: BrokerService) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))

    assert (take_profit.type, take_profit.side, take_profit.qty) == (OrderType.LIMIT, Side.SELL, 10)
    assert take_profit.limit_price == 120
    assert (stop.type, stop.side, stop.qty) == (OrderType.STOP, Side.SELL, 10)
    assert (stop.stop_price, stop.stop_type) == (90, StopType.STOP_LOSS)


async def test_brackets_of_a_working_order_become_exits_when_it_fills(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    entry = await place(service, buy(10, OrderType.LIMIT, limit_price=95, stop_loss=90))
    assert [order.id for order in await working_orders(service)] == [entry.id]

    feed.set("AAPL", 94, 95)
    await service.mark_to_market()

    (stop,) = await working_orders(service)
    assert (stop.stop_price, stop.qty) == (90, 10)


@pytest.mark.parametrize(
    ("entry", "quotes", "price"),
    [
        (buy(10, take_profit=120, stop_loss=90), (121, 122), 121),
        (sell(10, take_profit=80, stop_loss=110), (78, 79), 79),
    ],
)
async def test_take_profit_reached_closes_the_position_and_cancels_the_stop(
    service: BrokerService,
    feed: FakeDatafeed,
    entry: PreOrder,
    quotes: tuple[float, float],
    price: float,
) -> None:
    take_profit, stop = await place_with_brackets(service, entry)

    feed.set("AAPL", *quotes)
    await service.mark_to_market()

    assert service.get_positions() == []
    assert (await service.get_order(take_profit.id)).status is OrderStatus.FILLED
    assert (await service.get_order(stop.id)).status is OrderStatus.CANCELED
    assert await last_price(service) == price


@pytest.mark.parametrize(
    ("entry", "quotes", "price"),
    [
        (buy(10, take_profit=120, stop_loss=90), (88, 89), 88),
        (sell(10, take_profit=80, stop_loss=110), (111, 112), 112),
        (buy(10, take_profit=120, guaranteed_stop=90), (70, 71), 90),
        (sell(10, take_profit=80, guaranteed_stop=110), (150, 151), 110),
    ],
)
async def test_stop_reached_closes_the_position_and_cancels_the_take_profit(
    service: BrokerService,
    feed: FakeDatafeed,
    entry: PreOrder,
    quotes: tuple[float, float],
    price: float,
) -> None:
    take_profit, stop = await place_with_brackets(service, entry)

    feed.set("AAPL", *quotes)
    await service.mark_to_market()

    assert service.get_positions() == []
    assert (await service.get_order(stop.id)).status is OrderStatus.FILLED
    assert (await service.get_order(take_profit.id)).status is OrderStatus.CANCELED
    # A plain stop gets the market price, a guaranteed one exactly its own.
    assert await last_price(service) == price


async def test_guaranteed_stop_after_a_price_gap_fills_at_its_own_price(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10, guaranteed_stop=95.5))
    feed.set("AAPL", 60, 61)
    await service.mark_to_market()

    # 10 * (95.5 - 101)
    assert service.get_account().realized_pl == -55


@pytest.mark.parametrize(
    "bracket",
    [
        {"guaranteed_stop": 100.0, "stop_type": StopType.GUARANTEED_STOP},
        {"trailing_stop_pips": 500.0, "stop_type": StopType.TRAILING_STOP},
    ],
)
async def test_stop_order_with_a_stop_type_for_its_bracket_fills_at_the_market(
    service: BrokerService, feed: FakeDatafeed, bracket: dict[str, Any]
) -> None:
    entry = await place(service, buy(10, OrderType.STOP, stop_price=105, **bracket))
    feed.set("AAPL", 102, 103)
    await service.mark_to_market()
    assert await service.get_order(entry.id) == entry

    feed.set("AAPL", 107, 108)
    await service.mark_to_market()
    assert (await service.get_order(entry.id)).avg_price == 108


async def test_guaranteed_stop_passed_before_the_fill_closes_at_the_market(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10, OrderType.LIMIT, limit_price=98, guaranteed_stop=95))
    feed.set("AAPL", 79, 80)
    await service.mark_to_market()
    await service.mark_to_market()

    # Bought at 80 and sold at the market of 79, not at 95.
    assert service.get_positions() == []
    assert service.get_account().realized_pl == -10


async def test_trailing_stop_of_a_long_position_follows_the_price_up_only(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10, trailing_stop_pips=500))
    (stop,) = await working_orders(service)
    assert (stop.stop_type, stop.trailing_stop_pips) == (StopType.TRAILING_STOP, 500)

    seen = [stop.stop_price]
    for bid in (104, 110, 106, 105.01):
        feed.set("AAPL", bid, bid + 1)
        await service.mark_to_market()
        seen.append((await service.get_order(stop.id)).stop_price)
    # 500 pips of 0.01 below the highest bid.
    assert seen == [95, 99, 105, 105, 105]

    feed.set("AAPL", 104.5, 105.5)
    await service.mark_to_market()
    assert service.get_positions() == []
    assert await last_price(service) == 104.5


async def test_trailing_stop_of_a_short_position_follows_the_price_down(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(sell(10, trailing_stop_pips=500))
    (stop,) = await working_orders(service)
    assert stop.stop_price == 106

    feed.set("AAPL", 89, 90)
    await service.mark_to_market()
    assert (await service.get_order(stop.id)).stop_price == 95

    feed.set("AAPL", 95, 96)
    await service.mark_to_market()
    assert await last_price(service) == 96


async def test_exits_are_resized_with_their_position(service: BrokerService) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))

    await service.place_order(buy(5))
    assert [order.qty for order in await working_orders(service)] == [15, 15]
    await service.place_order(sell(12))
    assert [order.qty for order in await working_orders(service)] == [3, 3]
    assert [order.id for order in await working_orders(service)] == [take_profit.id, stop.id]


async def test_close_position_cancels_its_exits(service: BrokerService) -> None:
    await service.place_order(buy(10, take_profit=120, stop_loss=90))
    (position,) = service.get_positions()

    await service.close_position(position.id, None)

    assert await working_orders(service) == []


async def test_reversed_position_replaces_its_exits(service: BrokerService) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))

    await service.place_order(sell(25, stop_loss=110))

    assert (await service.get_order(take_profit.id)).status is OrderStatus.CANCELED
    assert (await service.get_order(stop.id)).status is OrderStatus.CANCELED
    (new,) = await working_orders(service)
    assert (new.side, new.qty, new.stop_price) == (Side.BUY, 15, 110)


async def test_reducing_order_with_brackets_leaves_the_exits_unchanged(
    service: BrokerService,
) -> None:
    await service.place_order(buy(10, stop_loss=90))
    await service.place_order(sell(4, stop_loss=110))

    (stop,) = await working_orders(service)
    assert (stop.side, stop.qty, stop.stop_price) == (Side.SELL, 6, 90)


async def test_adding_order_with_brackets_replaces_the_exits(service: BrokerService) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))

    await service.place_order(buy(10, take_profit=130, guaranteed_stop=95))

    kept, guaranteed = await working_orders(service)
    assert (kept.id, kept.limit_price, kept.qty) == (take_profit.id, 130, 20)
    assert (await service.get_order(stop.id)).status is OrderStatus.CANCELED
    assert (guaranteed.stop_type, guaranteed.stop_price) == (StopType.GUARANTEED_STOP, 95)


async def test_two_exits_reached_together_close_the_position_once(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))
    # Both are on the right side of the market when they are moved, which then goes between them.
    await service.modify_order(stop.id, sell(10, OrderType.STOP, stop_price=99))
    feed.set("AAPL", 98, 99)
    await service.modify_order(take_profit.id, sell(10, OrderType.LIMIT, limit_price=98.5))
    feed.set("AAPL", 98.7, 99.7)
    await service.mark_to_market()

    assert (await service.get_order(take_profit.id)).status is OrderStatus.FILLED
    assert (await service.get_order(stop.id)).status is OrderStatus.CANCELED
    assert service.get_positions() == []
    assert await working_orders(service) == []
    assert len(await service.get_executions(None, 500)) == 2


@pytest.mark.parametrize(
    ("entry", "field", "code"),
    [
        (buy(1, take_profit=101), "takeProfit", "take_profit_below_price"),
        (buy(1, stop_loss=101), "stopLoss", "stop_loss_above_price"),
        (buy(1, guaranteed_stop=102), "guaranteedStop", "guaranteed_stop_above_price"),
        (sell(1, take_profit=100), "takeProfit", "take_profit_above_price"),
        (sell(1, stop_loss=99), "stopLoss", "stop_loss_below_price"),
        (
            buy(1, OrderType.LIMIT, limit_price=90, stop_loss=95),
            "stopLoss",
            "stop_loss_above_price",
        ),
        (
            buy(1, OrderType.STOP, stop_price=120, take_profit=110),
            "takeProfit",
            "take_profit_below_price",
        ),
        (buy(1, trailing_stop_pips=10_100), "trailingStopPips", "trailing_stop_too_far"),
        (buy(1, stop_loss=90, guaranteed_stop=90), "guaranteedStop", "second_stop"),
        (buy(1, stop_loss=90, trailing_stop_pips=5), "trailingStopPips", "second_stop"),
        (buy(1, stop_type=StopType.TRAILING_STOP), "stopType", "stop_type_without_stop"),
        (
            buy(1, stop_loss=90, stop_type=StopType.GUARANTEED_STOP),
            "stopType",
            "stop_type_without_stop",
        ),
        (
            buy(1, trailing_stop_pips=5, stop_type=StopType.STOP_LOSS),
            "stopType",
            "stop_type_without_stop",
        ),
    ],
)
async def test_order_with_invalid_brackets_is_rejected(
    service: BrokerService, entry: PreOrder, field: str, code: str
) -> None:
    with raises_problem(422, ProblemType.TRADING_RULE_VIOLATION, (f"#/{field}", code)):
        await service.place_order(entry)

    assert await all_orders(service) == []


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
async def test_order_with_valid_brackets_is_filled(
    service: BrokerService, brackets: dict[str, Any]
) -> None:
    order = await place(service, buy(1, **brackets))

    assert order.status is OrderStatus.FILLED
