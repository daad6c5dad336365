"""What people ran into: shapes of FastAPI's documentation and of questions about it."""

from collections.abc import AsyncIterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path as FilePath
from typing import Annotated, Generic, Literal, NewType, TypeVar

from fastapi import Body, FastAPI, Form, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field, Json

from shapes.rows import model_fields
from shapes.shape import saw, shape

Identifier = NewType("Identifier", int)
ItemT = TypeVar("ItemT")


class Widget(BaseModel):
    name: str


@shape(
    "model: two classes of one name, in two modules",
    python="[await client.get_widget(), await client.get_other_widget()]",
    typescript="[(await api.getWidget()).data, (await api.getOtherWidget()).data]",
    gets=[{"name": "a"}, {"size": 1}],
)
def model_namesakes(app: FastAPI) -> None:
    @app.get("/widget")
    async def get_widget() -> Widget:
        return Widget(name="a")

    @app.get("/other")
    async def get_other_widget() -> model_fields.Widget:
        return model_fields.Widget(size=1)


@shape(
    "model: a `NewType` in path, query and body",
    python="await client.put_number(1, 3, number=2)",
    typescript="(await api.putNumber({ id: 1, number: 2, body: 3 })).data",
    sees={"id": "1", "number": "2", "body": "3"},
)
def model_new_type(app: FastAPI) -> None:
    @app.put("/numbers/{id}")
    async def put_number(
        id: Identifier, body: Annotated[Identifier, Body()], number: Identifier = Identifier(0)
    ) -> dict[str, str]:
        return saw(id=id, number=number, body=body)


@shape(
    "header: `Authorization` and `Accept` as declared parameters",
    python='await client.read_me("Basic x", accept_="text/x")',
    typescript='(await api.readMe({ authorization: "Basic x", accept: "text/x" })).data',
    sees={"authorization": "'Basic x'", "accept": "'text/x'"},
)
def header_declared_authorization(app: FastAPI) -> None:
    @app.get("/me")
    async def read_me(
        authorization: Annotated[str, Header()], accept: Annotated[str, Header()] = ""
    ) -> dict[str, str]:
        return saw(authorization=authorization, accept=accept)


@shape(
    "query: a datetime without a time zone",
    python="await client.search(datetime(2024, 2, 29, 12, 30))",
    typescript='(await api.search({ since: "2024-02-29T12:30:00" })).data',
    sees={"since": "datetime.datetime(2024, 2, 29, 12, 30)"},
)
def query_naive_datetime(app: FastAPI) -> None:
    @app.get("/search")
    async def search(since: datetime) -> dict[str, str]:
        return saw(since=since)


@shape(
    "query: JSON in a text (`Json[list[int]]`)",
    python='await client.search("[1, 2]")',
    typescript='(await api.search({ numbers: "[1, 2]" })).data',
    sees={"numbers": "[1, 2]"},
)
def query_json_text(app: FastAPI) -> None:
    @app.get("/search")
    async def search(numbers: Annotated[Json[list[int]], Query()]) -> dict[str, str]:
        return saw(numbers=numbers)


class Query1(BaseModel):
    text: str


@shape(
    "body: on a GET",
    python='await client.search(Query1(text="a"))',
    typescript='(await api.search({ body: { text: "a" } })).data',
    sees={"query": "Query1(text='a')"},
)
def body_on_get(app: FastAPI) -> None:
    @app.get("/search")
    async def search(query: Annotated[Query1, Body()]) -> dict[str, str]:
        return saw(query=query)


@shape(
    "stream: `ServerSentEvent` with type, id and raw data",
    python="[[event.event, event.id, event.data] async for event in client.watch()]",
    typescript="""
const events: unknown[] = [];
for await (const event of api.watch()) events.push([event.event, event.id, event.data]);
return events;
""",
    gets=[["start", "1", "a\nb"], ["end", "2", "[1]"], ["message", "2", "without an id"]],
)
def stream_raw_events(app: FastAPI) -> None:
    @app.get("/events", response_class=EventSourceResponse)
    async def watch() -> AsyncIterable[ServerSentEvent]:
        yield ServerSentEvent(raw_data="a\nb", event="start", id="1")
        yield ServerSentEvent(data=[1], event="end", id="2", comment="last")
        yield ServerSentEvent(raw_data="without an id")


class Started(BaseModel):
    type: Literal["started"] = "started"
    at: datetime


class Stopped(BaseModel):
    type: Literal["stopped"] = "stopped"
    after: timedelta


@shape(
    "stream: events of a union",
    python="[type(each).__name__ async for each in client.watch()]",
    typescript="""
const types: string[] = [];
for await (const each of api.watch()) types.push(each.type === "started" ? "Started" : "Stopped");
return types;
""",
    gets=["Started", "Stopped"],
)
def stream_union(app: FastAPI) -> None:
    @app.get("/events", response_class=EventSourceResponse)
    async def watch() -> AsyncIterable[Annotated[Started | Stopped, Field(discriminator="type")]]:
        yield Started(at=datetime(2024, 2, 29))
        yield Stopped(after=timedelta(seconds=5))


@shape(
    "response: bytes that a function yields",
    python="list(await client.read_image())",
    typescript="""
const { data } = await api.readImage();
return [...new Uint8Array(await data.arrayBuffer())];
""",
    gets=[0, 1, 2],
)
def response_yielded_bytes(app: FastAPI) -> None:
    @app.get("/image", response_class=StreamingResponse)
    def read_image() -> Iterator[bytes]:
        for number in range(3):
            yield bytes([number])


@shape(
    "variant: the file name of a download (`Content-Disposition`)",
    python="""
response = await raw_response(client.download)()
return [response.headers["content-disposition"], list(response.body)]
""",
    typescript="""
const { headers, data } = await api.download();
return [headers["content-disposition"], [...new Uint8Array(await data.arrayBuffer())]];
""",
    gets=['attachment; filename="a.bin"', [1]],
)
def variant_file_name(app: FastAPI) -> None:
    @app.get("/download", response_class=Response)
    async def download() -> Response:
        disposition = {"Content-Disposition": 'attachment; filename="a.bin"'}
        return Response(b"\x01", headers=disposition, media_type="application/octet-stream")


class Envelope(BaseModel, Generic[ItemT]):
    data: ItemT


@shape(
    "model: generic in generic, of literals and of scalars",
    python="[await client.get_deep(), await client.get_literal()]",
    typescript="[(await api.getDeep()).data, (await api.getLiteral()).data]",
    gets=[{"data": {"data": [1]}}, {"data": "a"}],
)
def model_generic_nested(app: FastAPI) -> None:
    @app.get("/deep")
    async def get_deep() -> Envelope[Envelope[list[int]]]:
        return Envelope[Envelope[list[int]]](data=Envelope[list[int]](data=[1]))

    @app.get("/literal")
    async def get_literal() -> Envelope[Literal["a", "b"]]:
        return Envelope[Literal["a", "b"]](data="a")


class Paths(BaseModel):
    path: FilePath
    text: Json[list[int]]
    price: Decimal = Field(gt=0, max_digits=6, decimal_places=2)
    flag: Literal[True] = True


@shape(
    "field: a `Path`, JSON in a text, a bounded Decimal, a constant",
    python="""
await client.put_paths(
    Paths.model_validate({"path": "/a/b", "text": "[1]", "price": "1.50", "flag": True})
)
""",
    typescript="""
(await api.putPaths({ body: { path: "/a/b", text: "[1]", price: "1.50", flag: true } })).data
""",
    sees={"path": "PosixPath('/a/b')", "text": "[1]", "price": "Decimal('1.50')"},
)
def field_odd_types(app: FastAPI) -> None:
    @app.put("/paths")
    async def put_paths(paths: Paths) -> dict[str, str]:
        return saw(path=paths.path, text=paths.text, price=paths.price)


class Flavour(str, Enum):
    SWEET = "sweet"
    SOUR = "sour"


@shape(
    "form: a list of enums, a number and a boolean",
    python="await client.taste([Flavour.SOUR, Flavour.SWEET], 2, True)",
    typescript="""
(await api.taste({ body: { flavours: ["sour", "sweet"], count: 2, again: true } })).data
""",
    sees={
        "flavours": "[<Flavour.SOUR: 'sour'>, <Flavour.SWEET: 'sweet'>]",
        "count": "2",
        "again": "True",
    },
)
def form_types(app: FastAPI) -> None:
    @app.post("/taste")
    async def taste(
        flavours: Annotated[list[Flavour], Form()],
        count: Annotated[int, Form()],
        again: Annotated[bool, Form()],
    ) -> dict[str, str]:
        return saw(flavours=flavours, count=count, again=again)


@shape(
    "path: a trailing slash is kept",
    python="await client.list_items()",
    typescript="(await api.listItems()).data",
    sees={"path": "'/items/'"},
)
def path_trailing_slash(app: FastAPI) -> None:
    @app.get("/items/")
    async def list_items(request: Request) -> dict[str, str]:
        return saw(path=request.url.path.removeprefix("/path_trailing_slash"))


class Draft(BaseModel):
    title: str = "untitled"
    done: bool = False


@shape(
    "body: a model without a value is `{}`, not nothing",
    python="await client.save(Draft())",
    typescript="(await api.save({ body: {} })).data",
    sees={"raw": "b'{}'"},
)
def body_empty_model(app: FastAPI) -> None:
    @app.post("/drafts")
    async def save(request: Request, draft: Draft) -> dict[str, str]:
        return saw(raw=await request.body())


@shape(
    "response: a list with several thousand models",
    python="(await client.list_drafts())[-1].title",
    typescript="(await api.listDrafts()).data.at(-1)?.title",
    gets="4999",
)
def response_many_models(app: FastAPI) -> None:
    @app.get("/drafts")
    async def list_drafts() -> list[Draft]:
        return [Draft(title=str(number)) for number in range(5000)]
