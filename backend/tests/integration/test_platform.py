"""Calls every operation of broker and datafeed through the generated clients, in every topology."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from integration.conftest import FROZEN, Platform
from trading_api.app_factory import create_app
from trading_api.clients import BrokerClient, DatafeedClient
from trading_api.models import (
    Brackets,
    ConnectionStatus,
    GetQuotesRequest,
    LeverageSetParams,
    OrderStatus,
    OrderType,
    PlacedOrder,
    PreOrder,
    QuoteData,
    Resolution,
    Side,
)
from trading_api.shared.client import ApiError, ServiceClient
from trading_api.shared.problems import ProblemType
from trading_api.shared.utils import MODULES_DIR, stream_path


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[tuple[str, str]]]:
    """The operations that the clients call, as (method, path)."""
    calls: set[tuple[str, str]] = set()
    original = ServiceClient._call

    async def recording(self: ServiceClient, operation: Any, *args: Any, **kwargs: Any) -> Any:
        calls.add((operation.method, operation.path))
        return await original(self, operation, *args, **kwargs)

    monkeypatch.setattr(ServiceClient, "_call", recording)
    return calls


def seconds(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


async def test_every_operation_of_both_modules(
    platform: Platform, called: set[tuple[str, str]]
) -> None:
    await use_datafeed(platform.datafeed)
    await use_broker(platform.broker, platform.datafeed)
    declared = {
        (method.upper(), path)
        for module in ("broker", "datafeed")
        for path, item in json.loads((MODULES_DIR / module / "specs" / "openapi.json").read_text())[
            "paths"
        ].items()
        for method in item
    }
    assert called == declared, "call each new operation in use_datafeed or use_broker"


async def use_datafeed(datafeed: DatafeedClient) -> None:
    config = await datafeed.get_config()
    assert Resolution.DAY in config.supported_resolutions
    assert config.supports_time

    symbols = await datafeed.get_symbols(exchange="NYSE")
    assert [symbol.name for symbol in symbols] == ["IBM"]
    found = await datafeed.search_symbols("appl", max_results=5)
    assert [hit.symbol for hit in found] == ["AAPL"]
    info = await datafeed.resolve_symbol("NASDAQ:AAPL")
    assert (info.name, info.ticker, info.has_intraday) == ("AAPL", "NASDAQ:AAPL", True)

    # The row of the file: close 130.31, adjusted 4.186662803811, open 118.56.
    response = await datafeed.get_bars(
        "AAPL", Resolution.DAY, seconds(2000, 3, 1), seconds(2000, 3, 3)
    )
    assert [bar.time for bar in response.bars] == [
        seconds(2000, 3, 1) * 1000,
        seconds(2000, 3, 2) * 1000,
    ]
    assert response.bars[0].close == pytest.approx(4.186662803811, abs=0.01)
    assert response.bars[0].open == pytest.approx(118.56 * 4.186662803811 / 130.31, abs=0.01)
    assert not response.no_data
    paged = await datafeed.get_bars(
        "AAPL", Resolution.DAY, seconds(2000, 3, 2), seconds(2000, 3, 3), count_back=2
    )
    assert paged.bars == response.bars

    quotes = await datafeed.get_quotes(GetQuotesRequest(symbols=["AAPL", "NO/SUCH?"]))
    assert [(quote.n, quote.s) for quote in quotes] == [("AAPL", "ok"), ("NO/SUCH?", "error")]
    now = await datafeed.get_server_time()
    assert datetime.fromtimestamp(now, UTC).date().isoformat() == "2012-06-01"


async def quote_of(datafeed: DatafeedClient, symbol: str) -> QuoteData:
    (quote,) = await datafeed.get_quotes(GetQuotesRequest(symbols=[symbol]))
    return quote


async def use_broker(broker: BrokerClient, datafeed: DatafeedClient) -> None:
    before = await broker.get_account()
    quote = await quote_of(datafeed, "AAPL")
    assert quote.v.ask is not None
    assert quote.v.bid is not None

    market = PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=10)
    assert not (await broker.preview_order(market)).errors
    assert (await broker.get_account()) == before
    placed = await broker.place_order(market, idempotency_key="platform-1")
    assert await broker.place_order(market, idempotency_key="platform-1") == placed
    order = await broker.get_order(placed.order_id)
    assert (order.status, order.filled_qty, order.avg_price) == (
        OrderStatus.FILLED,
        10,
        pytest.approx(quote.v.ask),
    )
    (position,) = await broker.get_positions()
    assert (position.symbol, position.qty, position.side) == ("AAPL", 10, Side.BUY)
    (execution,) = await broker.get_executions(symbol="AAPL")
    assert (execution.price, execution.qty) == (order.avg_price, 10)
    account = await broker.get_account()
    assert account.unrealized_pl == pytest.approx(10 * (quote.v.bid - quote.v.ask), abs=0.01)
    assert account.equity == pytest.approx(account.balance + account.unrealized_pl)

    far = round(quote.v.bid / 2, 2)
    edited = await broker.edit_position_brackets(position.id, Brackets(stop_loss=far))
    assert edited == position.model_copy(update={"version": edited.version})
    await use_working_orders(broker, far)

    await broker.close_position(position.id, amount=4)
    assert (await broker.get_positions())[0].qty == 6
    assert (await broker.close_position(position.id)).success
    assert await broker.get_positions() == []
    closed = await broker.get_account()
    assert closed.balance == pytest.approx(before.balance + 10 * (quote.v.bid - quote.v.ask))
    await use_leverage(broker)


async def use_working_orders(broker: BrokerClient, price: float) -> None:
    limit = PreOrder(symbol="AAPL", type=OrderType.LIMIT, side=Side.BUY, qty=1, limit_price=price)
    order_id = (await broker.place_order(limit)).order_id
    changed: PlacedOrder = await broker.modify_order(
        order_id, limit.model_copy(update={"qty": 2.0})
    )
    assert (changed.id, changed.qty, changed.status) == (order_id, 2, OrderStatus.WORKING)
    working = await broker.get_orders(status=[OrderStatus.WORKING, OrderStatus.PLACING])
    assert order_id in [order.id for order in working]
    assert await broker.cancel_order(order_id) is None
    assert (await broker.get_order(order_id)).status is OrderStatus.CANCELED


async def use_leverage(broker: BrokerClient) -> None:
    info = await broker.get_leverage("AAPL", OrderType.MARKET, Side.BUY)
    wanted = LeverageSetParams(
        symbol="AAPL", order_type=OrderType.MARKET, side=Side.BUY, leverage=info.max
    )
    assert not (await broker.preview_leverage(wanted)).errors
    assert (await broker.set_leverage(wanted)).leverage == info.max
    await broker.set_leverage(wanted.model_copy(update={"leverage": info.leverage}))


async def test_errors_are_problems(platform: Platform) -> None:
    with pytest.raises(ApiError) as unknown:
        await platform.datafeed.resolve_symbol("A/B ?#%:é")
    assert unknown.value.status == 404
    assert unknown.value.problem is not None
    assert unknown.value.problem.type == ProblemType.UNKNOWN_SYMBOL
    assert [error.parameter for error in unknown.value.problem.errors or []] == ["symbol"]

    order = PreOrder(symbol="NOSUCH", type=OrderType.MARKET, side=Side.BUY, qty=1)
    with pytest.raises(ApiError) as rejected:
        await platform.broker.place_order(order)
    assert rejected.value.status == 404
    assert rejected.value.problem is not None
    assert rejected.value.problem.type == ProblemType.UNKNOWN_SYMBOL

    limit = order.model_copy(update={"type": OrderType.LIMIT})
    with pytest.raises(ApiError) as invalid:
        await platform.broker.preview_order(limit)
    assert invalid.value.status == 422
    assert invalid.value.problem is not None
    assert invalid.value.problem.type == ProblemType.VALIDATION_ERROR
    (error,) = invalid.value.problem.errors or []
    assert (error.pointer, error.code) == ("#/limitPrice", "price_required")


@pytest.mark.parametrize(
    ("stream", "field", "settled"),
    [("connection", "status", ConnectionStatus.CONNECTED), ("equity", "equity", 100_000)],
)
def test_second_subscriber_gets_the_current_state(
    monkeypatch: pytest.MonkeyPatch, stream: str, field: str, settled: float
) -> None:
    for name, value in FROZEN.items():
        monkeypatch.setenv(name, value)
    subscribe = {"type": f"{stream}.subscribe", "payload": {"accountId": "demo"}}
    path = f"ws://localhost{stream_path('broker')}"
    with (
        TestClient(create_app(["broker", "datafeed"])) as client,
        client.websocket_connect(path) as first,
        client.websocket_connect(path) as second,
    ):
        first.send_json(subscribe)
        state = first.receive_json()
        while state["payload"].get(field) != settled:
            state = first.receive_json()
        second.send_json(subscribe)
        second.send_json({"type": "ping"})
        assert second.receive_json()["type"] == f"{stream}.subscribed"
        assert second.receive_json() == state
