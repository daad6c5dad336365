"""What one client of a stream may do to the others: floods, bursts, slowness, many topics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.testclient import TestClient

from trading_api.shared.auth.callers import Authentication
from trading_api.shared.rates import TokenBucket
from trading_api.shared.utils import stream_path
from trading_api.shared.ws import StreamRouter, endpoint, hub, outbox
from trading_api.shared.ws.endpoint import websocket_route
from trading_api.shared.ws.outbox import Outbox

PATH = stream_path("test")


class Wanted(BaseModel):
    name: str


class Update(BaseModel):
    number: int


class Counter:
    """A service whose stream sends the numbers that the test asks for."""

    def __init__(self) -> None:
        self.wanted: asyncio.Queue[int] = asyncio.Queue()

    async def numbers(self) -> AsyncIterator[Update]:
        while True:
            for number in range(await self.wanted.get()):
                yield Update(number=number)


streams = StreamRouter()


@streams.stream("numbers")
async def numbers(subscription: Wanted, service: Counter) -> AsyncIterator[Update]:
    return service.numbers()


def create_app(service: Counter) -> FastAPI:
    app = FastAPI()
    app.state.services = {Counter: service}
    app.include_router(websocket_route("test", streams, Authentication()))
    return app


class FakeClient:
    """The ASGI side of a connection: messages that have all arrived, and what is sent back."""

    def __init__(self, texts: list[str]) -> None:
        self.messages = [{"type": "websocket.connect"}]
        self.messages += [{"type": "websocket.receive", "text": text} for text in texts]
        self.sent: list[Any] = []
        self.on_receive: Callable[[], None] = lambda: None
        self.reads = asyncio.Event()
        self.reads.set()
        self.subscribed = asyncio.Event()

    async def receive(self) -> Any:
        self.on_receive()
        if self.messages:
            return self.messages.pop(0)
        return await asyncio.Event().wait()

    async def send(self, message: Any) -> None:
        await self.reads.wait()
        self.sent.append(message)
        if len(self.sent) == 2:
            self.subscribed.set()

    async def connect(self, app: FastAPI) -> None:
        scope: dict[str, Any] = {"type": "websocket", "path": PATH, "headers": [], "app": app}
        await app.router(
            {**scope, "query_string": b"", "subprotocols": []}, self.receive, self.send
        )

    @property
    def close_code(self) -> int | None:
        codes = [each["code"] for each in self.sent if each["type"] == "websocket.close"]
        return codes[0] if codes else None


@pytest.mark.parametrize("text", ["{", '{"type": "ping"}'])
async def test_client_that_floods_lets_other_tasks_run_between_its_messages(text: str) -> None:
    client = FakeClient([text] * 200)
    turns = 0
    seen: list[int] = []
    client.on_receive = lambda: seen.append(turns)
    connection = asyncio.create_task(client.connect(create_app(Counter())))
    while client.messages:
        turns += 1
        await asyncio.sleep(0)
    connection.cancel()
    await asyncio.wait([connection])
    # The other task had a turn between almost all messages.
    assert len(set(seen)) >= 190


async def test_client_that_sends_too_many_messages_is_closed_with_1008() -> None:
    assert (endpoint.MESSAGES_AT_ONCE, endpoint.MESSAGES_PER_SECOND) == (1_000, 100)
    client = FakeClient(['{"type": "ping"}'] * 2_000)
    await client.connect(create_app(Counter()))
    assert client.close_code == 1008
    assert len(client.sent) <= 1_300


async def test_rate_of_messages_is_limited_per_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    bucket = TokenBucket(rate=100, burst=10)
    assert [bucket.take() for _ in range(11)] == [True] * 10 + [False]
    now = 0.045
    assert [bucket.take() for _ in range(5)] == [True] * 4 + [False]
    now = 1000.0
    assert sum(bucket.take() for _ in range(20)) == 10


def test_burst_of_updates_does_not_close_a_client_that_reads() -> None:
    service = Counter()
    with TestClient(create_app(service)) as client, client.websocket_connect(PATH) as socket:
        socket.send_json({"type": "numbers.subscribe", "payload": {"name": "a"}})
        assert socket.receive_json()["type"] == "numbers.subscribed"
        assert client.portal is not None
        client.portal.call(service.wanted.put, 20_000)
        received = [socket.receive_json()["payload"]["number"] for _ in range(20_000)]
    assert received == list(range(20_000))


async def test_client_that_reads_nothing_is_closed_with_1013(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "MAX_WAITING_CHARACTERS", 1_000)
    monkeypatch.setattr(endpoint, "CLOSE_SECONDS", 0.01)
    service = Counter()
    client = FakeClient(['{"type": "numbers.subscribe", "payload": {"name": "a"}}'])
    connection = asyncio.create_task(client.connect(create_app(service)))
    await asyncio.wait_for(client.subscribed.wait(), 5)
    client.reads.clear()
    await service.wanted.put(100)
    # A close that cannot be sent is given up.
    await connection
    assert client.close_code is None


class Receiver:
    """What an outbox sends to: a client that takes frames as long as it reads."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.tasks: list[asyncio.Task[Any] | None] = []

    async def send(self, message: dict[str, str]) -> None:
        self.tasks.append(asyncio.current_task())
        await self.reads.wait()
        self.tasks.append(asyncio.current_task())
        self.received.append(message["text"])


class GoneReceiver(Receiver):
    async def send(self, message: dict[str, str]) -> None:
        raise OSError("the client has gone")


@asynccontextmanager
async def running(receiver: Receiver) -> AsyncIterator[tuple[Outbox, asyncio.Task[None]]]:
    outbox = Outbox(receiver.send)
    writer = asyncio.create_task(outbox.run())
    await asyncio.sleep(0)
    yield outbox, writer
    writer.cancel()
    await asyncio.wait([writer])


async def test_limits_of_the_waiting_frames() -> None:
    assert (outbox.MAX_WAITING_CHARACTERS, outbox.MAX_PAUSE_SECONDS) == (2**24, 10)
    full = Outbox(Receiver().send)
    full.put("x" * 2**24)
    assert not full.overflow.is_set()
    full.put("x")
    assert full.overflow.is_set()


async def test_frames_are_sent_at_once_while_the_client_reads() -> None:
    receiver = Receiver()
    async with running(receiver) as (sending, _):
        sending.put("a")
        sending.put("b")
        assert receiver.received == ["a", "b"]


async def test_frames_wait_in_their_order_for_a_client_that_does_not_read() -> None:
    receiver = Receiver()
    async with running(receiver) as (sending, writer):
        sending.put("a")
        receiver.reads.clear()
        for frame in "bcd":
            sending.put(frame)
        await asyncio.sleep(0)
        assert receiver.received == ["a"]
        receiver.reads.set()
        sending.put("e")
        await asyncio.sleep(0.01)
        sending.put("f")
        assert receiver.received == [*"abcdef"]
        # Whatever the server does within a step, such as a timeout, belongs to the writer's task.
        assert {*receiver.tasks} == {writer}
        assert asyncio.current_task() is not writer


async def test_error_of_a_frame_ends_the_writer() -> None:
    async with running(GoneReceiver()) as (sending, writer):
        sending.put("a")
        sending.put("b")
        await asyncio.wait([writer], timeout=5)
        with pytest.raises(OSError, match="the client has gone"):
            writer.result()


async def test_writer_can_be_cancelled_while_a_frame_waits() -> None:
    receiver = Receiver()
    receiver.reads.clear()
    async with running(receiver) as (sending, writer):
        sending.put("a")
        sending.put("b")
    assert writer.cancelled()
    assert receiver.received == []


async def test_client_is_too_slow_if_it_receives_nothing_for_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: now))
    receiver = Receiver()
    async with running(receiver) as (sending, _):
        receiver.reads.clear()
        sending.put("a")
        sending.put("b")
        now = 9
        receiver.reads.set()
        await asyncio.sleep(0.01)
        receiver.reads.clear()
        now = 18
        sending.put("c")
        now = 27
        sending.put("d")
        assert not sending.overflow.is_set()
        now = 28.1
        sending.put("e")
        assert sending.overflow.is_set()


def test_number_of_running_topics_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub.MAX_TOPICS == 1_000
    monkeypatch.setattr(hub, "MAX_TOPICS", 3)
    with TestClient(create_app(Counter())) as client:
        with (
            client.websocket_connect(PATH) as first,
            client.websocket_connect(PATH) as second,
        ):

            def subscribe(socket: Any, name: str) -> Any:
                socket.send_json({"type": "numbers.subscribe", "payload": {"name": name}})
                return socket.receive_json()

            for name in "abc":
                assert subscribe(first, name)["type"] == "numbers.subscribed"
            assert subscribe(second, "a")["type"] == "numbers.subscribed"
            rejected = subscribe(second, "d")
            assert (rejected["type"], rejected["payload"]["status"]) == ("error", 503)
            first.send_json({"type": "numbers.unsubscribe", "payload": {"name": "b"}})
            assert first.receive_json()["type"] == "numbers.unsubscribed"
            assert subscribe(second, "d")["type"] == "numbers.subscribed"
        with client.websocket_connect(PATH) as third:
            assert subscribe(third, "e")["type"] == "numbers.subscribed"


def test_flooding_client_is_told_why_it_is_closed() -> None:
    with TestClient(create_app(Counter())) as client, client.websocket_connect(PATH) as socket:
        for _ in range(1_200):
            socket.send_text("{")
        message = socket.receive()
        while message["type"] == "websocket.send":
            message = socket.receive()
    assert (message["type"], message["code"]) == ("websocket.close", 1008)
    assert message["reason"] == "The client sends too many messages."
