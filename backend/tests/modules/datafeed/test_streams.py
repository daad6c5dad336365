"""The live streams of the datafeed over its WebSocket, in a fast replay and a frozen one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession

from trading_api.app_factory import create_app
from trading_api.models import Bar, QuoteData
from trading_api.shared.utils import stream_path

PATH = f"ws://localhost{stream_path('datafeed')}"


@contextmanager
def replay(monkeypatch: pytest.MonkeyPatch, speed: str) -> Iterator[TestClient]:
    monkeypatch.setenv("DATAFEED_SPEED", speed)
    monkeypatch.setenv("DATAFEED_REPLAY_START", "2012-06-01")
    with TestClient(create_app(["datafeed"])) as client:
        yield client


@pytest.fixture
def socket(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebSocketTestSession]:
    # A virtual minute passes in 10 ms.
    with replay(monkeypatch, "6000") as client, client.websocket_connect(PATH) as session:
        yield session


def request(socket: WebSocketTestSession, kind: str, payload: dict[str, Any]) -> Any:
    socket.send_json({"type": kind, "ref": "1", "payload": payload})
    while (message := socket.receive_json()).get("ref") != "1":
        pass
    return message


def updates(socket: WebSocketTestSession, topic: str, count: int) -> list[Any]:
    found = []
    while len(found) < count:
        message = socket.receive_json()
        if message.get("topic") == topic:
            found.append(message["payload"])
    return found


def test_bars_grow_until_the_next_one_starts(socket: WebSocketTestSession) -> None:
    wanted = {"symbol": "AAPL", "resolution": "5"}
    topic = request(socket, "bars.subscribe", wanted)["topic"]
    # 25 updates, one every 15 virtual seconds, take longer than a bar of 5 minutes.
    bars = [Bar.model_validate(update) for update in updates(socket, topic, 25)]
    times = [bar.time for bar in bars]
    assert times == sorted(times)
    assert len(set(times)) > 1
    assert {time % 300_000 for time in times} == {0}
    for earlier, later in pairwise(bars):
        if earlier.time == later.time:
            assert later.volume >= earlier.volume
            assert later.open == earlier.open


def test_quotes_of_several_symbols(socket: WebSocketTestSession) -> None:
    wanted = {"symbols": ["AAPL"], "fastSymbols": ["IBM"]}
    topic = request(socket, "quotes.subscribe", wanted)["topic"]
    quotes = [QuoteData.model_validate(update) for update in updates(socket, topic, 8)]
    assert {quote.n for quote in quotes} == {"AAPL", "IBM"}
    assert {quote.s for quote in quotes} == {"ok"}


def test_unsubscribing_ends_the_updates(socket: WebSocketTestSession) -> None:
    wanted = {"symbol": "IBM", "resolution": "1"}
    topic = request(socket, "bars.subscribe", wanted)["topic"]
    updates(socket, topic, 2)
    assert request(socket, "bars.unsubscribe", wanted)["type"] == "bars.unsubscribed"
    socket.send_json({"type": "ping"})
    assert socket.receive_json()["type"] == "pong"


@pytest.mark.parametrize(
    ("kind", "payload", "status", "pointer"),
    [
        ("bars", {"symbol": "NONE", "resolution": "1D"}, 404, "#/payload/symbol"),
        ("quotes", {"symbols": ["IBM", "NONE"], "fastSymbols": []}, 404, "#/payload/symbols/1"),
        ("quotes", {"symbols": [], "fastSymbols": ["NONE"]}, 404, "#/payload/fastSymbols/0"),
        ("bars", {"symbol": "AAPL", "resolution": "7"}, 422, "#/payload/resolution"),
        ("bars", {"symbol": "AAPL"}, 422, "#/payload/resolution"),
    ],
)
def test_subscription_with_an_invalid_value_is_rejected(
    socket: WebSocketTestSession, kind: str, payload: dict[str, Any], status: int, pointer: str
) -> None:
    response = request(socket, f"{kind}.subscribe", payload)
    problem = response["payload"]
    assert (response["type"], problem["status"]) == ("error", status)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("stream", "payload", "count"),
    [
        ("bars", {"symbol": "AAPL", "resolution": "1D"}, 1),
        ("quotes", {"symbols": ["AAPL", "IBM"], "fastSymbols": ["MSFT"]}, 3),
    ],
)
def test_second_subscriber_gets_the_latest_updates_at_once(
    monkeypatch: pytest.MonkeyPatch, stream: str, payload: dict[str, Any], count: int
) -> None:
    monkeypatch.setenv("DATAFEED_REPLAY_EPOCH", "2100-01-01T00:00Z")
    with (
        replay(monkeypatch, "1") as client,
        client.websocket_connect(PATH) as first,
        client.websocket_connect(PATH) as second,
    ):
        request(first, f"{stream}.subscribe", payload)
        latest = [first.receive_json() for _ in range(count)]
        request(second, f"{stream}.subscribe", payload)
        second.send_json({"type": "ping"})
        assert [second.receive_json() for _ in range(count + 1)] == [*latest, {"type": "pong"}]
