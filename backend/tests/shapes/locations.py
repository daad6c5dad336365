"""Parameters: values of every type in every location."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Cookie, Header, Query, Request

from shapes.app import seen, shape_app
from shapes.models import Colour, Level, Seen, Window

app = shape_app("Locations")


@app.get("/path/{day}/{moment}/{key}/{exact}/{colour}/{level}/{mode}")
async def get_in_path(
    request: Request,
    day: date,
    moment: datetime,
    key: UUID,
    exact: Decimal,
    colour: Colour,
    level: Level,
    mode: Literal["fast", "slow & sure"],
) -> Seen:
    return seen(
        request,
        day=day,
        moment=moment,
        key=key,
        exact=exact,
        colour=colour,
        level=level,
        mode=mode,
    )


@app.get("/query")
async def get_in_query(
    request: Request,
    day: date,
    moment: datetime,
    key: UUID,
    exact: Decimal,
    colour: Colour,
    level: Level,
    mode: Literal["fast", "slow & sure"],
) -> Seen:
    return seen(
        request,
        day=day,
        moment=moment,
        key=key,
        exact=exact,
        colour=colour,
        level=level,
        mode=mode,
    )


@app.get("/header")
async def get_in_header(
    request: Request,
    day: Annotated[date, Header()],
    moment: Annotated[datetime, Header()],
    key: Annotated[UUID, Header()],
    exact: Annotated[Decimal, Header()],
    colour: Annotated[Colour, Header()],
    level: Annotated[Level, Header()],
    mode: Annotated[Literal["fast", "slow & sure"], Header()],
) -> Seen:
    return seen(
        request,
        day=day,
        moment=moment,
        key=key,
        exact=exact,
        colour=colour,
        level=level,
        mode=mode,
    )


@app.get("/cookie")
async def get_in_cookie(
    request: Request,
    day: Annotated[date, Cookie()],
    moment: Annotated[datetime, Cookie()],
    key: Annotated[UUID, Cookie()],
    exact: Annotated[Decimal, Cookie()],
    colour: Annotated[Colour, Cookie()],
    level: Annotated[Level, Cookie()],
    mode: Annotated[Literal["fast", "slow & sure"], Cookie()],
) -> Seen:
    return seen(
        request,
        day=day,
        moment=moment,
        key=key,
        exact=exact,
        colour=colour,
        level=level,
        mode=mode,
    )


@app.get("/lists")
async def get_lists(
    request: Request,
    days: Annotated[list[date], Query()],
    x_modes: Annotated[list[Literal["fast", "slow"]], Header()],
    x_levels: Annotated[list[Level], Header()],
    exact: Annotated[list[Decimal] | None, Query()] = None,
    keys: Annotated[set[UUID], Query()] = set(),  # noqa: B006
) -> Seen:
    return seen(request, days=days, x_modes=x_modes, x_levels=x_levels, exact=exact, keys=keys)


@app.get("/defaults")
async def get_defaults(
    request: Request,
    limit: int = 50,
    x_mode: Annotated[str, Header()] = "fast",
    theme: Annotated[str, Cookie()] = "light",
    raw: Annotated[bytes, Query()] = b"",
) -> Seen:
    """Return the names of the headers as well."""
    headers = sorted(request.headers)
    return seen(request, limit=limit, x_mode=x_mode, theme=theme, raw=raw, headers=headers)


@app.get("/windows")
async def get_window(request: Request, window: Annotated[Window, Query()]) -> Seen:
    """Take one parameter for each field of a model."""
    return seen(request, since=window.since, tags=window.tags, limit=window.limit)
