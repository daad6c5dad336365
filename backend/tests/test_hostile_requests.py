"""Hostile inputs over the network: the server's own parsers and limits are a part of it.

`test_fuzz.py` sends the same inputs, and many more, to the application without a server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from fuzz.corpus import hostile_messages, hostile_requests
from fuzz.findings import Findings
from fuzz.http import HttpInput, HttpOutput
from fuzz.sockets import MessageOutput
from support.servers import serve
from trading_api.app_factory import create_app, module_info, module_streams
from trading_api.shared.utils import MODULES_DIR, discover_modules_with_websockets, stream_path
from trading_api.shared.ws.asyncapi import asyncapi_document
from trading_api.shared.ws.endpoint import MAX_MESSAGE_CHARACTERS

MAX_FRAME_BYTES = 4 * MAX_MESSAGE_CHARACTERS

EVERY = 4
"""The share of the corpus that is sent."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("trading_api.main:app", RATE_LIMIT="0") as address:
        yield address


@pytest.fixture
async def client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        yield client


def can_be_sent(request: HttpInput) -> bool:
    """Return whether httpx sends the request, which has one body and no line break in a header."""
    broken = any(byte in value for _, value in request.headers for byte in b"\r\n\0")
    return not (request.endless or broken)


async def send(client: httpx.AsyncClient, request: HttpInput) -> HttpOutput:
    response = await client.send(
        client.build_request(
            request.method, request.target, content=request.body, headers=[*request.headers]
        )
    )
    headers = tuple((name.lower(), value) for name, value in response.headers.raw)
    return HttpOutput(response.status_code, headers, response.content)


async def test_hostile_requests_are_problems_without_an_echo(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    findings = Findings(tmp_path)
    for request in islice(hostile_requests(create_app().openapi()), 0, None, EVERY):
        if can_be_sent(request):
            findings.check_http("requests", request, await send(client, request))
    assert findings.found == []
    assert findings.tried["requests"] > 200


async def test_hostile_messages_are_errors_without_an_echo(address: str, tmp_path: Path) -> None:
    findings = Findings(tmp_path)
    for module in discover_modules_with_websockets(MODULES_DIR):
        document = asyncapi_document(module, module_info(module), module_streams(module))
        url = address.replace("http", "ws", 1) + stream_path(module)
        async with websockets.connect(url) as socket:
            for message in islice(hostile_messages(document), 0, None, EVERY):
                if len(message.message) > MAX_FRAME_BYTES:
                    await check_closes(url, message.message)
                    continue
                await socket.send(message.message)
                response: dict[str, Any] = {"type": ".update"}
                while response["type"].endswith(".update"):
                    response = json.loads(await asyncio.wait_for(socket.recv(), 10))
                findings.check_message("messages", message, MessageOutput(response))
    assert findings.found == []
    assert findings.tried["messages"] > 50


async def check_closes(url: str, message: str | bytes) -> None:
    """Check that the server closes the connection on which it receives a frame of this size."""
    async with websockets.connect(url) as socket:
        await socket.send(message)
        with pytest.raises(websockets.ConnectionClosed) as caught:
            await asyncio.wait_for(socket.recv(), 10)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1009


@pytest.mark.parametrize("chunked", [False, True])
async def test_body_that_is_too_large_gets_its_response(
    client: httpx.AsyncClient, chunked: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(320):
            yield b" " * 65_536

    content: Any = chunks() if chunked else b" " * 20_971_520
    headers = {"Content-Type": "application/json"}
    response = await client.post("/api/v1/orders", content=content, headers=headers)
    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"
