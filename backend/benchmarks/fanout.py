"""Measure what a stream costs for each delivery, beside a bare loop that sends the same frames.

Run by `make -C backend bench-services`. Both are served by uvicorn in a process whose CPU seconds
are counted. `stream` has one topic that all clients follow; `bare` has no messages, topics and
queues: it sends to each connection in turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from fastapi import FastAPI
from pydantic import BaseModel
from websockets.asyncio.client import ClientConnection, connect

from measuring import Row, paired_ratio, print_table
from support.servers import TESTS, serve_process
from trading_api.shared.auth.callers import Authentication
from trading_api.shared.utils import stream_path
from trading_api.shared.ws import StreamRouter
from trading_api.shared.ws.endpoint import websocket_route

CLIENTS = (100, 1_000)
ROUNDS = 3
SECONDS = 4.0
DELIVERIES_PER_SECOND = 10_000
PATH = stream_path("prices")
PYTHONPATH = f"{Path(__file__).parent}:{TESTS}"
SUBSCRIBE = '{"type": "prices.subscribe", "payload": {"clients": %d}}'


class Subscription(BaseModel):
    clients: int


class Price(BaseModel):
    symbol: str
    bid: float
    ask: float
    time: int


class Ticker:
    """A source of prices."""

    async def watch(self, clients: int) -> AsyncIterator[Price]:
        async for number in ticks(clients):
            yield price(number)


def price(number: int) -> Price:
    return Price(symbol="AAPL", bid=189.5, ask=189.75, time=number)


async def ticks(clients: int) -> AsyncIterator[int]:
    """Yield numbers at the rate at which this many clients get DELIVERIES_PER_SECOND."""
    for number in range(1_000_000_000):
        await asyncio.sleep(clients / DELIVERIES_PER_SECOND)
        yield number


streams = StreamRouter()


@streams.stream("prices")
async def prices(subscription: Subscription, service: Ticker) -> AsyncIterator[Price]:
    return service.watch(subscription.clients)


stream = FastAPI()
stream.state.services = {Ticker: Ticker()}
stream.include_router(websocket_route("prices", streams, Authentication()))


class Bare:
    """An ASGI application that sends the frames of `stream` in a loop."""

    def __init__(self) -> None:
        self.sends: list[Any] = []
        self.loop: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        message = await receive()
        self.sends.append(send)
        if self.loop is None:
            clients = int(message["text"].rpartition(":")[2].strip(" }"))
            self.loop = asyncio.create_task(self.send_prices(clients))
        while message["type"] != "websocket.disconnect":
            message = await receive()
        self.sends.remove(send)

    async def send_prices(self, clients: int) -> None:
        async for number in ticks(clients):
            frame = f'{{"type":"prices.update","topic":"prices:{{\\"clients\\":{clients}}}",'
            text = f'{frame}"payload":{price(number).model_dump_json()}}}'
            for send in list(self.sends):
                await send({"type": "websocket.send", "text": text})


bare = Bare()


async def measure_fanout(
    clients: Sequence[int] = CLIENTS, rounds: int = ROUNDS, seconds: float = SECONDS
) -> list[Row]:
    """Return a row for each number of clients."""
    rows: list[Row] = []
    for count in clients:
        costs: dict[str, list[float]] = {"stream": [], "bare": []}
        sizes = dict.fromkeys(costs, 0)
        for _ in range(rounds):
            for name, spent in costs.items():
                cost, sizes[name] = await measure_deliveries(name, count, seconds)
                spent.append(cost)
        rows.append(
            {
                "Clients": f"{count:,}",
                "µs CPU for each delivery": 1e6 * median(costs["stream"]),
                "bare": 1e6 * median(costs["bare"]),
                "ratio": paired_ratio(costs["stream"], costs["bare"]),
                "characters": f"{sizes['stream']}, bare {sizes['bare']}",
            }
        )
    return rows


async def measure_deliveries(name: str, count: int, seconds: float) -> tuple[float, int]:
    """Return the CPU seconds of the server for each delivery, and the characters of a frame."""
    with serve_process(f"fanout:{name}", PYTHONPATH=PYTHONPATH) as (address, process):
        url = address.replace("http", "ws", 1) + PATH
        async with connected(url, count) as connections:
            server = psutil.Process(process.pid)
            received = Received()
            readers = [asyncio.create_task(received.read(each)) for each in connections]
            await received.first.wait()
            before, begin = cpu(server), received.count
            await asyncio.sleep(seconds)
            spent, deliveries = cpu(server) - before, received.count - begin
            for reader in readers:
                reader.cancel()
            return spent / deliveries, received.size


class Received:
    """Counts the frames of all clients."""

    def __init__(self) -> None:
        self.count = 0
        self.size = 0
        self.first = asyncio.Event()

    async def read(self, connection: ClientConnection) -> None:
        async for frame in connection:
            self.count += 1
            self.size = len(frame)
            self.first.set()


@asynccontextmanager
async def connected(url: str, count: int) -> AsyncIterator[list[ClientConnection]]:
    """Yield subscribed clients."""
    async with AsyncExitStack() as stack:
        connections = []
        for _ in range(count):
            connection = await stack.enter_async_context(
                connect(url, compression=None, ping_interval=None, close_timeout=1)
            )
            await connection.send(SUBSCRIBE % count)
            connections.append(connection)
        yield connections
        await asyncio.gather(*(connection.close() for connection in connections))


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    print_table(asyncio.run(measure_fanout()))
