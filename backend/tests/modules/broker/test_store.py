"""The store: restarts, failed and slow commits; and the settings."""

from __future__ import annotations

import asyncio

import pytest

from modules.broker.doubles import (
    Clock,
    FakeDatafeed,
    all_orders,
    buy,
    place,
    sell,
    state_of,
    working_orders,
)
from trading_api.models import LeverageSetParams, OrderType, Side
from trading_api.modules.broker.ledger import MemoryStore
from trading_api.modules.broker.records import UnitOfWork
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings


class FailingStore(MemoryStore):
    """Fails to commit while it is broken."""

    broken = False

    async def commit(self, unit_of_work: UnitOfWork) -> None:
        if self.broken:
            raise OSError("disk full")
        await super().commit(unit_of_work)


class SlowStore(MemoryStore):
    """Commits only after it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.released = asyncio.Event()

    async def commit(self, unit_of_work: UnitOfWork) -> None:
        self.begun.set()
        await self.released.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        await super().commit(unit_of_work)


async def create_records(service: BrokerService) -> None:
    """Create at least one record of every kind."""
    params = LeverageSetParams(symbol="IBM", order_type=OrderType.MARKET, side=Side.BUY, leverage=2)
    await service.set_leverage(params)
    await service.place_order(buy(10, take_profit=120, stop_loss=90), "key-1")
    await service.place_order(buy(20, symbol="IBM"))
    await service.place_order(sell(20, symbol="IBM"))
    await service.place_order(sell(25, stop_loss=120))
    await service.place_order(buy(1, OrderType.LIMIT, limit_price=80))


async def test_state_after_a_restart_is_what_was_committed(
    feed: FakeDatafeed, settings: BrokerSettings, clock: Clock
) -> None:
    store = MemoryStore()
    async with open_service(feed, settings=settings, store=store, clock=clock) as first:
        await create_records(first)
        orders, executions = all_orders(first), first.get_executions(None, 500)
        account, positions = first.get_account(), first.get_positions()
        waiting = working_orders(first)

    assert [position.symbol for position in (await store.load()).positions.values()] == ["AAPL"]
    async with open_service(feed, settings=settings, store=store, clock=clock) as second:
        await second.mark_to_market()
        assert all_orders(second) == orders
        assert second.get_executions(None, 500) == executions
        assert second.get_account() == account
        assert second.get_positions() == positions
        assert working_orders(second) == waiting
        assert (await second.get_leverage("IBM")).leverage == 2
        repeated = await second.place_order(buy(10, take_profit=120, stop_loss=90), "key-1")
        assert repeated.order_id == orders[0].id
        assert len(all_orders(second)) == len(orders)
        # The exits still belong to the position: closing it cancels them.
        await second.close_position(positions[0].id, None)
        assert [order.side for order in working_orders(second)] == [Side.BUY]


async def test_order_that_cannot_be_stored_changes_nothing(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    store = FailingStore()
    async with open_service(feed, settings=settings, store=store) as service:
        await service.place_order(buy(10, stop_loss=90))
        before = state_of(service)
        events = service.events.orders.subscribe()
        store.broken = True

        with pytest.raises(OSError, match="disk full"):
            await service.place_order(buy(5, take_profit=120), "key-1")

        assert state_of(service) == before
        store.broken = False
        order = await place(service, buy(5))
        assert (await anext(events)).id == order.id


async def test_cancelled_caller_does_not_interrupt_a_commit(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    store = SlowStore()
    async with open_service(feed, settings=settings, store=store) as service:
        executions = service.events.executions.subscribe()
        caller = asyncio.create_task(service.place_order(buy(10)))
        await store.begun.wait()
        caller.cancel()
        await asyncio.wait([caller])
        assert caller.cancelled()
        assert service.get_positions() == []

        store.released.set()
        async with asyncio.timeout(5):
            assert (await anext(executions)).qty == 10
        assert service.get_positions()[0].qty == 10


async def test_close_of_the_broker_completes_started_changes(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    store = SlowStore()
    async with open_service(feed, settings=settings, store=store) as service:
        caller = asyncio.create_task(service.place_order(buy(10)))
        await store.begun.wait()
        caller.cancel()
        store.released.set()

    assert len((await store.load()).executions) == 1


async def test_settings_are_read_from_the_environment(
    feed: FakeDatafeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_ACCOUNT_ID", "A-7")
    monkeypatch.setenv("BROKER_INITIAL_BALANCE", "2500.5")
    monkeypatch.setenv("BROKER_CURRENCY", "EUR")
    async with open_service(feed) as service:
        account = service.get_account()

    assert (account.id, account.balance, account.currency) == ("A-7", 2500.5, "EUR")


def test_default_leverage_above_the_maximum_is_rejected() -> None:
    with pytest.raises(ValueError, match="BROKER_DEFAULT_LEVERAGE is more than"):
        BrokerSettings(default_leverage=10, max_leverage=5)
