"""What Stoplight Prism, which knows nothing but specs, says of the modules and their clients."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.conftest import Addresses
from integration.conftest import two_processes as two_processes
from integration.test_other_language import datafeed_address as datafeed_address
from integration.test_other_language import use_operations
from integration.test_platform import use_broker, use_datafeed
from support.scripts import Script, free_ports
from support.servers import serve
from trading_api.clients import BrokerClient, DatafeedClient
from trading_api.models import GetQuotesRequest, OrderType, PreOrder, Resolution, Side
from trading_api.shared.client import ApiError
from trading_api.shared.settings import MEMORY
from trading_api.shared.utils import MODULES_DIR

# As in the tests of the backend: nothing is kept.
os.environ["DATA_DIR"] = MEMORY

PRISM = Path(__file__).with_name("node_modules") / "@stoplight/prism-cli/dist/index.js"
TOKEN = "any"
"""Prism wants a token, as the specs say, and takes any."""

ROUNDS = 10


def spec_of(module: str) -> Path:
    return MODULES_DIR / module / "specs" / "openapi.json"


@contextmanager
def prism(mode: str, *arguments: str | Path) -> Iterator[str]:
    """Run Prism on a free port; yield its address once it listens."""
    (port,) = free_ports(1)
    process = subprocess.Popen(
        ["node", PRISM, mode, "--port", str(port), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        Script(process).wait_for("Prism is listening")
        # Nobody reads its log, which must not fill the pipe.
        reader = threading.Thread(target=process.stdout.read, daemon=True)
        reader.start()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        reader.join(10)
        process.stdout.close()


def proxy(spec: Path, address: str) -> Any:
    """Run Prism between a client and a service; it responds with an error to each violation."""
    return prism("proxy", "--errors", spec, address)


@asynccontextmanager
async def clients(addresses: Addresses, calls: list[int]) -> AsyncIterator[tuple[Any, Any]]:
    async def count(response: httpx.Response) -> None:
        calls.append(response.status_code)

    hooks = {"response": [count]}
    async with (
        BrokerClient(addresses.broker, token=TOKEN, event_hooks=hooks) as broker,
        DatafeedClient(addresses.datafeed, token=TOKEN, event_hooks=hooks) as datafeed,
    ):
        yield broker, datafeed


async def test_every_operation_of_the_services_is_as_in_their_specs(
    two_processes: Addresses, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[int] = []
    with (
        proxy(spec_of("broker"), two_processes.broker) as broker,
        proxy(spec_of("datafeed"), two_processes.datafeed) as datafeed,
    ):
        async with clients(Addresses(broker, datafeed), calls) as (of_broker, of_datafeed):
            await use_datafeed(of_datafeed)
            await use_broker(of_broker, of_datafeed)
    with capsys.disabled():
        print(f"\n{len(calls)} calls through the proxies, 0 violations")


async def test_service_in_another_language_is_as_in_the_spec(datafeed_address: str) -> None:
    with proxy(spec_of("datafeed"), datafeed_address) as address:
        async with DatafeedClient(address, token=TOKEN) as datafeed:
            await use_operations(datafeed)


async def test_violation_is_an_error(two_processes: Addresses, tmp_path: Path) -> None:
    spec = json.loads(spec_of("datafeed").read_text())
    operation = next(
        each["get"] for path, each in spec["paths"].items() if path.endswith("/config")
    )
    operation["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "string"}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(spec))
    with proxy(path, two_processes.datafeed) as address:
        async with DatafeedClient(address, token=TOKEN) as datafeed:
            with pytest.raises(ApiError, match="not valid"):
                await datafeed.get_config()


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """A datafeed that responds with random values of the right types."""
    with prism("mock", "--dynamic", spec_of("datafeed")) as address:
        yield address


async def test_client_reads_what_a_mock_sends(
    mock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[int] = []
    async with clients(Addresses(mock, mock), calls) as (_, datafeed):
        for _ in range(ROUNDS):
            await datafeed.get_config()
            await datafeed.get_symbols()
            await datafeed.search_symbols("a", max_results=3)
            await datafeed.resolve_symbol("AAPL")
            await datafeed.get_bars("AAPL", Resolution.DAY, 951868800, 952041600)
            await datafeed.get_quotes(GetQuotesRequest(symbols=["AAPL"]))
            await datafeed.get_server_time()
    with capsys.disabled():
        print(f"\n{len(calls)} responses of the mock, all read")


async def test_broker_serves_although_its_datafeed_is_a_mock(mock: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    with serve(
        "trading_api.main:app",
        ENABLED_MODULES="broker",
        DATAFEED_URL=mock,
        AUTH_SERVICE_TOKEN_FILE=str(token),
    ) as address:
        async with BrokerClient(address) as broker:
            assert (await broker.get_account()).balance == 100_000
            # The mock has no quote of this symbol.
            order = PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=1)
            with pytest.raises(ApiError) as caught:
                await broker.place_order(order)
            assert caught.value.status in (422, 503)
            assert await broker.get_orders() == []
