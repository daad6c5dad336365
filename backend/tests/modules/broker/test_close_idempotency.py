"""Retried requests to close a position."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from modules.broker.doubles import FakeDatafeed, buy, connect_error, raises_problem
from trading_api.models import OrderType, Side
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.shared.problems import ProblemType

CLOSED_4 = "closed 4 of 10 AAPL"
KEY_REUSED = ("Idempotency-Key", "idempotency_key_reused")


async def open_position(service: BrokerService) -> str:
    """Buy 10 AAPL; return the id of the position."""
    await service.place_order(buy(10), "opening")
    (position,) = service.get_positions()
    return position.id


def held_quantities(service: BrokerService) -> list[float]:
    return [position.qty for position in service.get_positions()]


async def check_key_rejected(
    service: BrokerService, position_id: str, amount: float | None, key: str
) -> None:
    """Expect a 409 that changes nothing."""
    before = (held_quantities(service), len(await service.get_executions(None, 500)))
    with raises_problem(409, ProblemType.IDEMPOTENCY_KEY_REUSED, KEY_REUSED):
        await service.close_position(position_id, amount, key)
    assert (held_quantities(service), len(await service.get_executions(None, 500))) == before


async def test_close_with_the_same_key_closes_once(service: BrokerService) -> None:
    position_id = await open_position(service)

    messages = [await service.close_position(position_id, 4, "key-1") for _ in range(2)]

    assert messages == [CLOSED_4, CLOSED_4]
    assert held_quantities(service) == [6]


async def test_close_retried_without_position_and_datafeed_returns_the_first_result(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    position_id = await open_position(service)
    first = await service.close_position(position_id, None, "key-1")
    feed.failure = connect_error()

    assert await service.close_position(position_id, None, "key-1") == first
    assert held_quantities(service) == []


@pytest.mark.parametrize("amount", [3, None])
async def test_close_with_a_used_key_and_another_amount_is_rejected(
    service: BrokerService, amount: float | None
) -> None:
    position_id = await open_position(service)
    await service.close_position(position_id, 4, "key-1")

    await check_key_rejected(service, position_id, amount, "key-1")


async def test_close_with_a_used_key_and_another_position_is_rejected(
    service: BrokerService,
) -> None:
    position_id = await open_position(service)
    await service.place_order(buy(10, symbol="IBM"))
    await service.close_position(position_id, 4, "key-1")

    await check_key_rejected(service, service.get_positions()[1].id, 4, "key-1")


async def test_key_of_an_order_used_for_a_close_is_rejected_and_vice_versa(
    service: BrokerService,
) -> None:
    position_id = await open_position(service)
    await check_key_rejected(service, position_id, 4, "opening")

    await service.close_position(position_id, 4, "key-1")
    with raises_problem(409, ProblemType.IDEMPOTENCY_KEY_REUSED, KEY_REUSED):
        await service.place_order(buy(10), "key-1")
    assert held_quantities(service) == [6]


async def test_close_with_another_key_or_none_closes_again(service: BrokerService) -> None:
    position_id = await open_position(service)

    for key in ("key-1", "key-2", None, None):
        await service.close_position(position_id, 2, key)

    assert held_quantities(service) == [2]


async def test_concurrent_closes_with_one_key_close_once(service: BrokerService) -> None:
    position_id = await open_position(service)

    messages = await asyncio.gather(
        *(service.close_position(position_id, 4, "key-1") for _ in range(20))
    )

    assert set(messages) == {CLOSED_4}
    assert held_quantities(service) == [6]


async def test_close_retried_after_a_failure_closes(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    position_id = await open_position(service)
    feed.failure = connect_error()
    with raises_problem(503, ProblemType.DATAFEED_UNAVAILABLE):
        await service.close_position(position_id, 4, "key-1")
    feed.failure = None

    assert await service.close_position(position_id, 4, "key-1") == CLOSED_4


async def test_close_retried_after_a_restart_returns_the_first_result(
    feed: FakeDatafeed, file_settings: BrokerSettings
) -> None:
    async with open_service(feed, settings=file_settings) as first:
        position_id = await open_position(first)
        await first.close_position(position_id, 4, "key-1")

    async with open_service(feed, settings=file_settings) as second:
        assert await second.close_position(position_id, 4, "key-1") == CLOSED_4
        await check_key_rejected(second, position_id, 5, "key-1")
        assert held_quantities(second) == [6]


async def test_idempotency_key_header_of_a_close_is_checked_and_used(
    http: httpx.AsyncClient,
) -> None:
    order = {"symbol": "AAPL", "type": OrderType.MARKET, "side": Side.BUY, "qty": 10}
    await http.post("/orders", json=order)
    (position,) = (await http.get("/positions")).json()
    address, key = f"/positions/{position['id']}", {"Idempotency-Key": "key-1"}

    responses = [await http.delete(address, params={"amount": 4}, headers=key) for _ in range(2)]
    assert [response.json() for response in responses] == [
        {"success": True, "message": CLOSED_4}
    ] * 2
    assert (await http.delete(address, headers=key)).status_code == 409
    assert (await http.delete(address, headers={"Idempotency-Key": "no key"})).status_code == 422
    assert [held["qty"] for held in (await http.get("/positions")).json()] == [6]
