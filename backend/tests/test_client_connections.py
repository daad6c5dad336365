"""Connections of clients: pools, certificates, shared httpx clients, cookies."""

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
import uvicorn

from golden.apps.responses import app
from golden.parameters_client import ParametersClient
from golden.responses_client import ResponsesClient
from support.servers import raw_server, serve
from trading_api.shared.client import ApiError, TransportError, UnexpectedResponseError
from trading_api.shared.client.http import _LIMITS


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("golden.apps.responses:app") as found:
        yield found


async def test_cancelled_calls_do_not_exhaust_the_pool(address: str) -> None:
    async with ResponsesClient(address) as client:
        calls = [asyncio.create_task(client.get_pair()) for _ in range(120)]
        for _ in range(10):
            await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert await client.get_pair(timeout=5) == (1, "one")


def test_unclosed_client_works_in_next_event_loop(address: str) -> None:
    client = ResponsesClient(address)
    assert asyncio.run(client.get_pair()) == (1, "one")
    assert asyncio.run(client.get_pair()) == (1, "one")
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        del client
        gc.collect()


@pytest.mark.parametrize(
    ("base_url", "wants_certificate"),
    [("HTTPS://127.0.0.1:1", True), ("https://127.0.0.1:1", True), ("http://127.0.0.1:1", False)],
)
async def test_certificates_are_loaded_for_https_in_any_case(
    base_url: str, wants_certificate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[Any] = []
    create = httpx.create_ssl_context

    def record(verify: Any = True, **options: Any) -> ssl.SSLContext:
        verified.append(verify)
        return create(verify, **options)

    monkeypatch.setattr("httpx._transports.default.create_ssl_context", record)
    async with ResponsesClient(base_url) as client:
        with pytest.raises(TransportError):
            await client.get_pair(timeout=1)
    assert verified == [wants_certificate]


async def test_shared_client_timeouts_are_not_used() -> None:
    async def respond(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"] == {}
        return httpx.Response(200, json=[1, "one"])

    transport = httpx.MockTransport(respond)
    async with httpx.AsyncClient(transport=transport, timeout=0.001) as shared:
        client = ResponsesClient("http://127.0.0.1:1", http_client=shared, timeout=math.inf)
        assert await client.get_pair() == (1, "one")


async def test_redirects_are_not_followed_even_if_shared_client_follows_them() -> None:
    def redirect(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(302, headers={"location": "/elsewhere"})

    paths: list[str] = []
    transport = httpx.MockTransport(redirect)
    async with httpx.AsyncClient(transport=transport, follow_redirects=True) as shared:
        client = ResponsesClient("http://127.0.0.1:1", http_client=shared)
        with pytest.raises(UnexpectedResponseError, match="the status is not declared"):
            await client.get_pair()
    assert paths == ["/pairs"]


async def test_incomplete_response_is_retried_and_raises_closed() -> None:
    partial = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1"
    async with raw_server(partial) as (address, requests), ResponsesClient(address) as client:
        with pytest.raises(TransportError) as caught:
            await client.get_pair()
    assert caught.value.cause == "closed"
    assert len(requests) == 2


async def test_transport_and_http_client_together_raise() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(204))
    async with httpx.AsyncClient(transport=transport) as shared:
        with pytest.raises(ValueError, match="not both"):
            ResponsesClient("http://127.0.0.1:1", transport=transport, http_client=shared)


@pytest.mark.parametrize("headers", [{"bad name": "1"}, {"é": "1"}, {"x": " 1"}, {"x": "1\t"}])
def test_invalid_headers_raise(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        ResponsesClient("http://127.0.0.1:1", headers=headers)


async def test_cookies_of_client_call_and_operation_are_joined() -> None:
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


def test_calls_time_out_after_10_seconds_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESPONSES_URL", raising=False)
    clients = [ResponsesClient(), ResponsesClient.from_env(), ResponsesClient.in_process(app)]
    assert [client.timeout for client in clients] == [10, 10, 10]


def test_idle_connections_are_closed_before_the_server_closes_them() -> None:
    # A request that is sent just as uvicorn closes the connection is lost.
    assert _LIMITS.keepalive_expiry == 3
    assert _LIMITS.keepalive_expiry < uvicorn.Config(app).timeout_keep_alive
    assert (_LIMITS.max_connections, _LIMITS.max_keepalive_connections) == (None, 20)
