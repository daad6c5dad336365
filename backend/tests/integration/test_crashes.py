"""Kill the broker under load: no acknowledged order is lost, and none is placed twice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from support.postgresql import create_database, run_postgresql
from support.servers import serve_process
from trading_api.clients import BrokerClient
from trading_api.models import OrderType, PlacedOrder, PreOrder, Side
from trading_api.modules.broker.events import EVENT_MODELS
from trading_api.modules.broker.records import Account, to_decimal
from trading_api.modules.broker.store.databases import open_database
from trading_api.modules.broker.store.store import AccountStore
from trading_api.shared.client import TransportError

KILLS = int(os.environ.get("KILLS", "3"))
"""How often the broker is killed; `make -C backend soak` raises it."""

CALLERS = 16
ORDERS_BETWEEN_KILLS = 100
Killer = Callable[[], None]
ORDER = PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/account.sqlite3"
        return
    with run_postgresql(tmp_path) as server_url:
        yield create_database(server_url)


@contextmanager
def run_broker(database_url: str) -> Iterator[tuple[BrokerClient, Killer]]:
    environment = {"BROKER_DATABASE_URL": database_url, "BROKER_INITIAL_BALANCE": "1e12"}
    with serve_process("trading_api.main:app", **environment) as (address, process):
        yield BrokerClient(base_url=address), process.kill


class Load:
    """Callers that place orders, each with a new key, until the broker is killed.

    `placed` has the order of each key that was acknowledged; `unanswered` has the other keys.
    """

    def __init__(self) -> None:
        self.placed: dict[str, str] = {}
        self.unanswered: list[str] = []

    async def run(self, broker: BrokerClient, kill: Killer) -> None:
        """Place orders, and kill the broker in between."""
        goal = len(self.placed) + ORDERS_BETWEEN_KILLS
        async with asyncio.TaskGroup() as callers:
            for number in range(CALLERS):
                callers.create_task(self._place(broker, f"{goal}-{number}", goal, kill))

    async def _place(self, broker: BrokerClient, name: str, goal: int, kill: Killer) -> None:
        with suppress(TransportError):
            for number in range(goal):
                key = f"{name}-{number}"
                self.unanswered.append(key)
                result = await broker.place_order(ORDER, idempotency_key=key)
                self.unanswered.remove(key)
                self.placed[key] = result.order_id
                if len(self.placed) == goal:
                    kill()


async def test_killed_broker_loses_no_order_and_places_none_twice(database_url: str) -> None:
    load = Load()
    for _ in range(KILLS):
        with run_broker(database_url) as (broker, kill):
            async with broker:
                await load.run(broker, kill)

    with run_broker(database_url) as (broker, _):
        async with broker:
            # An order whose response was lost is placed by the retry, or was placed before.
            for key in load.unanswered:
                result = await broker.place_order(ORDER, idempotency_key=key)
                load.placed[key] = result.order_id
            for key in list(load.placed)[:CALLERS]:
                repeated = await broker.place_order(ORDER, idempotency_key=key)
                assert repeated.order_id == load.placed[key]
            orders = await read_orders(broker)
            (position,) = await broker.get_positions()

    assert len(load.placed) >= KILLS * ORDERS_BETWEEN_KILLS
    assert sorted(load.placed.values()) == sorted(order.id for order in orders)
    assert position.qty == len(orders)
    numbers = await read_event_numbers(database_url)
    # An order and an execution each; the changes of a position in one commit are one event.
    assert len(numbers) > 2 * len(orders)
    assert numbers == list(range(1, len(numbers) + 1))


async def read_orders(broker: BrokerClient) -> list[PlacedOrder]:
    orders: list[PlacedOrder] = []
    while page := await broker.get_orders(cursor=orders[-1].id if orders else None):
        orders += page
    return orders


async def read_event_numbers(database_url: str) -> list[int]:
    store = AccountStore(open_database(database_url, Path()), events_kept=1)
    await store.open(Account(to_decimal(0)), "demo")
    events = await store.read_events(EVENT_MODELS, 0)
    await store.close()
    return [event.number for event in events or []]
