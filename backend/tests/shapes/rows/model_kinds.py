"""Models: names, base classes, generic, recursive and strict models."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Annotated, Generic, NotRequired, TypeVar
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints
from typing_extensions import TypedDict

from shapes.rows.shared_models import Level, ThingOne
from shapes.shape import Call, saw, shape


class Record(BaseModel):
    a: int


class Array(BaseModel):
    record: Record
    records: dict[str, Record] = {}


class Date(BaseModel):
    year: int


class Uint8Array(BaseModel):
    dates: list[Date]
    array: Array


@shape(
    "model: named like types of TypeScript (`Record`, `Array`, `Date`, `Uint8Array`)",
    python="""
array = Array(record=Record(a=1), records={"x": Record(a=2)})
return await client.put_array(Uint8Array(dates=[Date(year=2024)], array=array))
""",
    typescript="""
const array = { record: { a: 1 }, records: { x: { a: 2 } } };
return (await api.putArray({ body: { dates: [{ year: 2024 }], array } })).data;
""",
    gets={"dates": [{"year": 2024}], "array": {"record": {"a": 1}, "records": {"x": {"a": 2}}}},
)
def model_builtin_names(app: FastAPI) -> None:
    @app.put("/arrays")
    async def put_array(array: Uint8Array) -> Uint8Array:
        return array


class größe(BaseModel):
    wert: int


class Größe(BaseModel):
    value: int


@shape(
    "model: names that differ by case alone, with letters beyond ASCII",
    python="[await client.get_small(), await client.get_large()]",
    typescript="[(await api.getSmall()).data, (await api.getLarge()).data]",
    gets=[{"wert": 1}, {"value": 2}],
)
def model_case(app: FastAPI) -> None:
    @app.get("/small")
    async def get_small() -> größe:
        return größe(wert=1)

    @app.get("/large")
    async def get_large() -> Größe:
        return Größe(value=2)


class Change(TypedDict, total=False):
    title: str
    rating: int | None


@shape(
    "model: a TypedDict without required keys",
    python='[await client.patch({}), await client.patch({"rating": None})]',
    typescript="""
return [(await api.patch({ body: {} })).data, (await api.patch({ body: { rating: null } })).data];
""",
    sees=[{"change": "{}"}, {"change": "{'rating': None}"}],
)
def model_partial_typed_dict(app: FastAPI) -> None:
    @app.patch("/movies")
    async def patch(change: Change) -> dict[str, str]:
        return saw(change=change)


class Partial(TypedDict):
    name: str
    age: NotRequired[int]
    tags: NotRequired[list[str] | None]


@shape(
    "model: a TypedDict with `NotRequired`",
    python='await client.put({"name": "a", "tags": None})',
    typescript='(await api.put({ body: { name: "a", tags: null } })).data',
    sees={"value": "{'name': 'a', 'tags': None}"},
    gets={"name": "a", "tags": None},
)
def issue_typed_dict(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Partial) -> Partial:
        saw(value=value)
        return value


class RootNode(RootModel["dict[str, RootNode] | list[RootNode] | int"]):
    pass


@shape(
    "model: a recursive RootModel",
    python='await client.put(RootNode({"a": RootNode([RootNode(1), RootNode(2)])}))',
    typescript="(await api.put({ body: { a: [1, 2] } })).data",
    sees={"value": "{'a': [1, 2]}"},
    gets={"a": [1, 2]},
)
def issue_recursive_root(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: RootNode) -> RootNode:
        saw(value=value.model_dump())
        return value


class Extras(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int] = Field(init=False)
    name: str


@shape(
    "model: typed extra fields",
    python='await client.put(Extras.model_validate({"name": "a", "b": 1}))',
    typescript='(await api.put({ body: { name: "a", b: 1 } })).data',
    sees={"name": "'a'", "extra": "{'b': 1}"},
    gets={"name": "a", "b": 1},
)
def issue_typed_extra(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Extras) -> Extras:
        saw(name=value.name, extra=value.__pydantic_extra__)
        return value


class StrictModel(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)
    at: datetime
    pair: tuple[int, str]
    names: frozenset[str]
    amount: Decimal
    ip: IPv4Address
    id: UUID
    raw: bytes = b""
    level: Level = Level.LOW


@shape(
    "model: a strict and frozen model",
    python="await client.get()",
    typescript="(await api.get()).data",
    gets={
        "at": "2026-01-02T00:00:00Z",
        "pair": [1, "a"],
        "names": ["x"],
        "amount": "1.50",
        "ip": "1.2.3.4",
        "id": "00000000-0000-0000-0000-000000000001",
        "raw": "hi",
        "level": 1,
    },
)
def issue_strict(app: FastAPI) -> None:
    @app.get("/strict")
    async def get() -> StrictModel:
        return StrictModel(
            at=datetime.fromisoformat("2026-01-02T00:00:00Z"),
            pair=(1, "a"),
            names=frozenset({"x"}),
            amount=Decimal("1.50"),
            ip=IPv4Address("1.2.3.4"),
            id=UUID(int=1),
            raw=b"hi",
        )


@dataclass
class PrintJob:
    name: str
    tags: list[str] = field(default_factory=list)
    priority: int = 3
    parent: "PrintJob | None" = None


@shape(
    "model: a recursive dataclass with factories; changed in place",
    python="""
job = PrintJob("a", parent=PrintJob("b"))
job.tags.append("t")
return await client.put(job)
""",
    typescript='(await api.put({ body: { name: "a", tags: ["t"], parent: { name: "b" } } })).data',
    sees={
        "job": "PrintJob(name='a', tags=['t'], priority=3, parent=PrintJob(name='b', tags=[], priority=3, parent=None))"
    },
)
def issue_dataclass(app: FastAPI) -> None:
    @app.put("/put")
    async def put(job: PrintJob) -> PrintJob:
        saw(job=job)
        return job


class Sku(RootModel[Annotated[str, StringConstraints(min_length=2)]]):
    model_config = ConfigDict(frozen=True)


class Stock(BaseModel):
    sku: Sku
    others: list[Sku | None] = []


@shape(
    "model: a RootModel of a text, as a field and in a list",
    python="""
await client.put(Stock(sku=Sku("ab"), others=[Sku("ef"), None]))
""",
    typescript="""
(await api.put({ body: { sku: "ab", others: ["ef", null] } })).data
""",
    gets={"sku": "ab", "others": ["ef", None]},
)
def issue_root_text(app: FastAPI) -> None:
    @app.put("/stock")
    async def put(value: Stock) -> Stock:
        return value


T = TypeVar("T")


class PageOf(BaseModel, Generic[T]):
    items: list[T] = []
    next: "PageOf[T] | None" = None


@shape(
    "model: generic, one that contains itself",
    python="""
await client.put(PageOf[ThingOne](items=[ThingOne(a=1)], next=PageOf[ThingOne](items=[])))
""",
    typescript="(await api.put({ body: { items: [{ a: 1 }], next: { items: [] } } })).data",
    gets={"items": [{"a": 1}], "next": {"items": [], "next": None}},
)
def issue_generic(app: FastAPI) -> None:
    @app.put("/page")
    async def put(value: PageOf[ThingOne]) -> PageOf[ThingOne]:
        return value


class Parcel(BaseModel, Generic[T]):
    data: T | None = None


@shape(
    "model: a generic model without arguments, and in another generic model",
    python="""
[await client.put_parcel(Parcel(data={"x": [1]})), (await client.get_parcels()).data]
""",
    typescript="""
[(await api.putParcel({ body: { data: { x: [1] } } })).data, (await api.getParcels()).data.data]
""",
    gets=[{"data": {"x": [1]}}, {"data": 1}],
)
def model_generic_bare(app: FastAPI) -> None:
    @app.put("/parcel")
    async def put_parcel(body: Parcel) -> Parcel:  # type: ignore[type-arg]
        return body

    @app.get("/parcels")
    async def get_parcels() -> Parcel[Parcel]:  # type: ignore[type-arg]
        return Parcel(data=Parcel(data=1))


@dataclass
class Crate(Generic[T]):
    item: T
    count: int = 1


@shape(
    "model: a generic dataclass",
    python="await client.put_crate(Crate(ThingOne(a=1)))",
    typescript="(await api.putCrate({ body: { item: { a: 1 } } })).data",
    gets={"item": {"a": 1}, "count": 1},
)
def model_generic_dataclass(app: FastAPI) -> None:
    @app.put("/crate")
    async def put_crate(crate: Crate[ThingOne]) -> Crate[ThingOne]:
        return crate


@shape(
    "model: a generic dataclass whose argument is generic",
    python=Call("", rejects="does not say what the arguments of the generic class"),
    typescript="(await api.getCrates()).data",
    gets={"item": [1], "count": 1},
)
def model_generic_dataclass_nested(app: FastAPI) -> None:
    @app.get("/crates")
    async def get_crates() -> Crate[list[int]]:
        return Crate([1])
