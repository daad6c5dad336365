"""The live streams over a real WebSocket, and the feeds behind them."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient, WebSocketTestSession

from modules.broker.doubles import FakeDatafeed, buy, connect_error, raises_problem, sell
from trading_api.app_factory import create_app
from trading_api.models import (
    ConnectionStatus,
    OrderStatus,
    ParentType,
    PreOrder,
    Side,
)
from trading_api.modules.broker import events
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.shared.problems import ProblemType

ACCOUNT = {"accountId": "demo"}


class Terminal:
    """A trading terminal: one WebSocket, and the service to trigger updates with."""

    def __init__(self, client: TestClient, socket: WebSocketTestSession) -> None:
        self._client = client
        self._socket = socket
        assert isinstance(client.app, FastAPI)
        service = client.app.state.services[BrokerService]
        assert isinstance(service, BrokerService)
        self.service = service

    def do(self, call: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> None:
        assert self._client.portal is not None
        self._client.portal.call(call, *args)

    def place(self, request: PreOrder) -> None:
        self.do(self.service.place_order, request)

    def subscribe(self, stream: str) -> None:
        self._socket.send_json({"type": f"{stream}.subscribe", "payload": ACCOUNT})
        assert self._socket.receive_json()["type"] == f"{stream}.subscribed"

    def ask(self, message: dict[str, Any]) -> Any:
        self._socket.send_json(message)
        return self._socket.receive_json()

    def update(self, stream: str) -> Any:
        message = self._socket.receive_json()
        assert message["type"] == f"{stream}.update", message
        return message["payload"]


@pytest.fixture
def terminal(feed: FakeDatafeed, settings: BrokerSettings) -> Iterator[Terminal]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_service(feed, settings=settings) as service:
            await service.mark_to_market()
            app.state.services[BrokerService] = service
            yield

    app = create_app(["broker"])
    app.router.lifespan_context = lifespan
    with (
        TestClient(app) as client,
        client.websocket_connect("ws://localhost/api/v1/broker/ws") as socket,
    ):
        yield Terminal(client, socket)


def test_orders_stream_sends_orders_and_exits_as_they_change(terminal: Terminal) -> None:
    terminal.subscribe("orders")
    terminal.place(buy(10, stop_loss=90))

    filled, stop = terminal.update("orders"), terminal.update("orders")
    assert (filled["status"], filled["avgPrice"]) == (OrderStatus.FILLED, 101)
    assert (stop["status"], stop["stopPrice"], stop["qty"]) == (OrderStatus.WORKING, 90, 10)
    (position,) = terminal.service.get_positions()
    assert (filled["parentId"], filled["parentType"]) == (None, None)
    assert (stop["parentId"], stop["parentType"]) == (position.id, ParentType.POSITION)

    terminal.do(terminal.service.cancel_order, stop["id"])
    cancelled = terminal.update("orders")
    assert (cancelled["status"], cancelled["parentId"]) == (OrderStatus.CANCELED, position.id)


def test_orders_stream_sends_rejected_orders(terminal: Terminal) -> None:
    terminal.subscribe("orders")
    terminal.place(buy(1_000_000))

    assert terminal.update("orders")["status"] == OrderStatus.REJECTED


def test_orders_stream_sends_each_move_of_a_trailing_stop(
    terminal: Terminal, feed: FakeDatafeed
) -> None:
    terminal.place(buy(10, trailing_stop_pips=500))
    terminal.subscribe("orders")
    for bid in (104, 103, 107):
        feed.set("AAPL", bid, bid + 1)
        terminal.do(terminal.service.mark_to_market)

    assert [terminal.update("orders")["stopPrice"] for _ in range(2)] == [99, 102]


def test_positions_stream_sends_positions_until_they_close(terminal: Terminal) -> None:
    terminal.subscribe("positions")
    terminal.place(buy(10))
    opened = terminal.update("positions")
    terminal.place(sell(25))
    closed, turned = terminal.update("positions"), terminal.update("positions")

    assert (opened["qty"], opened["side"]) == (10, Side.BUY)
    assert (closed["id"], closed["qty"]) == (opened["id"], 0)
    assert (turned["qty"], turned["side"]) == (15, Side.SELL)
    assert turned["id"] != opened["id"]


def test_executions_stream_starts_with_the_subscription(terminal: Terminal) -> None:
    terminal.place(buy(1))
    terminal.subscribe("executions")
    terminal.place(buy(10))

    execution = terminal.update("executions")
    # The one before the subscription is not sent.
    assert (execution["qty"], execution["price"], execution["side"]) == (10, 101, Side.BUY)


def test_equity_stream_starts_with_the_current_value_and_sends_changes(
    terminal: Terminal, feed: FakeDatafeed
) -> None:
    terminal.subscribe("equity")
    assert terminal.update("equity")["equity"] == 100_000

    terminal.place(buy(10))
    assert terminal.update("equity")["equity"] == 99_990
    # Nothing changes, so nothing is sent.
    terminal.do(terminal.service.mark_to_market)
    feed.set("AAPL", 110, 111)
    terminal.do(terminal.service.mark_to_market)
    assert terminal.update("equity") == {
        "equity": 100_090,
        "balance": 100_000,
        "unrealizedPL": 90,
        "realizedPL": 0,
    }


def test_connection_stream_starts_with_the_current_status_and_sends_changes(
    terminal: Terminal, feed: FakeDatafeed
) -> None:
    terminal.subscribe("connection")
    assert terminal.update("connection")["status"] == ConnectionStatus.CONNECTED

    feed.failure = connect_error()
    terminal.do(terminal.service.mark_to_market)
    down = terminal.update("connection")
    assert down["status"] == ConnectionStatus.DISCONNECTED
    assert down["message"].startswith("The datafeed is unavailable")

    feed.failure = None
    terminal.do(terminal.service.mark_to_market)
    assert terminal.update("connection")["status"] == ConnectionStatus.CONNECTED


@pytest.mark.parametrize("stream", ["orders", "positions", "executions", "equity", "connection"])
def test_subscription_with_an_unknown_account_is_rejected(terminal: Terminal, stream: str) -> None:
    response = terminal.ask(
        {"type": f"{stream}.subscribe", "ref": "7", "payload": {"accountId": "other"}}
    )

    problem = response["payload"]
    assert (response["type"], response["ref"], problem["status"]) == ("error", "7", 404)
    assert problem["type"] == ProblemType.UNKNOWN_ACCOUNT
    (error,) = problem["errors"]
    assert (error["pointer"], error["code"]) == ("#/payload/accountId", "unknown_account")


async def test_streams_end_when_the_broker_closes(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=settings) as service:
        orders = service.events.orders.subscribe()
        await service.place_order(buy(1))

    assert [order.update.status async for order in orders] == [OrderStatus.FILLED]


async def test_reader_with_too_many_unread_events_is_dropped_without_delaying_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert events.MAX_WAITING == 100_000
    monkeypatch.setattr(events, "MAX_WAITING", 3)
    feed = events.Feed[int]()
    slow, quick = feed.subscribe(), feed.subscribe()
    seen = []
    for number in range(3):
        feed.publish(number)
        seen.append(await anext(quick))
    assert await anext(slow) == 0

    for number in (3, 4):
        feed.publish(number)
        seen.append(await anext(quick))
    assert seen == list(range(5))
    with raises_problem(503, ProblemType.BLANK):
        await anext(slow)


async def test_unreferenced_subscription_is_removed() -> None:
    feed = events.Feed[int]()
    kept = feed.subscribe(first=1)
    feed.subscribe()
    gc.collect()
    feed.publish(2)

    assert len(feed) == 1
    assert [await anext(kept), await anext(kept)] == [1, 2]
