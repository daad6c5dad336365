"""The clients whose calls are compared, each used as its documentation says, and their measuring.

Run by bench_calls.py in a process of its own, with the interpreter of an environment that has what
the contenders import: `contenders.py BASE_URL CALLS ROUNDS NAME...`. The contenders take turns, and
stdout receives {name: {"one" | "many": [[user, user + system], ...]}}, in microseconds of CPU per
call, a pair per round. The generated clients are imported when they are opened.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from importlib import import_module
from typing import Any, NamedTuple

import httpx
from pydantic import TypeAdapter

from quote_models import Quote

_ONE: TypeAdapter[Quote] = TypeAdapter(Quote)
_MANY: TypeAdapter[list[Quote]] = TypeAdapter(list[Quote])

Call = Callable[[], Awaitable[Any]]
Samples = dict[str, dict[str, list[tuple[float, float]]]]


class Calls(NamedTuple):
    """The two calls of a contender; each returns what its caller would work with."""

    one: Call
    many: Call


async def _floor(url: str, opened: AsyncExitStack) -> Calls:
    """Return what one would write by hand: httpx and pydantic, and nothing else."""
    client = await opened.enter_async_context(httpx.AsyncClient(base_url=url))
    return _by_hand(client, "/quote", "/quotes")


async def _floor_absolute(url: str, opened: AsyncExitStack) -> Calls:
    """Return the floor with whole addresses, which httpx need not put together."""
    client = await opened.enter_async_context(httpx.AsyncClient())
    return _by_hand(client, f"{url}/quote", f"{url}/quotes")


def _by_hand(client: httpx.AsyncClient, one: str, many: str) -> Calls:
    async def get_one() -> Quote:
        return _ONE.validate_json((await client.get(one)).content)

    async def get_many() -> list[Quote]:
        return _MANY.validate_json((await client.get(many)).content)

    return Calls(get_one, get_many)


async def _ours(url: str, opened: AsyncExitStack) -> Calls:
    client = import_module("our_clients").QuotesClient(base_url=url)
    await opened.enter_async_context(client)
    return Calls(client.get_quote, client.get_quotes)


async def _openapi_python_client(url: str, opened: AsyncExitStack) -> Calls:
    client = import_module("opc_client").Client(base_url=url)
    await opened.enter_async_context(client)
    one = import_module("opc_client.api.default.get_quote").asyncio
    many = import_module("opc_client.api.default.get_quotes").asyncio
    return Calls(lambda: one(client=client), lambda: many(client=client))


def _openapi_generator(package: str) -> Callable[[str, AsyncExitStack], Awaitable[Calls]]:
    async def opener(url: str, opened: AsyncExitStack) -> Calls:
        module = import_module(package)
        client = module.ApiClient(module.Configuration(host=url))
        await opened.enter_async_context(client)
        api = module.DefaultApi(client)
        return Calls(api.get_quote, api.get_quotes)

    return opener


CONTENDERS: Mapping[str, Callable[[str, AsyncExitStack], Awaitable[Calls]]] = {
    "floor": _floor,
    "floor-absolute": _floor_absolute,
    "ours": _ours,
    "openapi-python-client": _openapi_python_client,
    "openapi-generator-httpx": _openapi_generator("oag_httpx_client"),
    "openapi-generator-asyncio": _openapi_generator("oag_asyncio_client"),
}


async def measure(url: str, calls: int, rounds: int, names: list[str]) -> Samples:
    """Let the contenders take turns for `rounds` rounds, each with `calls` calls of each size."""
    samples: Samples = {name: {size: [] for size in Calls._fields} for name in names}
    async with AsyncExitStack() as opened:
        turns = []
        for name in names:
            found = await CONTENDERS[name](url, opened)
            await _check(name, found)
            turns += [(samples[name][size], getattr(found, size)) for size in Calls._fields]
        for _, call in turns:
            await _spent(call, calls)
        for number in range(rounds):
            # Nobody always runs after the same neighbour, nor always first.
            for series, call in turns[:: 1 if number % 2 else -1]:
                series.append(await _spent(call, calls))
    return samples


async def _check(name: str, calls: Calls) -> None:
    one, many = await calls.one(), await calls.many()
    symbols = [one.symbol, *(quote.symbol for quote in many)]
    if symbols != ["SYM000", *(f"SYM{number:03}" for number in range(100))]:
        raise SystemExit(f"error: {name} returns other quotes than the service sends: {symbols}")


async def _spent(call: Call, calls: int) -> tuple[float, float]:
    """Return microseconds per call that this process computed: in user mode, and in all."""
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(calls):
        await call()
    after = resource.getrusage(resource.RUSAGE_SELF)
    user = (after.ru_utime - before.ru_utime) / calls * 1e6
    return user, user + (after.ru_stime - before.ru_stime) / calls * 1e6


if __name__ == "__main__":
    address, call_count, round_count, *chosen = sys.argv[1:]
    json.dump(asyncio.run(measure(address, int(call_count), int(round_count), chosen)), sys.stdout)
