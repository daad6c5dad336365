"""Restart the processes behind the gateway, one after another, and count the requests that fail.

Run by `make -C backend bench-restarts`. Half of the requests are POST, which nobody may send twice,
and half of these place orders. Two streams of the generated clients are open all the time: each
execution has to arrive once, and quotes have to go on. The command fails if anything is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from measuring import Row, print_table
from support.gateway import Platform, find_caddy, run_platform
from trading_api.clients import BrokerClient, DatafeedClient
from trading_api.models import AccountSubscription, QuotesSubscription
from trading_api.shared.client.aiohttp_transport import AiohttpTransport

AT_ONCE = 8
SECONDS_TO_ARRIVE = 30
BUY = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 0.01}
SELL = {**BUY, "side": -1}
CALLS: Sequence[tuple[str, str, dict[str, Any] | None, int]] = [
    ("GET", "/api/v1/time", None, 200),
    ("POST", "/api/v1/orders/preview", BUY, 200),
    ("GET", "/api/v1/account", None, 200),
    ("POST", "/api/v1/orders", BUY, 201),
    ("GET", "/api/v1/time", None, 200),
    ("POST", "/api/v1/orders/preview", SELL, 200),
    ("GET", "/api/v1/account", None, 200),
    ("POST", "/api/v1/orders", SELL, 201),
]


@dataclass
class Result:
    """What the callers and the readers of the streams saw."""

    restarts: int = 0
    requests: int = 0
    posts: int = 0
    orders: int = 0
    slowest: float = 0
    failures: Counter[str] = field(default_factory=Counter)
    executions: list[str] = field(default_factory=list)
    quotes: int = 0
    connections: Counter[str] = field(default_factory=Counter)
    """How often the client of each module had to connect for its streams."""

    def problems(self) -> list[str]:
        """Return what was lost or happened twice."""
        found = [f"{count} times {failure}" for failure, count in self.failures.items()]
        once = len({*self.executions})
        if (len(self.executions), once) != (self.orders, self.orders):
            found.append(
                f"{self.orders} orders were placed, but {once} different executions and"
                f" {len(self.executions) - once} repeated ones arrived"
            )
        return found

    def row(self) -> Row:
        """Return a row of the table."""
        return {
            "Restarts": self.restarts,
            "Requests": self.requests,
            "of them POST": self.posts,
            "Failed": self.failures.total(),
            "s, slowest": self.slowest,
            "Orders": self.orders,
            "Executions on the stream": len(self.executions),
            "Connections of the streams": self.connections.total(),
        }


async def measure_restarts(platform: Platform, restarts: int, requests: int) -> Result:
    """Restart one process after another under load, until there were at least so many of both."""
    result = Result()
    stopping = asyncio.Event()

    async def send(transport: AiohttpTransport, start: int) -> None:
        for number in itertools.count(start):
            if stopping.is_set():
                return
            await call(transport, platform.url, CALLS[number % len(CALLS)], result)

    async def restart() -> None:
        for module in itertools.cycle(platform.modules):
            if result.restarts >= restarts and result.requests >= requests:
                break
            await asyncio.to_thread(module.restart)
            await module.wait_until_ready()
            result.restarts += 1
        stopping.set()

    async with follow_streams(platform.url, result), AiohttpTransport() as transport:
        await asyncio.gather(restart(), *(send(transport, each) for each in range(AT_ONCE)))
    return result


async def call(
    transport: AiohttpTransport,
    url: str,
    wanted: tuple[str, str, dict[str, Any] | None, int],
    result: Result,
) -> None:
    """Send a request once, whatever happens, and note how it ended."""
    method, path, body, status = wanted
    headers = {"Content-Type": "application/json"}
    content = json.dumps(body).encode() if body else None
    request = httpx.Request(method, url + path, headers=headers, content=content)
    begin = time.perf_counter()
    outcome: int | str
    try:
        response = await transport.handle_async_request(request)
        await response.aread()
        outcome = response.status_code
    except httpx.TransportError as error:
        outcome = type(error).__name__
    result.slowest = max(result.slowest, time.perf_counter() - begin)
    result.requests += 1
    result.posts += method == "POST"
    result.orders += outcome == 201
    if outcome != status:
        result.failures[f"{method} {path}: {outcome}"] += 1


@asynccontextmanager
async def follow_streams(url: str, result: Result) -> AsyncIterator[None]:
    """Read executions and quotes; at the end, wait for the last executions and one more quote."""
    async with BrokerClient(url) as broker, DatafeedClient(url) as datafeed:
        executions = broker.executions_stream(AccountSubscription(account_id="demo"))
        await executions.__aenter__()
        quotes = datafeed.quotes_stream(QuotesSubscription(symbols=[], fast_symbols=["AAPL"]))
        await quotes.__aenter__()

        async def read_executions() -> None:
            async for execution in executions:
                result.executions.append(execution.id)

        async def read_quotes() -> None:
            async for _ in quotes:
                result.quotes += 1

        async with asyncio.TaskGroup() as readers:
            reading = [readers.create_task(each()) for each in (read_executions, read_quotes)]
            yield
            await wait_for_the_rest(result)
            for each in reading:
                each.cancel()
        result.connections["broker"] = broker.stream_counts.connections
        result.connections["datafeed"] = datafeed.stream_counts.connections


async def wait_for_the_rest(result: Result) -> None:
    """Wait until every order has its execution, and quotes go on; not for ever."""
    deadline = time.monotonic() + SECONDS_TO_ARRIVE
    quotes = result.quotes
    while len(result.executions) < result.orders or result.quotes == quotes:
        if time.monotonic() > deadline:
            if result.quotes == quotes:
                result.failures["quotes stopped"] += 1
            return
        await asyncio.sleep(0.01)


async def main(restarts: int, requests: int) -> int:
    caddy = find_caddy()
    if caddy is None:
        sys.exit("error: caddy is not installed; run: make -C backend deploy-tools")
    with TemporaryDirectory() as folder, run_platform(Path(folder), caddy) as platform:
        await platform.wait_until_ready()
        result = await measure_restarts(platform, restarts, requests)
    print_table([result.row()])
    for problem in result.problems():
        print(f"error: {problem}", file=sys.stderr)
    return 1 if result.problems() else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--requests", type=int, default=20_000)
    arguments = parser.parse_args()
    sys.exit(asyncio.run(main(arguments.restarts, arguments.requests)))
