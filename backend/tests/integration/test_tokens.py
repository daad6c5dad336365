"""Processes that need tokens: where they listen, and how they call each other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.servers import serve
from support.tokens import DevelopmentIssuer, write_service_token
from trading_api.clients import BrokerClient, DatafeedClient
from trading_api.models import OrderType, PlaceOrderResult, PreOrder, Side
from trading_api.shared.client import ApiError

APP = "trading_api.main:app"


@pytest.fixture
def issuer(tmp_path: Path) -> DevelopmentIssuer:
    return DevelopmentIssuer(tmp_path / "issuer")


@contextmanager
def platform(issuer: DevelopmentIssuer, **environment: str) -> Iterator[tuple[str, str]]:
    """Serve broker and datafeed, which need tokens, and yield their addresses."""
    settings = {**issuer.settings, **environment}
    with (
        serve(APP, ENABLED_MODULES="datafeed", **issuer.settings) as datafeed,
        serve(APP, ENABLED_MODULES="broker", DATAFEED_URL=datafeed, **settings) as broker,
    ):
        yield broker, datafeed


async def place_order(address: str, token: str) -> PlaceOrderResult:
    order = PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=1)
    async with BrokerClient(address, token=token) as broker:
        return await broker.place_order(order)


async def test_module_calls_another_with_its_service_token(
    issuer: DevelopmentIssuer, tmp_path: Path
) -> None:
    path = write_service_token(issuer, tmp_path / "service-token")
    with platform(issuer, AUTH_SERVICE_TOKEN_FILE=str(path)) as (broker, datafeed):
        token = issuer.issue(["broker:trade"], "trader", 60)
        assert (await place_order(broker, token)).order_id
        # A replaced token is used for the next call.
        path.write_text("not a token", encoding="ascii")
        with pytest.raises(ApiError) as caught:
            await place_order(broker, token)
        assert caught.value.status == 503
        write_service_token(issuer, path)
        assert (await place_order(broker, token)).order_id
        async with DatafeedClient(datafeed) as client:
            with pytest.raises(ApiError) as caught:
                await client.get_config()
            assert caught.value.status == 401


async def test_module_without_a_service_token_reports_what_is_missing(
    issuer: DevelopmentIssuer,
) -> None:
    with platform(issuer) as (broker, _), pytest.raises(ApiError) as caught:
        await place_order(broker, issuer.issue(["broker:trade"], "trader", 60))
    assert caught.value.status == 503


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_process_for_other_machines_without_keys_ends_at_start(host: str) -> None:
    command = [sys.executable, "-m", "uvicorn", APP, "--host", host, "--port", "0"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith(f"error: other machines can reach {host}, and callers need no token")
