"""What one connection may do: sizes, seconds, malformed bytes, and how many there may be."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
import websockets
from starlette.types import Receive, Scope, Send

from support.live import until
from trading_api.__main__ import SECONDS_TO_STOP, AnnouncedServer, server_config
from trading_api.shared import health, http_limits
from trading_api.shared.telemetry.metrics import REQUESTS
from trading_api.shared.ws import protocol
from trading_api.shared.ws.protocol import FairWebSocketProtocol

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond with the number of bytes of the body; to /early, before the body."""
    if scope["type"] != "http":
        raise RuntimeError
    size = 0
    while scope["path"] != "/early":
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with running(uvicorn.Server(server_config(app, port=0, lifespan="off"))) as port:
        yield port


@asynccontextmanager
async def running(server: uvicorn.Server) -> AsyncIterator[int]:
    """Run a server, and yield its port."""
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    task = asyncio.create_task(server.main_loop())
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task
    await server.shutdown()


async def exchange(port: int, *parts: bytes) -> tuple[int, dict[str, Any] | None]:
    """Send bytes, and return the status of the last response with its problem."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        received = await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
    status = int(re.findall(rb"HTTP/1.1 (\d+)", received)[-1])
    if b"application/problem+json" not in received:
        return status, None
    return status, json.loads(received.rpartition(b"\r\n\r\n")[2])


async def test_request_within_the_limits_is_served(port: int) -> None:
    headers = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 500) for n in range(98))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(GET + headers + b"\r\n" + POST + b"0123456789")
        received = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n0"), 10)
        assert received.startswith(b"HTTP/1.1 200")
        received = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n10"), 10)
        assert received.startswith(b"HTTP/1.1 200")
    writer.close()


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X: " + b"x" * http_limits.MAX_HEAD_BYTES,
        GET + b"X: " + b"x" * 10_000_000 + b"\r\n\r\n",
        GET + b"X: y\r\n" * 100_000,
        GET + b"X: y\r\n" * http_limits.MAX_HEADERS + b"\r\n",
        b"GET /" + b"x" * 10_000_000,
    ],
    ids=["endless", "large", "many", "too many", "line"],
)
async def test_large_head_is_a_431(port: int, head: bytes) -> None:
    assert (http_limits.MAX_HEAD_BYTES, http_limits.MAX_HEADERS) == (65_536, 100)
    status, problem = await exchange(port, head)
    assert status == 431
    assert problem is not None
    assert problem["status"] == 431


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00\x00\x00\x00\r\n\r\n",
        GET + b"Bad Header: x\r\n\r\n",
        GET + b"Content-Length: -1\r\n\r\n",
        GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        GET + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_malformed_request_is_a_400_problem(port: int, request_bytes: bytes) -> None:
    status, problem = await exchange(port, request_bytes)
    assert status == 400
    assert problem is not None
    assert problem["detail"] == "The request is not valid HTTP/1.1."


@pytest.mark.parametrize("start", [b"", b"GET /", GET + b"X: "])
async def test_head_that_does_not_arrive_in_time_is_a_408(
    port: int, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    assert http_limits.SECONDS_FOR_HEAD == 10
    monkeypatch.setattr(http_limits, "SECONDS_FOR_HEAD", 0.1)
    status, problem = await exchange(port, start)
    assert status == 408
    assert problem is not None


async def test_head_of_a_later_request_has_the_same_time(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_limits, "SECONDS_FOR_HEAD", 0.2)
    status, _ = await exchange(port, GET + b"\r\n", b"GET / HTTP/1.1\r\n")
    assert status == 408


async def test_body_that_does_not_arrive_ends_the_connection(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert http_limits.SECONDS_FOR_BODY == 60
    monkeypatch.setattr(http_limits, "SECONDS_FOR_BODY", 0.1)
    status, _ = await exchange(port, POST.replace(b" / ", b" /early ") + b"1")
    assert status == 200


async def test_connections_above_the_limit_are_a_503(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert http_limits.MAX_CONNECTIONS == 2_000
    counter = REQUESTS.labels("", "", "other", "503")
    before = counter._value.get()
    monkeypatch.setattr(http_limits, "MAX_CONNECTIONS", 2)
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    for _, writer in held:
        writer.write(GET)
    await asyncio.sleep(0)
    status, problem = await exchange(port, GET + b"\r\n")
    assert status == 503
    assert counter._value.get() == before + 1
    assert problem is not None
    for _, writer in held:
        writer.close()


def test_defaults_of_the_server() -> None:
    config = server_config(app)
    assert config.http is http_limits.LimitedHttpProtocol
    assert config.ws is FairWebSocketProtocol
    assert config.ws_max_size == 262_144
    assert config.server_header is False
    assert config.timeout_graceful_shutdown == SECONDS_TO_STOP == 3


async def test_websocket_is_read_in_small_parts() -> None:
    """So that other connections have their turn between the messages of one that floods."""
    assert protocol.READ_BYTES == 8_192
    read: list[int] = []

    class Watched(FairWebSocketProtocol):
        def buffer_updated(self, nbytes: int) -> None:
            read.append(nbytes)
            super().buffer_updated(nbytes)

    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})

    server = uvicorn.Server(server_config(echo, port=0, lifespan="off", ws=Watched))
    async with (
        running(server) as port,
        websockets.connect(f"ws://127.0.0.1:{port}", compression=None) as client,
    ):
        messages = [str(number) * 20_000 for number in range(10)]
        for message in messages:
            await client.send(message)
        assert [await client.recv() for _ in messages] == messages
    assert max(read) <= protocol.READ_BYTES
    assert sum(read) > 200_000


async def test_request_in_progress_when_the_process_drains_closes_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "is_draining", False)
    config = server_config(app, port=0, lifespan="off")
    server = AnnouncedServer(config, drain_seconds=60)
    async with running(server) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST)
        await until(lambda: bool(server.server_state.tasks))
        server.handle_exit(signal.SIGTERM, None)
        await asyncio.sleep(0)
        writer.write(b"0123456789")
        received = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    assert b"connection: close" in received
