"""Connections of clients: none is lost, and each is as safe as its address says."""

from __future__ import annotations

import asyncio
import gc
import math
import ssl
import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from golden.parameters_client import ParametersClient
from golden.responses_client import ResponsesClient as AnswersClient
from support.servers import raw_server, serve
from trading_api.shared.client import ApiError, TransportError, UnexpectedResponseError


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("shapes.responses:app") as found:
        yield found


async def test_cancelled_calls_leave_room_for_others(address: str) -> None:
    async with AnswersClient(address) as client:
        calls = [asyncio.create_task(client.get_pair()) for _ in range(120)]
        for _ in range(10):
            await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert await client.get_pair(timeout=5) == (1, "one")


def test_a_client_left_open_works_in_the_next_event_loop(address: str) -> None:
    client = AnswersClient(address)
    assert asyncio.run(client.get_pair()) == (1, "one")
    assert asyncio.run(client.get_pair()) == (1, "one")
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        del client
        gc.collect()


@pytest.mark.parametrize(
    ("base_url", "wants_certificate"),
    [("HTTPS://127.0.0.1:1", True), ("https://127.0.0.1:1", True), ("http://127.0.0.1:1", False)],
)
async def test_certificates_are_checked_however_the_scheme_is_written(
    base_url: str, wants_certificate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    create = httpx.create_ssl_context

    def note(verify: Any = True, **options: Any) -> ssl.SSLContext:
        given.append(verify)
        return create(verify, **options)

    monkeypatch.setattr("httpx._transports.default.create_ssl_context", note)
    async with AnswersClient(base_url) as client:
        with pytest.raises(TransportError):
            await client.get_pair(timeout=1)
    assert given == [wants_certificate]


async def test_time_outs_of_a_shared_client_are_not_used() -> None:
    async def answer_late(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"] == {}
        return httpx.Response(200, json=[1, "one"])

    transport = httpx.MockTransport(answer_late)
    async with httpx.AsyncClient(transport=transport, timeout=0.001) as shared:
        client = AnswersClient("http://127.0.0.1:1", http_client=shared, timeout=math.inf)
        assert await client.get_pair() == (1, "one")


async def test_redirects_are_not_followed_whatever_a_shared_client_does() -> None:
    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(302, headers={"location": "/elsewhere"})

    asked: list[str] = []
    transport = httpx.MockTransport(redirect)
    async with httpx.AsyncClient(transport=transport, follow_redirects=True) as shared:
        client = AnswersClient("http://127.0.0.1:1", http_client=shared)
        with pytest.raises(UnexpectedResponseError, match="no success is declared"):
            await client.get_pair()
    assert asked == ["/pairs"]


async def test_an_answer_that_breaks_off_is_a_closed_connection_and_asked_for_again() -> None:
    begun = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1"
    async with raw_server(begun) as (address, requests), AnswersClient(address) as client:
        with pytest.raises(TransportError) as caught:
            await client.get_pair()
    assert caught.value.cause == "closed"
    assert len(requests) == 2


@pytest.mark.parametrize("base_url", ["http://h:x", "http://h:99999", "http://h ost", "http://h:0"])
def test_addresses_that_cannot_be_called_are_refused_at_once(base_url: str) -> None:
    with pytest.raises(ValueError, match="is no base address"):
        AnswersClient(base_url)


async def test_a_transport_and_a_client_are_one_too_many() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(204))
    async with httpx.AsyncClient(transport=transport) as shared:
        with pytest.raises(ValueError, match="not both"):
            AnswersClient("http://127.0.0.1:1", transport=transport, http_client=shared)


@pytest.mark.parametrize("headers", [{"bad name": "1"}, {"é": "1"}, {"x": " 1"}, {"x": "1\t"}])
def test_headers_that_cannot_be_sent_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        AnswersClient("http://127.0.0.1:1", headers=headers)


async def test_cookies_of_client_call_and_operation_are_sent_together() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        cookies.extend(request.headers.get_list("cookie"))
        return httpx.Response(500, json={"title": "Internal Server Error", "status": 500})

    cookies: list[str] = []
    client = ParametersClient(
        "http://127.0.0.1:1",
        headers={"Cookie": "sid=1"},
        transport=httpx.MockTransport(respond),
    )
    with pytest.raises(ApiError):
        await client.get_headers(["t"], "s", headers={"cookie": "more=2"})
    assert cookies == ["sid=1; session=s; more=2"]
