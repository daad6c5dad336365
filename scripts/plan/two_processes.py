"""Task 2.6 of the plan: broker and datafeed as two processes, at the plan's ports.

Exit code 75 if one of the ports is taken, so that nothing could be tried.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys

from repository import REPOSITORY, environment
from serving import serving
from trading_api.clients.broker_client import BrokerClient
from trading_api.clients.datafeed_client import DatafeedClient
from trading_api.models import GetQuotesRequest, OrderType, PreOrder, QuoteData, Side, SymbolInfo
from trading_api.shared.client import ApiError

DATAFEED = "ENABLED_MODULES=datafeed uvicorn trading_api.main:app --port 8002"
BROKER = "ENABLED_MODULES=broker uvicorn trading_api.main:app --port 8001"


def main() -> int:
    for port in (8001, 8002):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            print(
                f"port {port} of 127.0.0.1: {os.strerror(error.errno or 0)}; end what listens there"
            )
            return 75
    backend, variables = REPOSITORY / "backend", environment(REPOSITORY)
    with serving(BROKER, backend, variables):
        with serving(DATAFEED, backend, variables):
            asyncio.run(with_both())
        asyncio.run(without_datafeed())
    return 0


async def with_both() -> None:
    """What the plan asks for: models arrive as models, whichever process they come from."""
    client = DatafeedClient(base_url="http://localhost:8002")
    async with client as datafeed, BrokerClient(base_url="http://localhost:8001") as broker:
        symbols: list[SymbolInfo] = await datafeed.get_symbols()
        assert "AAPL" in {symbol.name for symbol in symbols}, symbols
        assert all(type(symbol) is SymbolInfo for symbol in symbols), symbols
        apple = await datafeed.resolve_symbol("AAPL")
        assert SymbolInfo.model_validate_json(apple.model_dump_json()) == apple
        order = PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=1)
        placed = await broker.place_order(order)
        (execution,) = await broker.get_executions()
        print(f"order {placed.order_id}: {execution.side.name} at {execution.price}")
        assert (execution.symbol, execution.side, execution.qty) == ("AAPL", Side.BUY, 1)
        quotes: list[QuoteData] = await datafeed.get_quotes(GetQuotesRequest(symbols=["AAPL"]))
        assert [quote.s for quote in quotes] == ["ok"], quotes


async def without_datafeed() -> None:
    """The broker has no prices of its own: without the other process it says so, and goes on."""
    async with BrokerClient(base_url="http://localhost:8001") as broker:
        order = PreOrder(symbol="GOOG", type=OrderType.MARKET, side=Side.BUY, qty=1)
        try:
            placed = await broker.place_order(order)
        except ApiError as error:
            print(f"without datafeed: {error.status}")
        else:
            raise AssertionError(f"{placed} was placed without a price")
        assert len(await broker.get_executions()) == 1


if __name__ == "__main__":
    sys.exit(main())
