"""How responses are read: media types, charsets, statuses, whole responses, downloads."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from golden.apps.models import Item
from golden.responses_client import ResponsesClient
from support.echo import EchoClient, app
from support.servers import raw_server, serve
from trading_api.models import Problem
from trading_api.shared.client import (
    ApiError,
    ClientError,
    ErrorReaders,
    Operation,
    Response,
    ServiceClient,
    TransportError,
    UnexpectedResponseError,
    raw_response,
)
from trading_api.shared.client.raw import ResponseHeaders
from trading_api.shared.client.wire import JsonAdapter, read_bytes, read_nothing, read_text

ITEM: JsonAdapter[Item] = JsonAdapter(Item)
PROBLEM: JsonAdapter[Problem] = JsonAdapter(Problem)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("support.echo:app") as found:
        yield found


@pytest.fixture(params=["over HTTP", "in process"])
async def client(request: pytest.FixtureRequest, address: str) -> AsyncIterator[EchoClient]:
    in_process = request.param == "in process"
    async with EchoClient.in_process(app) if in_process else EchoClient(address) as found:
        yield found


async def read(operation: Operation[Any], response: httpx.Response) -> Any:
    """Return what an operation makes of a response."""
    transport = httpx.MockTransport(lambda request: response)
    client = EchoClient("http://127.0.0.1:1", transport=transport)
    return await client._call(operation, "/")


@pytest.mark.parametrize("charset", ["utf-8", "ISO-8859-15", "utf-16"])
async def test_text_is_decoded_as_declared(client: EchoClient, charset: str) -> None:
    assert await client.get_text(charset) == "größer €"


async def test_bytes_are_not_transcoded() -> None:
    operation = Operation("GET", "/", responses={200: read_bytes})
    headers = {"content-type": "text/csv; charset=latin-1"}
    response = httpx.Response(200, content=b"\xe4", headers=headers)
    assert await read(operation, response) == b"\xe4"


async def test_unknown_charset_raises() -> None:
    operation = Operation("GET", "/", responses={200: read_text})
    headers = {"content-type": "text/plain; charset=nonsense"}
    with pytest.raises(UnexpectedResponseError, match="the charset 'nonsense' is not known"):
        await read(operation, httpx.Response(200, content=b"a", headers=headers))


async def test_media_type_of_the_response_chooses_its_reader(client: EchoClient) -> None:
    assert await client.get_report("json") == {"rows": 2}
    assert await client.get_report("csv", accept="text/csv") == "a,b"


async def test_undeclared_media_type_raises() -> None:
    operation = Operation("GET", "/", responses={200: {"application/json": ITEM.read}})
    with pytest.raises(UnexpectedResponseError, match="the media type text/html is not declared"):
        await read(operation, httpx.Response(200, html="<p>"))


async def test_response_without_media_type_is_read_as_the_first_declared_one() -> None:
    operation = Operation("GET", "/", responses={200: {"application/json": ITEM.read}})
    content = Item(name="pen", price=Decimal(1)).model_dump_json().encode()
    assert (await read(operation, httpx.Response(200, content=content))).name == "pen"


async def test_undeclared_success_is_returned_if_its_body_fits() -> None:
    operation = Operation("POST", "/", responses={201: ITEM.read, "2XX": ITEM.read})
    item = {"name": "a", "price": "1"}
    assert await read(operation, httpx.Response(200, json=item)) == Item(name="a", price="1")
    either: Operation[Item | None] = Operation(
        "POST", "/", responses={201: ITEM.read, 204: read_nothing}
    )
    assert await read(either, httpx.Response(202, json=item)) == Item(name="a", price="1")
    assert await read(either, httpx.Response(200)) is None
    operation = Operation("POST", "/", responses={201: ITEM.read})
    with pytest.raises(UnexpectedResponseError, match="the status is not declared"):
        await read(operation, httpx.Response(200, json={"other": 1}))


async def test_redirect_is_not_a_success() -> None:
    operation = Operation("GET", "/", responses={"default": read_text})
    assert await read(operation, httpx.Response(200, text="x")) == "x"
    with pytest.raises(UnexpectedResponseError, match="the status is not declared"):
        await read(operation, httpx.Response(302, headers={"location": "/"}))


@pytest.mark.parametrize(
    ("status", "title"), [(404, "exact"), (409, "range"), (503, "default"), (500, "default")]
)
async def test_error_body_is_read_by_status_range_or_default(status: int, title: str) -> None:
    def reader(name: str) -> Callable[[bytes], object]:
        return lambda content: (name, PROBLEM.read(content).title)

    errors: ErrorReaders = {
        404: reader("exact"),
        "4XX": reader("range"),
        "default": reader("default"),
    }
    operation = Operation("GET", "/", responses={200: ITEM.read}, errors=errors)
    with pytest.raises(ApiError) as caught:
        await read(operation, httpx.Response(status, json={"title": "t", "status": status}))
    assert caught.value.body == (title, "t")


async def test_html_of_a_gateway_on_a_declared_error_is_an_api_error() -> None:
    for reader in (PROBLEM.read, {"application/problem+json": PROBLEM.read}):
        operation = Operation("GET", "/", responses={200: ITEM.read}, errors={503: reader})
        with pytest.raises(ApiError, match=r"503 \(body: '<p>'\)") as caught:
            await read(operation, httpx.Response(503, html="<p>"))
        assert (caught.value.status, caught.value.body) == (503, None)
        assert caught.value.content == b"<p>"
        assert caught.value.problem is None


@pytest.mark.parametrize(
    "error",
    [
        TransportError("GET", "http://h/a", "timeout", "slow"),
        UnexpectedResponseError("GET", "http://h/a", 200, ["b: wrong"], b"{}"),
        ApiError("GET", "http://h/a", 404, Problem(title="Not Found", status=404), b"{}"),
    ],
)
def test_errors_can_be_pickled_and_copied(error: ClientError) -> None:
    error.add_note("a note")
    for same in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(same) is type(error)
        assert str(same) == str(error)
        assert vars(same) == vars(error)


async def test_raw_response_has_status_headers_and_content(client: EchoClient) -> None:
    response = await raw_response(client.get_chunks)(2)
    assert isinstance(response, Response)
    assert (response.status, response.body, response.content) == (200, b"0\n1\n", b"0\n1\n")
    assert response.headers["X-Total"] == "2"
    cookies = [value.partition(";")[0] for value in response.headers.get_list("Set-Cookie")]
    assert cookies == ["a=1", "b=2"]
    assert await client.get_chunks(1) == b"0\n"


async def test_raw_response_raises_errors_as_usual(client: EchoClient) -> None:
    with pytest.raises(ApiError) as caught:
        await raw_response(client.delete_chunks)()
    assert caught.value.status == 405
    with pytest.raises(ApiError) as caught:
        async with raw_response(client.delete_chunks)():
            pass
    assert caught.value.content == b'{"detail":"Method Not Allowed"}'


async def test_raw_response_of_a_call_without_value() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(204, headers={"etag": "x"}))
    client = ResponsesClient("http://127.0.0.1:1", transport=transport)
    response = await raw_response(client.delete_item)("a")
    assert (response.status, response.body, response.headers["etag"]) == (204, None, "x")


def test_raw_response_of_something_else_raises() -> None:
    async def call() -> None: ...

    client = EchoClient("http://127.0.0.1:1")
    methods: list[Any] = [call, ServiceClient.aclose, client._stream, client.aclose]
    for method in methods:
        with pytest.raises(TypeError, match=r"is not an operation of a client"):
            raw_response(method)


async def test_raw_response_of_a_method_without_a_call_raises() -> None:
    class Client(EchoClient):
        async def get_nothing(self) -> None: ...

    method = Client("http://127.0.0.1:1").get_nothing
    with pytest.raises(TypeError, match="get_nothing has called no operation"):
        await raw_response(method)()
    with pytest.raises(TypeError, match="get_nothing has called no operation"):
        async with raw_response(method)():
            pass


async def test_download_is_received_in_chunks(client: EchoClient) -> None:
    async with raw_response(client.get_chunks)(1000) as response:
        assert (response.status, response.headers["x-total"]) == (200, "1000")
        content = b"".join([chunk async for chunk in response.iter_bytes()])
    assert content == b"".join(b"%d\n" % number for number in range(1000))


async def test_download_that_is_cut_off_raises() -> None:
    partial = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc"
    async with (
        raw_server(partial) as (address, _),
        EchoClient(address) as client,
        raw_response(client.get_chunks)(1) as response,
    ):
        with pytest.raises(TransportError) as caught:
            _ = [chunk async for chunk in response.iter_bytes()]
    assert caught.value.cause == "closed"


async def test_download_without_a_response_in_time_raises() -> None:
    client = EchoClient("http://127.0.0.1:1", transport=_NeverResponds())
    with pytest.raises(TransportError, match="no complete response within 0"):
        await raw_response(client.get_chunks)(1, timeout=0.01).__aenter__()


def test_response_headers_are_a_mapping_in_any_case() -> None:
    headers = ResponseHeaders([(b"Vary", b"a"), (b"vary", b"b"), (b"etag", b"\xe4")])
    assert headers == {"vary": "a, b", "etag": "ä"}
    assert "VARY" in headers
    assert "etags" not in headers
    assert headers.get("missing") is None
    assert len(headers) == 2
    assert repr(headers) == "ResponseHeaders({'vary': ['a', 'b'], 'etag': ['ä']})"
    assert headers.get_list("missing") == []


class _NeverResponds(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError
