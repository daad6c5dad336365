"""The REST operations over HTTP: addresses, names on the wire, statuses and problems."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from modules.broker.doubles import START, FakeDatafeed, unreachable
from trading_api.models import OrderStatus, OrderType, Side

BUY_10 = {"symbol": "AAPL", "type": OrderType.MARKET, "side": Side.BUY, "qty": 10}
LIMIT_95 = BUY_10 | {"type": OrderType.LIMIT, "limitPrice": 95}
LEVERAGE = {"symbol": "AAPL", "orderType": OrderType.MARKET, "side": Side.BUY, "leverage": 10}


async def place(http: httpx.AsyncClient, **changes: Any) -> str:
    answer = await http.post("/orders", json=BUY_10 | changes)
    assert answer.status_code == 201, answer.text
    order_id = answer.json()["orderId"]
    assert isinstance(order_id, str)
    return order_id


def assert_problem(answer: httpx.Response, status: int, detail: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert detail in problem["detail"]


async def test_order_on_the_wire(http: httpx.AsyncClient) -> None:
    order_id = await place(http, takeProfit=120)

    order = (await http.get(f"/orders/{order_id}")).json()

    assert order == {
        "id": order_id,
        "symbol": "AAPL",
        "type": 2,
        "side": 1,
        "qty": 10,
        "status": 2,
        "limitPrice": None,
        "stopPrice": None,
        "takeProfit": 120,
        "stopLoss": None,
        "guaranteedStop": None,
        "trailingStopPips": None,
        "stopType": None,
        "seenPrice": None,
        "currentQuotes": None,
        "filledQty": 10,
        "avgPrice": 101,
        "parentId": None,
        "parentType": None,
        "updateTime": START,
    }


async def test_account_on_the_wire(http: httpx.AsyncClient) -> None:
    await place(http)

    assert (await http.get("/account")).json() == {
        "id": "demo",
        "name": "Demo account",
        "currency": "USD",
        "balance": 100_000,
        "equity": 99_990,
        "unrealizedPL": -10,
        "realizedPL": 0,
        "marginUsed": 202,
    }


async def test_modify_and_cancel(http: httpx.AsyncClient) -> None:
    order_id = await place(http, **LIMIT_95)

    changed = await http.put(f"/orders/{order_id}", json=LIMIT_95 | {"limitPrice": 90})
    assert (changed.status_code, changed.json()["limitPrice"]) == (200, 90)

    cancelled = await http.delete(f"/orders/{order_id}")
    assert (cancelled.status_code, cancelled.content) == (204, b"")
    status = (await http.get(f"/orders/{order_id}")).json()["status"]
    assert status == OrderStatus.CANCELED

    assert_problem(await http.delete(f"/orders/{order_id}"), 409, "CANCELED")
    assert_problem(await http.put(f"/orders/{order_id}", json=LIMIT_95), 409, "CANCELED")


async def test_positions(http: httpx.AsyncClient) -> None:
    await place(http, side=Side.SELL, qty=7)

    (position,) = (await http.get("/positions")).json()
    address = f"/positions/{position['id']}"
    assert position == {
        "id": position["id"],
        "symbol": "AAPL",
        "qty": 7,
        "side": -1,
        "avgPrice": 100,
    }

    edited = await http.put(f"{address}/brackets", json={"stopLoss": 110})
    assert (edited.status_code, edited.json()) == (200, position)
    (stop,) = (await http.get("/orders", params={"status": OrderStatus.WORKING})).json()
    assert (stop["stopPrice"], stop["stopType"]) == (110, 0)
    assert (stop["parentId"], stop["parentType"]) == (position["id"], 2)

    part = await http.delete(address, params={"amount": 2.5})
    assert part.json() == {"success": True, "message": "closed 2.5 of 7 AAPL"}
    assert_problem(await http.delete(address, params={"amount": 5}), 409, "of the 4.5 held")
    assert (await http.delete(address)).status_code == 200
    assert (await http.get("/positions")).json() == []
    assert_problem(await http.delete(address), 404, "no such open position")


async def test_orders_by_status_symbol_and_page(http: httpx.AsyncClient) -> None:
    filled = [await place(http, qty=1) for _ in range(3)]
    resting = await place(http, **LIMIT_95)
    cancelled = await place(http, **LIMIT_95 | {"symbol": "IBM", "limitPrice": 40})
    await http.delete(f"/orders/{cancelled}")

    async def ids(**params: Any) -> list[str]:
        answer = await http.get("/orders", params=params)
        assert answer.status_code == 200, answer.text
        return [order["id"] for order in answer.json()]

    everything = [*filled, resting, cancelled]
    assert await ids() == everything
    assert await ids(status=[OrderStatus.WORKING, OrderStatus.CANCELED]) == [resting, cancelled]
    assert await ids(status=OrderStatus.REJECTED) == []
    assert await ids(symbol="IBM") == [cancelled]
    assert await ids(limit=2) == everything[:2]
    assert await ids(limit=2, cursor=everything[1]) == everything[2:4]
    assert await ids(cursor=everything[-1]) == []
    assert await ids(cursor=filled[0], status=OrderStatus.FILLED, limit=1) == [filled[1]]


async def test_executions_by_symbol_and_limit(http: httpx.AsyncClient) -> None:
    for qty in (1, 2, 3):
        await place(http, qty=qty)
    await place(http, symbol="IBM")

    async def quantities(**params: Any) -> list[float]:
        return [e["qty"] for e in (await http.get("/executions", params=params)).json()]

    assert await quantities() == [1, 2, 3, 10]
    assert await quantities(symbol="AAPL", limit=2) == [2, 3]
    assert (await http.get("/executions", params={"limit": 1})).json() == [
        {"symbol": "IBM", "price": 50.5, "qty": 10, "side": 1, "time": START}
    ]


async def test_idempotency_key_is_a_header(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "a-1"}
    first = await http.post("/orders", json=BUY_10, headers=headers)
    second = await http.post("/orders", json=BUY_10, headers=headers)
    other = await http.post("/orders", json=LIMIT_95, headers=headers)

    assert (second.status_code, second.json()) == (201, first.json())
    assert_problem(other, 409, "a different request")
    assert len((await http.get("/orders")).json()) == 1


@pytest.mark.parametrize("key", ["", "k" * 65, "two words", "semi;colon"])
async def test_unsafe_idempotency_key_is_refused(http: httpx.AsyncClient, key: str) -> None:
    answer = await http.post("/orders", json=BUY_10, headers={"Idempotency-Key": key})

    assert_problem(answer, 422, "Idempotency-Key")
    assert (await http.get("/orders")).json() == []


async def test_preview(http: httpx.AsyncClient) -> None:
    answer = await http.post("/orders/preview", json=BUY_10)

    assert answer.status_code == 200
    assert answer.json()["errors"] == []
    assert answer.json()["sections"][0]["rows"][0] == {"title": "Symbol", "value": "AAPL"}
    assert (await http.get("/orders")).json() == []


async def test_leverage(http: httpx.AsyncClient) -> None:
    params: dict[str, Any] = {"symbol": "AAPL", "orderType": OrderType.LIMIT, "side": Side.SELL}
    assert (await http.get("/leverage", params=params)).json() == {
        "title": "Leverage of AAPL",
        "leverage": 5,
        "min": 1,
        "max": 20,
        "step": 1,
    }
    preview = await http.post("/leverage/preview", json=LEVERAGE)
    assert (preview.status_code, preview.json()["errors"]) == (200, [])
    assert (await http.put("/leverage", json=LEVERAGE)).json() == {"leverage": 10}
    assert (await http.get("/leverage", params=params)).json()["leverage"] == 10
    too_much = await http.put("/leverage", json=LEVERAGE | {"leverage": 21})
    assert_problem(too_much, 422, "from 1 to 20")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/orders/O1", None),
        ("PUT", "/orders/O1", LIMIT_95),
        ("DELETE", "/orders/O1", None),
        ("GET", "/orders/O01", None),
        ("GET", "/orders/1", None),
        ("DELETE", "/positions/P1", None),
        ("PUT", "/positions/P1/brackets", {}),
        ("POST", "/orders", BUY_10 | {"symbol": "NONE"}),
        ("POST", "/orders/preview", BUY_10 | {"symbol": "NONE"}),
        ("PUT", "/leverage", LEVERAGE | {"symbol": "NONE"}),
        ("POST", "/leverage/preview", LEVERAGE | {"symbol": "NONE"}),
        ("GET", "/leverage?symbol=NONE&orderType=1&side=1", None),
    ],
)
async def test_unknown_things_are_a_404(
    http: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    assert_problem(await http.request(method, path, json=body), 404, "no such")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/orders", BUY_10 | {"qty": 0}),
        ("POST", "/orders", BUY_10 | {"side": 0}),
        ("POST", "/orders", BUY_10 | {"type": OrderType.LIMIT}),
        ("POST", "/orders", BUY_10 | {"limitPrice": 95}),
        ("POST", "/orders", BUY_10 | {"quantity": 1}),
        ("GET", "/orders?status=7", None),
        ("GET", "/orders?limit=0", None),
        ("GET", "/orders?limit=501", None),
        ("GET", "/orders?cursor=O1", None),
        ("GET", "/orders?cursor=%2F", None),
        ("GET", f"/orders/{'9' * 65}", None),
        ("GET", "/orders/a%20b", None),
        ("DELETE", "/positions/P1?amount=0", None),
        ("DELETE", "/positions/P1?amount=NaN", None),
        ("PUT", "/positions/P1/brackets", {"stopLoss": -1}),
        ("GET", "/executions?limit=x", None),
        ("GET", "/leverage?symbol=AAPL&order_type=1&side=1", None),
        ("PUT", "/leverage", LEVERAGE | {"leverage": 0}),
    ],
)
async def test_malformed_requests_are_a_422(
    http: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    assert_problem(await http.request(method, path, json=body), 422, "")


async def test_datafeed_down_is_a_503(http: httpx.AsyncClient, feed: FakeDatafeed) -> None:
    feed.failure = unreachable()

    assert_problem(await http.post("/orders", json=BUY_10), 503, "the datafeed is unavailable")
    assert (await http.get("/account")).status_code == 200
