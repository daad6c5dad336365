"""What every client does when the network or the service does not do what it should."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import Response

from golden.bodies_client import BodiesClient
from golden.parameters_client import ParametersClient
from golden.responses_client import ResponsesClient as AnswersClient
from shapes.models import Item
from shapes.responses import app as answers_app
from support.servers import raw_server, silent_server
from trading_api.shared.client import (
    ApiError,
    Operation,
    ServiceClient,
    TransportError,
    UnexpectedResponseError,
)


class PlainClient(ServiceClient):
    """A client as of a spec that names no server and declares no errors."""

    module = "plain"
    default_url = ""

    async def call(self) -> None:
        operation: Operation[None] = Operation("GET", "/a", responses={}, errors={})
        await self._call(operation, "/a")


def answering(respond: Callable[[httpx.Request], httpx.Response]) -> AnswersClient:
    return AnswersClient("http://127.0.0.1:1", transport=httpx.MockTransport(respond))


async def test_time_out_over_http() -> None:
    async with silent_server() as address, AnswersClient(address) as client:
        with pytest.raises(
            TransportError, match=r"timeout: no complete answer within 0\.05 s"
        ) as caught:
            await client.get_pair(timeout=0.05)
    assert caught.value.cause == "timeout"


async def test_time_out_in_process() -> None:
    app = FastAPI()

    @app.get("/pairs")
    async def get_pair() -> None:
        await asyncio.Event().wait()

    client = AnswersClient.in_process(app, timeout=0.05)
    with pytest.raises(TransportError) as caught:
        await client.get_pair()
    assert caught.value.cause == "timeout"


async def test_only_a_call_that_can_do_no_harm_is_repeated() -> None:
    async with (
        raw_server(b"") as (address, requests),
        AnswersClient(address) as answers,
        BodiesClient(address) as bodies,
    ):
        with pytest.raises(TransportError) as caught:
            await answers.get_pair()
        assert caught.value.cause == "closed"
        assert len(requests) == 2
        item = Item(name="a", price="1")
        for refused in (
            bodies.create_item(item),
            bodies.create_item(item, idempotency_key="not declared by the spec"),
            bodies.place_order(item),
            bodies.delete_items([]),
        ):
            del requests[:]
            with pytest.raises(TransportError):
                await refused
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
async def test_cause_of_what_a_transport_raises(error: httpx.RequestError, cause: str) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise error

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as shared:
        client = AnswersClient("http://127.0.0.1:1", http_client=shared)
        with pytest.raises(TransportError, match=cause) as caught:
            await client.post_mail()
    assert caught.value.cause == cause
    assert caught.value.__cause__ is error


async def test_what_is_not_http_is_a_protocol_error() -> None:
    async with (
        raw_server(b"SSH-2.0-OpenSSH\r\n\r\n") as (address, _),
        AnswersClient(address) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await client.get_pair()
    assert caught.value.cause == "protocol"


async def test_answer_that_does_not_validate_says_why() -> None:
    client = answering(lambda request: httpx.Response(200, json={"total": "x"}))
    with pytest.raises(UnexpectedResponseError) as caught:
        await client.get_page()
    assert caught.value.status == 200
    assert caught.value.reasons == (
        "items: Field required",
        "total: Input should be a valid integer, unable to parse string as an integer",
    )
    assert """(body: '{"total":"x"}')""" in str(caught.value)


@pytest.mark.parametrize("status", [204, 302])
async def test_undeclared_status(status: int) -> None:
    client = answering(lambda request: httpx.Response(status, headers={"location": "/"}))
    with pytest.raises(
        UnexpectedResponseError, match="no success is declared with this status"
    ) as caught:
        await client.get_page()
    assert caught.value.status == status


async def test_error_of_something_in_between_keeps_its_body() -> None:
    client = answering(lambda request: httpx.Response(502, html="<h1>Bad gateway</h1>"))
    with pytest.raises(UnexpectedResponseError) as caught:
        await client.get_page()
    assert caught.value.status == 502
    assert caught.value.content == b"<h1>Bad gateway</h1>"


async def test_error_that_the_spec_does_not_declare() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, json={"detail": "Not Found"})

    client = PlainClient("http://127.0.0.1:1", transport=httpx.MockTransport(respond))
    with pytest.raises(ApiError, match=r"/a: 404 \(body: '{\"detail\":\"Not Found\"}'\)") as caught:
        await client.call()
    assert (caught.value.status, caught.value.body) == (404, None)
    assert caught.value.content == b'{"detail":"Not Found"}'


def test_client_without_a_default_address_says_how_to_give_one() -> None:
    with pytest.raises(ValueError, match="give base_url, or set PLAIN_URL"):
        PlainClient()


async def test_crash_of_the_service_is_a_problem_in_process_too() -> None:
    app = FastAPI()

    @app.get("/pages")
    async def get_page() -> None:
        raise RuntimeError("boom")

    @app.exception_handler(Exception)
    async def on_error(request: object, error: Exception) -> Response:
        return Response('{"title": "Internal Server Error", "status": 500}', 500)

    with pytest.raises(ApiError, match="500 Internal Server Error"):
        await AnswersClient.in_process(app).get_page()


async def test_header_values_cannot_smuggle_lines() -> None:
    client = ParametersClient("http://127.0.0.1:1")
    with pytest.raises(ValueError, match=r"header x-request-id: .*no line breaks"):
        await client.get_names("1", "2", "3", "4", "5", "6", "7", "8", "9", "a\r\nevil: 1")


async def test_headers_of_the_client_and_of_the_call_are_sent() -> None:
    received: list[httpx.Headers] = []

    def respond(request: httpx.Request) -> httpx.Response:
        received.append(request.headers)
        return httpx.Response(200, json=[1, "one"])

    client = AnswersClient(
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


async def test_bodies_are_sent_under_the_names_of_the_wire() -> None:
    sent: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(204)

    client = BodiesClient("http://127.0.0.1:1", transport=httpx.MockTransport(respond))
    await client.place_order(Item(name="ä", price="0.10", unit_count=2))
    assert sent == ['{"name":"ä","price":"0.10","unitCount":2}'.encode()]


async def test_shared_http_client_is_used_and_left_open() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=[1, "one"]))
    async with httpx.AsyncClient(transport=transport) as shared:
        async with AnswersClient("http://127.0.0.1:1", http_client=shared) as client:
            assert await client.get_pair() == (1, "one")
        assert not shared.is_closed


def test_one_client_in_several_event_loops() -> None:
    client = AnswersClient.in_process(answers_app)
    assert asyncio.run(client.get_pair()) == (1, "one")
    assert asyncio.run(client.get_pair()) == (1, "one")


def test_one_client_over_http_in_several_event_loops() -> None:
    client = AnswersClient()

    async def call() -> str:
        body = b'[1, "one"]'
        head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        async with raw_server(head + body) as (address, _):
            client.base_url = address
            async with client:
                return (await client.get_pair())[1]

    assert [asyncio.run(call()) for _ in range(2)] == ["one", "one"]


@pytest.mark.parametrize("address", ["", "datafeed:8002", "ftp://x", "http://", "http://x/?a=1"])
def test_base_url_that_is_none_is_refused(address: str) -> None:
    if not address:
        assert AnswersClient(address).base_url == AnswersClient.default_url
        return
    with pytest.raises(ValueError, match="is no base address"):
        AnswersClient(address)


def test_credentials_in_the_base_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="holds credentials; send them by headers=") as caught:
        AnswersClient("http://me:secret@127.0.0.1:1")
    assert "secret" not in str(caught.value)


async def test_path_of_the_base_url_is_kept() -> None:
    paths: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(200, json=[1, "one"])

    transport = httpx.MockTransport(respond)
    await AnswersClient("http://127.0.0.1:1/gateway/", transport=transport).get_pair()
    assert paths == ["/gateway/pairs"]


def test_address_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESPONSES_URL", raising=False)
    assert AnswersClient.from_env().base_url == "http://127.0.0.1:8000"
    monkeypatch.setenv("RESPONSES_URL", "http://responses-service:8000")
    assert AnswersClient.from_env().base_url == "http://responses-service:8000"
