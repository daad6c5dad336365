"""Exits that are changed: by the brackets of their position, or one by one."""

from __future__ import annotations

import pytest

from modules.broker.doubles import FakeDatafeed, buy, exits_after, sell, working
from trading_api.models import Brackets, OrderStatus, OrderType, PreOrder, StopType
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemError


async def test_edited_brackets_replace_the_exits(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))
    (position,) = service.positions()

    edited = Brackets(take_profit=130, trailing_stop_pips=300)
    assert await service.edit_position_brackets(position.id, edited) == position

    kept, trailing = working(service)
    assert (kept.id, kept.limit_price) == (take_profit.id, 130)
    assert (trailing.stop_type, trailing.stop_price) == (StopType.TRAILING_STOP, 97)
    assert service.order(stop.id).status is OrderStatus.CANCELED

    # The same distance again does not pull a trailing stop back.
    feed.set("AAPL", 110, 111)
    await service.mark_to_market()
    feed.set("AAPL", 108, 109)
    await service.edit_position_brackets(position.id, edited)
    assert service.order(trailing.id).stop_price == 107


async def test_empty_brackets_remove_the_exits(service: BrokerService) -> None:
    await service.place_order(buy(10, take_profit=120, stop_loss=90))
    (position,) = service.positions()

    await service.edit_position_brackets(position.id, Brackets())

    assert working(service) == []


@pytest.mark.parametrize(
    ("brackets", "complaint"),
    [
        (Brackets(take_profit=99), "takeProfit has to be above 100"),
        (Brackets(stop_loss=100), "stopLoss has to be below 100"),
        (Brackets(guaranteed_stop=100.5), "guaranteedStop has to be below 100"),
        (Brackets(stop_loss=90, guaranteed_stop=90), "only one of"),
    ],
)
async def test_senseless_edits_are_refused_and_change_nothing(
    service: BrokerService, brackets: Brackets, complaint: str
) -> None:
    await service.place_order(buy(10, take_profit=120, stop_loss=90))
    (position,) = service.positions()
    before = working(service)

    with pytest.raises(ProblemError, match=complaint) as refused:
        await service.edit_position_brackets(position.id, brackets)

    assert refused.value.problem.status == 422
    assert working(service) == before


async def test_brackets_of_an_unknown_position(service: BrokerService) -> None:
    with pytest.raises(ProblemError) as refused:
        await service.edit_position_brackets("P1", Brackets())

    assert refused.value.problem.status == 404


async def test_price_of_an_exit_can_be_modified(service: BrokerService) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))

    moved = await service.modify_order(stop.id, sell(10, OrderType.STOP, stop_price=95))
    assert (moved.stop_price, moved.stop_type) == (95, StopType.STOP_LOSS)
    moved = await service.modify_order(take_profit.id, sell(10, OrderType.LIMIT, limit_price=125))
    assert moved.limit_price == 125

    # They are exits still: the position takes them along.
    (position,) = service.positions()
    await service.close_position(position.id, None)
    assert working(service) == []


async def test_distance_of_a_trailing_exit_can_be_modified(service: BrokerService) -> None:
    await service.place_order(buy(10, trailing_stop_pips=500))
    (stop,) = working(service)

    # As a terminal sends it: what it has got, with the new distance.
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
    ("request_", "complaint"),
    [
        (sell(9, OrderType.STOP, stop_price=90), "qty of an exit"),
        (sell(10, OrderType.STOP, stop_price=90, take_profit=120), "no brackets of its own"),
        (sell(10, OrderType.STOP, stop_price=90, trailing_stop_pips=5), "no trailing stop"),
        (
            sell(10, OrderType.STOP, stop_price=90, stop_type=StopType.GUARANTEED_STOP),
            "stopType of an exit cannot",
        ),
        (sell(10, OrderType.STOP, stop_price=100), "stopLoss has to be below 100"),
    ],
)
async def test_senseless_modification_of_an_exit_is_refused(
    service: BrokerService, request_: PreOrder, complaint: str
) -> None:
    await service.place_order(buy(10, stop_loss=85))
    (stop,) = working(service)

    with pytest.raises(ProblemError, match=complaint) as refused:
        await service.modify_order(stop.id, request_)

    assert refused.value.problem.status == 422
    assert service.order(stop.id) == stop


async def test_a_cancelled_exit_leaves_the_other_one(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))

    await service.cancel_order(stop.id)
    feed.set("AAPL", 80, 81)
    await service.mark_to_market()

    assert [order.id for order in working(service)] == [take_profit.id]
    assert len(service.positions()) == 1
