"""What outlives a restart, and what happens when it cannot be kept."""

from __future__ import annotations

import asyncio

import pytest

from modules.broker.doubles import Clock, FakeDatafeed, buy, placed, sell, working
from trading_api.models import LeverageSetParams, OrderType, Side
from trading_api.modules.broker.records import Unit
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store import MemoryStore


class FailingStore(MemoryStore):
    """Keeps nothing while it is broken."""

    broken = False

    async def commit(self, unit: Unit) -> None:
        if self.broken:
            raise OSError("disk full")
        await super().commit(unit)


class SlowStore(MemoryStore):
    """Keeps nothing before it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.released = asyncio.Event()

    async def commit(self, unit: Unit) -> None:
        self.begun.set()
        await self.released.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        await super().commit(unit)


async def use(service: BrokerService) -> None:
    """Leave something of every kind."""
    params = LeverageSetParams(symbol="IBM", order_type=OrderType.MARKET, side=Side.BUY, leverage=2)
    await service.set_leverage(params)
    await service.place_order(buy(10, take_profit=120, stop_loss=90), "key-1")
    await service.place_order(buy(20, symbol="IBM"))
    await service.place_order(sell(20, symbol="IBM"))
    await service.place_order(sell(25, stop_loss=120))
    await service.place_order(buy(1, OrderType.LIMIT, limit_price=80))


async def test_everything_committed_is_there_after_a_restart(
    feed: FakeDatafeed, settings: BrokerSettings, clock: Clock
) -> None:
    store = MemoryStore()
    async with open_service(feed, settings=settings, store=store, clock=clock) as first:
        await use(first)
        orders, executions = first.orders((), None, 500, None), first.executions(None, 500)
        account, positions = first.account(), first.positions()
        waiting = working(first)

    assert [held.symbol for held in (await store.load()).holdings.values()] == ["AAPL"]
    async with open_service(feed, settings=settings, store=store, clock=clock) as second:
        await second.mark_to_market()
        assert second.orders((), None, 500, None) == orders
        assert second.executions(None, 500) == executions
        assert second.account() == account
        assert second.positions() == positions
        assert working(second) == waiting
        assert (await second.get_leverage("IBM")).leverage == 2
        repeated = await second.place_order(buy(10, take_profit=120, stop_loss=90), "key-1")
        assert repeated.order_id == orders[0].id
        assert len(second.orders((), None, 500, None)) == len(orders)
        # Its exits are known as such: they go with the position.
        await second.close_position(positions[0].id, None)
        assert [order.side for order in working(second)] == [Side.BUY]


async def test_what_cannot_be_kept_has_not_happened(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    store = FailingStore()
    async with open_service(feed, settings=settings, store=store) as service:
        await service.place_order(buy(10, stop_loss=90))
        before = (service.orders((), None, 500, None), service.positions(), service.account())
        events = service.events.orders.subscribe()
        store.broken = True

        with pytest.raises(OSError, match="disk full"):
            await service.place_order(buy(5, take_profit=120), "key-1")

        after = (service.orders((), None, 500, None), service.positions(), service.account())
        assert after == before
        store.broken = False
        order = await placed(service, buy(5))
        assert (await anext(events)).id == order.id


async def test_a_caller_that_goes_away_does_not_tear_a_change_apart(
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
        assert service.positions() == []

        store.released.set()
        async with asyncio.timeout(5):
            assert (await anext(executions)).qty == 10
        assert service.positions()[0].qty == 10


async def test_closing_the_broker_completes_what_has_begun(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    store = SlowStore()
    async with open_service(feed, settings=settings, store=store) as service:
        caller = asyncio.create_task(service.place_order(buy(10)))
        await store.begun.wait()
        caller.cancel()
        store.released.set()

    assert len((await store.load()).trades) == 1


async def test_settings_come_from_the_environment(
    feed: FakeDatafeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_ACCOUNT_ID", "A-7")
    monkeypatch.setenv("BROKER_INITIAL_BALANCE", "2500.5")
    monkeypatch.setenv("BROKER_CURRENCY", "EUR")
    async with open_service(feed) as service:
        account = service.account()

    assert (account.id, account.balance, account.currency) == ("A-7", 2500.5, "EUR")


def test_default_leverage_above_the_maximum_is_refused() -> None:
    with pytest.raises(ValueError, match="BROKER_DEFAULT_LEVERAGE is more than"):
        BrokerSettings(default_leverage=10, max_leverage=5)
