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
import websockets

from modules.broker.doubles import buy
from modules.broker.stream_examples import ACCOUNT
from support.live import until
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
    stream_path,
    url_variable,
)

MODULES = discover_modules_with_websockets(MODULES_DIR)
APP = "trading_api.main:app"
KILLS = 3
UPDATES_BETWEEN_KILLS = 40
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


@pytest.mark.parametrize("module", MODULES)
async def test_streams_go_on_although_their_module_is_killed(
    module: str, addresses: dict[str, str], tmp_path: Path, unused_tcp_port: int
) -> None:
    """No numbered update is lost or doubled, and the others come again."""
    examples, streams = examples_of(module), spec_streams(module)
    environment = {
        "ENABLED_MODULES": module,
        "DATA_DIR": str(tmp_path),
        **{url_variable(name): addresses[name] for name in module_info(module).requires},
    }
    received: dict[str, list[Any]] = {name: [] for name in streams}
    async with (
        asyncio.timeout(180),
        asyncio.TaskGroup() as readers,
        client_class(module)(f"http://127.0.0.1:{unused_tcp_port}") as client,
    ):
        tasks = []
        for life in range(KILLS + 1):
            with serve_process(APP, port=unused_tcp_port, **environment) as (address, process):
                if life == 0:
                    for name in streams:
                        subscription = getattr(client, f"{name}_stream")(examples.REQUESTS[name])
                        await subscription.__aenter__()
                        tasks.append(readers.create_task(read(subscription, received[name])))
                async with client_class(module)(address) as caller:
                    causing = asyncio.create_task(cause_updates(examples, caller))
                    await until_more(received, streams)
                    causing.cancel()
                    if life < KILLS:
                        process.kill()
                    else:
                        await check_all_received(module, address, received)
        assert client.stream_counts.connections == KILLS + 1
        for task in tasks:
            task.cancel()


def resumable(streams: Mapping[str, Any]) -> dict[str, bool]:
    return {name: stream["resumable"] for name, stream in streams.items()}


async def until_more(received: Mapping[str, list[Any]], streams: Mapping[str, Any]) -> None:
    """Wait until each stream has received some more updates."""
    goals = {
        name: len(received[name]) + (UPDATES_BETWEEN_KILLS if is_numbered else 1)
        for name, is_numbered in resumable(streams).items()
    }
    await until(lambda: all(len(received[name]) >= goal for name, goal in goals.items()))


async def read(subscription: Any, received: list[Any]) -> None:
    async for update in subscription:
        received.append(update.model_dump(mode="json", by_alias=True))


async def cause_updates(examples: Any, client: Any) -> None:
    """Cause updates until cancelled, or the module is killed."""
    with suppress(TransportError):
        while True:
            await examples.cause_updates(client)
            await asyncio.sleep(0)


async def check_all_received(module: str, address: str, received: Mapping[str, list[Any]]) -> None:
    """Compare what was received with all that the service has sent since it was created."""
    url = address.replace("http", "ws", 1) + stream_path(module)
    for name, is_numbered in resumable(spec_streams(module)).items():
        if not is_numbered:
            continue
        sent: list[Any] = []
        async with websockets.connect(url) as socket:
            payload = examples_of(module).REQUESTS[name].model_dump(mode="json", by_alias=True)
            request = {"type": f"{name}.subscribe", "payload": payload, "since": 0}
            await socket.send(json.dumps(request))
            assert json.loads(await socket.recv())["type"] == f"{name}.subscribed"
            while len(sent) < len(received[name]):
                sent.append(json.loads(await socket.recv())["payload"])
        assert received[name][: len(sent)] == sent
        assert len(sent) >= KILLS * UPDATES_BETWEEN_KILLS


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
