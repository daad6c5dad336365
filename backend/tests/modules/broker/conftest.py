from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from modules.broker.doubles import Clock, FakeDatafeed
from trading_api.app_factory import create_app
from trading_api.modules.broker.book import Book
from trading_api.modules.broker.ledger import MemoryStore
from trading_api.modules.broker.records import Account, to_decimal
from trading_api.modules.broker.service import BrokerService
from trading_api.modules.broker.settings import BrokerSettings


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
    return BrokerSettings(price_interval=3600)


@pytest.fixture
def service(feed: FakeDatafeed, clock: Clock, settings: BrokerSettings) -> BrokerService:
    """A broker without its background task: the test calls `mark_to_market`."""
    account = Account(to_decimal(settings.initial_balance))
    book = Book(account, to_decimal(settings.default_leverage))
    return BrokerService(feed, book, settings, MemoryStore(), clock)


@pytest.fixture
async def http(service: BrokerService) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the REST operations."""
    app = create_app(["broker"])
    app.state.services[BrokerService] = service
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        yield client
