"""What protects a caller from a service that fails: limits, breaker, retries, deadlines."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from golden.apps.models import Item
from golden.bodies_client import BodiesClient
from golden.responses_client import ResponsesClient
from support.failing import PAIR, Service, client_of, fail
from support.servers import raw_server, silent_server
from trading_api.shared.client import (
    ApiError,
    TransportError,
    protection,
)
from trading_api.shared.client.deadline import SHARE
from trading_api.shared.client.options import DEFAULT_MAX_RESPONSE_BYTES
from trading_api.shared.client.protection import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MAX_CONCURRENT_CALLS,
    MAX_FAILURES,
    MAX_WAITING_CALLS,
    RETRY_DELAY,
    RETRY_SHARE,
    SAVED_RETRIES,
    SHORTEST_TIMEOUT,
    Protection,
)


class Clock:
    """A clock that tests set forward."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(protection, "time", clock)
    return clock


@pytest.fixture(autouse=True)
def no_retry_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "RETRY_DELAY", 0.0)


def test_documented_limits() -> None:
    assert (MAX_CONCURRENT_CALLS, MAX_WAITING_CALLS, MAX_FAILURES) == (100, 100, 5)
    assert (FIRST_PAUSE, LONGEST_PAUSE) == (1, 30)
    assert (RETRY_SHARE, SAVED_RETRIES, RETRY_DELAY) == (0.2, 10, 0.1)
    assert (SHARE, SHORTEST_TIMEOUT, DEFAULT_MAX_RESPONSE_BYTES) == (0.95, 1, 10_000_000)


@pytest.mark.parametrize("status", [0, 502, 504])
async def test_breaker_opens_after_failures_in_a_row_and_closes_after_a_success(
    clock: Clock, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    service = Service(status)
    client = client_of(service)
    await fail(client, MAX_FAILURES - 1)
    assert client.is_available
    with caplog.at_level(logging.WARNING):
        await fail(client)
    assert not client.is_available
    assert [record.message for record in caplog.records] == [
        "GET http://127.0.0.1:1/pairs is the last of 5 calls that failed in a row; calls fail at"
        " once until one succeeds, which is tried after 1 s, then less often"
    ]
    error = await fail(client)
    assert isinstance(error, TransportError)
    assert error.cause == "unavailable"
    assert str(error).endswith("unavailable: the last 5 calls failed; it is tried again soon")
    assert len(service.requests) == MAX_FAILURES

    pause = FIRST_PAUSE
    while pause < 2 * LONGEST_PAUSE:
        made = len(service.requests)
        clock.now += min(pause, LONGEST_PAUSE) - 0.01
        await fail(client)
        assert len(service.requests) == made
        clock.now += 0.01
        await fail(client, 3)
        assert len(service.requests) == made + 1
        pause *= 2

    service.statuses = [200]
    clock.now += LONGEST_PAUSE
    await client.get_pair()
    assert client.is_available
    await client.get_pair()
    assert caplog.records[-1].message == (
        "GET http://127.0.0.1:1/pairs succeeded; calls are made again"
    )


async def test_a_success_in_between_keeps_the_breaker_closed() -> None:
    client = client_of(Service(*([0] * (MAX_FAILURES - 1) + [200]) * 2))
    for _ in range(2):
        await fail(client, MAX_FAILURES - 1)
        await client.get_pair()
    assert client.is_available


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_other_errors_do_not_open_the_breaker(status: int) -> None:
    client = client_of(Service(status))
    error = await fail(client, 2 * MAX_FAILURES)
    assert isinstance(error, ApiError)
    assert client.is_available


async def test_short_timeouts_of_the_caller_do_not_open_the_breaker() -> None:
    async with silent_server() as address, ResponsesClient(address) as client:
        for _ in range(2 * MAX_FAILURES):
            with pytest.raises(TransportError):
                await client.get_pair(timeout=0.001)
        assert client.is_available


async def test_one_call_at_a_time_tries_a_service_that_failed(clock: Clock) -> None:
    responds = asyncio.Event()
    made = 0

    async def respond(request: httpx.Request) -> httpx.Response:
        nonlocal made
        made += 1
        if made <= MAX_FAILURES:
            raise httpx.ConnectError("refused")
        await responds.wait()
        return httpx.Response(200, content=PAIR, headers={"content-type": "application/json"})

    client = ResponsesClient("http://127.0.0.1:1", transport=httpx.MockTransport(respond))
    await fail(client, MAX_FAILURES)
    clock.now += FIRST_PAUSE
    cancelled = asyncio.create_task(client.get_pair())
    await asyncio.sleep(0)
    await fail(client)
    # A caller that gives up says nothing about the service.
    cancelled.cancel()
    await asyncio.wait([cancelled])
    trying = asyncio.create_task(client.get_pair())
    await asyncio.sleep(0)
    await fail(client)
    responds.set()
    await trying
    assert client.is_available


class Gate:
    """A service whose responses wait until the gate is open."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.calls = self.most = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        self.most = max(self.most, self.calls)
        try:
            await self.is_open.wait()
            await asyncio.sleep(0)
        finally:
            self.calls -= 1
        return httpx.Response(200, content=PAIR, headers={"content-type": "application/json"})


async def test_concurrent_calls_are_limited_and_others_wait() -> None:
    gate = Gate()
    client = ResponsesClient("http://127.0.0.1:1", transport=httpx.MockTransport(gate))
    calls = [client.get_pair() for _ in range(MAX_CONCURRENT_CALLS + MAX_WAITING_CALLS - 1)]
    gathered = asyncio.gather(*calls)
    await asyncio.sleep(0.05)
    assert gate.calls == MAX_CONCURRENT_CALLS

    # Those that do not wait any more make room for others.
    for _ in range(2):
        with pytest.raises(TransportError) as caught:
            await client.get_pair(timeout=0.05)
        assert caught.value.cause == "unavailable"
        assert str(caught.value).endswith("unavailable: 100 calls are in progress")
    assert client.is_available

    cancelled = asyncio.create_task(client.get_pair())
    await asyncio.sleep(0)
    with pytest.raises(TransportError, match="100 calls are in progress, and 100 wait"):
        await client.get_pair()
    cancelled.cancel()
    gate.is_open.set()
    assert len(await gathered) == MAX_CONCURRENT_CALLS + MAX_WAITING_CALLS - 1
    assert gate.most == MAX_CONCURRENT_CALLS
    await client.get_pair()


async def test_call_that_is_cancelled_at_its_turn_passes_it_on() -> None:
    guard = Protection()
    for _ in range(MAX_CONCURRENT_CALLS):
        guard.begin()
    first, second = (asyncio.create_task(guard.wait(5)) for _ in range(2))
    await asyncio.sleep(0)
    guard.end(False, True, "GET /")
    first.cancel()
    await asyncio.wait_for(second, 1)


async def test_waiting_calls_fail_when_the_breaker_opens() -> None:
    opened = asyncio.Event()

    async def respond(request: httpx.Request) -> httpx.Response:
        await opened.wait()
        raise httpx.ConnectError("refused")

    client = ResponsesClient("http://127.0.0.1:1", transport=httpx.MockTransport(respond))
    calls = [client.get_pair() for _ in range(2 * MAX_CONCURRENT_CALLS)]
    gathered = asyncio.gather(*calls, return_exceptions=True)
    await asyncio.sleep(0.05)
    opened.set()
    causes = Counter(error.cause for error in await gathered if isinstance(error, TransportError))
    assert causes["unavailable"] >= MAX_WAITING_CALLS
    assert causes.total() == 2 * MAX_CONCURRENT_CALLS


def test_retries_are_a_share_of_the_calls() -> None:
    guard = Protection()
    assert sum(guard.take_retry() for _ in range(100)) == SAVED_RETRIES
    for _ in range(100):
        guard.end(guard.begin(), True, "GET /")
    assert sum(guard.take_retry() for _ in range(100)) == pytest.approx(SAVED_RETRIES)
    for _ in range(20):
        guard.end(guard.begin(), True, "GET /")
    assert sum(guard.take_retry() for _ in range(100)) == pytest.approx(20 * RETRY_SHARE, abs=1)


def test_a_child_process_forgets_the_calls_of_its_parent() -> None:
    guard = Protection()
    for _ in range(MAX_CONCURRENT_CALLS):
        guard.begin()
    assert guard.is_full
    guard.reset()
    assert not guard.is_full


async def test_retries_can_be_turned_off() -> None:
    async with (
        raw_server(b"") as (address, requests),
        ResponsesClient(address, retries=False) as client,
    ):
        with pytest.raises(TransportError):
            await client.get_pair()
        assert len(requests) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_respected(status: int) -> None:
    service = Service(status, 200, headers={"retry-after": "0"})
    await client_of(service).get_pair()
    assert len(service.requests) == 2


async def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=1), usegmt=True)
    service = Service(503, 200, headers={"retry-after": date})
    await client_of(service).get_pair()
    assert len(service.requests) == 2


@pytest.mark.parametrize("value", ["10", "Fri, 31 Dec 2100 23:59:59 GMT", "soon", "-1"])
async def test_no_retry_without_a_time_that_is_left(value: str) -> None:
    service = Service(503, headers={"retry-after": value})
    error = await fail(client_of(service))
    assert isinstance(error, ApiError)
    assert len(service.requests) == 1


async def test_calls_that_change_something_are_not_retried() -> None:
    service = Service(503, headers={"retry-after": "0"})
    client = BodiesClient("http://127.0.0.1:1", transport=httpx.MockTransport(service))
    with pytest.raises(ApiError):
        await client.create_item(Item(name="a", price="1"))
    assert len(service.requests) == 1
