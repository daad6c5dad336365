"""The live streams of the datafeed, over its WebSocket, with the replay running fast."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession

from trading_api.app_factory import create_app
from trading_api.models import Bar, QuoteData


@pytest.fixture
def socket(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebSocketTestSession]:
    # A virtual minute passes in 10 ms.
    monkeypatch.setenv("DATAFEED_SPEED", "6000")
    monkeypatch.setenv("DATAFEED_REPLAY_START", "2012-06-01")
    with (
        TestClient(create_app(["datafeed"])) as client,
        client.websocket_connect("/api/v1/datafeed/ws") as session,
    ):
        yield session


def ask(socket: WebSocketTestSession, kind: str, payload: dict[str, Any]) -> Any:
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


def test_bars_grow_and_follow_each_other(socket: WebSocketTestSession) -> None:
    wanted = {"symbol": "AAPL", "resolution": "5"}
    topic = ask(socket, "bars.subscribe", wanted)["topic"]
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
    topic = ask(socket, "quotes.subscribe", wanted)["topic"]
    quotes = [QuoteData.model_validate(update) for update in updates(socket, topic, 8)]
    assert {quote.n for quote in quotes} == {"AAPL", "IBM"}
    assert {quote.s for quote in quotes} == {"ok"}


def test_unsubscribing_ends_the_updates(socket: WebSocketTestSession) -> None:
    wanted = {"symbol": "IBM", "resolution": "1"}
    topic = ask(socket, "bars.subscribe", wanted)["topic"]
    updates(socket, topic, 2)
    assert ask(socket, "bars.unsubscribe", wanted)["type"] == "bars.unsubscribed"
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
    response = ask(socket, f"{kind}.subscribe", payload)
    problem = response["payload"]
    assert (response["type"], problem["status"]) == ("error", status)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
