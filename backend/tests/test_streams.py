"""The WebSocket layer: envelope, topics, fan-out, and clients that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.testclient import TestClient, WebSocketTestSession

from trading_api.shared.module import ModuleInfo
from trading_api.shared.problems import ProblemError
from trading_api.shared.ws import StreamRouter, endpoint
from trading_api.shared.ws.asyncapi import StreamSchemaError, asyncapi_document

INFO = ModuleInfo(title="Test", description="Test.", version="1", port=1)


class Wanted(BaseModel):
    name: str


class News(BaseModel):
    text: str
    note: str | None = None


class Feed:
    """A service whose updates the test sends."""

    def __init__(self) -> None:
        self.queues: list[asyncio.Queue[str | None]] = []

    def send(self, *texts: str | None) -> None:
        for queue in self.queues:
            for text in texts:
                queue.put_nowait(text)

    async def follow(self) -> AsyncIterator[News]:
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.queues.append(queue)
        try:
            while (text := await queue.get()) is not None:
                if text == "fail":
                    raise RuntimeError(text)
                yield News(text=text)
        finally:
            self.queues.remove(queue)


def make_streams() -> StreamRouter:
    streams = StreamRouter()

    @streams.stream("news", replay_last=True)
    async def news(subscription: Wanted, service: Feed) -> AsyncIterator[News]:
        """What is new."""
        if subscription.name == "broken":
            raise RuntimeError("a fault of the module")
        if subscription.name == "unknown":
            raise ProblemError(404, "no such news")
        return service.follow()

    return streams


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def client(feed: Feed) -> Iterator[TestClient]:
    app = FastAPI()
    app.state.services = {Feed: feed}
    app.include_router(endpoint.websocket_route("test", make_streams()))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def socket(client: TestClient) -> Iterator[WebSocketTestSession]:
    with client.websocket_connect("/test/ws") as session:
        yield session


def subscribe(socket: WebSocketTestSession, name: str = "a", ref: str = "1") -> Any:
    socket.send_json({"type": "news.subscribe", "ref": ref, "payload": {"name": name}})
    return socket.receive_json()


def push(client: TestClient, feed: Feed, *texts: str | None) -> None:
    assert client.portal is not None
    client.portal.call(feed.send, *texts)


def test_subscribe_update_unsubscribe(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    topic = 'news:{"name":"a"}'
    assert subscribe(socket) == {
        "type": "news.subscribed",
        "ref": "1",
        "topic": topic,
        "payload": {"name": "a"},
    }
    push(client, feed, "hello")
    assert socket.receive_json() == {
        "type": "news.update",
        "topic": topic,
        "payload": {"text": "hello", "note": None},
    }
    socket.send_json({"type": "news.unsubscribe", "payload": {"name": "a"}})
    assert socket.receive_json()["type"] == "news.unsubscribed"
    push(client, feed, "nobody hears this")
    socket.send_json({"type": "ping", "ref": "p"})
    assert socket.receive_json() == {"type": "pong", "ref": "p"}
    assert feed.queues == []


def test_one_source_for_all_and_the_last_update_for_who_comes_late(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    subscribe(socket)
    push(client, feed, "first")
    assert socket.receive_json()["payload"]["text"] == "first"
    with client.websocket_connect("/test/ws") as late:
        assert subscribe(late)["type"] == "news.subscribed"
        assert late.receive_json()["payload"]["text"] == "first"
        assert len(feed.queues) == 1
        push(client, feed, "second")
        assert late.receive_json()["payload"]["text"] == "second"
    assert socket.receive_json()["payload"]["text"] == "second"


def test_subscribing_twice_gives_every_update_once(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    subscribe(socket)
    assert subscribe(socket, ref="2")["ref"] == "2"
    push(client, feed, "once", "twice")
    assert [socket.receive_json()["payload"]["text"] for _ in range(2)] == ["once", "twice"]


def test_refused_subscription(socket: WebSocketTestSession) -> None:
    answer = subscribe(socket, "unknown", ref="7")
    assert (answer["type"], answer["ref"]) == ("error", "7")
    assert (answer["payload"]["status"], answer["payload"]["detail"]) == (404, "no such news")


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("no json", 422),
        ("[]", 422),
        ('{"type": "news.subscribe", "payload": {}}', 422),
        ('{"type": "news.subscribe", "payload": {"name": "a"}, "extra": 1}', 422),
        ('{"type": "other.subscribe", "payload": {"name": "a"}}', 422),
        ('{"type": "ping", "ref": "' + "x" * 100 + '"}', 422),
        ("[" * 5_000, 422),
        ('{"type": "ping", "ref": "\\ud800"}', 422),
        ('{"type": "' + "x" * 70_000 + '"}', 413),
    ],
)
def test_malformed_message_gets_an_error_and_the_connection_lives(
    socket: WebSocketTestSession, message: str, status: int
) -> None:
    socket.send_text(message)
    answer = socket.receive_json()
    assert (answer["type"], answer["payload"]["status"]) == ("error", status)
    assert subscribe(socket)["type"] == "news.subscribed"


def test_error_names_the_message_that_it_answers(socket: WebSocketTestSession) -> None:
    socket.send_text('{"type": "news.subscribe", "ref": "9", "payload": {"name": 1}}')
    answer = socket.receive_json()
    assert answer["ref"] == "9"
    assert answer["payload"]["errors"][0]["pointer"] == "#/payload/name"


def test_binary_message_is_refused(socket: WebSocketTestSession) -> None:
    socket.send_bytes(b"{}")
    assert socket.receive_json()["payload"]["status"] == 415


def test_fault_of_a_module_does_not_end_the_connection(socket: WebSocketTestSession) -> None:
    answer = subscribe(socket, "broken", ref="8")
    assert (answer["type"], answer["ref"], answer["payload"]["status"]) == ("error", "8", 500)
    assert subscribe(socket)["type"] == "news.subscribed"


def test_ended_topics_do_not_count_against_the_limit(
    client: TestClient,
    socket: WebSocketTestSession,
    feed: Feed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(endpoint, "MAX_SUBSCRIPTIONS", 1)
    for name in "abc":
        assert subscribe(socket, name)["type"] == "news.subscribed"
        push(client, feed, None)
        assert socket.receive_json()["payload"]["status"] == 410


def test_end_of_a_source_is_told_and_the_topic_can_be_joined_again(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    for last, status in ((None, 410), ("fail", 500)):
        topic = subscribe(socket)["topic"]
        push(client, feed, last)
        answer = socket.receive_json()
        assert (answer["type"], answer["topic"]) == ("error", topic)
        assert answer["payload"]["status"] == status
    assert subscribe(socket)["type"] == "news.subscribed"


def test_leaving_without_a_word_ends_the_source(client: TestClient, feed: Feed) -> None:
    with client.websocket_connect("/test/ws") as session:
        subscribe(session)
        assert len(feed.queues) == 1
    assert feed.queues == []


def test_slow_consumer_is_closed_with_1013(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    subscribe(socket)
    # All at once, before the connection's writer has a turn: the queue holds fewer.
    push(client, feed, *["x"] * (endpoint.QUEUE_FRAMES + 1))
    while (message := socket.receive())["type"] != "websocket.close":
        assert message["type"] == "websocket.send"
    assert message["code"] == 1013


def test_too_many_subscriptions(
    socket: WebSocketTestSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "MAX_SUBSCRIPTIONS", 2)
    assert [subscribe(socket, name)["type"] for name in "abc"] == [
        "news.subscribed",
        "news.subscribed",
        "error",
    ]


def test_declarations_that_cannot_work_are_refused() -> None:
    streams = make_streams()
    with pytest.raises(ValueError, match="two streams are named 'news'"):
        streams.stream("news")(lambda: None)
    with pytest.raises(ValueError, match="not lower_snake_case"):
        streams.stream("News.x")(lambda: None)

    async def untyped(subscription: Wanted, service: Feed) -> News: ...

    with pytest.raises(TypeError, match="a stream is declared as"):
        streams.stream("other")(untyped)


def test_document_describes_the_service() -> None:
    document = asyncapi_document("test", INFO, make_streams(), "/api/v1/test/ws")
    assert document["channels"]["test"]["address"] == "/api/v1/test/ws"
    assert document["operations"]["subscribeNews"]["action"] == "receive"
    assert document["operations"]["sendNewsUpdate"]["action"] == "send"
    assert document["x-streams"] == {"news": {"request": "Wanted", "update": "News"}}
    subscribe_schema = document["components"]["schemas"]["NewsSubscribe"]
    assert subscribe_schema["properties"]["type"]["const"] == "news.subscribe"
    assert subscribe_schema["required"] == ["type", "payload"]


def test_optional_field_of_a_request_is_refused() -> None:
    class Loose(BaseModel):
        name: str
        depth: int = 1

    streams = StreamRouter()

    async def levels(subscription: Loose, service: Feed) -> AsyncIterator[News]: ...

    levels.__annotations__.update(
        subscription=Loose, service=Feed, **{"return": AsyncIterator[News]}
    )
    streams.stream("levels")(levels)
    with pytest.raises(StreamSchemaError, match="stream levels: Loose has optional fields: depth"):
        asyncapi_document("test", INFO, streams, "/ws")
