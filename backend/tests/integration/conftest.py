"""The platform in the three forms in which it can run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from support.servers import serve
from trading_api.app_factory import create_app
from trading_api.clients import BrokerClient, DatafeedClient

FROZEN = {"DATAFEED_REPLAY_EPOCH": "2100-01-01T00:00Z", "DATAFEED_REPLAY_START": "2012-06-01"}
"""A replay that stands still at the first minute of a day, so that prices can be compared."""


@dataclass(frozen=True)
class Platform:
    """Clients of both modules, however these are served."""

    broker: BrokerClient
    datafeed: DatafeedClient


@dataclass(frozen=True)
class Addresses:
    broker: str
    datafeed: str


@pytest.fixture(scope="session")
def two_processes() -> Iterator[Addresses]:
    """Datafeed in one process and broker in another, as in production."""
    with (
        serve("trading_api.main:app", ENABLED_MODULES="datafeed", **FROZEN) as datafeed,
        serve("trading_api.main:app", ENABLED_MODULES="broker", DATAFEED_URL=datafeed) as broker,
    ):
        yield Addresses(broker, datafeed)


@pytest.fixture(scope="session")
def one_process() -> Iterator[str]:
    """Both modules in one process, which is reached over HTTP."""
    with serve("trading_api.main:app", ENABLED_MODULES="broker,datafeed", **FROZEN) as address:
        yield address


@pytest.fixture(params=["two processes", "one process", "in process"])
async def platform(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Platform]:
    async with AsyncExitStack() as stack:
        if request.param == "in process":
            for name, value in FROZEN.items():
                monkeypatch.setenv(name, value)
            yield await stack.enter_async_context(_in_process())
            return
        if request.param == "one process":
            address = request.getfixturevalue("one_process")
            addresses = Addresses(address, address)
        else:
            addresses = request.getfixturevalue("two_processes")
        yield Platform(
            await stack.enter_async_context(BrokerClient(addresses.broker)),
            await stack.enter_async_context(DatafeedClient(addresses.datafeed)),
        )


@asynccontextmanager
async def _in_process() -> AsyncIterator[Platform]:
    app = create_app(["broker", "datafeed"])
    async with app.router.lifespan_context(app):
        yield Platform(BrokerClient.in_process(app), DatafeedClient.in_process(app))
