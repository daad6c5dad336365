"""The service that the benchmarked calls reach; it makes its responses once, when it starts."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI, Response
from pydantic import TypeAdapter

from quote_models import Quote, Trend


def _quote(number: int) -> Quote:
    return Quote(
        symbol=f"SYM{number:03}",
        name=f"Company number {number}",
        exchange="NASDAQ",
        currency="USD",
        trend=Trend.UP if number % 2 else Trend.DOWN,
        bid=100 + number / 7,
        ask=100.1 + number / 7,
        last=100.05 + number / 7,
        high=110 + number / 7,
        low=90 + number / 7,
        volume=1_000_000 + number,
        trades=5_000 + number,
        is_open=number % 3 > 0,
        updated=datetime(2025, 10, 30, 14, 30, number % 60, 250_000, UTC),
        note=None if number % 2 else "Halted for two minutes",
    )


_ONE = _quote(0).model_dump_json().encode()
_MANY = TypeAdapter(list[Quote]).dump_json([_quote(number) for number in range(100)])

app = FastAPI(title="Quotes", generate_unique_id_function=lambda route: route.name)


@app.get("/quote", response_model=Quote)
async def get_quote() -> Response:
    """Return one quote."""
    return Response(_ONE, media_type="application/json")


@app.get("/quotes", response_model=list[Quote])
async def get_quotes() -> Response:
    """Return a hundred quotes."""
    return Response(_MANY, media_type="application/json")


def serve(listener: socket.socket) -> None:
    """Serve the quotes on a listening socket until the process ends."""
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
