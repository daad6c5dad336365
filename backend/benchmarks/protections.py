"""Measure what deadlines, retries, the breaker and the limits of a client cost for each call.

Run by `make -C backend bench-services`, beside a call of httpx to the same service over loopback.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median

import httpx

from measuring import Row, paired_ratio, print_table
from support.servers import serve
from trading_api.clients import DatafeedClient
from trading_api.shared.client.deadline import Deadline, current_deadline, format_timeout
from trading_api.shared.client.deadline import limit_timeout as limit
from trading_api.shared.client.protection import Protection

ROUNDS = 5
CALLS = 1_000


async def measure_protections(rounds: int = ROUNDS, calls: int = CALLS) -> list[Row]:
    """Return a row for a call of httpx, one of a client, and the protections in it alone."""
    spent: dict[str, list[float]] = {}
    with serve("trading_api.main:app", ENABLED_MODULES="datafeed") as address:
        async with httpx.AsyncHTTPTransport() as transport, DatafeedClient(address) as client:
            url = f"{address}/api/v1/time"

            async def call_httpx() -> None:
                response = await transport.handle_async_request(httpx.Request("GET", url))
                await response.aread()
                await response.aclose()

            functions: dict[str, Callable[[], Awaitable[object]]] = {
                "httpx": call_httpx,
                "generated client": client.get_server_time,
                "its protections alone": protect_nothing,
            }
            current_deadline.set(Deadline(3600))
            for _ in range(rounds):
                for name, function in functions.items():
                    spent.setdefault(name, []).append(await cpu_of(function, calls))
    return [
        {
            "Call": name,
            "µs CPU": 1e6 * median(seconds),
            "ratio": paired_ratio(seconds, spent["httpx"]),
        }
        for name, seconds in spent.items()
    ]


async def cpu_of(function: Callable[[], Awaitable[object]], calls: int) -> float:
    """Return the CPU seconds of this process for each call."""
    begin = time.process_time()
    for _ in range(calls):
        await function()
    return (time.process_time() - begin) / calls


protection = Protection()


async def protect_nothing() -> None:
    """Do what a client does for each successful call, beside the call."""
    timeout = limit(10.0)
    is_try = False if protection.is_full else protection.begin()
    format_timeout(timeout)
    protection.end(is_try, True, "GET /")


if __name__ == "__main__":
    print_table(asyncio.run(measure_protections()))
