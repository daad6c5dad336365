"""A client of the streams that reconnects again and again misses nothing and gets nothing twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import websockets

from support.servers import serve_process
from trading_api.clients import BrokerClient
from trading_api.models import OrderType, PreOrder, Side
from trading_api.shared.client import TransportError, raw_response
from trading_api.shared.utils import stream_path

RECONNECTS = 20
KILLS = 2
ORDER = PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=1)


class Reader:
    """Follows the executions of a broker from the number `since` on."""

    def __init__(self, since: int) -> None:
        self.since = since
        self.ids: list[str] = []

    async def follow(self, address: str, until: Callable[[], bool]) -> None:
        """Connect, resume, and read until a condition holds after an update, or the end."""
        url = address.replace("http", "ws", 1) + stream_path("broker")
        async with websockets.connect(url) as socket:
            request = {"type": "executions.subscribe", "payload": {"accountId": "demo"}}
            await socket.send(json.dumps({**request, "since": self.since}))
            with suppress(websockets.ConnectionClosed):
                while not until():
                    self._read(json.loads(await socket.recv()))

    def _read(self, message: dict[str, Any]) -> None:
        assert message["type"] in ("executions.subscribed", "executions.update"), message
        if message["type"] == "executions.update":
            assert message["sequence"] > self.since
            self.since = message["sequence"]
            self.ids.append(message["payload"]["id"])


async def place_orders(broker: BrokerClient, count: int) -> None:
    for _ in range(count):
        await broker.place_order(ORDER)


async def test_reader_that_reconnects_under_load_gets_every_execution_once() -> None:
    with serve_process("trading_api.main:app") as (address, _):
        async with BrokerClient(base_url=address) as broker:
            first = await raw_response(broker.get_executions)()
            reader = Reader(int(first.headers["last-sequence"]))
            load = asyncio.create_task(place_orders(broker, 300))
            for _ in range(RECONNECTS):
                # Nobody listens for a moment, in which executions go on.
                await broker.get_account()
                goal = len(reader.ids) + 10
                await reader.follow(address, lambda goal=goal: len(reader.ids) >= goal)
            await load
            expected = [execution.id for execution in await broker.get_executions()]
            await reader.follow(address, lambda: len(reader.ids) >= len(expected))
    assert reader.ids == expected
    assert len(expected) == 300


async def test_reader_of_a_broker_that_is_killed_gets_every_execution_once(tmp_path: Path) -> None:
    environment = {"BROKER_DATABASE_URL": f"sqlite:///{tmp_path}/account.sqlite3"}
    reader = Reader(0)
    for _ in range(KILLS):
        with serve_process("trading_api.main:app", **environment) as (address, process):
            async with BrokerClient(base_url=address) as broker:
                load = asyncio.create_task(place_orders(broker, 1000))
                goal = len(reader.ids) + 40
                reading = asyncio.create_task(
                    reader.follow(address, lambda goal=goal: len(reader.ids) >= goal)
                )
                await reading
                process.kill()
                with suppress(TransportError):
                    await load
    with serve_process("trading_api.main:app", **environment) as (address, _):
        async with BrokerClient(base_url=address) as broker:
            expected = [execution.id for execution in await broker.get_executions()]
            await reader.follow(address, lambda: len(reader.ids) >= len(expected))
    assert reader.ids == expected
    assert len(expected) >= KILLS * 40
