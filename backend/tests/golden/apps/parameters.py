"""Parameters: locations, types, lists, defaults, and names that Python does not allow."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Cookie, Header, Path, Query, Request

from golden.apps.app import seen, shape_app
from golden.apps.models import Colour, Level, Seen

app = shape_app("Parameters")


@app.get("/paths/{first}/fixed part/{rest:path}")
async def get_path(request: Request, first: str, rest: str) -> Seen:
    """Return the path parameters as they arrived."""
    return seen(request, first=first, rest=rest)


@app.get("/scalars")
async def get_scalars(
    request: Request,
    text: str,
    count: int,
    ratio: float,
    exact: Decimal,
    day: date,
    moment: datetime,
    key: UUID,
    colour: Colour,
    level: Level,
    mode: Literal["fast", "slow"],
    flag: bool = False,
) -> Seen:
    """Take a value of each scalar type."""
    return seen(
        request,
        text=text,
        count=count,
        ratio=ratio,
        exact=exact,
        day=day,
        moment=moment,
        key=key,
        colour=colour,
        level=level,
        mode=mode,
        flag=flag,
    )


@app.get("/optional")
async def get_optional(
    request: Request,
    limit: Annotated[int, Query(description="How many to return.")] = 50,
    names: Annotated[list[str] | None, Query()] = None,
    levels: Annotated[list[Level], Query()] = [],  # noqa: B006
    *,
    required: str,
) -> Seen:
    """Omit parameters that are not given, and repeat those that are lists."""
    return seen(request, limit=limit, names=names, levels=levels, required=required)


@app.get("/names/{class}")
async def get_names(
    request: Request,
    class_: Annotated[str, Path(alias="class")],
    from_: Annotated[str, Query(alias="from")],
    sort_by: Annotated[str, Query(alias="sort-by")],
    me: Annotated[str, Query(alias="self")],
    body: str,
    timeout: str,
    headers: str,
    orderType: str,
    second: Annotated[str, Query(alias="2nd")],
    x_request_id: Annotated[str, Header()],
) -> Seen:
    """Take parameters whose names are reserved in Python, or not in snake_case."""
    return seen(
        request,
        class_=class_,
        from_=from_,
        sort_by=sort_by,
        me=me,
        body=body,
        timeout=timeout,
        headers=headers,
        order_type=orderType,
        second=second,
        x_request_id=x_request_id,
    )


@app.get("/headers")
async def get_headers(
    request: Request,
    x_tags: Annotated[list[str], Header()],
    session: Annotated[str, Cookie()],
    theme: Annotated[Colour | None, Cookie()] = None,
    since: Annotated[time | None, Query()] = None,
    wait: timedelta | None = None,
) -> Seen:
    """Take headers and cookies, and the remaining scalar types."""
    return seen(request, x_tags=x_tags, session=session, theme=theme, since=since, wait=wait)


@app.get("/list", deprecated=True)
async def list(request: Request, exact: Annotated[str | None, Header()] = None) -> Seen:
    """Do not hide the type `list`, which other annotations use.

    Quotes \"\"\" and \\ backslashes stay text, and so does {{ template }} syntax."""
    return seen(request, exact=exact)
