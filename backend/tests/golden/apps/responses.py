"""Responses: bodies of every kind, no body, several statuses, declared errors."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Query, Response
from fastapi.responses import PlainTextResponse

from golden.apps.app import shape_app
from golden.apps.models import Cat, Colour, Dog, Item, Node, Page
from trading_api.shared.problems import ProblemError, problem_responses

app = shape_app("Responses")


@app.get("/items/{name}", responses=problem_responses(404))
async def get_item(name: str) -> Item:
    if name == "none":
        raise ProblemError(404, f"no item {name!r}")
    return Item(name=name, price="0.10")


@app.get("/pages")
async def get_page() -> Page[Item]:
    return Page[Item](items=[Item(name="a", price="1")], total=1)


@app.get("/maps")
async def get_map() -> dict[str, Node]:
    return {"root": Node(value=1, children=[Node(value=2)])}


@app.get("/pets")
async def get_pets() -> list[Cat | Dog]:
    return [Cat(kind="cat", lives=9), Dog(kind="dog", born=date(2020, 2, 29))]


@app.get("/colours")
async def get_colour(known: bool = True) -> Colour | None:
    return Colour.DARK_BLUE if known else None


@app.get("/pairs")
async def get_pair() -> tuple[int, str]:
    return 1, "one"


@app.put("/jobs", status_code=201, responses={202: {"description": "Accepted"}})
async def put_job(later: Annotated[bool, Query()], response: Response) -> Item | None:
    """Return the job now, or accept it and return nothing."""
    if later:
        return Response(status_code=202)
    return Item(name="job", price="2.50")


@app.put("/nodes", responses={201: {"model": Item, "description": "Created"}})
async def put_node(create: bool, response: Response) -> Node:
    """Return another model for each status."""
    if create:
        return Response(Item(name="new", price="1").model_dump_json(by_alias=True), 201)
    return Node(value=1)


@app.post("/mails", status_code=202, response_class=Response)
async def post_mail() -> None:
    """Accept the mail and return nothing."""
    return


@app.get("/items")
async def get_items() -> list[Item]:
    return [Item(name="a", price="1"), Item(name="b", price="2", unitCount=3)]


@app.get("/things")
async def get_thing(node: bool = False) -> Item | Node:
    return Node(value=1) if node else Item(name="a", price="1")


@app.get("/groups")
async def get_groups() -> Page[Cat | Dog | None]:
    return Page[Cat | Dog | None](items=[Cat(kind="cat", lives=9), None], total=2)


@app.get("/calendars")
async def get_calendar() -> Page[dict[date, Literal["open", "shut"]]]:
    return Page[dict[date, Literal["open", "shut"]]](items=[{date(2024, 2, 29): "open"}], total=1)


@app.delete("/items/{name}", status_code=204)
async def delete_item(name: str) -> None:
    return None


@app.get("/texts", response_class=PlainTextResponse)
async def get_text() -> str:
    return "größer"


@app.get(
    "/bytes",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def get_bytes() -> Response:
    return Response(b"\x00\xff", media_type="application/octet-stream")


@app.head("/items/{name}")
async def head_item(name: str) -> None:
    return None
