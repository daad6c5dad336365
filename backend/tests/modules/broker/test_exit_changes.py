"""Changes of exits, through the brackets of their position and one by one."""

from __future__ import annotations

import pytest

from modules.broker.doubles import (
    FakeDatafeed,
    buy,
    place_with_brackets,
    raises_problem,
    sell,
    working_orders,
)
from trading_api.models import Brackets, OrderStatus, OrderType, PreOrder, StopType
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemType


async def test_edit_brackets_replaces_the_exits(service: BrokerService, feed: FakeDatafeed) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))
    (position,) = service.get_positions()

    edited = Brackets(take_profit=130, trailing_stop_pips=300)
    changed = position.model_copy(update={"version": position.version + 1})
    assert await service.edit_position_brackets(position.id, edited) == changed

    kept, trailing = await working_orders(service)
    assert (kept.id, kept.limit_price) == (take_profit.id, 130)
    assert (trailing.stop_type, trailing.stop_price) == (StopType.TRAILING_STOP, 97)
    assert (await service.get_order(stop.id)).status is OrderStatus.CANCELED

    # The same distance again does not pull a trailing stop back.
    feed.set("AAPL", 110, 111)
    await service.mark_to_market()
    feed.set("AAPL", 108, 109)
    await service.edit_position_brackets(position.id, edited)
    assert (await service.get_order(trailing.id)).stop_price == 107


async def test_edit_brackets_without_values_removes_the_exits(service: BrokerService) -> None:
    await service.place_order(buy(10, take_profit=120, stop_loss=90))
    (position,) = service.get_positions()

    await service.edit_position_brackets(position.id, Brackets())

    assert await working_orders(service) == []


@pytest.mark.parametrize(
    ("brackets", "field", "code"),
    [
        (Brackets(take_profit=99), "takeProfit", "take_profit_below_price"),
        (Brackets(stop_loss=100), "stopLoss", "stop_loss_above_price"),
        (Brackets(guaranteed_stop=100.5), "guaranteedStop", "guaranteed_stop_above_price"),
        (Brackets(stop_loss=90, guaranteed_stop=90), "guaranteedStop", "second_stop"),
    ],
)
async def test_edit_brackets_with_invalid_values_is_rejected_and_changes_nothing(
    service: BrokerService, brackets: Brackets, field: str, code: str
) -> None:
    await service.place_order(buy(10, take_profit=120, stop_loss=90))
    (position,) = service.get_positions()
    before = await working_orders(service)

    with raises_problem(422, ProblemType.TRADING_RULE_VIOLATION, (f"#/{field}", code)):
        await service.edit_position_brackets(position.id, brackets)

    assert await working_orders(service) == before


async def test_edit_brackets_of_an_unknown_position_is_rejected(service: BrokerService) -> None:
    location = ("position_id", "position_not_open")
    with raises_problem(404, ProblemType.POSITION_NOT_OPEN, location):
        await service.edit_position_brackets("P1", Brackets())


async def test_modify_exit_price_keeps_the_exit_of_its_position(service: BrokerService) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))

    moved = await service.modify_order(stop.id, sell(10, OrderType.STOP, stop_price=95))
    assert (moved.stop_price, moved.stop_type) == (95, StopType.STOP_LOSS)
    moved = await service.modify_order(take_profit.id, sell(10, OrderType.LIMIT, limit_price=125))
    assert moved.limit_price == 125

    # They are still exits: closing the position cancels them.
    (position,) = service.get_positions()
    await service.close_position(position.id, None)
    assert await working_orders(service) == []


async def test_modify_trailing_exit_distance_moves_its_stop(service: BrokerService) -> None:
    await service.place_order(buy(10, trailing_stop_pips=500))
    (stop,) = await working_orders(service)

    # As a terminal sends it: all values that it received, with the new distance.
    request = sell(
        10,
        OrderType.STOP,
        stop_price=stop.stop_price,
        trailing_stop_pips=200,
        stop_type=StopType.TRAILING_STOP,
    )
    moved = await service.modify_order(stop.id, request)

    assert (moved.stop_price, moved.trailing_stop_pips) == (98, 200)


@pytest.mark.parametrize(
    ("request_", "field", "code"),
    [
        (sell(9, OrderType.STOP, stop_price=90), "qty", "cannot_be_changed"),
        (
            sell(10, OrderType.STOP, stop_price=90, take_profit=120),
            "takeProfit",
            "cannot_be_changed",
        ),
        (
            sell(10, OrderType.STOP, stop_price=90, trailing_stop_pips=5),
            "trailingStopPips",
            "cannot_be_changed",
        ),
        (
            sell(10, OrderType.STOP, stop_price=90, stop_type=StopType.GUARANTEED_STOP),
            "stopType",
            "cannot_be_changed",
        ),
        (sell(10, OrderType.STOP, stop_price=100), "stopPrice", "stop_loss_above_price"),
    ],
)
async def test_modify_exit_with_invalid_values_is_rejected_and_changes_nothing(
    service: BrokerService, request_: PreOrder, field: str, code: str
) -> None:
    await service.place_order(buy(10, stop_loss=85))
    (stop,) = await working_orders(service)

    with raises_problem(422, ProblemType.TRADING_RULE_VIOLATION, (f"#/{field}", code)):
        await service.modify_order(stop.id, request_)

    assert await service.get_order(stop.id) == stop


async def test_cancel_exit_leaves_the_other_exit_and_the_position(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))

    await service.cancel_order(stop.id)
    feed.set("AAPL", 80, 81)
    await service.mark_to_market()

    assert [order.id for order in await working_orders(service)] == [take_profit.id]
    assert len(service.get_positions()) == 1
