"""The parents of exit orders."""

from __future__ import annotations

from modules.broker.doubles import (
    Clock,
    FakeDatafeed,
    buy,
    place,
    place_with_brackets,
    sell,
    working_orders,
)
from trading_api.models import (
    Brackets,
    OrderStatus,
    OrderType,
    ParentType,
    PlacedOrder,
)
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings

NO_PARENT = (None, None)


def parent(order: PlacedOrder) -> tuple[str | None, ParentType | None]:
    return order.parent_id, order.parent_type


async def parents(service: BrokerService) -> set[tuple[str | None, ParentType | None]]:
    return {parent(order) for order in await working_orders(service)}


async def test_parent_of_an_exit_is_its_position_and_of_other_orders_none(
    service: BrokerService,
) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))
    # With the symbol, side and quantity of the exits, and with a stop as exits have.
    other = await place(service, sell(10, OrderType.LIMIT, limit_price=130))
    like_a_stop = await place(service, sell(10, OrderType.STOP, stop_price=80, stop_loss=85))

    (position,) = service.get_positions()
    assert parent(take_profit) == parent(stop) == (position.id, ParentType.POSITION)
    assert parent(other) == parent(like_a_stop) == NO_PARENT
    assert parent((await service.get_orders((), None, 1, None))[0]) == NO_PARENT


async def test_parent_of_an_entry_order_is_none_before_and_after_its_fill(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    entry = await place(service, buy(10, OrderType.LIMIT, limit_price=95, stop_loss=90))
    assert [order.id for order in await working_orders(service)] == [entry.id]
    assert parent(entry) == NO_PARENT

    feed.set("AAPL", 94, 95)
    await service.mark_to_market()

    (position,) = service.get_positions()
    assert await parents(service) == {(position.id, ParentType.POSITION)}
    assert parent(await service.get_order(entry.id)) == NO_PARENT


async def test_parent_of_an_exit_stays_after_changes_and_after_its_end(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    take_profit, stop = await place_with_brackets(service, buy(10, take_profit=120, stop_loss=90))
    (position,) = service.get_positions()
    expected = (position.id, ParentType.POSITION)

    await service.close_position(position.id, 4)
    moved = sell(6, OrderType.STOP, stop_price=92)
    assert parent(await service.modify_order(stop.id, moved)) == expected
    await service.edit_position_brackets(position.id, Brackets(take_profit=110, stop_loss=91))
    assert await parents(service) == {expected}

    feed.set("AAPL", 111, 112)
    await service.mark_to_market()

    ended = [await service.get_order(order.id) for order in (take_profit, stop)]
    assert [order.status for order in ended] == [OrderStatus.FILLED, OrderStatus.CANCELED]
    assert {parent(order) for order in ended} == {expected}


async def test_parent_of_an_exit_after_a_reversal_is_the_new_position(
    service: BrokerService,
) -> None:
    await service.place_order(buy(10, stop_loss=90))
    (before,) = service.get_positions()
    await service.place_order(sell(25, stop_loss=120))

    (position,) = service.get_positions()
    assert position.id != before.id
    assert await parents(service) == {(position.id, ParentType.POSITION)}


async def test_parent_of_an_exit_after_a_restart_is_its_position(
    feed: FakeDatafeed, file_settings: BrokerSettings, clock: Clock
) -> None:
    async with open_service(feed, settings=file_settings, clock=clock) as first:
        await place_with_brackets(first, buy(10, take_profit=120, stop_loss=90))
        (position,) = first.get_positions()

    async with open_service(feed, settings=file_settings, clock=clock) as second:
        assert [order.id for order in await working_orders(second)] == ["O2", "O3"]
        assert await parents(second) == {(position.id, ParentType.POSITION)}
