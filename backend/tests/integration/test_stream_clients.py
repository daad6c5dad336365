"""Every stream of every module, read by its client: in process, over loopback, and with kills.

The modules are found by their specs. `tests/modules/<module>/stream_examples.py` has a request for
each of their streams.
"""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, suppress
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvloop

from modules.broker.doubles import buy
from modules.broker.stream_examples import ACCOUNT
from support.servers import serve, serve_process
from trading_api.app_factory import create_app, module_info
from trading_api.clients import BrokerClient, DatafeedClient
from trading_api.models import ConnectionStatus, QuotesSubscription
from trading_api.shared.client import TransportError, ws_connection
from trading_api.shared.utils import (
    MODULES_DIR,
    class_prefix,
    discover_modules,
    discover_modules_with_websockets,
    url_variable,
)

MODULES = discover_modules_with_websockets(MODULES_DIR)
APP = "trading_api.main:app"
KILLS = 3
EXECUTIONS_BETWEEN_KILLS = 40
FAST = {"DATAFEED_SPEED": "600"}


def spec_streams(module: str) -> Mapping[str, Any]:
    spec = json.loads((MODULES_DIR / module / "specs" / "asyncapi.json").read_text())
    streams: Mapping[str, Any] = spec["x-streams"]
    return streams


def examples_of(module: str) -> Any:
    try:
        return importlib.import_module(f"modules.{module}.stream_examples")
    except ModuleNotFoundError:
        pytest.fail(
            f"tests/modules/{module}/stream_examples.py is missing; add a request for each"
            " stream, as the other modules do"
        )


def client_class(module: str) -> Any:
    path = f"trading_api.clients.{module}_client"
    return getattr(importlib.import_module(path), f"{class_prefix(module)}Client")


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """The addresses of all modules, one process for each."""
    found: dict[str, str] = {}
    requires = {name: module_info(name).requires for name in discover_modules(MODULES_DIR)}
    with ExitStack() as stack:
        for module in TopologicalSorter(requires).static_order():
            urls = {url_variable(name): address for name, address in found.items()}
            found[module] = stack.enter_context(serve(APP, ENABLED_MODULES=module, **urls))
        yield found


@pytest.fixture(params=["in process", "over loopback"])
async def clients(request: pytest.FixtureRequest) -> AsyncIterator[dict[str, Any]]:
    """A client of each module with streams."""
    async with AsyncExitStack() as stack:
        if request.param == "in process":
            app = create_app()
            created = {module: client_class(module).in_process(app) for module in MODULES}
        else:
            found = request.getfixturevalue("addresses")
            created = {module: client_class(module)(found[module]) for module in MODULES}
        for client in created.values():
            await stack.enter_async_context(client)
        yield created


@pytest.mark.parametrize("module", MODULES)
async def test_every_stream_returns_updates_of_its_type(
    clients: dict[str, Any], module: str
) -> None:
    examples, streams = examples_of(module), spec_streams(module)
    assert {*examples.REQUESTS} == {*streams}
    client = clients[module]
    async with asyncio.timeout(60), AsyncExitStack() as stack:
        subscriptions = {
            name: await stack.enter_async_context(
                getattr(client, f"{name}_stream")(examples.REQUESTS[name])
            )
            for name in streams
        }
        await examples.cause_updates(client)
        for name, subscription in subscriptions.items():
            update = await anext(subscription)
            assert type(update).__name__ == streams[name]["update"]
    assert client.stream_counts.connections == 1
    assert client.stream_counts.unknown_messages == 0


async def test_broker_follows_the_prices_of_another_process(addresses: dict[str, str]) -> None:
    async with (
        BrokerClient(addresses["broker"]) as broker,
        httpx.AsyncClient(base_url=addresses["broker"]) as http,
        asyncio.timeout(30),
    ):
        await broker.place_order(buy(1))
        while (
            'upstream_stream_connections_total{module="datafeed"} 1.0'
            not in (await http.get("/metrics")).text
        ):
            await broker.get_account()


async def place_orders(broker: BrokerClient) -> None:
    """Place orders until the broker is killed."""
    with suppress(TransportError):
        while True:
            await broker.place_order(buy(1))


async def test_reader_gets_every_execution_once_although_the_broker_is_killed(
    addresses: dict[str, str], tmp_path: Path, unused_tcp_port: int
) -> None:
    environment = {
        "ENABLED_MODULES": "broker",
        "DATAFEED_URL": addresses["datafeed"],
        "BROKER_DATABASE_URL": f"sqlite:///{tmp_path}/account.sqlite3",
    }
    received: list[str] = []
    async with BrokerClient(f"http://127.0.0.1:{unused_tcp_port}") as reader:
        executions = reader.executions_stream(ACCOUNT)

        async def read_until(count: int) -> None:
            async with asyncio.timeout(60):
                while len(received) < count:
                    received.append((await anext(executions)).id)

        for _ in range(KILLS):
            with serve_process(APP, port=unused_tcp_port, **environment) as (address, process):
                await executions.__aenter__()
                async with BrokerClient(address) as broker:
                    load = asyncio.create_task(place_orders(broker))
                    await read_until(len(received) + EXECUTIONS_BETWEEN_KILLS)
                    process.kill()
                    await load
        with serve_process(APP, port=unused_tcp_port, **environment) as (address, _):
            async with BrokerClient(address) as broker:
                await broker.place_order(buy(1))
                expected = [each.id for each in await broker.get_executions(limit=500)]
            await read_until(len(expected))
            await executions.aclose()
        assert reader.stream_counts.connections == KILLS + 1
    assert received == expected
    assert len(expected) >= KILLS * EXECUTIONS_BETWEEN_KILLS


async def test_states_go_on_after_the_datafeed_was_killed(
    unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ws_connection, "MAX_BACKOFF_SECONDS", 0.5)
    url = f"http://127.0.0.1:{unused_tcp_port}"
    request = QuotesSubscription(symbols=[], fast_symbols=["AAPL"])
    environment = {"ENABLED_MODULES": "datafeed", **FAST}
    with serve(APP, ENABLED_MODULES="broker", DATAFEED_URL=url) as address:
        async with (
            asyncio.timeout(120),
            BrokerClient(address) as broker,
            DatafeedClient(url) as datafeed,
        ):
            quotes = datafeed.quotes_stream(request)
            status = broker.connection_stream(ACCOUNT)
            equity = broker.equity_stream(ACCOUNT)
            for life in range(KILLS):
                with serve_process(APP, port=unused_tcp_port, **environment) as (_, process):
                    assert (await anext(quotes)).n == "AAPL"
                    await until_status(status, ConnectionStatus.CONNECTED)
                    if life == 0:
                        await broker.place_order(buy(100))
                    first = (await anext(equity)).equity
                    while (await anext(equity)).equity == first:
                        pass
                    process.kill()
                    await until_status(status, ConnectionStatus.DISCONNECTED)
                    await equity.aclose()
                    equity = broker.equity_stream(ACCOUNT)
            assert datafeed.stream_counts.connections == KILLS


async def until_status(status: Any, wanted: ConnectionStatus) -> None:
    async for update in status:
        if update.status is wanted:
            return


def test_client_works_in_the_event_loop_of_the_server() -> None:
    """Uvicorn uses uvloop, whose transports are not instances of asyncio's classes."""

    async def ping(address: str) -> str:
        async with DatafeedClient(address) as datafeed:
            request = QuotesSubscription(symbols=["AAPL"], fast_symbols=[])
            async for quote in datafeed.quotes_stream(request):
                return quote.n
        raise AssertionError

    with serve("trading_api.main:app", ENABLED_MODULES="datafeed") as address:
        assert uvloop.run(asyncio.wait_for(ping(address), 20)) == "AAPL"
