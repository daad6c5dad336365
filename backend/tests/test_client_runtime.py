"""Behaviour of every client: errors, retries, headers, addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from golden.apps.models import Item
from golden.apps.responses import app as responses_app
from golden.bodies_client import BodiesClient
from golden.parameters_client import ParametersClient
from golden.responses_client import ResponsesClient
from support.servers import raw_server, silent_server
from trading_api.shared.client import (
    ApiError,
    Operation,
    ServiceClient,
    TransportError,
    UnexpectedResponseError,
)


class PlainClient(ServiceClient):
    """A client of a spec without servers and declared errors."""

    module = "plain"
    default_url = ""

    async def call(self) -> None:
        operation: Operation[None] = Operation("GET", "/a", responses={}, errors={})
        await self._call(operation, "/a")


def client_of(respond: Callable[[httpx.Request], httpx.Response]) -> ResponsesClient:
    return ResponsesClient("http://127.0.0.1:1", transport=httpx.MockTransport(respond))


async def test_timeout_over_http() -> None:
    async with silent_server() as address, ResponsesClient(address) as client:
        with pytest.raises(
            TransportError, match=r"timeout: no complete response within 0\.05 s"
        ) as caught:
            await client.get_pair(timeout=0.05)
    assert caught.value.cause == "timeout"


async def test_timeout_in_process() -> None:
    app = FastAPI()

    @app.get("/pairs")
    async def get_pair() -> None:
        await asyncio.Event().wait()

    client = ResponsesClient.in_process(app, timeout=0.05)
    with pytest.raises(TransportError) as caught:
        await client.get_pair()
    assert caught.value.cause == "timeout"


async def test_only_retryable_calls_are_retried() -> None:
    async with (
        raw_server(b"") as (address, requests),
        ResponsesClient(address) as responses,
        BodiesClient(address) as bodies,
    ):
        with pytest.raises(TransportError) as caught:
            await responses.get_pair()
        assert caught.value.cause == "closed"
        assert len(requests) == 2
        item = Item(name="a", price="1")
        for call in (
            bodies.create_item(item),
            bodies.create_item(item, idempotency_key="not declared by the spec"),
            bodies.place_order(item),
            bodies.delete_items([]),
        ):
            del requests[:]
            with pytest.raises(TransportError):
                await call
            assert len(requests) == 1
        with pytest.raises(TransportError):
            await bodies.place_order(item, idempotency_key="k")
        assert len(requests) == 3
        assert b"idempotency-key: k\r\n" in requests[2]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ConnectError("refused"), "connect"),
        (httpx.WriteError(""), "closed"),
        (httpx.DecodingError("gzip"), "protocol"),
    ],
)
async def test_httpx_error_becomes_transport_error(error: httpx.RequestError, cause: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as shared:
        client = ResponsesClient("http://127.0.0.1:1", http_client=shared)
        with pytest.raises(TransportError, match=cause) as caught:
            await client.post_mail()
    assert caught.value.cause == cause
    assert caught.value.__cause__ is error


async def test_response_that_is_not_http_is_a_protocol_error() -> None:
    async with (
        raw_server(b"SSH-2.0-OpenSSH\r\n\r\n") as (address, _),
        ResponsesClient(address) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await client.get_pair()
    assert caught.value.cause == "protocol"


async def test_invalid_response_body_raises_with_reasons() -> None:
    client = client_of(lambda request: httpx.Response(200, json={"total": "x"}))
    with pytest.raises(UnexpectedResponseError) as caught:
        await client.get_page()
    assert caught.value.status == 200
    assert caught.value.reasons == (
        "items: Field required",
        "total: Input should be a valid integer, unable to parse string as an integer",
    )
    assert """(body: '{"total":"x"}')""" in str(caught.value)


@pytest.mark.parametrize("status", [204, 302])
async def test_undeclared_status_raises(status: int) -> None:
    client = client_of(lambda request: httpx.Response(status, headers={"location": "/"}))
    with pytest.raises(UnexpectedResponseError, match="the status is not declared") as caught:
        await client.get_page()
    assert caught.value.status == status


async def test_error_page_of_gateway_is_an_api_error_with_its_content() -> None:
    client = client_of(lambda request: httpx.Response(502, html="<h1>Bad gateway</h1>"))
    with pytest.raises(ApiError) as caught:
        await client.get_page()
    assert (caught.value.status, caught.value.body) == (502, None)
    assert caught.value.content == b"<h1>Bad gateway</h1>"


async def test_undeclared_error_raises_api_error() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, json={"detail": "Not Found"})

    client = PlainClient("http://127.0.0.1:1", transport=httpx.MockTransport(respond))
    with pytest.raises(ApiError, match=r"/a: 404 \(body: '{\"detail\":\"Not Found\"}'\)") as caught:
        await client.call()
    assert (caught.value.status, caught.value.body) == (404, None)
    assert caught.value.content == b'{"detail":"Not Found"}'


async def test_header_value_with_line_break_raises() -> None:
    client = ParametersClient("http://127.0.0.1:1")
    with pytest.raises(ValueError, match="header x-request-id: a value must be Latin-1"):
        await client.get_names("1", "2", "3", "4", "5", "6", "7", "8", "9", "a\r\nevil: 1")


async def test_call_with_too_long_url_raises() -> None:
    client = ParametersClient("http://127.0.0.1:1")
    with pytest.raises(ValueError, match=r"^GET http://127\.0\.0\.1:1/.{,200}: URL too long$"):
        await client.get_optional("x" * 70_000)


async def test_headers_of_client_and_call_are_sent() -> None:
    received: list[httpx.Headers] = []

    def respond(request: httpx.Request) -> httpx.Response:
        received.append(request.headers)
        return httpx.Response(200, json=[1, "one"])

    client = ResponsesClient(
        "http://127.0.0.1:1",
        headers={"Authorization": "Bearer x"},
        transport=httpx.MockTransport(respond),
    )
    await client.get_pair(headers={"X-Trace": "7"})
    await client.get_pair(headers={"authorization": "Bearer y", "Accept": "text/csv"})
    assert received[1].get_list("authorization") == ["Bearer y"]
    assert received[1].get_list("accept") == ["text/csv"]
    assert received[0]["authorization"] == "Bearer x"
    assert received[0]["x-trace"] == "7"
    assert received[0]["host"] == "127.0.0.1:1"


async def test_body_fields_have_their_wire_names() -> None:
    sent: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(204)

    client = BodiesClient("http://127.0.0.1:1", transport=httpx.MockTransport(respond))
    await client.place_order(Item(name="ä", price="0.10", unit_count=2))
    assert sent == ['{"name":"ä","price":"0.10","unitCount":2}'.encode()]


async def test_shared_http_client_is_used_and_not_closed() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=[1, "one"]))
    async with httpx.AsyncClient(transport=transport) as shared:
        async with ResponsesClient("http://127.0.0.1:1", http_client=shared) as client:
            assert await client.get_pair() == (1, "one")
        assert not shared.is_closed


def test_in_process_client_works_in_several_event_loops() -> None:
    client = ResponsesClient.in_process(responses_app)
    assert asyncio.run(client.get_pair()) == (1, "one")
    assert asyncio.run(client.get_pair()) == (1, "one")


def test_http_client_works_in_several_event_loops() -> None:
    client = ResponsesClient()

    async def call() -> str:
        body = b'[1, "one"]'
        head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        async with raw_server(head + body) as (address, _):
            client.base_url = address
            async with client:
                return (await client.get_pair())[1]

    assert [asyncio.run(call()) for _ in range(2)] == ["one", "one"]


@pytest.mark.parametrize(
    "address",
    [
        "datafeed:8002",
        "ftp://x",
        "http://",
        "http://x/?a=1",
        "http://h:x",
        "http://h:99999",
        "http://h:0",
        "http://h ost",
        "http://[::1",
    ],
)
def test_invalid_base_url_raises(address: str) -> None:
    with pytest.raises(ValueError, match="is not a valid base URL"):
        ResponsesClient(address)


@pytest.mark.parametrize(
    ("server", "reason"),
    [("", "`servers` in its openapi.json is missing"), ("/api", "has no absolute URL, but '/api'")],
)
def test_missing_base_url_raises_and_names_the_servers_of_the_spec(
    server: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ResponsesClient, "default_url", server)
    with pytest.raises(ValueError, match=f"pass base_url, set RESPONSES_URL .*{reason}"):
        ResponsesClient()


@pytest.mark.parametrize("address", ["http://me:secret@127.0.0.1:1", "http://me:secret@h:x"])
def test_credentials_in_base_url_raise_and_are_not_shown(address: str) -> None:
    with pytest.raises(ValueError, match="contains credentials; pass them in headers=") as caught:
        ResponsesClient(address)
    assert "secret" not in str(caught.value)


async def test_base_url_path_is_kept() -> None:
    paths: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(200, json=[1, "one"])

    transport = httpx.MockTransport(respond)
    await ResponsesClient("http://127.0.0.1:1/gateway/", transport=transport).get_pair()
    assert paths == ["/gateway/pairs"]


def test_from_env_reads_module_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESPONSES_URL", raising=False)
    assert ResponsesClient("").base_url == ResponsesClient.default_url
    assert ResponsesClient.from_env().base_url == "http://127.0.0.1:8000"
    monkeypatch.setenv("RESPONSES_URL", "http://responses-service:8000")
    assert ResponsesClient.from_env().base_url == "http://responses-service:8000"
