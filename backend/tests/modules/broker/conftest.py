from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from modules.broker.doubles import Clock, FakeDatafeed
from support.postgresql import create_database, run_postgresql
from trading_api.app_factory import create_app
from trading_api.modules.broker.book import Book
from trading_api.modules.broker.records import Account, to_decimal
from trading_api.modules.broker.service import BrokerService
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store.databases import Database
from trading_api.modules.broker.store.store import AccountStore


@pytest.fixture
def feed() -> FakeDatafeed:
    """A datafeed with AAPL at 100 to 101 and IBM at 50 to 50.5."""
    feed = FakeDatafeed()
    feed.set("AAPL", 100, 101)
    feed.set("IBM", 50, 50.5)
    return feed


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings() -> BrokerSettings:
    """100,000 USD, leverage 5 of at most 20, and no price updates of their own accord."""
    return BrokerSettings(price_interval=3600, database_url=SecretStr("memory:"))


@pytest.fixture
def file_settings(settings: BrokerSettings, tmp_path: Path) -> BrokerSettings:
    """The same settings, and an account in a file that outlives the service."""
    url = SecretStr(f"sqlite:///{tmp_path}/account.sqlite3")
    return settings.model_copy(update={"database_url": url})


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server that runs until the tests end."""
    with run_postgresql(tmp_path_factory.mktemp("postgresql")) as url:
        yield url


@pytest.fixture
def postgresql_settings(settings: BrokerSettings, postgresql_server: str) -> BrokerSettings:
    """The same settings, and an account in a new PostgreSQL database."""
    url = SecretStr(create_database(postgresql_server))
    return settings.model_copy(update={"database_url": url})


@pytest.fixture(params=["sqlite", "postgresql"])
def kept_settings(request: pytest.FixtureRequest) -> BrokerSettings:
    """The settings with each kind of database, which keeps the account after the service ends."""
    names = {"sqlite": "file_settings", "postgresql": "postgresql_settings"}
    settings: BrokerSettings = request.getfixturevalue(names[request.param])
    return settings


@pytest.fixture
async def service(
    feed: FakeDatafeed, clock: Clock, settings: BrokerSettings
) -> AsyncIterator[BrokerService]:
    """A broker without its background task: the test calls `mark_to_market`."""
    store = AccountStore(Database(), events_kept=settings.events_kept)
    initial = Account(to_decimal(settings.initial_balance))
    book = Book(
        await store.open(initial, settings.account_id), to_decimal(settings.default_leverage)
    )
    service = BrokerService(feed, book, settings, store, clock)
    yield service
    await service.close()
    await store.close()


@pytest.fixture
async def http(service: BrokerService) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the REST operations."""
    app = create_app(["broker"])
    app.state.services[BrokerService] = service
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1") as client:
        yield client
