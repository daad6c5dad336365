"""The clients whose calls are compared, each used as its documentation shows.

`contenders.py BASE_URL CALLS ROUNDS NAME...` needs an interpreter that has what these contenders
import. They take turns, and stdout receives {name: {"one" | "many": [[user, user + system], ...]}}:
CPU per call in µs, a pair for each round.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from importlib import import_module
from typing import Any

import httpx
from pydantic import TypeAdapter

from quote_models import Quote

Call = Callable[[], Awaitable[Any]]
Calls = tuple[Call, Call]
"""A call that returns one quote, and a call that returns a hundred."""

Samples = dict[str, dict[str, list[tuple[float, float]]]]


async def _open_floor(url: str, stack: AsyncExitStack, *, base_url: bool = True) -> Calls:
    """Return what one would write without a generator: httpx and pydantic, and nothing else."""
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=url if base_url else ""))
    one, many = ("/quote", "/quotes") if base_url else (f"{url}/quote", f"{url}/quotes")
    read_one, read_many = TypeAdapter(Quote).validate_json, TypeAdapter(list[Quote]).validate_json

    async def get_one() -> Quote:
        return read_one((await client.get(one)).content)

    async def get_many() -> list[Quote]:
        return read_many((await client.get(many)).content)

    return get_one, get_many


async def _open_ours(url: str, stack: AsyncExitStack, *, aiohttp: bool = False) -> Calls:
    transport = None
    if aiohttp:
        module = import_module("trading_api.shared.client.aiohttp_transport")
        transport = await stack.enter_async_context(module.AiohttpTransport())
    client = import_module("our_clients").QuotesClient(base_url=url, transport=transport)
    await stack.enter_async_context(client)
    return client.get_quote, client.get_quotes


async def _open_openapi_python_client(url: str, stack: AsyncExitStack) -> Calls:
    client = import_module("opc_client").Client(base_url=url)
    await stack.enter_async_context(client)
    one = import_module("opc_client.api.default.get_quote").asyncio
    many = import_module("opc_client.api.default.get_quotes").asyncio
    return lambda: one(client=client), lambda: many(client=client)


async def _open_openapi_generator(url: str, stack: AsyncExitStack, *, library: str) -> Calls:
    module = import_module(f"oag_{library}_client")
    client = module.ApiClient(module.Configuration(host=url))
    await stack.enter_async_context(client)
    api = module.DefaultApi(client)
    return api.get_quote, api.get_quotes


CONTENDERS: Mapping[str, Callable[[str, AsyncExitStack], Awaitable[Calls]]] = {
    "floor": _open_floor,
    "floor-absolute": partial(_open_floor, base_url=False),
    "ours": _open_ours,
    "ours-aiohttp": partial(_open_ours, aiohttp=True),
    "openapi-python-client": _open_openapi_python_client,
    "openapi-generator-httpx": partial(_open_openapi_generator, library="httpx"),
    "openapi-generator-asyncio": partial(_open_openapi_generator, library="asyncio"),
}


async def sample(url: str, calls: int, rounds: int, names: list[str]) -> Samples:
    """Let the contenders take turns for `rounds` rounds, each with `calls` calls of each size."""
    samples: Samples = {name: {"one": [], "many": []} for name in names}
    async with AsyncExitStack() as stack:
        turns = []
        for name in names:
            get_one, get_many = await CONTENDERS[name](url, stack)
            symbols = [quote.symbol for quote in (await get_one(), *await get_many())]
            if symbols != ["SYM000", *(f"SYM{number:03}" for number in range(100))]:
                raise SystemExit(f"error: {name} returns other quotes than were sent: {symbols}")
            turns += [(samples[name]["one"], get_one), (samples[name]["many"], get_many)]
        for _, call in turns:
            await _cpu_per_call(call, calls)
        for number in range(rounds):
            # No contender always runs first, or always after the same one.
            for series, call in turns[:: 1 if number % 2 else -1]:
                series.append(await _cpu_per_call(call, calls))
    return samples


async def _cpu_per_call(call: Call, calls: int) -> tuple[float, float]:
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(calls):
        await call()
    after = resource.getrusage(resource.RUSAGE_SELF)
    user = (after.ru_utime - before.ru_utime) / calls * 1e6
    return user, user + (after.ru_stime - before.ru_stime) / calls * 1e6


if __name__ == "__main__":
    address, call_count, round_count, *chosen = sys.argv[1:]
    json.dump(asyncio.run(sample(address, int(call_count), int(round_count), chosen)), sys.stdout)
