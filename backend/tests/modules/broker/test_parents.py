"""Whose exit an order is."""

from __future__ import annotations

from modules.broker.doubles import Clock, FakeDatafeed, buy, exits_after, placed, sell, working
from trading_api.models import (
    Brackets,
    OrderStatus,
    OrderType,
    ParentType,
    PlacedOrder,
    Side,
)
from trading_api.modules.broker.records import (
    BracketPrices,
    Holding,
    Instrument,
    Order,
    Unit,
    decimal_of,
)
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store import MemoryStore

NOBODY = (None, None)


def parent(order: PlacedOrder) -> tuple[str | None, ParentType | None]:
    return order.parent_id, order.parent_type


def parents(service: BrokerService) -> set[tuple[str | None, ParentType | None]]:
    return {parent(order) for order in working(service)}


async def test_exits_belong_to_their_position_and_nothing_else_does(
    service: BrokerService,
) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))
    # Of the same symbol, side and quantity as the exits, and of a kind of stop that exits have.
    other = await placed(service, sell(10, OrderType.LIMIT, limit_price=130))
    like_a_stop = await placed(service, sell(10, OrderType.STOP, stop_price=80, stop_loss=85))

    (position,) = service.positions()
    assert parent(take_profit) == parent(stop) == (position.id, ParentType.POSITION)
    assert parent(other) == parent(like_a_stop) == NOBODY
    assert parent(service.orders((), None, 1, None)[0]) == NOBODY


async def test_the_brackets_of_a_working_order_are_nobodys_exits_yet(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    entry = await placed(service, buy(10, OrderType.LIMIT, limit_price=95, stop_loss=90))
    assert [order.id for order in working(service)] == [entry.id]
    assert parent(entry) == NOBODY

    feed.set("AAPL", 94, 95)
    await service.mark_to_market()

    (position,) = service.positions()
    assert parents(service) == {(position.id, ParentType.POSITION)}
    assert parent(service.order(entry.id)) == NOBODY


async def test_an_exit_keeps_its_parent_as_long_as_it_is_known(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    take_profit, stop = await exits_after(service, buy(10, take_profit=120, stop_loss=90))
    (position,) = service.positions()
    belongs = (position.id, ParentType.POSITION)

    await service.close_position(position.id, 4)
    moved = sell(6, OrderType.STOP, stop_price=92)
    assert parent(await service.modify_order(stop.id, moved)) == belongs
    await service.edit_position_brackets(position.id, Brackets(take_profit=110, stop_loss=91))
    assert parents(service) == {belongs}

    feed.set("AAPL", 111, 112)
    await service.mark_to_market()

    ended = [service.order(order.id) for order in (take_profit, stop)]
    assert [order.status for order in ended] == [OrderStatus.FILLED, OrderStatus.CANCELED]
    assert {parent(order) for order in ended} == {belongs}


async def test_exits_of_a_position_that_was_turned_around_belong_to_the_new_one(
    service: BrokerService,
) -> None:
    await service.place_order(buy(10, stop_loss=90))
    (before,) = service.positions()
    await service.place_order(sell(25, stop_loss=120))

    (position,) = service.positions()
    assert position.id != before.id
    assert parents(service) == {(position.id, ParentType.POSITION)}


async def test_parents_outlive_a_restart(
    feed: FakeDatafeed, settings: BrokerSettings, clock: Clock
) -> None:
    store = MemoryStore()
    async with open_service(feed, settings=settings, store=store, clock=clock) as first:
        await exits_after(first, buy(10, take_profit=120, stop_loss=90))
        (position,) = first.positions()

    async with open_service(feed, settings=settings, store=store, clock=clock) as second:
        assert [order.id for order in working(second)] == ["O2", "O3"]
        assert parents(second) == {(position.id, ParentType.POSITION)}


async def test_what_was_kept_before_orders_told_their_parents_tells_them_now(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    instrument = Instrument("AAPL", decimal_of(0.01))
    entry = Order(
        number=1,
        instrument=instrument,
        type=OrderType.MARKET,
        side=Side.BUY,
        qty=decimal_of(10),
        status=OrderStatus.FILLED,
        updated=0,
        brackets=BracketPrices(stop_loss=decimal_of(90)),
    )
    stop = Order(
        number=2,
        instrument=instrument,
        type=OrderType.STOP,
        side=Side.SELL,
        qty=decimal_of(10),
        status=OrderStatus.WORKING,
        updated=0,
        stop_price=decimal_of(90),
        exit_of="P1",
    )
    held = Holding("P1", instrument, Side.BUY, decimal_of(10), decimal_of(101))
    store = MemoryStore()
    await store.commit(Unit(orders={"O1": entry, "O2": stop}, holdings={"P1": held}))

    async with open_service(feed, settings=settings, store=store) as service:
        assert [parent(order) for order in service.orders((), None, 500, None)] == [
            NOBODY,
            ("P1", ParentType.POSITION),
        ]
