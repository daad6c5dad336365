"""Services with streams, in the event loop of a test: one that a test scripts, and uvicorn."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from golden.apps.live import Wanted
from golden.live_client import LiveClient
from trading_api.__main__ import server_config

WANTED = Wanted(account="a")


async def until(condition: Callable[[], bool]) -> None:
    """Let other tasks run until a condition holds."""
    while True:
        if condition():
            return
        await asyncio.sleep(0.001)


async def first(subscription: Any) -> asyncio.Task[Any]:
    """Begin a subscription, and start to wait for an update."""
    task = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    return task


class Peer:
    """One connection of a client, as its service sees it."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.is_closed = asyncio.Event()
        self.received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def read(self) -> None:
        try:
            async for message in self.connection:
                self.received.put_nowait(json.loads(message))
        except ConnectionClosed:
            pass
        self.is_closed.set()

    async def receive(self) -> dict[str, Any]:
        """Return the next message of the client."""
        return await self.received.get()

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def begin(self, **more: Any) -> dict[str, Any]:
        """Accept the next subscription, whose topic gets the name of its stream; return it."""
        message = await self.receive()
        stream = message["type"].removesuffix(".subscribe")
        await self.send(
            type=f"{stream}.subscribed", ref=message["ref"], topic=stream, payload={}, **more
        )
        return message

    async def update(self, stream: str, payload: Any, **more: Any) -> None:
        await self.send(type=f"{stream}.update", topic=stream, payload=payload, **more)

    def abort(self) -> None:
        """Lose the connection without a word."""
        self.connection.transport.abort()


class ScriptedService:
    """Accepts connections, which the test then handles itself."""

    def __init__(self, server: Server) -> None:
        self.port = next(iter(server.sockets)).getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.peers: asyncio.Queue[Peer] = asyncio.Queue()

    async def accept(self) -> Peer:
        """Return the next connection."""
        return await self.peers.get()


@asynccontextmanager
async def scripted_service(*, port: int = 0, **options: Any) -> AsyncIterator[ScriptedService]:
    async def handle(connection: ServerConnection) -> None:
        peer = Peer(connection)
        service.peers.put_nowait(peer)
        await peer.read()

    async with serve(handle, "127.0.0.1", port, **options) as server:
        service = ScriptedService(server)
        yield service


@asynccontextmanager
async def live_client(**options: Any) -> AsyncIterator[tuple[LiveClient, ScriptedService]]:
    """Yield a client, and the scripted service that it calls."""
    async with (
        scripted_service() as service,
        LiveClient(service.url, **options) as client,
    ):
        yield client, service


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Serve an application over loopback, in this event loop; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(server_config(app, lifespan="off", timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await asyncio.wait([serving])
