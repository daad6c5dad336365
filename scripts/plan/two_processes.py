"""Task 2.6 of the plan: broker and datafeed as two processes, at the plan's ports.

Exit code 75 if one of the ports is taken, so that nothing could be tried.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from plan.check import REPOSITORY, environment
from trading_api.clients.broker_client import BrokerClient
from trading_api.clients.datafeed_client import DatafeedClient
from trading_api.models import OrderType, PreOrder, QuoteData, Side, SymbolInfo
from trading_api.shared.client import ApiError

DATAFEED = "ENABLED_MODULES=datafeed uvicorn trading_api.main:app --port 8002"
BROKER = "ENABLED_MODULES=broker uvicorn trading_api.main:app --port 8001"
SECONDS_TO_START = 60


def main() -> int:
    for port in (8001, 8002):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            print(
                f"port {port} of 127.0.0.1: {os.strerror(error.errno or 0)}; end what listens there"
            )
            return 75
    with serving(BROKER):
        with serving(DATAFEED):
            asyncio.run(with_both())
        asyncio.run(without_datafeed())
    return 0


@contextmanager
def serving(command: str) -> Iterator[None]:
    """Run a service in a process group of its own until the block ends; wait for its first word."""
    print(command, flush=True)
    process = subprocess.Popen(
        ["bash", "-c", f"exec env {command}"],
        cwd=REPOSITORY / "backend",
        env=environment(REPOSITORY),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    limit = threading.Timer(SECONDS_TO_START, process.kill)
    limit.start()
    try:
        lines = iter(process.stdout or ())
        if not any("Uvicorn running on" in line for line in lines):
            raise SystemExit(f"`{command}` ended before it served, or not in time")
        limit.cancel()
        # Whatever it says from now on must not fill the pipe.
        threading.Thread(target=lambda: list(lines), daemon=True).start()
        yield
    finally:
        limit.cancel()
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


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
        quotes: list[QuoteData] = await datafeed.get_quotes(quotes_request())
        assert [quote.s for quote in quotes] == ["ok"], quotes


async def without_datafeed() -> None:
    """The broker has no prices of its own: without the other process it says so, and goes on."""
    async with BrokerClient(base_url="http://localhost:8001") as broker:
        order = PreOrder(symbol="GOOG", type=OrderType.MARKET, side=Side.BUY, qty=1)
        try:
            await broker.place_order(order)
        except ApiError as error:
            print(f"without datafeed: {error.status}")
            assert error.status == 503, error
        else:
            raise AssertionError("an order was placed without a price")
        assert len(await broker.get_executions()) == 1


if __name__ == "__main__":
    sys.exit(main())
