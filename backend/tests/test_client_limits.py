"""Limits on what a response may be, and connections that are not used again."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from golden.apps.models import Item
from golden.bodies_client import BodiesClient
from golden.responses_client import ResponsesClient
from support.failing import PAIR, Service
from support.servers import raw_server
from trading_api.shared.client import (
    ApiError,
    ServiceClient,
    TransportError,
    UnexpectedResponseError,
)
from trading_api.shared.client.protection import MAX_FAILURES


async def endless_spaces() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 65_536


async def endless_gzip() -> AsyncIterator[bytes]:
    compressor = zlib.compressobj(wbits=31)
    async for chunk in endless_spaces():
        yield compressor.compress(chunk) + compressor.flush(zlib.Z_SYNC_FLUSH)


async def endless_bytes_after_gzip() -> AsyncIterator[bytes]:
    yield gzip.compress(PAIR)
    async for chunk in endless_spaces():
        yield chunk


@pytest.mark.parametrize("endless", [endless_spaces, endless_gzip, endless_bytes_after_gzip])
async def test_response_is_limited(endless: Callable[[], AsyncIterator[bytes]]) -> None:
    encoding = "identity" if endless is endless_spaces else "gzip"

    app = FastAPI()

    @app.get("/pairs")
    async def get_pair(items: int = 0) -> StreamingResponse:
        headers = {"content-encoding": encoding, "content-type": "application/json"}
        return StreamingResponse(endless(), headers=headers)

    async with ResponsesClient.in_process(app, max_response_bytes=1_000_000) as client:
        for _ in range(MAX_FAILURES):
            assert client.is_available
            with pytest.raises(UnexpectedResponseError) as caught:
                await client.get_pair()
        assert caught.value.reasons == (
            "the body has more than 1,000,000 bytes, the max_response_bytes",
        )
        assert not client.is_available


async def test_response_of_the_allowed_size_is_read() -> None:
    client = ResponsesClient(
        "http://127.0.0.1:1",
        transport=httpx.MockTransport(Service(200)),
        max_response_bytes=len(PAIR),
    )
    await client.get_pair()


async def test_header_of_a_response_is_limited() -> None:
    async with (
        raw_server(b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000) as (address, _),
        ResponsesClient(address) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await client.get_pair()
    assert caught.value.cause == "protocol"


async def test_connection_is_not_used_again_after_a_500() -> None:
    peers = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(writer)
        while await reader.readline() not in (b"\r\n", b""):
            pass
        writer.write(b"HTTP/1.1 500 Error\r\nContent-Length: 2\r\n\r\nno")
        # As uvicorn, which closes the connection a moment later.
        await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, BodiesClient(f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            with pytest.raises(ApiError):
                await client.create_item(Item(name="a", price="1"))
        assert len(peers) == 3


async def test_stream_item_is_limited() -> None:
    async def respond(request: Request) -> Response:
        return Response(b"x" * 2_000, media_type="application/x-ndjson")

    app = FastAPI()
    app.add_route("/lines", respond)

    class LinesClient(ServiceClient):
        module = "lines"
        default_url = ""

        def lines(self) -> AsyncIterator[object]:
            from trading_api.shared.client import Operation

            operation: Operation[object] = Operation(
                "GET", "/lines", responses={200: lambda content: content}, stream="lines"
            )
            return self._stream(operation, "/lines")

    async with LinesClient.in_process(app, max_response_bytes=1_000) as client:
        with pytest.raises(UnexpectedResponseError, match="an item has more than 1,000 bytes"):
            async for _ in client.lines():
                pass
