"""The transport that sends with aiohttp behaves as the one of httpx."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from golden.apps.models import Item
from golden.bodies_client import BodiesClient
from golden.parameters_client import ParametersClient
from golden.responses_client import ResponsesClient
from support.echo import EchoClient
from support.servers import raw_server, serve, silent_server
from trading_api.shared.client import TransportError, raw_response
from trading_api.shared.client.aiohttp_transport import AiohttpTransport
from trading_api.shared.client.wire import bytes_body, path_value


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("support.echo:app") as found:
        yield found


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as created:
        yield created


async def sent_by(transport: httpx.AsyncBaseTransport) -> bytes:
    """Return the bytes of a request with values that a library might change."""
    response = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"
    async with raw_server(response) as (address, requests):
        client = BodiesClient("http://service", transport=transport, headers={"X-Same": "a"})
        client.base_url = f"{address}/{path_value('..')}/{path_value('a/b c')}/{path_value('é')}"
        await client.place_order(Item(name="a", price="1"), headers={"Cookie": "a=1"})
    return requests[0]


async def test_requests_are_the_same_as_those_of_httpx(transport: AiohttpTransport) -> None:
    async with httpx.AsyncHTTPTransport() as other:
        expected, seen = await sent_by(other), await sent_by(transport)
    assert seen.splitlines()[0] == b"POST /%2E%2E/a%2Fb%20c/%C3%A9/orders HTTP/1.1"
    assert [sorted(each.lower().splitlines()) for each in (seen, expected)] == [
        sorted(expected.lower().splitlines())
    ] * 2


async def test_body_is_sent_in_chunks(transport: AiohttpTransport, address: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a" * 10
        yield b"b" * 20

    client = EchoClient(address, transport=transport)
    sizes = await client.send("/sizes", bytes_body(chunks(), "application/octet-stream"))
    assert sum(sizes) == 30


async def test_query_and_cookies_arrive_unchanged(
    transport: AiohttpTransport, address: str
) -> None:
    client = EchoClient(address, transport=transport)
    seen = await client.get_request([("a", "b&c,d|é '+"), ("a", "")])
    assert seen["query"] == "a=b%26c%2Cd%7C%C3%A9%20%27%2B&a="


async def test_download_is_received_in_chunks(transport: AiohttpTransport, address: str) -> None:
    client = EchoClient(address, transport=transport)
    async with raw_response(client.get_chunks)(100) as response:
        content = b"".join([chunk async for chunk in response.iter_bytes()])
    assert content == b"".join(b"%d\n" % number for number in range(100))
    async with raw_response(client.get_chunks)(100_000) as response:
        assert await anext(response.iter_bytes())
    assert await client.get_chunks(1) == b"0\n"


def test_transport_works_in_several_event_loops(address: str) -> None:
    transport = AiohttpTransport()

    async def call() -> bytes:
        async with transport:
            return await EchoClient(address, transport=transport).get_chunks(1)

    assert [asyncio.run(call()) for _ in range(2)] == [b"0\n"] * 2


@pytest.mark.parametrize(
    ("response", "cause"),
    [
        (b"", "closed"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1", "closed"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "protocol"),
    ],
)
async def test_causes_are_the_same(
    response: bytes, cause: str, transport: AiohttpTransport
) -> None:
    async with raw_server(response) as (address, requests):
        client = ResponsesClient(address, transport=transport)
        with pytest.raises(TransportError) as caught:
            await client.get_pair()
        assert caught.value.cause == cause
        assert len(requests) == (2 if cause == "closed" else 1)
        with pytest.raises(TransportError):
            await client.put_job(later=True)
        # Not sent twice: a PUT without an idempotency key is not retried.
        assert len(requests) == (3 if cause == "closed" else 2)


async def test_put_is_not_sent_again_when_a_kept_connection_is_closed(
    transport: AiohttpTransport,
) -> None:
    requests: list[bytes] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        client = ResponsesClient(address, transport=transport)
        assert await client.put_job(later=True) == b""
        with pytest.raises(TransportError) as caught:
            await client.put_job(later=True)
    assert caught.value.cause == "closed"
    assert len(requests) == 2


async def test_nothing_listens(transport: AiohttpTransport) -> None:
    async with raw_server(b"") as (address, _):
        pass
    with pytest.raises(TransportError) as caught:
        await ResponsesClient(address, transport=transport).get_pair()
    assert caught.value.cause == "connect"


async def test_timeout_is_that_of_the_call(transport: AiohttpTransport) -> None:
    async with silent_server() as address:
        with pytest.raises(TransportError, match=r"no complete response within 0\.05 s"):
            await ResponsesClient(address, transport=transport).get_pair(timeout=0.05)


async def test_header_that_is_not_ascii_raises(transport: AiohttpTransport) -> None:
    client = ParametersClient("http://127.0.0.1:1", transport=transport, headers={"x": "ä"})
    with pytest.raises(ValueError, match="aiohttp cannot send the header value"):
        await client.get_optional("x")
