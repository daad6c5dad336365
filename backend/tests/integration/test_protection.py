"""A broker whose datafeed hangs, is slow, or sends nonsense, as processes over loopback."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import psutil
import pytest

from support.servers import serve, serve_process
from trading_api.shared.client.options import DEFAULT_MAX_RESPONSE_BYTES
from trading_api.shared.client.protection import MAX_CONCURRENT_CALLS, MAX_FAILURES

ORDER = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 1}
PATHS = ("/orders", "/positions", "/executions", "/account")

Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Upstream:
    """A datafeed that treats its connections badly."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.requests = 0
        self.arrivals = asyncio.Queue[None]()


@asynccontextmanager
async def upstream(respond: Respond) -> AsyncIterator[Upstream]:
    connections = set[asyncio.Task[None]]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            found.requests += 1
            found.arrivals.put_nowait(None)
            await respond(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(handle(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    found = Upstream(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        yield found
        for task in connections:
            task.cancel()


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def send_garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff not HTTP\r\n\r\n")


async def send_endlessly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" " * 65_536)
        await writer.drain()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


def broker_environment(datafeed: Upstream, timeout: str = "1.2") -> dict[str, str]:
    return {
        "ENABLED_MODULES": "broker",
        "DATAFEED_URL": datafeed.address,
        "REQUEST_TIMEOUT": timeout,
    }


def api(address: str) -> httpx.AsyncClient:
    # Without a limit on connections, which would be one of the test.
    limits = httpx.Limits(max_connections=None, keepalive_expiry=3)
    return httpx.AsyncClient(base_url=f"{address}/api/v1", timeout=30, limits=limits)


@pytest.mark.parametrize("respond", [hang, send_garbage, send_endlessly, drip])
async def test_own_operations_work_whatever_the_datafeed_does(respond: Respond) -> None:
    async with upstream(respond) as datafeed:
        with serve_process("trading_api.main:app", **broker_environment(datafeed)) as (
            address,
            process,
        ):
            async with api(address) as client:
                before = psutil.Process(process.pid).memory_info().rss
                orders = await asyncio.gather(
                    *(client.post("/orders", json=ORDER) for _ in range(2 * MAX_CONCURRENT_CALLS))
                )
                assert {response.status_code for response in orders} == {503}
                assert {response.headers["retry-after"] for response in orders} == {"1"}
                for path in PATHS:
                    assert (await client.get(path)).status_code == 200
                assert (await client.get("/orders")).json() == []
                grown = psutil.Process(process.pid).memory_info().rss - before
                assert grown < MAX_CONCURRENT_CALLS * DEFAULT_MAX_RESPONSE_BYTES
                ready = await client.get(f"{address}/health/ready")
                assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
                assert ready.json()["required"] == {"datafeed": "unavailable"}
                metrics = (await client.get(f"{address}/metrics")).text.splitlines()
                assert 'upstream_breaker_open{module="datafeed"} 1.0' in metrics
                failed = next(each for each in metrics if 'outcome="failure"' in each)
                assert float(failed.rpartition(" ")[2]) >= MAX_FAILURES


async def test_hung_datafeed_gets_few_calls_once_the_breaker_is_open() -> None:
    async with upstream(hang) as datafeed:
        with serve("trading_api.main:app", **broker_environment(datafeed)) as address:
            async with api(address) as client:
                burst = [client.post("/orders", json=ORDER) for _ in range(MAX_FAILURES)]
                await asyncio.gather(*burst)
                made = datafeed.requests
                # One call tries again after a second, and one updates the prices.
                responses = [await client.post("/orders", json=ORDER) for _ in range(100)]
                assert {response.status_code for response in responses} == {503}
                assert {response.json()["type"] for response in responses} <= {
                    "urn:problem-type:datafeed-unavailable",
                    "urn:problem-type:deadline-exceeded",
                }
                assert datafeed.requests - made < 10


async def test_order_in_flight_is_a_503_when_the_broker_is_stopped() -> None:
    async with upstream(hang) as datafeed:
        with serve_process("trading_api.main:app", **broker_environment(datafeed, "60")) as (
            address,
            process,
        ):
            async with api(address) as client:
                # The first request is that of the monitoring.
                await datafeed.arrivals.get()
                order = asyncio.create_task(client.post("/orders", json=ORDER))
                await datafeed.arrivals.get()
                process.send_signal(signal.SIGTERM)
                response = await order
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.json()["type"] == "urn:problem-type:deadline-exceeded"


async def test_breaker_closes_when_the_datafeed_responds_again(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    with serve("trading_api.main:app", ENABLED_MODULES="broker", DATAFEED_URL=url) as address:
        async with api(address) as client:
            for _ in range(MAX_FAILURES):
                assert (await client.post("/orders", json=ORDER)).status_code == 503
            assert (await client.get(f"{address}/health/ready")).json()["status"] == "degraded"
            with serve("trading_api.main:app", port=unused_tcp_port, ENABLED_MODULES="datafeed"):
                statuses = [503]
                while statuses[-1] == 503 and len(statuses) < 200:
                    await asyncio.sleep(0.1)
                    statuses.append((await client.post("/orders", json=ORDER)).status_code)
                assert statuses[-1] == 201
                assert (await client.get(f"{address}/health/ready")).json()["status"] == "ok"
