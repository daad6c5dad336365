"""A broker whose datafeed is a process of Node.js, which knows nothing but the specs."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator

import pytest

from repository import REPOSITORY
from support.servers import serve
from trading_api.clients import BrokerClient, DatafeedClient
from trading_api.models import (
    AccountSubscription,
    BarsSubscription,
    GetQuotesRequest,
    OrderStatus,
    OrderType,
    PreOrder,
    QuotesSubscription,
    Resolution,
    Side,
)
from trading_api.shared.client import ApiError

SCRIPT = REPOSITORY / "frontend/tests/support/datafeedService.mjs"


@pytest.fixture(scope="module")
def datafeed_address() -> Iterator[str]:
    process = subprocess.Popen(["node", SCRIPT], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


async def use_operations(datafeed: DatafeedClient) -> None:
    assert (await datafeed.get_config()).supports_search
    assert [each.name for each in await datafeed.get_symbols()] == ["NODE"]
    assert [each.symbol for each in await datafeed.search_symbols("no")] == ["NODE"]
    assert (await datafeed.resolve_symbol("NODE")).exchange == "JS"
    assert (await datafeed.get_bars("NODE", Resolution.DAY, 0, 86400)).bars[0].open == 100
    known, unknown = await datafeed.get_quotes(GetQuotesRequest(symbols=["NODE", "X"]))
    assert (known.s, unknown.s) == ("ok", "error")
    assert await datafeed.get_server_time() > 0
    with pytest.raises(ApiError) as caught:
        await datafeed.resolve_symbol("X")
    assert (caught.value.status, caught.value.problem.title) == (404, "Not Found")


async def test_client_calls_every_operation_and_stream(datafeed_address: str) -> None:
    async with asyncio.timeout(60), DatafeedClient(datafeed_address) as datafeed:
        await use_operations(datafeed)
        quotes = QuotesSubscription(symbols=["NODE"], fastSymbols=[])
        async with datafeed.quotes_stream(quotes) as found:
            first, second = [await anext(found) for _ in range(2)]
        assert (second.v.lp or 0) > (first.v.lp or 0)
        bars = BarsSubscription(symbol="NODE", resolution=Resolution.DAY)
        async with datafeed.bars_stream(bars) as updates:
            assert (await anext(updates)).open == 100


async def test_broker_trades_and_values_positions_at_its_prices(datafeed_address: str) -> None:
    with serve(
        "trading_api.main:app", ENABLED_MODULES="broker", DATAFEED_URL=datafeed_address
    ) as address:
        async with asyncio.timeout(60), BrokerClient(address) as broker:
            order = PreOrder(symbol="NODE", type=OrderType.MARKET, side=Side.BUY, qty=10)
            placed = await broker.place_order(order)
            (filled,) = await broker.get_orders()
            assert (filled.id, filled.status) == (placed.order_id, OrderStatus.FILLED)
            account = await broker.get_account()
            async with broker.equity_stream(AccountSubscription(accountId=account.id)) as equity:
                profits = [(await anext(equity)).unrealized_pl for _ in range(5)]
            assert profits == sorted(profits)
            assert profits[-1] > profits[0]
