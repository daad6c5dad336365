"""JSON bodies: null, scalars, lists, aliases and media types."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Body, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field

from shapes.rows.shared_models import MaybeItem
from shapes.shape import saw, shape

DEFAULT_ITEM = MaybeItem(name="default")


@shape(
    "body: a plain text response of a number, a custom JSON media type",
    python='[await client.count(), await client.resource(MaybeItem(name="a"))]',
    typescript='[(await api.count()).data, (await api.resource({ body: { name: "a" } })).data]',
    gets=["12", {"name": "a"}],
    sees={"type": "'application/vnd.api+json'"},
)
def issue_media_types(app: FastAPI) -> None:

    class ApiJson(JSONResponse):
        media_type = "application/vnd.api+json"

    @app.get("/count", response_class=PlainTextResponse)
    async def count() -> str:
        return "12"

    @app.post("/resource", response_class=ApiJson)
    async def resource(
        request: Request, item: Annotated[MaybeItem, Body(media_type="application/vnd.api+json")]
    ) -> MaybeItem:
        saw(type=request.headers["content-type"])
        return item


@shape(
    "body: several body parameters with aliases, one of them null, one a list, one a scalar",
    python='await client.put(MaybeItem(name="a"), [1, 2], importance=3, note=None)',
    typescript='(await api.put({ body: { "main-item": { name: "a" }, ids: [1, 2], importance: 3, note: null } })).data',
    sees={
        "item": "MaybeItem(name='a')",
        "ids": "[1, 2]",
        "importance": "3",
        "note": "None",
        "other": "MaybeItem(name='default')",
    },
)
def issue_body_aliases(app: FastAPI) -> None:
    @app.put("/put")
    async def put(
        item: Annotated[MaybeItem, Body(alias="main-item")],
        ids: list[int],
        importance: Annotated[int, Body(gt=0)] = 1,
        note: Annotated[str | None, Body()] = "note",
        other: Annotated[MaybeItem, Body()] = DEFAULT_ITEM,
    ) -> dict[str, str]:
        return saw(item=item, ids=ids, importance=importance, note=note, other=other)


@shape(
    "body: a body that is a list of lists, a dict of optional models, a tuple",
    python='[await client.one([[1], []]), await client.two({"a": MaybeItem(name="x"), "b": None}), await client.three((1, "a", None))]',
    typescript='[(await api.one({ body: [[1], []] })).data, (await api.two({ body: { a: { name: "x" }, b: null } })).data, (await api.three({ body: [1, "a", null] })).data]',
    gets=[[[1], []], {"a": {"name": "x"}, "b": None}, [1, "a", None]],
)
def issue_nested_bodies(app: FastAPI) -> None:
    @app.put("/one")
    async def one(value: list[list[int]]) -> list[list[int]]:
        return value

    @app.put("/two")
    async def two(value: dict[str, MaybeItem | None]) -> dict[str, MaybeItem | None]:
        return value

    @app.put("/three")
    async def three(value: tuple[int, str, date | None]) -> tuple[int, str, date | None]:
        return value


@shape(
    "body: a body of JSON null, of a text with quotes, of zero, of false",
    python='[await client.put(None), await client.put("a\\"b"), await client.put(0), await client.put(False)]',
    typescript='[(await api.put({ body: null })).data, (await api.put({ body: "a\\"b" })).data, (await api.put({ body: 0 })).data, (await api.put({ body: false })).data]',
    gets=["None", "'a\"b'", "0", "False"],
)
def issue_scalar_union_body(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Annotated[bool | int | str | None, Body()]) -> str:
        return repr(value)


class Visit(BaseModel):
    id: UUID = Field(default_factory=uuid4)
    created: datetime = Field(default_factory=datetime.now)
    guest: str | None = None
    rooms: list[int] = Field(default_factory=list)


@shape(
    "body: a PATCH with an id and a moment of `default_factory`, which are not set",
    python='await client.change_visit(Visit(guest="ada", rooms=[1]))',
    typescript='(await api.changeVisit({ body: { guest: "ada", rooms: [1] } })).data',
    sees={"fields": "['guest', 'rooms']"},
)
def body_patch_factory(app: FastAPI) -> None:
    @app.patch("/visit")
    async def change_visit(visit: Visit) -> dict[str, str]:
        return saw(fields=sorted(visit.model_fields_set))
