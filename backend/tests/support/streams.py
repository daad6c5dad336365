"""A service whose responses are streams, and a client of it without generated code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from trading_api.shared.client import Operation, ServerSentEvent, ServiceClient
from trading_api.shared.client.wire import JsonAdapter, read_event


class Tick(BaseModel):
    number: int


class Page(BaseModel):
    items: list[Tick]
    next_cursor: str | None = None


app = FastAPI()


@app.get("/events", response_class=EventSourceResponse)
async def get_events(count: int) -> AsyncIterable[Tick]:
    for number in range(count):
        yield Tick(number=number)


@app.get("/named")
async def get_named(last_event_id: Annotated[int, Header()] = 0) -> StreamingResponse:
    """Return three events, and lose the connection after the second one."""

    async def events() -> AsyncIterator[str]:
        yield ": welcome\n\nretry: 0\n\n"
        for number in range(last_event_id + 1, 4):
            yield f"event: tick\nid: {number}\ndata: größer\ndata: {number}\n\n"
            if number == 2:
                raise RuntimeError("the connection is lost")

    return StreamingResponse(events(), media_type="text/event-stream")


class Endless:
    """An application that sends events, `limit` at most, until its caller disconnects."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self.limit = limit
        self.made = 0
        self.closed = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.request"
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        disconnection = asyncio.create_task(_receive_all(receive))
        while not disconnection.done():
            if self.made == self.limit:
                await disconnection
                break
            body = b': %s\ndata: {"number": %d}\n\n' % (b"x" * 10_000, self.made)
            self.made += 1
            await send({"type": "http.response.body", "body": body, "more_body": True})
        self.closed.set()


async def _receive_all(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@app.get("/lines")
async def get_lines(count: int) -> StreamingResponse:
    async def lines() -> AsyncIterator[bytes]:
        for number in range(count):
            yield b'{"number":'
            yield b"%d}\r\n\n" % number
        yield b'{"number":-1}'

    return StreamingResponse(lines(), media_type="application/jsonl")


@app.get("/nothing")
async def get_nothing() -> Response:
    return Response(status_code=204)


@app.get("/failing")
async def get_failing() -> None:
    raise HTTPException(403, "not you")


@app.get("/pages")
async def get_page(cursor: str = "0") -> Page:
    number = int(cursor)
    items = [Tick(number=number), Tick(number=number + 1)]
    return Page(items=items, next_cursor=str(number + 2) if number < 4 else None)


_TICK: JsonAdapter[Tick] = JsonAdapter(Tick)
_PAGE: JsonAdapter[Page] = JsonAdapter(Page)
_GET_PAGE: Operation[Page] = Operation("GET", "/pages", responses={200: _PAGE.read})
_NAMED: Operation[ServerSentEvent] = Operation(
    "GET", "/named", responses={200: read_event}, stream="events"
)


def events(path: str = "/events", method: str = "GET") -> Operation[Tick]:
    """Return an operation whose response has events."""
    return Operation(method, path, responses={200: _TICK.read}, stream="events")


def lines(path: str = "/lines") -> Operation[Tick]:
    """Return an operation whose response has lines of JSON."""
    return Operation("GET", path, responses={200: _TICK.read}, stream="lines")


class StreamsClient(ServiceClient):
    """A client as the generator writes it."""

    module = "streams"
    default_url = ""

    def watch(
        self, operation: Operation[Tick], count: int | None = None, *, timeout: float | None = None
    ) -> AsyncIterator[Tick]:
        query = (("count", count),)
        return self._stream(operation, operation.path, query=query, timeout=timeout)

    def watch_named(self) -> AsyncIterator[ServerSentEvent]:
        return self._stream(_NAMED, "/named")

    async def get_page(self, *, cursor: str | None = None) -> Page:
        return await self._call(_GET_PAGE, "/pages", query=(("cursor", cursor),))

    def iter_get_page(self, *, cursor_start: str | None = None) -> AsyncIterator[Tick]:
        return self._paginate(lambda cursor: self.get_page(cursor=cursor or cursor_start))
