"""Measure what a client that floods a WebSocket does to the requests of others.

Run by `make -C backend bench-services`. A service gets the same requests while nobody else is
there, and while a client sends messages as fast as it can, connecting again whenever it is closed.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median, quantiles

import websockets

from measuring import Row, print_table
from support.servers import TESTS, serve
from trading_api.clients import DatafeedClient
from trading_api.shared.utils import stream_path

SECONDS = 5.0
FOLDER = Path(__file__).parent
MESSAGES = {"nothing": "", "`{`": "{", "pings": '{"type": "ping"}', "64 kB": "x" * 65_000}


async def measure_floods(seconds: float = SECONDS) -> list[Row]:
    """Return a row for each kind of message."""
    rows: list[Row] = []
    with serve("trading_api.main:app", ENABLED_MODULES="datafeed") as address:
        for name, message in MESSAGES.items():
            async with flood(address, message):
                times = await time_requests(address, seconds)
            rows.append(
                {
                    "Another client sends": name,
                    "GET /time, median ms": 1000 * median(times),
                    "p99 ms": 1000 * quantiles(times, n=100)[98],
                }
            )
    return [{**row, "ratio of p99": row["p99 ms"] / rows[0]["p99 ms"]} for row in rows]


async def time_requests(address: str, seconds: float) -> list[float]:
    """Return the seconds of each of the requests that fit, one after another, 5 ms apart."""
    times = []
    end = time.perf_counter() + seconds
    async with DatafeedClient(address) as client:
        while (begin := time.perf_counter()) < end:
            await client.get_server_time()
            times.append(time.perf_counter() - begin)
            await asyncio.sleep(0.005)
    return times


@asynccontextmanager
async def flood(address: str, message: str) -> AsyncIterator[None]:
    """Send a message without a pause, from a separate process: only the service is shared."""
    if not message:
        yield
        return
    command = ["-c", "import floods, sys; floods.send(*sys.argv[1:])", address, message]
    environment = {**os.environ, "PYTHONPATH": f"{FOLDER}:{TESTS}"}
    process = await asyncio.create_subprocess_exec(sys.executable, *command, env=environment)
    yield
    process.kill()
    await process.wait()


def send(address: str, message: str) -> None:
    """Flood the service until killed."""

    async def run() -> None:
        url = address.replace("http", "ws", 1) + stream_path("datafeed")
        while True:
            with suppress(websockets.ConnectionClosed, OSError):
                async with websockets.connect(url, compression=None) as socket:
                    while True:
                        await socket.send(message)

    asyncio.run(run())


if __name__ == "__main__":
    print_table(asyncio.run(measure_floods()))
