"""The WebSocket layer: messages, topics, fan-out, limits, and its AsyncAPI document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.testclient import TestClient, WebSocketTestSession

from trading_api.shared.auth.callers import Authentication
from trading_api.shared.module import ModuleInfo
from trading_api.shared.problems import ProblemError
from trading_api.shared.utils import stream_path
from trading_api.shared.ws import StreamRouter
from trading_api.shared.ws.asyncapi import StreamSchemaError, asyncapi_document
from trading_api.shared.ws.endpoint import websocket_route

PATH = stream_path("test")
INFO = ModuleInfo(title="Test", description="Test.", version="1", port=1)


class Wanted(BaseModel):
    name: str


class News(BaseModel):
    text: str
    note: str | None = None


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Pet(BaseModel):
    animal: Annotated[Cat | Dog, Field(discriminator="kind")]
    discriminator: Cat


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
                if text == "overrun":
                    raise ProblemError(503, "events were lost")
                yield News(text=text)
        finally:
            self.queues.remove(queue)


def make_streams() -> StreamRouter:
    streams = StreamRouter()

    @streams.stream("news", replay_last=True)
    async def news(subscription: Wanted, service: Feed) -> AsyncIterator[News]:
        """What is new."""
        if subscription.name == "broken":
            raise RuntimeError("a bug in the module")
        if subscription.name == "unknown":
            raise ProblemError(404, "no such news")
        return service.follow()

    @streams.stream("events")
    async def events(subscription: Wanted, service: Feed) -> AsyncIterator[News]:
        return service.follow()

    return streams


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def client(feed: Feed) -> Iterator[TestClient]:
    app = FastAPI()
    app.state.services = {Feed: feed}
    app.include_router(websocket_route("test", make_streams(), Authentication()))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def socket(client: TestClient) -> Iterator[WebSocketTestSession]:
    with client.websocket_connect(PATH) as session:
        yield session


def subscribe(
    socket: WebSocketTestSession, name: str = "a", ref: str = "1", stream: str = "news"
) -> Any:
    socket.send_json({"type": f"{stream}.subscribe", "ref": ref, "payload": {"name": name}})
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
    push(client, feed, "not delivered")
    socket.send_json({"type": "ping", "ref": "p"})
    assert socket.receive_json() == {"type": "pong", "ref": "p"}
    assert feed.queues == []


def test_late_subscriber_shares_the_source_and_gets_the_last_update(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    subscribe(socket)
    push(client, feed, "first")
    assert socket.receive_json()["payload"]["text"] == "first"
    with client.websocket_connect(PATH) as late:
        assert subscribe(late)["type"] == "news.subscribed"
        assert late.receive_json()["payload"]["text"] == "first"
        assert len(feed.queues) == 1
        push(client, feed, "second")
        assert late.receive_json()["payload"]["text"] == "second"
    assert socket.receive_json()["payload"]["text"] == "second"


def test_late_subscriber_of_a_stream_without_replay_gets_only_new_updates(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    subscribe(socket, stream="events")
    push(client, feed, "first")
    assert socket.receive_json()["payload"]["text"] == "first"
    with client.websocket_connect(PATH) as late:
        subscribe(late, stream="events")
        push(client, feed, "second")
        assert late.receive_json()["payload"]["text"] == "second"


def test_second_subscription_to_a_topic_does_not_repeat_updates(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    subscribe(socket)
    assert subscribe(socket, ref="2")["ref"] == "2"
    push(client, feed, "once", "twice")
    assert [socket.receive_json()["payload"]["text"] for _ in range(2)] == ["once", "twice"]


def test_rejected_subscription_gets_an_error(socket: WebSocketTestSession) -> None:
    error = subscribe(socket, "unknown", ref="7")
    assert (error["type"], error["ref"]) == ("error", "7")
    assert (error["payload"]["status"], error["payload"]["detail"]) == (404, "no such news")


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("not json", 422),
        ("[]", 422),
        ('{"type": "news.subscribe", "payload": {}}', 422),
        ('{"type": "news.subscribe", "payload": {"name": "a"}, "extra": 1}', 422),
        ('{"type": "other.subscribe", "payload": {"name": "a"}}', 422),
        ('{"type": "ping", "ref": "' + "x" * 65 + '"}', 422),
        ("[" * 5_000, 422),
        ('{"type": "ping", "ref": "\\ud800"}', 422),
        ("x" * 65_536, 422),
        ("x" * 65_537, 413),
    ],
)
def test_invalid_message_gets_an_error_and_the_connection_stays_open(
    socket: WebSocketTestSession, message: str, status: int
) -> None:
    socket.send_text(message)
    error = socket.receive_json()
    assert (error["type"], error["payload"]["status"]) == ("error", status)
    assert subscribe(socket)["type"] == "news.subscribed"


def test_validation_error_has_the_ref_of_the_message(socket: WebSocketTestSession) -> None:
    socket.send_text('{"type": "news.subscribe", "ref": "9", "payload": {"name": 1}}')
    error = socket.receive_json()
    assert error["ref"] == "9"
    assert error["payload"]["errors"][0]["pointer"] == "#/payload/name"


def test_binary_message_is_rejected(socket: WebSocketTestSession) -> None:
    socket.send_bytes(b"{}")
    assert socket.receive_json()["payload"]["status"] == 415


def test_exception_of_a_module_does_not_end_the_connection(socket: WebSocketTestSession) -> None:
    error = subscribe(socket, "broken", ref="8")
    assert (error["type"], error["ref"], error["payload"]["status"]) == ("error", "8", 500)
    assert subscribe(socket)["type"] == "news.subscribed"


def test_end_of_a_source_is_an_error_and_the_topic_can_be_subscribed_again(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    for last, status in ((None, 410), ("fail", 500), ("overrun", 503)):
        topic = subscribe(socket)["topic"]
        push(client, feed, last)
        error = socket.receive_json()
        assert (error["type"], error["topic"]) == ("error", topic)
        assert error["payload"]["status"] == status
    assert subscribe(socket)["type"] == "news.subscribed"


def test_disconnect_ends_the_source(client: TestClient, feed: Feed) -> None:
    with client.websocket_connect(PATH) as session:
        subscribe(session)
        assert len(feed.queues) == 1
    assert feed.queues == []


def test_a_connection_has_at_most_500_open_subscriptions(
    client: TestClient, socket: WebSocketTestSession, feed: Feed
) -> None:
    for name in range(500):
        assert subscribe(socket, str(name))["type"] == "news.subscribed"
    assert subscribe(socket, "one more")["payload"]["status"] == 429
    # Subscriptions that have ended do not count.
    push(client, feed, None)
    assert {socket.receive_json()["payload"]["status"] for _ in range(500)} == {410}
    assert subscribe(socket, "one more")["type"] == "news.subscribed"


def test_invalid_stream_declaration_raises() -> None:
    streams = make_streams()
    with pytest.raises(ValueError, match="two streams are named 'news'"):
        streams.stream("news")(lambda: None)
    with pytest.raises(ValueError, match="not lower_snake_case"):
        streams.stream("News.x")(lambda: None)

    async def untyped(subscription: Wanted, service: Feed) -> News: ...

    with pytest.raises(TypeError, match="declare a stream as"):
        streams.stream("other")(untyped)


def test_document_describes_the_service() -> None:
    document = asyncapi_document("test", INFO, make_streams())
    assert document["channels"]["test"]["address"] == "/api/v1/test/ws"
    assert document["operations"]["subscribeNews"]["action"] == "receive"
    assert document["operations"]["sendNewsUpdate"]["action"] == "send"
    assert document["x-streams"] == {
        "news": {"request": "Wanted", "update": "News", "replayLast": True, "resumable": False},
        "events": {"request": "Wanted", "update": "News", "replayLast": False, "resumable": False},
    }
    subscribe_schema = document["components"]["schemas"]["NewsSubscribe"]
    assert subscribe_schema["properties"]["type"]["const"] == "news.subscribe"
    assert subscribe_schema["required"] == ["type", "payload"]


def test_document_has_no_discriminator_objects() -> None:
    streams = StreamRouter()

    @streams.stream("pets")
    async def pets(subscription: Wanted, service: Feed) -> AsyncIterator[Pet]: ...

    schemas = asyncapi_document("test", INFO, streams)["components"]["schemas"]
    properties = schemas["Pet"]["properties"]
    cat = {"$ref": "#/components/schemas/Cat"}
    assert properties["animal"] == {
        "oneOf": [cat, {"$ref": "#/components/schemas/Dog"}],
        "title": "Animal",
    }
    assert properties["discriminator"] == cat  # a field of this name is kept


def test_optional_field_of_a_request_raises() -> None:
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
        asyncapi_document("test", INFO, streams)
