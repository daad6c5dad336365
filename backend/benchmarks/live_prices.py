"""Measure the client of streams: its CPU for each update, and how old the broker's prices are.

Run by `make -C backend bench-services`. The floor of the CPU is a loop over a connection of the
library websockets that reads the same frames with the same adapter of pydantic. The age of a price
is the time from the step of the replay, which is known from the clock, to the change of the
account's equity; it is measured beside that of a broker that has to request prices.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from pydantic import SecretStr
from websockets.asyncio.client import connect

from fanout import PYTHONPATH
from measuring import Row, paired_ratio, print_table
from modules.broker.doubles import buy
from support.servers import serve
from trading_api.clients import DatafeedClient
from trading_api.models import QuoteData, QuotesSubscription
from trading_api.modules.broker.service import open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.shared.client import FakeSubscription, Subscription, TransportError
from trading_api.shared.client.ws_messages import MessageReader
from trading_api.shared.client.ws_stream import Stream

ROUNDS = 5
UPDATES = 10_000
UPDATES_PER_SECOND = {"in a burst": 0, "1,000 a second": 1_000}
STEP_SECONDS = 15
PRICES = 60
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SPEEDS = {"live": 150, "requested": 11}
"""How fast the replay is. The requests of a broker, one each second, are not in step with it."""
QUOTES: Stream[QuotesSubscription, QuoteData] = Stream(
    "quotes", QuotesSubscription, QuoteData, replays=True, key=lambda update: update.n
)
FRAME = json.dumps(
    {
        "type": "quotes.update",
        "topic": "quotes",
        "payload": {
            "s": "ok",
            "n": "AAPL",
            "v": {
                **{"lp": 189.62, "ask": 189.75, "bid": 189.5, "spread": 0.25, "open_price": 187.1},
                **{"high_price": 190.05, "low_price": 186.9, "prev_close_price": 186.4},
                **{"volume": 1234567.0, "ch": 3.22, "chp": 1.73, "short_name": "AAPL"},
                **{"exchange": "NASDAQ", "description": "Apple Inc.", "original_name": "AAPL"},
            },
        },
    }
)


async def frames(scope: Any, receive: Any, send: Any) -> None:
    """Send as many frames as the second symbol of a subscription says, at the rate of the first."""
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 404})
        await send({"type": "http.response.body"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    request = json.loads((await receive())["text"])
    rate, count = map(int, request["payload"]["fastSymbols"])
    begun = {"type": "quotes.subscribed", "ref": request["ref"], "topic": "quotes"}
    await send({"type": "websocket.send", "text": json.dumps(begun)})
    begin = time.monotonic()
    for number in range(count):
        if rate:
            await asyncio.sleep(begin + number / rate - time.monotonic())
        await send({"type": "websocket.send", "text": FRAME})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def request_of(rate: int, count: int) -> QuotesSubscription:
    return QuotesSubscription(symbols=[], fast_symbols=[str(rate), str(count)])


async def measure_updates(rounds: int = ROUNDS, updates: int = UPDATES) -> list[Row]:
    """Return the CPU of the client for each update, beside that of a bare loop."""
    rows: list[Row] = []
    with serve("live_prices:frames", PYTHONPATH=PYTHONPATH) as address:
        for name, rate in UPDATES_PER_SECOND.items():
            count = min(updates, 2 * rate or updates)
            spent: dict[str, list[float]] = {"client": [], "bare": []}
            for _ in range(rounds):
                spent["client"].append(await cpu_of(read_with_client, address, rate, count))
                spent["bare"].append(await cpu_of(read_bare, address, rate, count))
            rows.append(
                {
                    "Updates": name,
                    "µs CPU for each": 1e6 * median(spent["client"]),
                    "bare loop": 1e6 * median(spent["bare"]),
                    "ratio": paired_ratio(spent["client"], spent["bare"]),
                }
            )
    return rows


async def cpu_of(
    read: Callable[[str, int, int], Awaitable[None]], address: str, rate: int, count: int
) -> float:
    begin = time.process_time()
    await read(address, rate, count)
    return (time.process_time() - begin) / count


async def read_with_client(address: str, rate: int, count: int) -> None:
    async with DatafeedClient(address) as client:
        # Every update counts here, so the stream is one without a key.
        stream = Stream(QUOTES.name, QUOTES.request, QUOTES.update, replays=True)
        async with client._subscribe(stream, request_of(rate, count)) as updates:
            for _ in range(count):
                await anext(updates)


async def read_bare(address: str, rate: int, count: int) -> None:
    reader = MessageReader()
    reader.add(QUOTES)
    assert reader._adapter is not None
    validate = reader._adapter.adapter.validate_json
    url = address.replace("http", "ws", 1) + DatafeedClient.stream_path
    async with connect(url, compression=None, proxy=None) as connection:
        payload = request_of(rate, count).model_dump(by_alias=True)
        message = {"type": "quotes.subscribe", "ref": "1", "payload": payload}
        await connection.send(json.dumps(message))
        await connection.recv()
        for _ in range(count):
            validate(await connection.recv(decode=False))


class WithoutStreams(DatafeedClient):
    """A client of a datafeed whose streams cannot be reached."""

    def quotes_stream(self, request: QuotesSubscription) -> Subscription[QuoteData]:
        return FakeSubscription([TransportError("quotes.subscribe", "", "connect", "none")])


async def measure_ages(prices: int = PRICES) -> list[Row]:
    """Return how old the prices of a broker are when it applies them."""
    rows: list[Row] = []
    clients = {"live": DatafeedClient, "requested": WithoutStreams}
    for name, client in clients.items():
        speed = SPEEDS[name]
        with serve(
            "trading_api.main:app",
            ENABLED_MODULES="datafeed",
            DATAFEED_SPEED=str(speed),
            DATAFEED_REPLAY_EPOCH=EPOCH.isoformat(),
        ) as address:
            async with client(address) as datafeed, aclosing(ages(datafeed, speed)) as found:
                measured = [1000 * await anext(found) for _ in range(prices)]
        percentiles = quantiles(measured, n=100)
        rows.append({"Prices": name, "p50, ms old": percentiles[49], "p90": percentiles[89]})
    return rows


async def ages(datafeed: DatafeedClient, speed: int) -> AsyncGenerator[float, None]:
    """Yield the seconds between a step of the replay and the change of the equity."""
    settings = BrokerSettings(database_url=SecretStr("memory:"))
    async with open_service(datafeed, settings=settings) as service:
        await service.place_order(buy(100))
        async for _ in service.events.equity.subscribe():
            elapsed = time.time() - EPOCH.timestamp()
            yield elapsed % (STEP_SECONDS / speed)


async def main() -> None:
    print_table(await measure_updates())
    print_table(await measure_ages())


if __name__ == "__main__":
    asyncio.run(main())
