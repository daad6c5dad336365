"""An application with a stream of each kind: of states, of states by key, of numbered events, and
of events that are not kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from trading_api.shared.auth.callers import Authentication
from trading_api.shared.module import ModuleInfo
from trading_api.shared.problems import ProblemError
from trading_api.shared.ws import Numbered, StreamRouter
from trading_api.shared.ws.asyncapi import asyncapi_document
from trading_api.shared.ws.endpoint import websocket_route

INFO = ModuleInfo(title="Live", description="Streams.", version="1.0.0", port=8010)


class Wanted(BaseModel):
    account: str


class Weather(BaseModel):
    text: str


class Price(BaseModel):
    short_name: str = Field(alias="shortName")
    value: float


class Trade(BaseModel):
    text: str


class Source:
    """A service whose updates the test sends; it keeps the trades."""

    def __init__(self) -> None:
        self.queues: dict[str, list[asyncio.Queue[Any]]] = {}
        self.trades: list[Numbered[Trade]] = []
        self.first_kept = 1

    @property
    def last_sequence(self) -> int:
        return len(self.trades)

    async def read_updates(
        self, stream: str, since: int, limit: int
    ) -> Sequence[Numbered[Trade]] | None:
        return self.trades[since:] if since + 1 >= self.first_kept else None

    def send(self, stream: str, *updates: Any) -> None:
        for queue in self.queues.get(stream, ()):
            for update in updates:
                queue.put_nowait(update)

    def trade(self, *texts: str) -> None:
        for text in texts:
            update = Numbered(len(self.trades) + 1, Trade(text=text))
            self.trades.append(update)
            self.send("trades", update)

    async def follow(self, stream: str) -> AsyncIterator[Any]:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        self.queues.setdefault(stream, []).append(queue)
        try:
            while (update := await queue.get()) is not None:
                if isinstance(update, Exception):
                    raise update
                yield update
        finally:
            self.queues[stream].remove(queue)


streams = StreamRouter()


@streams.stream("weather", replay_last=True)
async def weather(subscription: Wanted, service: Source) -> AsyncIterator[Weather]:
    """The weather, now and when it changes.

    Quotes \""" and {{ templates }} stay text.
    """
    if subscription.account == "unknown":
        raise ProblemError(404, "There is no such account.")
    return service.follow("weather")


@streams.stream("prices", replay_last_of="short_name")
async def prices(subscription: Wanted, service: Source) -> AsyncIterator[Price]:
    """The latest prices."""
    return service.follow("prices")


@streams.stream("trades")
async def trades(subscription: Wanted, service: Source) -> AsyncIterator[Numbered[Trade]]:
    """Each trade."""
    return service.follow("trades")


@streams.stream("ticks")
async def ticks(subscription: Wanted, service: Source) -> AsyncIterator[Weather]:
    return service.follow("ticks")


app = FastAPI(title="Live", generate_unique_id_function=lambda route: route.name)


@app.get("/name")
async def get_name() -> str:
    return "live"


def make_app(source: Source, authentication: Authentication | None = None) -> FastAPI:
    """Return an application with the streams of `source`."""
    served = FastAPI()
    served.state.services = {Source: source}
    served.include_router(websocket_route("live", streams, authentication or Authentication()))
    return served


def asyncapi() -> dict[str, Any]:
    return asyncapi_document("live", INFO, streams)
