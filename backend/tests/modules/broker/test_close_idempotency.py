"""A position whose closing is asked for twice."""

from __future__ import annotations

import asyncio
import hashlib

import httpx
import pytest

from modules.broker.doubles import FakeDatafeed, buy, unreachable
from trading_api.models import OrderType, Side
from trading_api.modules.broker.records import Placement, Unit
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store import MemoryStore
from trading_api.shared.problems import ProblemError

CLOSED_4 = "closed 4 of 10 AAPL"


async def opened(service: BrokerService) -> str:
    """Buy 10 AAPL; return the id of the position."""
    await service.place_order(buy(10), "opening")
    (position,) = service.positions()
    return position.id


def held(service: BrokerService) -> list[float]:
    return [position.qty for position in service.positions()]


async def refused(service: BrokerService, position_id: str, amount: float | None, key: str) -> None:
    """Expect a 409 that leaves everything as it is."""
    before = (held(service), len(service.executions(None, 500)))
    with pytest.raises(ProblemError, match="a different request") as raised:
        await service.close_position(position_id, amount, key)
    assert raised.value.problem.status == 409
    assert (held(service), len(service.executions(None, 500))) == before


async def test_same_key_and_request_closes_once(service: BrokerService) -> None:
    position_id = await opened(service)

    answers = [await service.close_position(position_id, 4, "key-1") for _ in range(2)]

    assert answers == [CLOSED_4, CLOSED_4]
    assert held(service) == [6]


async def test_the_answer_is_known_when_the_position_is_gone_and_the_datafeed_is_down(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    position_id = await opened(service)
    first = await service.close_position(position_id, None, "key-1")
    feed.failure = unreachable()

    assert await service.close_position(position_id, None, "key-1") == first
    assert held(service) == []


@pytest.mark.parametrize("amount", [3, None])
async def test_same_key_with_another_amount_is_refused(
    service: BrokerService, amount: float | None
) -> None:
    position_id = await opened(service)
    await service.close_position(position_id, 4, "key-1")

    await refused(service, position_id, amount, "key-1")


async def test_same_key_with_another_position_is_refused(service: BrokerService) -> None:
    position_id = await opened(service)
    await service.place_order(buy(10, symbol="IBM"))
    await service.close_position(position_id, 4, "key-1")

    await refused(service, service.positions()[1].id, 4, "key-1")


async def test_the_keys_of_orders_and_closings_are_the_same_keys(service: BrokerService) -> None:
    position_id = await opened(service)
    await refused(service, position_id, 4, "opening")

    await service.close_position(position_id, 4, "key-1")
    with pytest.raises(ProblemError, match="a different request"):
        await service.place_order(buy(10), "key-1")
    assert held(service) == [6]


async def test_other_keys_and_no_key_are_other_closings(service: BrokerService) -> None:
    position_id = await opened(service)

    for key in ("key-1", "key-2", None, None):
        await service.close_position(position_id, 2, key)

    assert held(service) == [2]


async def test_simultaneous_repetitions_close_once(service: BrokerService) -> None:
    position_id = await opened(service)

    answers = await asyncio.gather(
        *(service.close_position(position_id, 4, "key-1") for _ in range(20))
    )

    assert set(answers) == {CLOSED_4}
    assert held(service) == [6]


async def test_a_failed_attempt_can_be_repeated(service: BrokerService, feed: FakeDatafeed) -> None:
    position_id = await opened(service)
    feed.failure = unreachable()
    with pytest.raises(ProblemError):
        await service.close_position(position_id, 4, "key-1")
    feed.failure = None

    assert await service.close_position(position_id, 4, "key-1") == CLOSED_4


async def test_a_key_is_known_after_a_restart(feed: FakeDatafeed, settings: BrokerSettings) -> None:
    store = MemoryStore()
    async with open_service(feed, settings=settings, store=store) as first:
        position_id = await opened(first)
        await first.close_position(position_id, 4, "key-1")

    async with open_service(feed, settings=settings, store=store) as second:
        assert await second.close_position(position_id, 4, "key-1") == CLOSED_4
        await refused(second, position_id, 5, "key-1")
        assert held(second) == [6]


async def test_keys_that_were_kept_before_closings_had_any_are_still_known(
    feed: FakeDatafeed, settings: BrokerSettings
) -> None:
    fingerprint = hashlib.sha256(buy(10).model_dump_json().encode()).hexdigest()
    store = MemoryStore()
    await store.commit(Unit(placements={"opening": Placement(fingerprint, "O1")}))

    async with open_service(feed, settings=settings, store=store) as service:
        assert (await service.place_order(buy(10), "opening")).order_id == "O1"
        assert held(service) == []


async def test_the_header(http: httpx.AsyncClient) -> None:
    order = {"symbol": "AAPL", "type": OrderType.MARKET, "side": Side.BUY, "qty": 10}
    await http.post("/orders", json=order)
    (position,) = (await http.get("/positions")).json()
    address, key = f"/positions/{position['id']}", {"Idempotency-Key": "key-1"}

    answers = [await http.delete(address, params={"amount": 4}, headers=key) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"success": True, "message": CLOSED_4}] * 2
    assert (await http.delete(address, headers=key)).status_code == 409
    assert (await http.delete(address, headers={"Idempotency-Key": "no key"})).status_code == 422
    assert [held["qty"] for held in (await http.get("/positions")).json()] == [6]
