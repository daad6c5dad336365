"""Every request ends in time with a response, and an error does not close its connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from support.servers import serve
from trading_api.app_factory import create_app
from trading_api.shared import problems
from trading_api.shared.client.deadline import limit_timeout
from trading_api.shared.problems import RETRY_AFTER
from trading_api.shared.requests import LoggedErrors, RequestDeadlines
from trading_api.shared.settings import AppSettings, InvalidSettingError

PROBLEM = {
    "type": "urn:problem-type:deadline-exceeded",
    "title": "Deadline exceeded",
    "status": 503,
    "detail": "There was no time left to carry out the request; nothing was changed.",
}


def app_of(endpoint: Callable[[], Awaitable[object]], timeout: float) -> httpx.AsyncClient:
    app = FastAPI()
    app.add_api_route("/", endpoint)
    app.add_middleware(RequestDeadlines, timeout=timeout)
    transport = httpx.ASGITransport(LoggedErrors(app))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def wait_forever() -> None:
    await asyncio.Event().wait()


async def fail() -> None:
    raise RuntimeError("a secret reason")


broken = FastAPI()
problems.install(broken)
broken.add_api_route("/broken", fail, methods=["POST"])
broken_app = LoggedErrors(broken)


def test_documented_defaults() -> None:
    settings = AppSettings()
    assert (settings.request_timeout, settings.client_retries, RETRY_AFTER) == (9, True, "1")


def test_invalid_timeout_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUEST_TIMEOUT", "0")
    with pytest.raises(InvalidSettingError, match="REQUEST_TIMEOUT=0: "):
        AppSettings()


async def test_request_that_takes_too_long_is_a_503(caplog: pytest.LogCaptureFixture) -> None:
    response = await app_of(wait_forever, 0.05).get("/")
    assert (response.status_code, response.json()) == (503, PROBLEM)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["retry-after"] == RETRY_AFTER
    assert "GET / was ended without a response" in caplog.text


async def test_caller_shortens_the_time() -> None:
    client = app_of(wait_forever, 60)
    response = await client.get("/", headers={"X-Request-Timeout": "0.05"})
    assert response.json() == PROBLEM


async def test_caller_cannot_extend_the_time() -> None:
    client = app_of(wait_forever, 0.05)
    response = await client.get("/", headers={"X-Request-Timeout": "60"})
    assert response.json() == PROBLEM


async def test_calls_for_a_request_have_its_deadline() -> None:
    async def remaining() -> float:
        return limit_timeout(10)

    assert (await app_of(remaining, 2).get("/")).json() == pytest.approx(2, abs=1)
    assert limit_timeout(10) == 10


async def test_response_may_take_longer_than_its_start() -> None:
    timeouts = []

    async def numbers() -> AsyncIterator[bytes]:
        timeouts.append(limit_timeout(10))
        yield b"1"
        await asyncio.sleep(0.2)
        timeouts.append(limit_timeout(10))
        yield b"2"

    async def endpoint() -> StreamingResponse:
        return StreamingResponse(numbers())

    assert (await app_of(endpoint, 0.1).get("/")).text == "12"
    assert timeouts[-1] == 10


async def test_timeouts_of_the_application_are_its_own() -> None:
    async def endpoint() -> None:
        raise TimeoutError("of the application")

    assert (await app_of(endpoint, 60).get("/")).status_code == 500


async def test_request_that_the_server_cancels_is_a_503() -> None:
    started = asyncio.Event()

    async def endpoint() -> None:
        started.set()
        await wait_forever()

    request = asyncio.create_task(app_of(endpoint, 60).get("/"))
    await started.wait()
    request.cancel()
    assert (await request).json() == PROBLEM


async def test_error_after_the_response_is_logged_and_not_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = create_app()

    app.add_api_route("/broken", fail)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")
    with caplog.at_level(logging.ERROR):
        response = await client.get("/broken")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "GET /broken failed" in caplog.text
    assert "a secret reason" in caplog.text


def test_connection_stays_open_after_a_500() -> None:
    with serve("test_requests:broken_app") as address, httpx.Client(base_url=address) as client:
        for _ in range(50):
            assert client.post("/broken").status_code == 500


async def test_request_whose_body_does_not_arrive_in_time_is_a_408() -> None:
    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass

    parts = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def receive() -> Message:
        for part in parts:
            return part
        await asyncio.Event().wait()
        raise AssertionError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await RequestDeadlines(read, timeout=0.05)(scope, receive, send)
    assert sent[0]["status"] == 408
