"""Measure the broker while its datafeed fails: its own operations, and the calls that it makes.

Run by `make -C backend bench-services`. Every state gets the same load, in turn: orders, which need
the datafeed, and reads of the account, which do not. The reads of a state are compared with those
of the healthy state. They come from a separate process, because hundreds of orders that fail at
once delay the one that has sent them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Literal
from urllib.parse import urlsplit

import httpx
import psutil

from measuring import Row, print_table
from support.servers import TESTS, serve, serve_process
from trading_api.shared.client.aiohttp_transport import AiohttpTransport

State = Literal["healthy", "killed", "hung", "slow", "500", "HTML", "endless"]

STATES: Sequence[State] = ("healthy", "killed", "hung", "slow", "500", "HTML", "endless")
CALLS_PER_SECOND = 80
"""Of each kind: orders, and reads of the account."""
SECONDS_TO_SETTLE = 12.0
SECONDS = 8.0
SLOW_SECONDS = 6.0
ORDER = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 0.01}
FOLDER = Path(__file__).parent
MARKER = b" HTTP/1.1\r\n"


@dataclass
class Upstream:
    """A proxy before the datafeed, which counts the requests and can fail."""

    datafeed: str
    state: State = "healthy"
    requests: int = 0
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection until it is closed."""
        task = asyncio.create_task(self._serve(reader, writer))
        self.connections.add(task)
        task.add_done_callback(self.connections.discard)

    def use(self, state: State) -> None:
        """Change the state, and close the connections of the previous one."""
        self.state = state
        for task in self.connections:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            match self.state:
                case "healthy" | "slow":
                    await self._forward(reader, writer)
                case "killed":
                    self.requests += 1
                case _:
                    await self._fail(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _fail(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        if self.state == "hung":
            await reader.read()
        elif self.state == "endless":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            while True:
                writer.write(b" " * 65_536)
                await writer.drain()
        else:
            status = b"500 Internal Server Error" if self.state == "500" else b"200 OK"
            body = b"<h1>Something went wrong</h1>"
            head = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n"
            writer.write(head % (status, len(body)) + b"Connection: close\r\n\r\n" + body)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(self.datafeed)
        back, forth = await asyncio.open_connection(parts.hostname, parts.port)

        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while chunk := await source.read(65_536):
                if source is reader:
                    self.requests += chunk.count(MARKER)
                    if self.state == "slow":
                        await asyncio.sleep(SLOW_SECONDS)
                target.write(chunk)
            target.close()

        try:
            await asyncio.gather(copy(reader, forth), copy(back, writer))
        finally:
            forth.close()


@asynccontextmanager
async def run_upstream(datafeed: str) -> AsyncIterator[tuple[Upstream, str]]:
    """Yield a proxy before the datafeed, and its address."""
    upstream = Upstream(datafeed)
    server = await asyncio.start_server(upstream.accept, "127.0.0.1", 0)
    async with server:
        yield upstream, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        upstream.use("killed")


@dataclass
class Load:
    """What the callers saw: the seconds of each call, and the statuses of the orders."""

    reads: list[float]
    orders: list[float]
    statuses: list[int | str]
    failed_reads: int


async def put_load(client: httpx.AsyncClient, seconds: float) -> Load:
    """Send orders and reads at constant rates, however long they take, and return the results."""
    command = ["-c", "import outages, sys; outages.print_reads(*sys.argv[1:])"]
    arguments = [str(client.base_url), str(seconds)]
    environment = {**os.environ, "PYTHONPATH": f"{FOLDER}:{TESTS}"}
    reader = await asyncio.create_subprocess_exec(
        sys.executable, *command, *arguments, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert reader.stdout is not None
    await reader.stdout.readline()
    orders = await call_steadily(lambda: client.post("/orders", json=ORDER), seconds)
    output, _ = await reader.communicate()
    reads = json.loads(output)
    return Load(
        reads=[took for took, _ in reads],
        orders=[took for took, _ in orders],
        statuses=[status for _, status in orders],
        failed_reads=sum(status != 200 for _, status in reads),
    )


async def call_steadily(
    call: Callable[[], Awaitable[httpx.Response]], seconds: float
) -> list[tuple[float, int | str]]:
    """Call at a constant rate; return the seconds and the status of each call."""
    results: list[tuple[float, int | str]] = []

    async def call_once() -> None:
        begin = time.perf_counter()
        status = await status_of(call())
        results.append((time.perf_counter() - begin, status))

    begin = time.perf_counter()
    async with asyncio.TaskGroup() as calls:
        for number in range(int(seconds * CALLS_PER_SECOND)):
            at = begin + number / CALLS_PER_SECOND
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            calls.create_task(call_once())
    return results


def print_reads(base_url: str, seconds: str) -> None:
    """Read the account at a constant rate, after a line that says so, and print the results."""

    async def run() -> list[tuple[float, int | str]]:
        async with httpx.AsyncClient(base_url=base_url, timeout=60) as client:
            await client.get("/account")
            print(flush=True)
            return await call_steadily(lambda: client.get("/account"), float(seconds))

    print(json.dumps(asyncio.run(run())))


async def status_of(call: Awaitable[httpx.Response]) -> int | str:
    """Return the status of a response, or the name of the error if there is none."""
    try:
        return (await call).status_code
    except httpx.TransportError as error:
        return type(error).__name__


async def measure_outages(settle: float = SECONDS_TO_SETTLE, seconds: float = SECONDS) -> list[Row]:
    """Return a row for each state of the datafeed, once the broker has noticed it."""
    rows: list[Row] = []
    with serve("trading_api.main:app", ENABLED_MODULES="datafeed") as datafeed:
        async with run_upstream(datafeed) as (upstream, url):
            for state in STATES:
                # A new broker for each state: none recovers from the previous one.
                with serve_process(
                    "trading_api.main:app", ENABLED_MODULES="broker", DATAFEED_URL=url
                ) as (address, process):
                    base_url = f"{address}/api/v1"
                    async with (
                        # The pool of httpx is slow with hundreds of connections.
                        AiohttpTransport() as transport,
                        httpx.AsyncClient(transport=transport, base_url=base_url) as client,
                    ):
                        upstream.use(state)
                        row = await measure_state(upstream, client, settle, seconds)
                        memory = psutil.Process(process.pid).memory_info().rss
                        rows.append({**row, "MB": round(memory / 1e6)})
    base = rows[0]["reads, p99 ms"]
    for row in rows:
        row["of healthy"] = row["reads, p99 ms"] / base
    return rows


async def measure_state(
    upstream: Upstream, client: httpx.AsyncClient, settle: float, seconds: float
) -> Row:
    first = await put_load(client, settle)
    made = upstream.requests
    load = await put_load(client, seconds)
    return {
        "Datafeed": upstream.state,
        "reads, median ms": 1000 * median(load.reads),
        "reads, p99 ms": 1000 * quantiles(load.reads, n=100)[98],
        "failed reads": first.failed_reads + load.failed_reads,
        "reads before, p99 ms": 1000 * quantiles(first.reads, n=100)[98],
        "orders": ", ".join(f"{n} {status}" for status, n in Counter(load.statuses).most_common()),
        "orders, p99 ms": 1000 * quantiles(load.orders, n=100)[98],
        "calls per order": (upstream.requests - made) / len(load.orders),
    }


if __name__ == "__main__":
    print_table(asyncio.run(measure_outages()))
