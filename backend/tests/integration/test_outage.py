"""Services that are missing, and hosts that are not allowed."""

from __future__ import annotations

import pytest

from support.servers import serve
from trading_api.app_factory import create_app
from trading_api.clients import BrokerClient, DatafeedClient
from trading_api.models import OrderType, PreOrder, Side
from trading_api.shared.client import ApiError, TransportError


async def test_broker_without_datafeed_reports_what_is_missing(
    unused_tcp_port: int,
) -> None:
    unused = f"http://127.0.0.1:{unused_tcp_port}"
    with serve("trading_api.main:app", ENABLED_MODULES="broker", DATAFEED_URL=unused) as address:
        async with BrokerClient(address) as broker:
            assert await broker.get_orders() == []
            with pytest.raises(ApiError) as caught:
                await broker.place_order(
                    PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=1)
                )
    assert caught.value.status == 503
    assert caught.value.problem is not None
    assert "datafeed" in (caught.value.problem.detail or "")


async def test_call_to_unused_port_raises_transport_error(unused_tcp_port: int) -> None:
    async with DatafeedClient(f"http://127.0.0.1:{unused_tcp_port}") as datafeed:
        with pytest.raises(TransportError) as caught:
            await datafeed.get_config()
    assert caught.value.cause == "connect"
    assert f"http://127.0.0.1:{unused_tcp_port}/api/v1/config" in str(caught.value)


async def test_allowed_hosts_do_not_block_calls_in_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "api.example.com")
    async with BrokerClient.in_process(create_app(["broker", "datafeed"])) as broker:
        await broker.preview_order(
            PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=1)
        )
