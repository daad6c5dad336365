"""Shapes beyond one JSON body: media types, streams, pages, styles, keys, kinds of classes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable
from typing import Annotated, Any

from fastapi import Body, Depends, Form, Header, Query, Request, Response
from fastapi.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    StreamingResponse,
)
from fastapi.security import APIKeyHeader, APIKeyQuery
from fastapi.sse import EventSourceResponse, ServerSentEvent

from golden.apps.app import seen, shape_app
from golden.apps.models import (
    Entry,
    Filter,
    Free,
    Item,
    ItemPage,
    Names,
    Operation,
    Outer,
    Pair,
    Point,
    Report,
    Seen,
    Span,
    Titled,
)

app = shape_app("Variants")
CSV = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


def parameter(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"parameters": [{"name": name, "in": "query", "schema": schema, **more}]}


@app.get("/file", response_class=FileResponse)
async def get_file() -> str:
    return __file__


@app.get("/streamed", response_class=StreamingResponse)
async def get_streamed() -> StreamingResponse:
    return StreamingResponse(iter([b"one", b"two"]))


@app.get("/page", response_class=HTMLResponse)
async def get_html() -> str:
    return "<p>"


@app.get("/moved", response_class=RedirectResponse)
async def get_moved() -> str:
    return "/page"


@app.put("/accepted", status_code=202, response_class=Response)
async def put_accepted() -> None:
    return None


@app.delete("/reset", status_code=205, response_class=Response)
async def delete_reset() -> None:
    return None


@app.get("/export", responses=CSV)
async def export_items(accept: Annotated[str, Header(include_in_schema=False)]) -> list[Item]:
    """Return JSON or CSV."""
    if accept == "text/csv":
        return PlainTextResponse("a,1", media_type="text/csv")  # type: ignore[return-value]
    return [Item(name="a", price="1")]


@app.get("/pictures", responses={200: {"content": {"image/png": {}, "image/gif": {}}}})
async def get_picture() -> Item:
    return Response(b"\x89PNG", media_type="image/png")  # type: ignore[return-value]


@app.get("/events", response_class=EventSourceResponse)
async def watch_items() -> AsyncIterable[Item]:
    """Send an event for each item."""
    yield Item(name="a", price="1")
    yield Item(name="b", price="2")


@app.get("/raw-events", response_class=EventSourceResponse)
async def watch_raw(since: int | None = None) -> AsyncIterable[ServerSentEvent]:
    yield ServerSentEvent(raw_data="hello", event="greeting", id="1")


@app.get("/lines")
async def list_items() -> AsyncIterable[Item]:
    yield Item(name="a", price="1")
    yield Item(name="b", price="2")


@app.get(
    "/pages",
    openapi_extra={
        "x-pagination": {"cursor": "after", "nextCursor": "nextCursor", "items": "items"}
    },
)
async def get_items(after: str | None = None, prefix: str = "") -> ItemPage:
    number = int(after or 0)
    items = [Item(name=f"{prefix}{number}", price="1")]
    return ItemPage(entries=items, next_cursor=str(number + 1) if number < 2 else None)


@app.get(
    "/deep",
    openapi_extra=parameter(
        "metadata",
        {"type": "object", "additionalProperties": {"type": "string"}},
        style="deepObject",
        explode=True,
    ),
)
async def get_deep(request: Request) -> dict[str, str]:
    return dict(request.query_params)


@app.get(
    "/filtered",
    openapi_extra=parameter(
        "filter", {"$ref": "#/components/schemas/Filter"}, style="deepObject", required=True
    ),
)
async def get_filtered(request: Request) -> list[str]:
    return [f"{name}={value}" for name, value in request.query_params.multi_items()]


@app.post("/filters")
async def post_filter(body: Filter) -> Filter:
    return body


@app.get(
    "/json",
    openapi_extra={
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": name == "names",
                "content": {"application/json": {"schema": schema}},
            }
            for name, schema in {
                "names": {"type": "array", "items": {"type": "string"}},
                "filter": {"$ref": "#/components/schemas/Filter"},
            }.items()
        ]
    },
)
async def get_json(request: Request) -> Seen:
    return seen(request, **request.query_params)


@app.get("/größe")
async def größe() -> int:
    """Return a number; the name has letters beyond ASCII."""
    return 1


@app.get(
    "/joined",
    openapi_extra=parameter("ids", {"type": "array", "items": {"type": "integer"}}, explode=False),
)
async def get_joined(request: Request) -> Seen:
    return seen(request, ids=request.query_params.get("ids"))


@app.post("/reports")
async def post_report(report: Annotated[Report, Form()]) -> str:
    content = (await report.file.read()).decode()
    return f"{report.name} {report.tags} {report.file.filename} {content}"


@app.api_route("/both", methods=["GET", "HEAD"])
async def get_both() -> int:
    return 1


@app.get(
    "/secured",
    dependencies=[
        Depends(APIKeyQuery(name="key")),
        Depends(APIKeyHeader(name="x-key", auto_error=False)),
    ],
)
async def get_secured(request: Request) -> Seen:
    return seen(request)


@app.get("/example", responses={404: {"content": {"application/json": {"example": {"a": 1}}}}})
async def get_example() -> JSONResponse:
    return JSONResponse({"a": 1}, 404)


@app.get("/ranges", responses={"4XX": {"model": Item}, "default": {"model": Item}})
async def get_ranges() -> Item:
    return JSONResponse(  # type: ignore[return-value]
        json.loads(Item(name="range", price="1").model_dump_json(by_alias=True)), 418
    )


@app.put("/operations")
async def put_operation(operation: Operation) -> Titled:
    return Titled(size=len(operation.name))


@app.put("/inner")
async def put_inner(body: Outer.Inner) -> Outer.Inner:
    return body


@app.put("/points")
async def put_point(body: Point) -> Point:
    return body


@app.put("/spans")
async def put_span(body: Span) -> Span:
    return body


@app.put("/pairs")
async def put_pair(body: Annotated[Pair, Body()]) -> Pair:
    return body


@app.put("/names")
async def put_names(body: Annotated[Names, Body()]) -> Names:
    return body


@app.put("/free")
async def put_free(body: Free) -> Free:
    return body


@app.put("/entries")
async def put_entry(body: Entry) -> Entry:
    return body


@app.put("/defaults")
async def put_default(
    item: Annotated[Item | None, Body()] = Item(name="default", price=1),  # noqa: B008
) -> str:
    return repr(item and item.name)


@app.put("/fields")
async def put_fields(
    note: Annotated[str | None, Body()] = "default", count: Annotated[int, Body()] = 1
) -> list[str]:
    return [repr(note), repr(count)]


@app.get("/tags", deprecated=True)
async def get_tags(tags: Annotated[list[str], Query()]) -> AsyncIterable[str]:
    for each in tags:
        yield each
