"""Deadlines that calls inherit from the request that they serve, and send along."""

from __future__ import annotations

import time

import pytest

from support.failing import Service, client_of, fail
from trading_api.shared.client import TransportError
from trading_api.shared.client.deadline import (
    DEADLINE_HEADER,
    SHARE,
    Deadline,
    current_deadline,
    parse_timeout,
)


def sent_timeout(service: Service) -> float:
    return float(service.requests[-1].headers[DEADLINE_HEADER.decode()])


async def test_callee_has_less_time_than_its_caller() -> None:
    service = Service(200)
    client = client_of(service)
    await client.get_pair()
    assert sent_timeout(service) == pytest.approx(10 * SHARE)
    await client.get_pair(timeout=2)
    assert sent_timeout(service) == pytest.approx(2 * SHARE)
    await client.get_pair(headers={"X-Request-Timeout": "7"})
    assert sent_timeout(service) == 7
    await client.get_pair(timeout=float("inf"))
    assert DEADLINE_HEADER.decode() not in service.requests[-1].headers


async def test_calls_inherit_the_deadline_of_the_request() -> None:
    service = Service(200)
    client = client_of(service)
    deadline = Deadline(3)
    token = current_deadline.set(deadline)
    try:
        await client.get_pair()
        assert sent_timeout(service) == pytest.approx(3 * SHARE * SHARE, abs=0.5)
        await client.get_pair(timeout=1)
        assert sent_timeout(service) == pytest.approx(SHARE)
        deadline.at = float("inf")
        await client.get_pair()
        assert sent_timeout(service) == pytest.approx(10 * SHARE)
        deadline.at = time.monotonic() - 1
        made = len(service.requests)
        error = await fail(client)
        assert isinstance(error, TransportError)
        assert error.cause == "timeout"
        assert len(service.requests) == made
    finally:
        current_deadline.reset(token)


@pytest.mark.parametrize("value", [b"", b"0", b"-1", b"nan", b"inf", b"soon"])
def test_invalid_timeout_is_ignored(value: bytes) -> None:
    assert parse_timeout(value) is None
