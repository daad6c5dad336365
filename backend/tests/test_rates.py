"""How many requests each caller may make."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from trading_api.app_factory import create_app
from trading_api.shared import rates
from trading_api.shared.auth.caller import Caller
from trading_api.shared.auth.callers import ANYBODY, THIS_PROCESS
from trading_api.shared.rates import RequestRates
from trading_api.shared.settings import AppSettings
from trading_api.shared.telemetry.requests import ObservedRequests
from trading_api.shared.utils import API_PREFIX

PATH = f"{API_PREFIX}/nothing"


async def respond(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def call(app: RequestRates, caller: Caller, address: str = "127.0.0.1") -> httpx.Headers:
    """Return the headers of a response, and its status as `status`."""
    headers = httpx.Headers()

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            headers.update(message["headers"])  # type: ignore[arg-type]
            headers["status"] = str(message["status"])

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": PATH,
        "headers": [],
        "client": (address, 1),
        "state": {"caller": caller},
    }
    observed = ObservedRequests(app, is_traced=False)
    await observed(scope, None, send)  # type: ignore[arg-type]
    return headers


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


async def test_caller_above_its_rate_gets_429_and_when_to_retry(clock: list[float]) -> None:
    app = RequestRates(respond, rate=0.5)
    first = await call(app, Caller("a"))
    assert first["status"] == "200"
    assert first["RateLimit-Policy"] == '"default";q=1;w=2'
    assert first["RateLimit"] == '"default";r=0;t=2'
    second = await call(app, Caller("a"))
    assert (second["status"], second["Retry-After"]) == ("429", "2")
    assert second["Content-Type"] == "application/problem+json"
    assert second["RateLimit"] == '"default";r=0;t=2'
    clock[0] = 2.0
    assert (await call(app, Caller("a")))["status"] == "200"


async def test_callers_have_rates_of_their_own(clock: list[float]) -> None:
    app = RequestRates(respond, rate=0.5)
    callers = [(Caller("a"), "127.0.0.1"), (Caller("b"), "127.0.0.1")]
    addresses = [(ANYBODY, "127.0.0.2"), (ANYBODY, "127.0.0.3")]
    for caller, address in [*callers, *addresses]:
        assert (await call(app, caller, address))["status"] == "200"
        assert (await call(app, caller, address))["status"] == "429"


async def test_calls_between_modules_of_one_process_are_not_limited(clock: list[float]) -> None:
    app = RequestRates(respond, rate=0.5)
    statuses = {(await call(app, THIS_PROCESS))["status"] for _ in range(10)}
    assert statuses == {"200"}


async def test_remembered_callers_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rates.MAX_CALLERS == 10_000
    monkeypatch.setattr(rates, "MAX_CALLERS", 3)
    app = RequestRates(respond, rate=0.5)
    for number in range(20):
        await call(app, Caller(str(number)))
    assert len(app._buckets) == 3


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_rate_is_limited_by_default(client: httpx.AsyncClient) -> None:
    assert AppSettings().rate_limit == 1_000
    response = await client.get(PATH)
    assert response.headers["RateLimit-Policy"] == '"default";q=2000;w=2'
    assert "RateLimit" not in (await client.get("/health/live")).headers


async def test_limit_of_zero_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMIT", "0")
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert "RateLimit" not in (await client.get(PATH)).headers
