"""The store, with each kind of database: restarts, lists, events, groups, failures."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import update

from modules.broker.doubles import (
    Clock,
    FakeDatafeed,
    all_orders,
    buy,
    place,
    raises_problem,
    sell,
    state_of,
    working_orders,
)
from trading_api.models import LeverageSetParams, OrderStatus, OrderType, Position, Side
from trading_api.modules.broker.events import EVENT_MODELS
from trading_api.modules.broker.records import UnitOfWork
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store import schema
from trading_api.modules.broker.store.databases import Database, SqliteFile
from trading_api.modules.broker.store.store import (
    IDEMPOTENCY_MILLISECONDS,
    PRUNE_MILLISECONDS,
    AccountStore,
)
from trading_api.shared.client.deadline import Deadline, current_deadline
from trading_api.shared.problems import ProblemError, ProblemType
from trading_api.shared.settings import InvalidSettingError


@pytest.fixture
def slow_commit(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Let commits begin only after the second event is set; the first one says that one waits."""
    waiting, released = asyncio.Event(), asyncio.Event()
    commit = AccountStore.commit

    async def wait(store: AccountStore, unit_of_work: UnitOfWork, now: int) -> None:
        waiting.set()
        await released.wait()
        await commit(store, unit_of_work, now)

    monkeypatch.setattr(AccountStore, "commit", wait)
    return waiting, released


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
    feed: FakeDatafeed, kept_settings: BrokerSettings, clock: Clock
) -> None:
    async with open_service(feed, settings=kept_settings, clock=clock) as first:
        await create_records(first)
        orders, executions = await all_orders(first), await first.get_executions(None, 500)
        account, positions = first.get_account(), first.get_positions()
        waiting = await working_orders(first)

    assert [position.symbol for position in positions] == ["AAPL"]
    async with open_service(feed, settings=kept_settings, clock=clock) as second:
        await second.mark_to_market()
        assert await all_orders(second) == orders
        assert await second.get_order(orders[0].id) == orders[0]
        assert await second.get_executions(None, 500) == executions
        assert second.get_account() == account
        assert second.get_positions() == positions
        assert await working_orders(second) == waiting
        assert (await second.get_leverage("IBM")).leverage == 2
        repeated = await second.place_order(buy(10, take_profit=120, stop_loss=90), "key-1")
        assert repeated.order_id == orders[0].id
        assert len(await all_orders(second)) == len(orders)
        assert (await place(second, buy(1, OrderType.LIMIT, limit_price=80))).id == (
            f"O{len(orders) + 1}"
        )
        # The exits still belong to the position: closing it cancels them.
        await second.close_position(positions[0].id, None)
        assert [order.side for order in await working_orders(second)] == [Side.BUY, Side.BUY]


async def test_lists_are_paged_from_the_database(
    feed: FakeDatafeed, kept_settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=kept_settings) as service:
        for symbol in ("AAPL", "IBM", "AAPL", "IBM", "AAPL"):
            await service.place_order(buy(1, symbol=symbol))
        await service.place_order(buy(1, OrderType.LIMIT, limit_price=80))

        async def ids(*arguments: Any) -> list[str]:
            return [order.id for order in await service.get_orders(*arguments)]

        assert await ids((), None, 2, None) == ["O1", "O2"]
        assert await ids((), None, 2, "O4") == ["O5", "O6"]
        assert await ids((), "IBM", 500, None) == ["O2", "O4"]
        assert await ids([OrderStatus.WORKING], None, 500, None) == ["O6"]
        filled = [OrderStatus.FILLED, OrderStatus.REJECTED]
        assert await ids(filled, "AAPL", 500, "O1") == ["O3", "O5"]
        newest = await service.get_executions(None, 2)
        assert [(each.id, each.order_id) for each in newest] == [("E4", "O4"), ("E5", "O5")]
        earlier = await service.get_executions("AAPL", 500, newest[0].id)
        assert [each.order_id for each in earlier] == ["O1", "O3"]
        for cursor in ("E9", "E0", "E05", "O1", "E\u0665"):
            with raises_problem(422, ProblemType.UNKNOWN_CURSOR, ("cursor", "unknown_cursor")):
                await service.get_executions(None, 2, cursor)


async def test_events_are_numbered_without_gaps_and_stored_with_their_changes(
    feed: FakeDatafeed, kept_settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=kept_settings) as service:
        await asyncio.gather(*(service.place_order(buy(1)) for _ in range(20)))
        await service.place_order(sell(20))
        events = await service._store.read_events(EVENT_MODELS, 0)
        last_number = service._ledger.book.last_event

    assert events is not None
    assert [event.number for event in events] == list(range(1, last_number + 1))
    by_stream = Counter(event.stream for event in events)
    assert (by_stream["orders"], by_stream["executions"]) == (21, 21)
    last = events[-1].payload
    assert isinstance(last, Position)
    assert last.qty == 0


async def test_events_that_are_no_longer_kept_cannot_be_read(
    feed: FakeDatafeed, kept_settings: BrokerSettings, clock: Clock
) -> None:
    few = kept_settings.model_copy(update={"events_kept": 4})
    async with open_service(feed, settings=few, clock=clock) as service:
        for _ in range(3):
            await service.place_order(buy(1))
            clock.now += PRUNE_MILLISECONDS
        store = service._store
        last = service._ledger.book.last_event
        assert await store.read_events(EVENT_MODELS, last - 5) is None
        kept = await store.read_events(EVENT_MODELS, last - 4)
        assert [event.number for event in kept or []] == list(range(last - 3, last + 1))


async def test_idempotency_records_are_kept_for_a_day(
    feed: FakeDatafeed, kept_settings: BrokerSettings, clock: Clock
) -> None:
    async with open_service(feed, settings=kept_settings, clock=clock) as service:
        first = await service.place_order(buy(1), "key-1")
        clock.now += IDEMPOTENCY_MILLISECONDS
        await service.place_order(buy(1), "key-2")
        assert await service.place_order(buy(1), "key-1") == first

        clock.now += PRUNE_MILLISECONDS
        await service.place_order(buy(1))
        clock.now += PRUNE_MILLISECONDS
        assert (await service.place_order(buy(1), "key-1")).order_id == "O4"


async def test_key_of_a_change_in_the_same_commit_is_found(
    feed: FakeDatafeed, kept_settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=kept_settings) as service:
        results = await asyncio.gather(*(service.place_order(buy(1), "key-1") for _ in range(20)))

        assert {result.order_id for result in results} == {"O1"}
        assert len(await all_orders(service)) == 1


async def test_change_that_fails_leaves_the_others_of_its_commit_alone(
    feed: FakeDatafeed, kept_settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=kept_settings) as service:
        await service.place_order(buy(10))
        (position,) = service.get_positions()
        results = await asyncio.gather(
            service.place_order(buy(1)),
            service.close_position(position.id, 100),
            service.place_order(buy(2)),
            return_exceptions=True,
        )

        assert isinstance(results[1], ProblemError)
        assert [order.qty for order in await all_orders(service)] == [10, 1, 2]
        assert service.get_positions()[0].qty == 13


async def test_order_that_cannot_be_stored_changes_nothing(
    feed: FakeDatafeed, kept_settings: BrokerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_service(feed, settings=kept_settings) as service:
        await service.place_order(buy(10, stop_loss=90))
        before = await state_of(service)
        events = service.events.orders.subscribe()
        with monkeypatch.context() as broken:
            broken.setattr(Database, "check", lambda _: "the disk is full")
            broken.setattr(SqliteFile, "check", lambda _: "the disk is full")
            with raises_problem(503, ProblemType.STORE_UNAVAILABLE):
                await service.place_order(buy(5, take_profit=120), "key-1")

        assert await state_of(service) == before
        order = await place(service, buy(5))
        assert (await anext(events)).update.id == order.id


async def test_cancelled_caller_does_not_interrupt_a_commit(
    feed: FakeDatafeed, settings: BrokerSettings, slow_commit: tuple[asyncio.Event, asyncio.Event]
) -> None:
    waiting, released = slow_commit
    async with open_service(feed, settings=settings) as service:
        executions = service.events.executions.subscribe()
        caller = asyncio.create_task(service.place_order(buy(10)))
        await waiting.wait()
        caller.cancel()
        await asyncio.wait([caller])
        assert caller.cancelled()
        assert service.get_positions() == []

        released.set()
        async with asyncio.timeout(5):
            assert (await anext(executions)).update.qty == 10
        assert service.get_positions()[0].qty == 10


async def test_caller_cancelled_before_its_commit_changes_nothing(
    feed: FakeDatafeed, settings: BrokerSettings, slow_commit: tuple[asyncio.Event, asyncio.Event]
) -> None:
    waiting, released = slow_commit
    async with open_service(feed, settings=settings) as service:
        first = asyncio.create_task(service.place_order(buy(10)))
        await waiting.wait()
        second = asyncio.create_task(service.place_order(buy(20)))
        # It waits for the commit of the first one once its own steps are done.
        for _ in range(20):
            await asyncio.sleep(0)
        assert service._ledger._waiting
        second.cancel()
        await asyncio.wait([second])
        released.set()
        await first

        assert [order.qty for order in await all_orders(service)] == [10]


async def test_request_whose_change_is_being_stored_is_completed(
    feed: FakeDatafeed, settings: BrokerSettings, slow_commit: tuple[asyncio.Event, asyncio.Event]
) -> None:
    waiting, released = slow_commit
    async with open_service(feed, settings=settings) as service:

        async def serve() -> str:
            current_deadline.set(Deadline(10))
            return (await service.place_order(buy(10))).order_id

        request = asyncio.create_task(serve())
        await waiting.wait()
        request.cancel()
        await asyncio.sleep(0)
        released.set()
        assert await request == "O1"


async def test_request_without_time_left_changes_nothing(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=settings) as service:
        token = current_deadline.set(Deadline(0))
        with pytest.raises(ProblemError) as caught:
            await service.place_order(buy(10))
        current_deadline.reset(token)
        assert caught.value.problem.type == ProblemType.DEADLINE_EXCEEDED
        assert await all_orders(service) == []
        await service.place_order(buy(10))


async def test_close_of_the_broker_completes_started_changes(
    feed: FakeDatafeed,
    file_settings: BrokerSettings,
    slow_commit: tuple[asyncio.Event, asyncio.Event],
) -> None:
    waiting, released = slow_commit
    async with open_service(feed, settings=file_settings) as service:
        caller = asyncio.create_task(service.place_order(buy(10)))
        await waiting.wait()
        caller.cancel()
        released.set()

    async with open_service(feed, settings=file_settings) as service:
        assert len(await service.get_executions(None, 500)) == 1


async def test_second_broker_on_one_database_is_rejected(
    feed: FakeDatafeed, kept_settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=kept_settings):
        with pytest.raises(InvalidSettingError, match="another process uses this database"):
            async with open_service(feed, settings=kept_settings):
                pass


async def test_account_of_another_id_is_rejected(
    feed: FakeDatafeed, file_settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=file_settings):
        pass
    other = file_settings.model_copy(update={"account_id": "A-7"})
    with pytest.raises(InvalidSettingError, match=r"it has the account demo, but .* is A-7"):
        async with open_service(feed, settings=other):
            pass


async def test_broker_whose_database_was_opened_by_another_one_stops(
    feed: FakeDatafeed, kept_settings: BrokerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = asyncio.Event()
    monkeypatch.setattr("trading_api.modules.broker.ledger.stop_process", stopped.set)
    async with open_service(feed, settings=kept_settings) as service:
        await service.place_order(buy(1))
        connection = service._store._connection
        assert connection is not None
        connection.execute(update(schema.account).values(epoch=99))
        connection.commit()

        with raises_problem(503, ProblemType.STORE_UNAVAILABLE):
            await service.place_order(buy(2))
        await stopped.wait()
        assert [order.qty for order in await all_orders(service)] == [1]
