"""Processes restart behind the gateway, and callers and streams notice nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from restarts import Result, measure_restarts
from support.gateway import Platform, find_caddy, run_platform
from trading_api.shared.utils import stream_path

CADDY = find_caddy()

pytestmark = pytest.mark.skipif(
    CADDY is None, reason="caddy is not installed; `make -C backend deploy-tools` installs it"
)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    assert CADDY is not None
    with run_platform(tmp_path, CADDY) as running:
        yield running


async def test_rolling_restart_under_load_loses_nothing(platform: Platform) -> None:
    """Each of the three processes restarts; `make -C backend bench-restarts` does more of it."""
    await platform.wait_until_ready()
    url = platform.url.replace("http", "ws", 1) + stream_path("broker")
    async with websockets.connect(url) as stream:
        result = await measure_restarts(platform, len(platform.modules), 1_000)
        with pytest.raises(ConnectionClosed) as closed:
            await stream.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CloseCode.SERVICE_RESTART
    assert result.problems() == []
    assert len(platform.modules) == 3
    assert result.restarts >= 3
    assert result.requests >= 1_000
    assert abs(2 * result.posts - result.requests) <= 16
    assert result.orders > 0
    assert result.connections["broker"] >= 2
    assert result.connections["datafeed"] >= 2


def test_lost_and_repeated_executions_and_failed_requests_are_problems() -> None:
    assert Result(orders=2, executions=["1", "2"]).problems() == []
    assert len(Result(orders=2, executions=["1"]).problems()) == 1
    assert len(Result(orders=2, executions=["1", "1"]).problems()) == 1
    result = Result()
    result.failures["GET /: 502"] += 3
    assert result.problems() == ["3 times GET /: 502"]
