"""The REST operations over HTTP: paths, names on the wire, statuses and problems."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from modules.broker.doubles import START, FakeDatafeed, connect_error
from trading_api.models import OrderStatus, OrderType, Side
from trading_api.shared.problems import ProblemType

BUY_10 = {"symbol": "AAPL", "type": OrderType.MARKET, "side": Side.BUY, "qty": 10}
LIMIT_95 = BUY_10 | {"type": OrderType.LIMIT, "limitPrice": 95}
LEVERAGE = {"symbol": "AAPL", "orderType": OrderType.MARKET, "side": Side.BUY, "leverage": 10}


async def place(http: httpx.AsyncClient, **changes: Any) -> str:
    response = await http.post("/orders", json=BUY_10 | changes)
    assert response.status_code == 201, response.text
    order_id = response.json()["orderId"]
    assert isinstance(order_id, str)
    return order_id


def assert_problem(
    response: httpx.Response, status: int, type: ProblemType, *errors: tuple[str, str]
) -> None:
    """Check a problem whose errors have these locations (pointer or parameter) and codes."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["type"]) == (status, type)
    found = [(e.get("pointer", e.get("parameter")), e["code"]) for e in problem.get("errors", [])]
    assert found == list(errors)


async def test_order_has_camel_case_names_on_the_wire(http: httpx.AsyncClient) -> None:
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
        "version": order["version"],
    }


async def test_account_has_camel_case_names_on_the_wire(http: httpx.AsyncClient) -> None:
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


async def test_order_can_be_modified_and_cancelled_while_working(http: httpx.AsyncClient) -> None:
    order_id = await place(http, **LIMIT_95)

    changed = await http.put(f"/orders/{order_id}", json=LIMIT_95 | {"limitPrice": 90})
    assert (changed.status_code, changed.json()["limitPrice"]) == (200, 90)

    cancelled = await http.delete(f"/orders/{order_id}")
    assert (cancelled.status_code, cancelled.content) == (204, b"")
    status = (await http.get(f"/orders/{order_id}")).json()["status"]
    assert status == OrderStatus.CANCELED

    for response in (
        await http.delete(f"/orders/{order_id}"),
        await http.put(f"/orders/{order_id}", json=LIMIT_95),
    ):
        location = ("order_id", "order_not_working")
        assert_problem(response, 409, ProblemType.ORDER_NOT_WORKING, location)


async def test_position_can_be_protected_and_closed_in_parts(http: httpx.AsyncClient) -> None:
    await place(http, side=Side.SELL, qty=7)

    (position,) = (await http.get("/positions")).json()
    address = f"/positions/{position['id']}"
    assert position == {
        "id": position["id"],
        "symbol": "AAPL",
        "qty": 7,
        "side": -1,
        "avgPrice": 100,
        "version": 1,
    }

    edited = await http.put(f"{address}/brackets", json={"stopLoss": 110})
    assert (edited.status_code, edited.json()) == (200, {**position, "version": 2})
    (stop,) = (await http.get("/orders", params={"status": OrderStatus.WORKING})).json()
    assert (stop["stopPrice"], stop["stopType"]) == (110, 0)
    assert (stop["parentId"], stop["parentType"]) == (position["id"], 2)

    part = await http.delete(address, params={"amount": 2.5})
    assert part.json() == {"success": True, "message": "closed 2.5 of 7 AAPL"}
    too_much = await http.delete(address, params={"amount": 5})
    location = ("amount", "amount_exceeds_position")
    assert_problem(too_much, 409, ProblemType.AMOUNT_EXCEEDS_POSITION, location)
    assert (await http.delete(address)).status_code == 200
    assert (await http.get("/positions")).json() == []
    location = ("position_id", "position_not_open")
    assert_problem(await http.delete(address), 404, ProblemType.POSITION_NOT_OPEN, location)


async def test_get_orders_filters_by_status_and_symbol_and_pages(http: httpx.AsyncClient) -> None:
    filled = [await place(http, qty=1) for _ in range(3)]
    resting = await place(http, **LIMIT_95)
    cancelled = await place(http, **LIMIT_95 | {"symbol": "IBM", "limitPrice": 40})
    await http.delete(f"/orders/{cancelled}")

    async def ids(**params: Any) -> list[str]:
        response = await http.get("/orders", params=params)
        assert response.status_code == 200, response.text
        return [order["id"] for order in response.json()]

    everything = [*filled, resting, cancelled]
    assert await ids() == everything
    assert await ids(status=[OrderStatus.WORKING, OrderStatus.CANCELED]) == [resting, cancelled]
    assert await ids(status=OrderStatus.REJECTED) == []
    assert await ids(symbol="IBM") == [cancelled]
    assert await ids(limit=2) == everything[:2]
    assert await ids(limit=2, cursor=everything[1]) == everything[2:4]
    assert await ids(cursor=everything[-1]) == []
    assert await ids(cursor=filled[0], status=OrderStatus.FILLED, limit=1) == [filled[1]]


async def test_get_executions_filters_by_symbol_and_limits(http: httpx.AsyncClient) -> None:
    for qty in (1, 2, 3):
        await place(http, qty=qty)
    await place(http, symbol="IBM")

    async def quantities(**params: Any) -> list[float]:
        return [e["qty"] for e in (await http.get("/executions", params=params)).json()]

    assert await quantities() == [1, 2, 3, 10]
    assert await quantities(symbol="AAPL", limit=2) == [2, 3]
    assert await quantities(limit=2, cursor="E4") == [2, 3]
    assert (await http.get("/executions", params={"limit": 1})).json() == [
        {
            "id": "E4",
            "orderId": "O4",
            "symbol": "IBM",
            "price": 50.5,
            "qty": 10,
            "side": 1,
            "time": START,
        }
    ]


async def test_idempotency_key_header_makes_a_retry_safe(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "a-1"}
    first = await http.post("/orders", json=BUY_10, headers=headers)
    second = await http.post("/orders", json=BUY_10, headers=headers)
    other = await http.post("/orders", json=LIMIT_95, headers=headers)

    assert (second.status_code, second.json()) == (201, first.json())
    location = ("Idempotency-Key", "idempotency_key_reused")
    assert_problem(other, 409, ProblemType.IDEMPOTENCY_KEY_REUSED, location)
    assert len((await http.get("/orders")).json()) == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "string_too_short"),
        ("k" * 65, "string_too_long"),
        ("two words", "string_pattern_mismatch"),
        ("semi;colon", "string_pattern_mismatch"),
    ],
)
async def test_invalid_idempotency_key_is_rejected(
    http: httpx.AsyncClient, key: str, code: str
) -> None:
    response = await http.post("/orders", json=BUY_10, headers={"Idempotency-Key": key})

    assert_problem(response, 422, ProblemType.VALIDATION_ERROR, ("Idempotency-Key", code))
    assert (await http.get("/orders")).json() == []


async def test_preview_order_places_nothing(http: httpx.AsyncClient) -> None:
    response = await http.post("/orders/preview", json=BUY_10)

    assert response.status_code == 200
    assert (response.json()["errors"], response.json()["problems"]) == ([], [])
    assert response.json()["sections"][0]["rows"][0] == {"title": "Symbol", "value": "AAPL"}
    assert (await http.get("/orders")).json() == []


async def test_leverage_can_be_read_previewed_and_set(http: httpx.AsyncClient) -> None:
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
    location = ("#/leverage", "leverage_not_allowed")
    assert_problem(too_much, 422, ProblemType.TRADING_RULE_VIOLATION, location)


ORDER = (ProblemType.UNKNOWN_ORDER, "order_id")
POSITION = (ProblemType.POSITION_NOT_OPEN, "position_id")
SYMBOL = (ProblemType.UNKNOWN_SYMBOL, "#/symbol")


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "location"),
    [
        ("GET", "/orders/O1", None, *ORDER),
        ("PUT", "/orders/O1", LIMIT_95, *ORDER),
        ("DELETE", "/orders/O1", None, *ORDER),
        ("GET", "/orders/O01", None, *ORDER),
        ("GET", "/orders/1", None, *ORDER),
        ("DELETE", "/positions/P1", None, *POSITION),
        ("PUT", "/positions/P1/brackets", {}, *POSITION),
        ("POST", "/orders", BUY_10 | {"symbol": "NONE"}, *SYMBOL),
        ("POST", "/orders/preview", BUY_10 | {"symbol": "NONE"}, *SYMBOL),
        ("PUT", "/leverage", LEVERAGE | {"symbol": "NONE"}, *SYMBOL),
        ("POST", "/leverage/preview", LEVERAGE | {"symbol": "NONE"}, *SYMBOL),
        (
            "GET",
            "/leverage?symbol=NONE&orderType=1&side=1",
            None,
            ProblemType.UNKNOWN_SYMBOL,
            "symbol",
        ),
    ],
)
async def test_unknown_resource_is_a_404(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    kind: ProblemType,
    location: str,
) -> None:
    response = await http.request(method, path, json=body)

    assert_problem(response, 404, kind, (location, kind.code))
    assert (await http.get("/orders")).json() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "location", "code"),
    [
        ("POST", "/orders", BUY_10 | {"qty": 0}, "#/qty", "greater_than_equal"),
        ("POST", "/orders", BUY_10 | {"side": 0}, "#/side", "enum"),
        ("POST", "/orders", BUY_10 | {"type": OrderType.LIMIT}, "#/limitPrice", "price_required"),
        ("POST", "/orders", BUY_10 | {"type": OrderType.STOP}, "#/stopPrice", "price_required"),
        ("POST", "/orders", BUY_10 | {"limitPrice": 95}, "#/limitPrice", "price_not_allowed"),
        ("POST", "/orders", BUY_10 | {"quantity": 1}, "#", "extra_forbidden"),
        (
            "POST",
            "/orders",
            BUY_10 | {"currentQuotes": {"bid": 1}},
            "#/currentQuotes/ask",
            "missing",
        ),
        ("GET", "/orders?status=7", None, "status", "enum"),
        ("GET", "/orders?limit=0", None, "limit", "greater_than_equal"),
        ("GET", "/orders?limit=501", None, "limit", "less_than_equal"),
        ("GET", "/orders?cursor=%2F", None, "cursor", "string_pattern_mismatch"),
        ("GET", f"/orders/{'9' * 65}", None, "order_id", "string_too_long"),
        ("GET", "/orders/a%20b", None, "order_id", "string_pattern_mismatch"),
        ("DELETE", "/positions/P1?amount=0", None, "amount", "greater_than_equal"),
        ("DELETE", "/positions/P1?amount=NaN", None, "amount", "finite_number"),
        ("PUT", "/positions/P1/brackets", {"stopLoss": -1}, "#/stopLoss", "greater_than"),
        ("GET", "/executions?limit=x", None, "limit", "int_parsing"),
        ("GET", "/leverage?symbol=AAPL&order_type=1&side=1", None, "orderType", "missing"),
        ("POST", "/orders", BUY_10 | {"qty": 9.9e-9}, "#/qty", "greater_than_equal"),
        ("PUT", "/leverage", LEVERAGE | {"leverage": 0}, "#/leverage", "greater_than_equal"),
        ("PUT", "/leverage", LEVERAGE | {"leverage": 1.5}, "#/leverage", "multiple_of"),
    ],
)
async def test_invalid_request_is_a_422(
    http: httpx.AsyncClient,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    location: str,
    code: str,
) -> None:
    response = await http.request(method, path, json=body)

    assert_problem(response, 422, ProblemType.VALIDATION_ERROR, (location, code))


async def test_unknown_cursor_is_a_422(http: httpx.AsyncClient) -> None:
    response = await http.get("/orders", params={"cursor": "O1"})

    assert_problem(response, 422, ProblemType.UNKNOWN_CURSOR, ("cursor", "unknown_cursor"))


async def test_validation_problem_reads_well_on_a_terminal(http: httpx.AsyncClient) -> None:
    response = await http.post("/orders", json=BUY_10 | {"type": OrderType.STOP, "qty": 0})
    assert response.json()["detail"] == ("qty: Input should be greater than or equal to 0.00000001")

    response = await http.post("/orders", json=BUY_10 | {"type": OrderType.STOP_LIMIT})
    assert response.json()["detail"] == (
        "limitPrice: A stop-limit order needs a limit price;"
        " stopPrice: A stop-limit order needs a stop price"
    )


async def test_order_without_datafeed_is_a_503(http: httpx.AsyncClient, feed: FakeDatafeed) -> None:
    feed.failure = connect_error()

    response = await http.post("/orders", json=BUY_10)

    assert_problem(response, 503, ProblemType.DATAFEED_UNAVAILABLE)
    assert (await http.get("/account")).status_code == 200
