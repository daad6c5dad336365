"""Versions: a change that is based on an earlier version is rejected."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from trading_api.models import OrderType, Side

ORDER = {"symbol": "AAPL", "type": OrderType.LIMIT, "side": Side.BUY, "qty": 1, "limitPrice": 90}
LEVERAGE = {"symbol": "AAPL", "orderType": OrderType.MARKET, "side": Side.BUY}


async def create_order(http: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    order_id = (await http.post("/orders", json=ORDER)).json()["orderId"]
    return f"/orders/{order_id}", {**ORDER, "limitPrice": 91}


async def create_position(http: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    market = {"symbol": "AAPL", "type": OrderType.MARKET, "side": Side.BUY, "qty": 1}
    await http.post("/orders", json=market)
    return "/positions/P1/brackets", {"stopLoss": 50}


async def create_leverage(http: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    return "/leverage", {**LEVERAGE, "leverage": 7}


@pytest.mark.parametrize("create", [create_order, create_position, create_leverage])
async def test_change_of_an_earlier_version_is_rejected(
    http: httpx.AsyncClient, create: Any
) -> None:
    address, change = await create(http)
    changed = await http.put(address, json=change)
    tag = changed.headers["ETag"]

    accepted = await http.put(address, json=change, headers={"If-Match": f'"0", {tag}'})
    assert accepted.status_code == 200
    for outdated in ('"0"', f"W/{tag}"):
        rejected = await http.put(address, json=change, headers={"If-Match": outdated})
        assert rejected.status_code == 412
        assert rejected.json()["type"] == "urn:problem-type:version-changed"
        assert accepted.headers["ETag"] in rejected.json()["detail"]
    for any_version in ({}, {"If-Match": "*"}):
        assert (await http.put(address, json=change, headers=any_version)).status_code == 200
    assert (await http.put(address, json=change, headers={"If-Match": "3"})).status_code == 422


async def test_version_of_an_order_rises_with_every_change(http: httpx.AsyncClient) -> None:
    address, change = await create_order(http)
    first = await http.get(address)
    assert first.headers["ETag"] == f'"{first.json()["version"]}"'

    changed = await http.put(address, json=change, headers={"If-Match": first.headers["ETag"]})
    assert changed.headers["ETag"] == (await http.get(address)).headers["ETag"]
    assert changed.json()["version"] == first.json()["version"] + 1
    assert (await http.put(address, json=change, headers={"If-Match": '"1"'})).status_code == 412


async def test_leverage_has_its_value_as_version(http: httpx.AsyncClient) -> None:
    query: dict[str, Any] = {"symbol": "AAPL", "orderType": OrderType.MARKET, "side": Side.BUY}
    assert (await http.get("/leverage", params=query)).headers["ETag"] == '"5"'
    body = {**LEVERAGE, "leverage": 10}
    changed = await http.put("/leverage", json=body, headers={"If-Match": '"5"'})
    assert changed.headers["ETag"] == '"10"'
