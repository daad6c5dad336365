"""Measure how many requests one, two and four datafeeds carry behind the gateway.

Run by `make -C backend bench-replicas`. All are measured in each round, and the ratio is that of
the requests per second to those of one process in the same round. The callers, the gateway and the
datafeeds share the cores of this machine, so the table has the cores that each of them used: once
their sum is what the machine has, further processes cannot add anything.

Therefore they are measured a second time, with a quarter of the time for each datafeed, as a limit
of a container's CPU does it. Four of them then need one core together, and the rest of the machine
is for the others.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
import psutil

from measuring import Row, paired_ratio, print_table
from support.gateway import Platform, find_caddy, run_platform
from trading_api.shared.client.aiohttp_transport import AiohttpTransport

COUNTS = (1, 2, 4)
ROUNDS = 5
SECONDS = 3.0
AT_ONCE = 16
PARTS = 4
"""The part of the time that a limited process has: one of so many."""
SECONDS_OF_TURN = 0.01
QUERY = "symbol=AAPL&resolution=60&from_time=0&to_time=2147483648&count_back=300"


@dataclass
class Figures:
    """What was measured for a number of processes, in each round."""

    requests_per_second: list[float] = field(default_factory=list)
    cores: dict[str, list[float]] = field(default_factory=dict)


async def measure_replicas(
    parts: int, counts: Sequence[int] = COUNTS, rounds: int = ROUNDS, seconds: float = SECONDS
) -> list[Row]:
    """Return a row for each number of datafeeds, each of which has one of `parts` of the time."""
    caddy = find_caddy()
    if caddy is None:
        sys.exit("error: caddy is not installed; run: make -C backend deploy-tools")
    figures = {count: Figures() for count in counts}
    for _ in range(rounds):
        for count in counts:
            with (
                TemporaryDirectory() as folder,
                run_platform(Path(folder), caddy, processes={"datafeed": count}) as platform,
            ):
                await platform.wait_until_ready()
                await measure(platform, parts, seconds, figures[count])
    base = figures[counts[0]].requests_per_second
    return [
        {
            "Datafeeds": f"{count}, each with 1/{parts} of the time" if parts > 1 else count,
            "requests a second": median(each.requests_per_second),
            "ratio": paired_ratio(each.requests_per_second, base),
            **{f"cores, {name}": median(values) for name, values in each.cores.items()},
        }
        for count, each in figures.items()
    ]


async def measure(platform: Platform, parts: int, seconds: float, figures: Figures) -> None:
    """Send requests for some seconds, and add what was measured."""
    datafeeds = [each.process.pid for each in platform.modules if each.name == "datafeed"]
    groups = {"datafeeds": datafeeds, "gateway": [platform.gateway.pid], "callers": [os.getpid()]}
    async with AiohttpTransport() as transport:
        # Until every process has loaded its data, and the gateway knows that it is ready.
        await send_requests(transport, platform.url, 1)
        with limit_time(datafeeds, parts):
            before = {name: cpu_seconds(pids) for name, pids in groups.items()}
            begin = time.perf_counter()
            count = await send_requests(transport, platform.url, seconds)
            took = time.perf_counter() - begin
    figures.requests_per_second.append(count / took)
    for name, pids in groups.items():
        used = cpu_seconds(pids) - before[name]
        figures.cores.setdefault(name, []).append(used / took)


@contextmanager
def limit_time(pids: Sequence[int], parts: int) -> Iterator[None]:
    """Let each process run for one of `parts` turns; the others have the next turns."""
    is_over = threading.Event()

    def take_turns() -> None:
        turn = 0
        while not is_over.wait(SECONDS_OF_TURN):
            turn += 1
            for number, pid in enumerate(pids):
                has_turn = turn % parts == number % parts
                os.kill(pid, signal.SIGCONT if has_turn else signal.SIGSTOP)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    thread = threading.Thread(target=take_turns)
    if parts > 1:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        if parts > 1:
            thread.join()


async def send_requests(transport: AiohttpTransport, url: str, seconds: float) -> int:
    """Request bars for some seconds, several at once; return how many responses there were."""
    is_over = deadline(seconds)
    request = f"{url}/api/v1/bars?{QUERY}"

    async def send() -> int:
        count = 0
        while not is_over():
            response = await transport.handle_async_request(
                httpx.Request("GET", request, headers={"Accept-Encoding": "identity"})
            )
            await response.aread()
            if response.status_code != 200:
                raise RuntimeError(f"{request}: {response.status_code}")
            count += 1
        return count

    return sum(await asyncio.gather(*(send() for _ in range(AT_ONCE))))


def deadline(seconds: float) -> Callable[[], bool]:
    """Return a function that says whether the seconds are over."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the CPU seconds that processes have used so far."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(each.user + each.system for each in times))


if __name__ == "__main__":
    for parts in (1, PARTS):
        print_table(asyncio.run(measure_replicas(parts)))
    print(f"This machine has {os.cpu_count()} cores.")
