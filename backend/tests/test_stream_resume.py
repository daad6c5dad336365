"""Numbered streams: a client that reconnects gets what it has missed, once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.testclient import TestClient, WebSocketTestSession

from trading_api.shared.auth.callers import Authentication
from trading_api.shared.module import ModuleInfo
from trading_api.shared.utils import stream_path
from trading_api.shared.ws import Numbered, StreamRouter, endpoint
from trading_api.shared.ws.asyncapi import asyncapi_document
from trading_api.shared.ws.endpoint import websocket_route

PATH = stream_path("test")
TOPIC = 'trades:{"account":"a"}'


class Wanted(BaseModel):
    account: str


class Trade(BaseModel):
    text: str


class Log:
    """A service that keeps its updates from the number `first` on."""

    def __init__(self) -> None:
        self.updates: list[Numbered[Trade]] = []
        self.first = 1
        self.live: list[asyncio.Queue[Numbered[Trade]]] = []
        self.while_reading: list[str] = []

    @property
    def last_sequence(self) -> int:
        return len(self.updates)

    async def read_updates(
        self, stream: str, since: int, limit: int
    ) -> list[Numbered[Trade]] | None:
        assert stream == "trades"
        found = self.updates[since:]
        self.add(*self.while_reading)
        await asyncio.sleep(0)
        return found if since + 1 >= self.first and len(found) <= limit else None

    def add(self, *texts: str) -> None:
        for text in texts:
            update = Numbered(len(self.updates) + 1, Trade(text=text))
            self.updates.append(update)
            for queue in self.live:
                queue.put_nowait(update)

    async def follow(self) -> AsyncIterator[Numbered[Trade]]:
        queue: asyncio.Queue[Numbered[Trade]] = asyncio.Queue()
        self.live.append(queue)
        while True:
            yield await queue.get()


streams = StreamRouter()


@streams.stream("trades")
async def trades(subscription: Wanted, service: Log) -> AsyncIterator[Numbered[Trade]]:
    """What was traded."""
    return service.follow()


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def client(log: Log) -> Iterator[TestClient]:
    app = FastAPI()
    app.state.services = {Log: log}
    app.include_router(websocket_route("test", streams, Authentication()))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def socket(client: TestClient) -> Iterator[WebSocketTestSession]:
    with client.websocket_connect(PATH) as session:
        yield session


def subscribe(socket: WebSocketTestSession, since: int | None = None) -> Any:
    message = {"type": "trades.subscribe", "payload": {"account": "a"}}
    socket.send_json(message if since is None else {**message, "since": since})
    return socket.receive_json()


def receive(socket: WebSocketTestSession, count: int) -> list[tuple[int, str]]:
    messages = [socket.receive_json() for _ in range(count)]
    return [(each["sequence"], each["payload"]["text"]) for each in messages]


def add(client: TestClient, log: Log, *texts: str) -> None:
    assert client.portal is not None
    client.portal.call(log.add, *texts)


def test_subscription_says_where_it_continues(
    client: TestClient, socket: WebSocketTestSession, log: Log
) -> None:
    add(client, log, "a", "b")
    assert subscribe(socket) == {
        "type": "trades.subscribed",
        "topic": TOPIC,
        "payload": {"account": "a"},
        "sequence": 2,
    }
    add(client, log, "c")
    assert socket.receive_json() == {
        "type": "trades.update",
        "topic": TOPIC,
        "payload": {"text": "c"},
        "sequence": 3,
    }


def test_resumed_subscription_sends_what_was_missed_then_what_is_new(
    client: TestClient, socket: WebSocketTestSession, log: Log
) -> None:
    add(client, log, "a", "b", "c")
    log.while_reading = ["d", "e"]
    assert subscribe(socket, since=1)["sequence"] == 1
    add(client, log, "f")
    assert receive(socket, 5) == [(2, "b"), (3, "c"), (4, "d"), (5, "e"), (6, "f")]


def test_subscription_can_be_resumed_on_the_same_connection(
    client: TestClient, socket: WebSocketTestSession, log: Log
) -> None:
    subscribe(socket)
    add(client, log, "a", "b")
    assert receive(socket, 2) == [(1, "a"), (2, "b")]
    subscribe(socket, since=1)
    add(client, log, "c")
    assert receive(socket, 2) == [(2, "b"), (3, "c")]


@pytest.mark.parametrize(
    ("since", "first", "limit"), [(1, 3, 5_000), (4, 1, 5_000), (0, 1, 2), (10**30, 1, 5_000)]
)
def test_resumption_of_what_is_not_available_is_a_410(
    client: TestClient,
    socket: WebSocketTestSession,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    since: int,
    first: int,
    limit: int,
) -> None:
    assert endpoint.MAX_MISSED_UPDATES == 5_000
    monkeypatch.setattr(endpoint, "MAX_MISSED_UPDATES", limit)
    add(client, log, "a", "b", "c")
    log.first = first
    error = subscribe(socket, since)
    assert (error["type"], error["payload"]["status"]) == ("error", 410)
    assert error["payload"]["type"] == "urn:problem-type:updates-gone"
    # The client reads the state anew, and subscribes without a number.
    assert subscribe(socket)["sequence"] == 3
    add(client, log, "d")
    assert receive(socket, 1) == [(4, "d")]


def test_negative_number_is_a_422(socket: WebSocketTestSession) -> None:
    assert subscribe(socket, since=-1)["payload"]["status"] == 422


def test_document_has_the_numbers_of_a_numbered_stream() -> None:
    info = ModuleInfo(title="Test", description="Test.", version="1", port=1)
    document = asyncapi_document("test", info, streams)
    assert document["x-streams"]["trades"]["resumable"] is True
    schemas = document["components"]["schemas"]
    assert "sequence" in schemas["TradesUpdate"]["required"]
    assert "sequence" in schemas["TradesSubscribed"]["required"]
    assert "since" in schemas["TradesSubscribe"]["properties"]
    assert "since" not in schemas["TradesSubscribe"]["required"]


def test_numbered_stream_of_a_service_without_a_log_is_rejected() -> None:
    with pytest.raises(TypeError, match="list is not an EventLog: it has no read_updates"):

        @StreamRouter().stream("trades")
        async def source(subscription: Wanted, service: list) -> AsyncIterator[Numbered[Trade]]:  # type: ignore[type-arg]
            raise NotImplementedError
