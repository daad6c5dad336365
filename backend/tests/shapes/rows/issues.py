"""Shapes of which public issues of FastAPI, pydantic and other generators report errors."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, IntFlag, StrEnum
from ipaddress import IPv4Address, IPv4Network
from pathlib import PurePosixPath
from re import Pattern
from typing import Annotated, Any, ClassVar, Generic, Literal, NewType, NotRequired, TypeVar
from uuid import UUID

from fastapi import (
    APIRouter,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    Query,
    Request,
    Response,
    UploadFile,
)
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import (
    AliasChoices,
    AliasPath,
    AnyUrl,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    OnErrorOmit,
    PlainSerializer,
    PrivateAttr,
    RootModel,
    Secret,
    SerializeAsAny,
    StringConstraints,
    Tag,
    computed_field,
    field_serializer,
    model_serializer,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import TypedDict

from shapes.shape import Call, saw, shape


class SecondsLater(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float")
    wait: timedelta


@shape(
    'field: `ser_json_timedelta="float"`, in a body and in a response',
    python="await client.schedule(SecondsLater(wait=timedelta(seconds=90)))",
    typescript='(await api.schedule({ body: { wait: "PT90S" } })).data',
    sees={"wait": "datetime.timedelta(seconds=90)"},
)
def issue_timedelta_float(app: FastAPI) -> None:
    @app.post("/schedule")
    async def schedule(later: SecondsLater) -> SecondsLater:
        saw(wait=later.wait)
        return later


class EpochEvent(BaseModel):
    model_config = ConfigDict(ser_json_temporal="milliseconds")
    at: datetime
    day: date


@shape(
    'field: `ser_json_temporal="milliseconds"`',
    python="(await client.move(EpochEvent(at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), day=date(2026, 1, 2)))).at.isoformat()",
    typescript='typeof (await api.move({ body: { at: "2026-01-02T03:04:05Z", day: "2026-01-02" } })).data.at',
    sees={"at": "'2026-01-02T03:04:05+00:00'", "day": "datetime.date(2026, 1, 2)"},
)
def issue_temporal(app: FastAPI) -> None:
    @app.post("/move")
    async def move(event: EpochEvent) -> EpochEvent:
        saw(at=event.at.isoformat(), day=event.day)
        return event


class CatByKey(BaseModel):
    kind: Literal["cat"]
    color: Literal["black"]
    lives: int


class WhiteCat(BaseModel):
    kind: Literal["cat"]
    color: Literal["white"]
    lives: int


class DogByKey(BaseModel):
    kind: Literal["dog", "wolf"]
    barks: bool = True


AnyCat = Annotated[CatByKey | WhiteCat, Field(discriminator="color")]
AnyPet = AnyCat | DogByKey


class Kennel(BaseModel):
    pets: list[AnyPet]


@shape(
    "union: a union with a discriminator within one without",
    python='await client.house(Kennel(pets=[WhiteCat(kind="cat", color="white", lives=9), DogByKey(kind="wolf")]))',
    typescript='(await api.house({ body: { pets: [{ kind: "cat", color: "white", lives: 9 }, { kind: "wolf" }] } })).data',
    sees={
        "pets": "[WhiteCat(kind='cat', color='white', lives=9), DogByKey(kind='wolf', barks=True)]"
    },
    gets={"pets": [{"kind": "cat", "color": "white", "lives": 9}, {"kind": "wolf", "barks": True}]},
)
def issue_nested_discriminators(app: FastAPI) -> None:
    @app.post("/house")
    async def house(kennel: Kennel) -> Kennel:
        saw(pets=kennel.pets)
        return kennel


class ChoiceFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    page_size: int = Field(10, validation_alias=AliasChoices("pageSize", "page_size"))
    order: Literal["asc", None] = None


@shape(
    "query: a query model with `AliasChoices`",
    python="await client.search(page_size=5)",
    typescript="(await api.search({ pageSize: 5 })).data",
    sees={"page_size": "5"},
)
def issue_alias_choices(app: FastAPI) -> None:
    @app.get("/search")
    async def search(choices: Annotated[ChoiceFilter, Query()]) -> dict[str, str]:
        return saw(page_size=choices.page_size)


@shape(
    "query: `validation_alias` of a query parameter, header and cookie",
    python='await client.search(page_size=5, x_trace="t", sid="s")',
    typescript='(await api.search({ pageSize: 5, xTrace: "t", sid: "s" })).data',
    sees={"size": "5", "trace": "'t'", "session": "'s'"},
)
def issue_validation_alias(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        size: Annotated[int, Query(validation_alias="pageSize")] = 1,
        trace: Annotated[str | None, Header(validation_alias="X-Trace")] = None,
        session: Annotated[str | None, Cookie(validation_alias="sid")] = None,
    ) -> dict[str, str]:
        return saw(size=size, trace=trace, session=session)


class CountedLine(BaseModel):
    model_config = ConfigDict(extra="forbid")
    price: int
    count: int = 1

    @computed_field
    @property
    def total(self) -> int:
        return self.price * self.count


@shape(
    "model: a computed field of a model that forbids others, as a response alone",
    python=Call("(await client.line()).total", rejects="writes computed fields, which it forbids"),
    typescript="(await api.line()).data.total",
    gets=6,
)
def issue_computed_forbidden(app: FastAPI) -> None:
    @app.get("/line")
    async def line() -> CountedLine:
        return CountedLine(price=3, count=2)


class Euros(BaseModel):
    amount: Annotated[int, PlainSerializer(lambda value: f"{value} EUR", return_type=str)]


@shape(
    "model: a serializer of another type, as a response",
    python=Call("await client.price()", raises="UnexpectedResponseError"),
    typescript="(await api.price()).data.amount",
    gets="3 EUR",
)
def issue_serializer_type(app: FastAPI) -> None:
    @app.get("/price")
    async def price() -> Euros:
        return Euros(amount=3)


class HiddenInResponse(BaseModel):
    name: str
    password: str = Field(exclude=True)


@shape(
    "model: a required field that a response leaves out (`exclude=True`)",
    python=Call("(await client.user()).name", rejects="which it requires when it reads"),
    typescript="(await api.user()).data.name",
    gets="ada",
)
def issue_excluded_required(app: FastAPI) -> None:
    @app.get("/user")
    async def user() -> HiddenInResponse:
        return HiddenInResponse(name="ada", password="p")


class Nullables(BaseModel):
    name: str
    nick: str | None
    born: date | None = None


@shape(
    "response: `response_model_exclude_none` with a required field that is null",
    python=Call("(await client.person()).name", raises="nick: Field required"),
    typescript="(await api.person()).data.name",
    gets="ada",
)
def issue_exclude_none(app: FastAPI) -> None:
    @app.get("/person", response_model_exclude_none=True)
    async def person() -> Nullables:
        return Nullables(name="ada", nick=None)


@shape(
    "response: `response_model_include` of a model with required fields",
    python=Call("(await client.person()).name", raises="nick: Field required"),
    typescript="(await api.person()).data.name",
    gets="ada",
)
def issue_include(app: FastAPI) -> None:
    @app.get("/person", response_model_include={"name"})
    async def person() -> Nullables:
        return Nullables(name="ada", nick=None)


class PathAlias(BaseModel):
    city: str = Field(validation_alias=AliasPath("address", "city"))
    zip: str = "0"


@shape(
    "model: an `AliasPath` in a body",
    python=Call(
        'await client.move(PathAlias.model_validate({"address": {"city": "Bern"}}))',
        rejects="but reads it as AliasPath",
    ),
    typescript=Call('(await api.move({ body: { city: "Bern" } })).data', raises="422"),
)
def issue_alias_path(app: FastAPI) -> None:
    @app.post("/move")
    async def move(place: PathAlias) -> dict[str, str]:
        return saw(city=place.city)


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class UploadForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    files: list[UploadFile] = Field(alias="files[]")
    tags: list[str] = []
    public: bool = False
    note: str | None = None


@shape(
    "file: a form model with a list of files under `files[]`",
    python="""
files = [UploadFile(BytesIO(each), filename="f") for each in (b"a", b"b")]
return await client.upload(UploadForm.model_validate({"title": "t", "files[]": files, "tags": ["x", "y"]}))
""",
    typescript='(await api.upload({ body: { title: "t", "files[]": [new Blob(["a"]), new Blob(["b"])], tags: ["x", "y"] } })).data',
    sees={"title": "'t'", "files": "[b'a', b'b']", "tags": "['x', 'y']", "note": "None"},
)
def issue_form_files(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(form: Annotated[UploadForm, Form()]) -> dict[str, str]:
        return saw(
            title=form.title,
            files=[await each.read() for each in form.files],
            tags=form.tags,
            note=form.note,
        )


@shape(
    "file: files under an alias `files[]` beside a number and an enum",
    python='await client.upload([b"a", b"b"], 3, level=Level.HIGH)',
    typescript='(await api.upload({ body: { "files[]": [new Blob(["a"]), new Blob(["b"])], count: 3, level: 2 } })).data',
    sees={"files": "[b'a', b'b']", "count": "3", "level": "<Level.HIGH: 2>"},
)
def issue_files_alias(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(
        files: Annotated[list[UploadFile], File(alias="files[]")],
        count: Annotated[int, Form()],
        level: Annotated[Level, Form()] = Level.LOW,
    ) -> dict[str, str]:
        return saw(files=[await each.read() for each in files], count=count, level=level)


class Rights(IntFlag):
    READ = 1
    WRITE = 2


class Mixed(Enum):
    ONE = 1
    TWO = "two"
    HALF = 0.5


class Levels(BaseModel):
    level: Level
    rights: Rights
    mixed: Mixed
    by_level: dict[Level, int] = {}
    by_day: dict[date, Decimal] = {}
    maybe: Literal["a", 1, None] = None
    yes: Literal[True] = True


@shape(
    "field: IntFlag, mixed enum, maps with enum and date keys, a literal with null",
    python='await client.put(Levels(level=Level.HIGH, rights=Rights.WRITE, mixed=Mixed.TWO, by_level={Level.LOW: 3}, by_day={date(2026, 1, 2): Decimal("1.10")}, maybe=1))',
    typescript='(await api.put({ body: { level: 2, rights: 2, mixed: "two", by_level: { 1: 3 }, by_day: { "2026-01-02": "1.10" }, maybe: 1 } })).data',
    sees={
        "levels": "Levels(level=<Level.HIGH: 2>, rights=<Rights.WRITE: 2>, mixed=<Mixed.TWO: 'two'>, by_level={<Level.LOW: 1>: 3}, by_day={datetime.date(2026, 1, 2): Decimal('1.10')}, maybe=1, yes=True)"
    },
)
def issue_enums(app: FastAPI) -> None:
    @app.put("/levels")
    async def put(levels: Levels) -> Levels:
        saw(levels=levels)
        return levels


@shape(
    "header: `convert_underscores=False`, lists and models of headers",
    python='await client.get(raw_name="r", x_tag=["a", "b"], if_match="z")',
    typescript='(await api.get({ rawName: "r", xTag: ["a", "b"], ifMatch: "z" })).data',
    sees={"raw": "'r'", "tags": "['a', 'b']", "match": "'z'"},
)
def issue_headers(app: FastAPI) -> None:
    @app.get("/get")
    async def get(
        raw_name: Annotated[str, Header(convert_underscores=False)],
        x_tag: Annotated[list[str], Header()] = [],
        if_match: Annotated[str | None, Header()] = None,
    ) -> dict[str, str]:
        return saw(raw=raw_name, tags=x_tag, match=if_match)


class RawHeaders(BaseModel):
    model_config = ConfigDict(extra="ignore")
    save_data: bool
    trace_ids: list[int] = []


@shape(
    "header: a header model with `convert_underscores=False`",
    python="await client.get(True, trace_ids=[1, 2])",
    typescript="(await api.get({ saveData: true, traceIds: [1, 2] })).data",
    sees={"save": "True", "ids": "[1, 2]"},
)
def issue_header_model(app: FastAPI) -> None:
    @app.get("/get")
    async def get(
        headers: Annotated[RawHeaders, Header(convert_underscores=False)],
    ) -> dict[str, str]:
        return saw(save=headers.save_data, ids=headers.trace_ids)


class Cookies(BaseModel):
    model_config = ConfigDict(extra="forbid")
    session_id: str
    visits: int = 0
    tracker: UUID | None = None


@shape(
    "cookie: a cookie model that forbids others",
    python='await client.get("abc", visits=3)',
    typescript='(await api.get({ sessionId: "abc", visits: 3 })).data',
    sees={"cookies": "Cookies(session_id='abc', visits=3, tracker=None)"},
)
def issue_cookies(app: FastAPI) -> None:
    @app.get("/get")
    async def get(cookies: Annotated[Cookies, Cookie()]) -> dict[str, str]:
        return saw(cookies=cookies)


class WithJson(BaseModel):
    config: Json[dict[str, int]]
    raw: Json[Any] = None
    blob: Base64Bytes = b""
    size: ByteSize = ByteSize(0)
    net: IPv4Network | None = None


@shape(
    "field: `Json[dict]`, `Base64Bytes`, `ByteSize`, a network",
    python="""await client.put(WithJson.model_validate({"config": '{"a": 1}', "blob": b"aGk=", "size": "1KiB", "net": "10.0.0.0/8"}))""",
    typescript="""(await api.put({ body: { config: '{"a": 1}', blob: "aGk=", size: 1024, net: "10.0.0.0/8" } })).data""",
    sees={
        "config": "{'a': 1}",
        "blob": "b'hi'",
        "size": "1024",
        "net": "IPv4Network('10.0.0.0/8')",
    },
)
def issue_json_fields(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: WithJson) -> dict[str, str]:
        return saw(config=value.config, blob=value.blob, size=value.size, net=value.net)


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


class Shipping(BaseModel):
    kind: Literal[1]
    street: str


class Pickup(BaseModel):
    kind: Literal[2]
    shop: int


class Delivery(RootModel[Annotated[Shipping | Pickup, Field(discriminator="kind")]]):
    pass


@shape(
    "union: a RootModel of a union, in a list",
    python="await client.put([Delivery(Pickup(kind=2, shop=7))])",
    typescript="(await api.put({ body: [{ kind: 2, shop: 7 }] })).data",
    sees={"value": "[Delivery(root=Pickup(kind=2, shop=7))]"},
    gets=[{"kind": 2, "shop": 7}],
)
def issue_root_union(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: list[Delivery]) -> list[Delivery]:
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


@shape(
    "path: a router below a path with a parameter, in a sub-application with `root_path`",
    python='await client.read(tenant_id=3, name="a/b", q=1)',
    typescript='(await api.read({ tenantId: 3, name: "a/b", q: 1 })).data',
    sees={"tenant": "3", "name": "'a/b'", "q": "1"},
)
def issue_router_parameters(app: FastAPI) -> None:
    async def tenant(tenant_id: int) -> int:
        return tenant_id

    router = APIRouter(prefix="/tenants/{tenant_id}", dependencies=[Depends(tenant)])

    @router.get("/files/{name:path}")
    async def read(
        name: str, tenant: Annotated[int, Depends(tenant)], q: int = 0
    ) -> dict[str, str]:
        return saw(tenant=tenant, name=name, q=q)

    app.include_router(router)


@shape(
    "name: one function for several methods (`api_route`)",
    python="[await client.item(), await client.item_post(), await client.item_put()]",
    typescript="[(await api.itemGet()).data, (await api.itemPost()).data, (await api.itemPut()).data]",
    gets=["GET", "POST", "PUT"],
)
def issue_api_route(app: FastAPI) -> None:
    @app.api_route("/item", methods=["GET", "POST", "PUT"])
    async def item(request: Request) -> str:
        return request.method


class MaybeItem(BaseModel):
    name: str


DEFAULT_ITEM = MaybeItem(name="default")


@shape(
    "response: a model or null as a response",
    python='[await client.find("a"), await client.find("b")]',
    typescript='[(await api.find({ q: "a" })).data, (await api.find({ q: "b" })).data]',
    gets=[{"name": "a"}, None],
)
def issue_nullable_response(app: FastAPI) -> None:
    @app.get("/find")
    async def find(q: str) -> MaybeItem | None:
        return MaybeItem(name=q) if q == "a" else None


@shape(
    "status: a model beside a status without content in `responses`",
    python='[await client.find("a"), await client.find("b")]',
    typescript='[(await api.find({ q: "a" })).data, (await api.find({ q: "b" })).data]',
    gets=[{"name": "a"}, None],
)
def issue_204_union(app: FastAPI) -> None:
    @app.get(
        "/find",
        response_model=MaybeItem,
        responses={204: {"description": "none"}, 304: {"description": "same"}},
    )
    async def find(q: str) -> Any:
        return MaybeItem(name=q) if q == "a" else Response(status_code=204)


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


class FilterClass:
    def __init__(
        self,
        q: str | None = None,
        ids: Annotated[list[int] | None, Query()] = None,
        since: datetime | None = None,
    ) -> None:
        self.q, self.ids, self.since = q, ids, since


@shape(
    "query: a class as a dependency, a list and a datetime with a zone",
    python='await client.search(q="a+b&c", ids=[1, 2], since=datetime.fromisoformat("2026-01-02T03:04:05+02:00"))',
    typescript='(await api.search({ q: "a+b&c", ids: [1, 2], since: "2026-01-02T03:04:05+02:00" })).data',
    sees={"q": "'a+b&c'", "ids": "[1, 2]", "since": "'2026-01-02T03:04:05+02:00'"},
)
def issue_class_dependency(app: FastAPI) -> None:
    @app.get("/search")
    async def search(filters: Annotated[FilterClass, Depends()]) -> dict[str, str]:
        return saw(q=filters.q, ids=filters.ids, since=filters.since and filters.since.isoformat())


class ThingOne(BaseModel):
    a: int


class ThingTwo(BaseModel):
    b: str = "x"


@shape(
    "union: a list of a union as a body, and an optional embedded union",
    python='await client.put([ThingTwo(b="y"), ThingOne(a=1)])',
    typescript='(await api.put({ body: [{ b: "y" }, { a: 1 }] })).data',
    sees={"value": "[ThingTwo(b='y'), ThingOne(a=1)]"},
    gets=[{"b": "y"}, {"a": 1}],
)
def issue_union_list(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: list[ThingOne | ThingTwo]) -> list[ThingOne | ThingTwo]:
        saw(value=value)
        return value


class Sub(ThingOne):
    extra: str = "more"


class Holder(BaseModel):
    thing: SerializeAsAny[ThingOne]
    plain: ThingOne


@shape(
    "model: a subclass where its base is declared (duck typing)",
    python="await client.put(Holder(thing=Sub(a=1), plain=Sub(a=2)))",
    typescript="(await api.put({ body: { thing: { a: 1 }, plain: { a: 2 } } })).data",
    sees={"value": "Holder(thing=ThingOne(a=1), plain=ThingOne(a=2))"},
)
def issue_subclass(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Holder) -> dict[str, str]:
        return saw(value=value)


class Skipped(BaseModel):
    name: str
    limit: int | SkipJsonSchema[None] = None
    secret: SkipJsonSchema[str] = "s"


@shape(
    "field: `SkipJsonSchema`",
    python='await client.put(Skipped(name="a"))',
    typescript='(await api.put({ body: { name: "a" } })).data',
    sees={"value": "Skipped(name='a', limit=None, secret='s')"},
)
def issue_skip_schema(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Skipped) -> Skipped:
        saw(value=value)
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


@shape(
    "query: an empty list where the default is another one",
    python=Call("await client.search(ids=[])", raises="ids: an empty list cannot be sent here"),
    typescript=Call(
        "(await api.search({ ids: [] })).data", raises="The list ids is empty, which cannot be sent"
    ),
    sees=None,
)
def issue_empty_list(app: FastAPI) -> None:
    @app.get("/search")
    async def search(ids: Annotated[list[int], Query()] = [1, 2]) -> dict[str, str]:
        return saw(ids=ids)


@shape(
    "form: an empty list where the default is another one",
    python=Call("await client.save(ids=[])", raises="ids: an empty list cannot be sent here"),
    typescript=Call(
        "(await api.save({ body: { ids: [] } })).data",
        raises="The list ids is empty, which cannot be sent",
    ),
    sees=None,
)
def issue_empty_form_list(app: FastAPI) -> None:
    @app.post("/save")
    async def save(ids: Annotated[list[int], Form()] = [1, 2]) -> dict[str, str]:
        return saw(ids=ids)


class NoneForm(BaseModel):
    nick: str | None = "default"
    age: int | None = 3


@shape(
    "form: a field that is None, but has another default",
    python=Call("await client.save(NoneForm(nick=None))", raises="nick: a form cannot have None"),
    typescript=Call("(await api.save({ body: { age: 4 } })).data"),
)
def issue_form_null(app: FastAPI) -> None:
    @app.post("/save")
    async def save(form: Annotated[NoneForm, Form()]) -> dict[str, str]:
        return saw(nick=form.nick, age=form.age)


class JsonOut(BaseModel):
    config: Json[dict[str, int]]


@shape(
    "field: `Json[...]` in a response",
    python=Call("await client.get()", rejects="the class writes object, but reads string"),
    typescript=Call("(await api.get()).data.config", gets={"a": 1}),
)
def issue_json_response(app: FastAPI) -> None:
    @app.get("/get")
    async def get() -> JsonOut:
        return JsonOut.model_validate({"config": '{"a": 1}'})


class OptionalWrapped(BaseModel):
    value: int = 0

    @model_serializer
    def write(self) -> dict[str, int]:
        return {"wrapped": self.value}


@shape(
    "model: a serializer with which a value is lost",
    python=Call("await client.put(OptionalWrapped(value=3))", raises="value would arrive with"),
    typescript=Call("(await api.put({ body: { value: 3 } })).data", sees={"value": "3"}),
)
def issue_serializer_lost(app: FastAPI) -> None:
    @app.put("/wrapped")
    async def put(wrapped: OptionalWrapped) -> dict[str, str]:
        return saw(value=wrapped.value)


@shape(
    "name: a query parameter called `__proto__`, one called `constructor`",
    python='await client.search(proto="p", constructor="c")',
    typescript='(await api.search({ proto: "p", constructor_: "c" })).data',
    sees={"proto": "'p'", "constructor": "'c'"},
)
def issue_proto(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        proto: Annotated[str, Query(alias="__proto__")],
        constructor: str = "",
    ) -> dict[str, str]:
        return saw(proto=proto, constructor=constructor)


class ProtoBody(BaseModel):
    proto: str = Field(alias="__proto__")
    constructor: str = "d"


@shape(
    "name: a field called `__proto__`",
    python='await client.put(ProtoBody.model_validate({"__proto__": "p"}))',
    typescript='(await api.put({ body: { ["__proto__"]: "p", constructor: "d" } })).data.constructor',
    sees={"proto": "'p'"},
)
def issue_proto_field(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: ProtoBody) -> ProtoBody:
        saw(proto=value.proto)
        return value


class Alike(BaseModel):
    a: UUID | str
    b: Decimal | float
    c: datetime | str
    d: Literal["x"] | str
    e: bool | int
    f: int | float
    g: tuple[int, int] | list[int]


@shape(
    "union: unions of scalars that look alike in JSON",
    python="""
await client.put(Alike(a=UUID(int=1), b=1.5, c=datetime(2026, 1, 2), d="x", e=1, f=1.0, g=[1, 2]))
""",
    typescript="""
(await api.put({ body: { a: "00000000-0000-0000-0000-000000000001", b: 1.5, c: "2026-01-02T00:00:00", d: "x", e: 1, f: 1.5, g: [1, 2] } })).data
""",
)
def issue_alike(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Alike) -> dict[str, str]:
        return saw(value=value)


class ByAliasOne(BaseModel):
    kind: Literal["one"] = Field("one", alias="@type")
    value: int = 1


class ByAliasTwo(BaseModel):
    kind: Literal["two"] = Field("two", alias="@type")
    value: int = 2


@shape(
    "union: a discriminator with an alias and a default",
    python='await client.put([ByAliasTwo.model_validate({}), ByAliasOne.model_validate({"value": 5})])',
    typescript='(await api.put({ body: [{ "@type": "two" }, { "@type": "one", value: 5 }] })).data',
    sees={"value": "[ByAliasTwo(kind='two', value=2), ByAliasOne(kind='one', value=5)]"},
    gets=[{"@type": "two", "value": 2}, {"@type": "one", "value": 5}],
)
def issue_discriminator_alias(app: FastAPI) -> None:
    @app.put("/put")
    async def put(
        value: list[Annotated[ByAliasOne | ByAliasTwo, Field(discriminator="kind")]],
    ) -> list[Annotated[ByAliasOne | ByAliasTwo, Field(discriminator="kind")]]:
        saw(value=value)
        return value


@shape(
    "path: convertors in the path, a bool and a duration in the path",
    python='await client.get(3, 1.5, True, timedelta(hours=1), Decimal("1.50"))',
    typescript='(await api.get({ itemId: 3, size: 1.5, flag: true, wait: "PT1H", amount: "1.50" })).data',
    sees={
        "item": "3",
        "size": "1.5",
        "flag": "True",
        "wait": "datetime.timedelta(seconds=3600)",
        "amount": "Decimal('1.50')",
    },
)
def issue_path_kinds(app: FastAPI) -> None:
    @app.get("/{item_id:int}/{size:float}/{flag}/{wait}/{amount}")
    async def get(
        item_id: int, size: float, flag: bool, wait: timedelta, amount: Decimal
    ) -> dict[str, str]:
        return saw(item=item_id, size=size, flag=flag, wait=wait, amount=amount)


@shape(
    "query: lists of booleans, of numbers or null, of enums in the query; `default_factory`",
    python="await client.search(flags=[True, False], levels={Level.HIGH}, names=[])",
    typescript="(await api.search({ flags: [true, false], levels: [2], names: [] })).data",
    sees={"flags": "[True, False]", "levels": "{<Level.HIGH: 2>}", "names": "[]"},
)
def issue_query_kinds(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        flags: Annotated[list[bool], Query()],
        names: Annotated[list[str], Query(default_factory=list)],
        levels: Annotated[frozenset[Level] | None, Query()] = None,
    ) -> dict[str, str]:
        return saw(flags=flags, levels=levels and set(levels), names=names)


@shape(
    "query: an optional list in the query that is empty, where None means no filter",
    python=Call("await client.remove(ids=[])", raises="ids: an empty list cannot be sent here"),
    typescript=Call("(await api.remove({ ids: [] })).data", raises="The list ids is empty"),
    sees=None,
)
def issue_remove_all(app: FastAPI) -> None:
    @app.delete("/items")
    async def remove(ids: Annotated[list[int] | None, Query()] = None) -> dict[str, str]:
        return saw(ids=ids)


@shape(
    "header: headers `User-Agent`, `Accept-Language`, `Content-Type` as parameters",
    python='await client.get(user_agent="me/1", accept_language="de", range="bytes=0-1")',
    typescript='(await api.get({ userAgent: "me/1", acceptLanguage: "de", range: "bytes=0-1" })).data',
    sees={"agent": "'me/1'", "language": "'de'", "range": "'bytes=0-1'"},
)
def issue_known_headers(app: FastAPI) -> None:
    @app.get("/get")
    async def get(
        user_agent: Annotated[str | None, Header()] = None,
        accept_language: Annotated[str | None, Header()] = None,
        range: Annotated[str | None, Header()] = None,
    ) -> dict[str, str]:
        return saw(agent=user_agent, language=accept_language, range=range)


class InfOut(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")
    value: float
    other: Annotated[Decimal, Field(max_digits=6, decimal_places=2)] = Decimal("0")


@shape(
    'field: `ser_json_inf_nan="strings"`',
    python='await client.put(InfOut(value=float("inf"), other=Decimal("1.10")))',
    typescript=Call(
        '(await api.put({ body: { value: 1.5, other: "1.10" } })).data', sees={"value": "1.5"}
    ),
    sees={"value": "inf"},
)
def issue_inf(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: InfOut) -> dict[str, str]:
        return saw(value=value.value)


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
    "file: a file beside JSON in a form field, and lists of bytes",
    python="""await client.upload('{"name": "a"}', b"x", more=[b"1", b"2"])""",
    typescript="""(await api.upload({ body: { item: '{"name": "a"}', file: new Blob(["x"]), more: [new Blob(["1"]), new Blob(["2"])] } })).data""",
    sees={"item": "MaybeItem(name='a')", "file": "b'x'", "more": "[b'1', b'2']"},
)
def issue_json_form(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(
        item: Annotated[Json[MaybeItem], Form()],
        file: Annotated[bytes, File()],
        more: Annotated[list[bytes] | None, File()] = None,
    ) -> dict[str, str]:
        return saw(item=item, file=file, more=more)


@shape(
    "stream: lines of a stream that are null, empty or texts with line separators",
    python="[each async for each in client.lines()]",
    typescript="""
const found: unknown[] = [];
for await (const line of api.lines()) found.push(line);
return found;
""",
    gets=["a\u2028b", None, "", "c\nd", "\u0085"],
)
def issue_lines(app: FastAPI) -> None:
    @app.get("/lines")
    async def lines() -> AsyncIterator[str | None]:
        for each in ("a\u2028b", None, "", "c\nd", "\u0085"):
            yield each


@shape(
    "name: a model whose field is called like a method of pydantic",
    python='await client.put(Shadow.model_validate({"json": 1, "copy": 2, "schema": 3, "class": 4}))',
    typescript="(await api.put({ body: { json: 1, copy: 2, schema: 3, class: 4 } })).data",
    gets={"json": 1, "copy": 2, "schema": 3, "class": 4},
)
def issue_shadow(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Shadow) -> Shadow:
        return value


class Shadow(BaseModel):
    json_: int = Field(alias="json")
    copy_: int = Field(alias="copy")
    schema_: int = Field(alias="schema")
    class_: int = Field(alias="class")


class Kelvin(BaseModel):
    degrees: Annotated[float, BeforeValidator(lambda value: value)] = 0
    history: tuple[float, ...] = ()
    ends: tuple[int, str | None] = (0, None)
    grid: dict[str, dict[int, list[tuple[int, str]]]] = {}


@shape(
    "field: tuples of any length, with null, in maps in maps",
    python='await client.put(Kelvin(degrees=1, history=(1.5, 2), ends=(1, None), grid={"a": {1: [(2, "b")]}}))',
    typescript='(await api.put({ body: { degrees: 1, history: [1.5, 2], ends: [1, null], grid: { a: { 1: [[2, "b"]] } } } })).data',
    sees={
        "value": "Kelvin(degrees=1.0, history=(1.5, 2.0), ends=(1, None), grid={'a': {1: [(2, 'b')]}})"
    },
)
def issue_tuples(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Kelvin) -> Kelvin:
        saw(value=value)
        return value


class MaskedToken(BaseModel):
    name: str
    token: str
    at: datetime = datetime(2026, 1, 1)

    @field_serializer("token")
    def mask(self, token: str) -> str:
        return "***"

    @field_serializer("at")
    def shorten(self, at: datetime) -> str:
        return at.isoformat(timespec="seconds")


@shape(
    "model: a serializer that masks a value",
    python=Call(
        'await client.put(MaskedToken(name="a", token="t"))',
        raises="token would arrive with another value",
    ),
    typescript=Call(
        '(await api.put({ body: { name: "a", token: "t" } })).data',
        sees={"name": "'a'", "token": "'t'"},
    ),
)
def issue_masked(app: FastAPI) -> None:
    @app.put("/tokens")
    async def put(value: MaskedToken) -> dict[str, str]:
        return saw(name=value.name, token=value.token)


@shape(
    "model: a serializer that rounds a moment",
    python="""
at = datetime(2026, 1, 2, 3, 4, 5, 678)
return await client.put(MaskedToken(name="a", token="***", at=at))
""",
    typescript='(await api.put({ body: { name: "a", token: "t", at: "2026-01-02T03:04:05" } })).data',
    sees={"at": "datetime.datetime(2026, 1, 2, 3, 4, 5)"},
)
def issue_rounded(app: FastAPI) -> None:
    @app.put("/tokens")
    async def put(value: MaskedToken) -> dict[str, str]:
        return saw(at=value.at)


class Animal(BaseModel):
    name: str


class Parrot(Animal):
    words: list[str] = []


class ParrotOwner(BaseModel):
    pets: list[Parrot | Animal] = []
    best: Parrot | Animal | None = None


@shape(
    "union: a union of a model and its base",
    python=Call(
        'await client.put(ParrotOwner(pets=[Animal(name="a"), Parrot(name="b", words=["w"]), Parrot(name="c")], best=Animal(name="d")))',
        raises="Animal would arrive as Parrot",
    ),
    typescript='(await api.put({ body: { pets: [{ name: "a" }, { name: "b", words: ["w"] }] } })).data',
)
def issue_base_union(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: ParrotOwner) -> ParrotOwner:
        saw(value=value)
        return value


class Money(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount": 1}]}, title="Money", coerce_numbers_to_str=True
    )
    amount: Annotated[
        Decimal, Field(ge=0, multiple_of=Decimal("0.01"), decimal_places=2, max_digits=30)
    ]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$", to_upper=True)] = "EUR"
    big: int = 0


@shape(
    "field: Decimal with all its digits in both directions, a large integer",
    python='await client.put(Money(amount=Decimal("1234567890123456789012345.67"), big=2**70))',
    typescript='(await api.put({ body: { amount: "1234567890123456789012345.67" } })).data',
    sees={"amount": "Decimal('1234567890123456789012345.67')"},
)
def issue_money(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Money) -> Money:
        saw(amount=value.amount)
        return value


@shape(
    "name: optional headers, cookies and query of one name",
    python="await client.get(1, id_query=2, id_header=3, id_cookie=4)",
    typescript="(await api.get({ id: 1, idQuery: 2, idHeader: 3, idCookie: 4 })).data",
    sees={"path": "1", "query": "2", "header": "3", "cookie": "4"},
)
def issue_one_name(app: FastAPI) -> None:
    @app.get("/{id}")
    async def get(
        path_id: Annotated[int, PathParameter(alias="id")],
        query_id: Annotated[int | None, Query(alias="id")] = None,
        header_id: Annotated[int | None, Header(alias="id")] = None,
        cookie_id: Annotated[int | None, Cookie(alias="id")] = None,
    ) -> dict[str, str]:
        return saw(path=path_id, query=query_id, header=header_id, cookie=cookie_id)


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


@shape(
    "query: a query model beside another query parameter and a header",
    python='await client.search(5, tags={"a"}, sort="-created_at", x_token="t")',
    typescript='(await api.search({ limit: 5, tags: ["a"], sort: "-created_at", xToken: "t" })).data',
    sees={"limit": "5", "tags": "['a']", "sort": "'-created_at'", "token": "'t'"},
)
def issue_query_model(app: FastAPI) -> None:
    def filters(limit: int, tags: Annotated[set[str] | None, Query()] = None) -> dict[str, Any]:
        return {"limit": limit, "tags": tags and sorted(tags)}

    def sorting(
        sort: Annotated[Literal["created_at", "-created_at"], Query()] = "created_at",
    ) -> str:
        return sort

    @app.get("/search", dependencies=[Depends(sorting)])
    async def search(
        found: Annotated[dict[str, Any], Depends(filters)],
        sort: Annotated[str, Depends(sorting)],
        x_token: Annotated[str | None, Header()] = None,
    ) -> dict[str, str]:
        return saw(limit=found["limit"], tags=found["tags"], sort=sort, token=x_token)


class PatternKeys(BaseModel):
    by_code: dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], int]
    by_id: dict[UUID, str] = {}
    by_flag: dict[bool, int] = {}
    by_literal: dict[Literal["a", "b"], int] = {}


@shape(
    "field: maps whose keys have a pattern, are UUIDs, booleans, literals",
    python='await client.put(PatternKeys(by_code={"de": 1}, by_id={UUID(int=1): "x"}, by_flag={True: 1}, by_literal={"a": 2}))',
    typescript='(await api.put({ body: { by_code: { de: 1 }, by_id: { "00000000-0000-0000-0000-000000000001": "x" }, by_flag: { true: 1 }, by_literal: { a: 2 } } })).data',
    sees={
        "code": "{'de': 1}",
        "id": "{UUID('00000000-0000-0000-0000-000000000001'): 'x'}",
        "flag": "{True: 1}",
        "literal": "{'a': 2}",
    },
)
def issue_pattern_keys(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: PatternKeys) -> PatternKeys:
        saw(code=value.by_code, id=value.by_id, flag=value.by_flag, literal=value.by_literal)
        return value


class Num(BaseModel):
    op: Literal["num"] = "num"
    value: float


class Add(BaseModel):
    op: Literal["add"] = "add"
    left: "Expr"
    right: "Expr"
    rest: list["Expr"] = []


Expr = Annotated[Num | Add, Field(discriminator="op")]
Add.model_rebuild()


@shape(
    "union: a recursive union with discriminators that are defaults",
    python="await client.put(Add(left=Num(value=1), right=Add(left=Num(value=2), right=Num(value=3)), rest=[Num(value=4)]))",
    typescript='(await api.put({ body: { op: "add", left: { op: "num", value: 1 }, right: { op: "add", left: { op: "num", value: 2 }, right: { op: "num", value: 3 } }, rest: [{ op: "num", value: 4 }] } })).data',
    sees={
        "value": "Add(op='add', left=Num(op='num', value=1.0), right=Add(op='add', left=Num(op='num', value=2.0), right=Num(op='num', value=3.0), rest=[]), rest=[Num(op='num', value=4.0)])"
    },
)
def issue_expression(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Expr) -> Expr:
        saw(value=value)
        return value


class Collections(BaseModel):
    queue: deque[int]
    groups: defaultdict[str, list[int]]
    order: OrderedDict[str, int]
    items: Sequence[str]
    view: Mapping[str, float]
    pattern: Pattern[str]
    path: PurePosixPath
    point: complex = 1j


@shape(
    "field: deque, defaultdict, OrderedDict, Sequence, Mapping, Pattern, complex",
    python='await client.put(Collections.model_validate({"queue": [1], "groups": {"a": [1]}, "order": {"b": 1, "a": 2}, "items": ["x"], "view": {"y": 1.5}, "pattern": "^a+$", "path": "/a/b", "point": 1 + 2j}))',
    typescript='(await api.put({ body: { queue: [1], groups: { a: [1] }, order: { b: 1, a: 2 }, items: ["x"], view: { y: 1.5 }, pattern: "^a+$", path: "/a/b", point: "1+2j" } })).data',
    sees={
        "queue": "deque([1])",
        "groups": "{'a': [1]}",
        "order": "['b', 'a']",
        "items": "['x']",
        "pattern": "'^a+$'",
        "path": "PurePosixPath('/a/b')",
        "point": "(1+2j)",
    },
)
def issue_collections(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Collections) -> Collections:
        saw(
            queue=value.queue,
            groups=dict(value.groups),
            order=list(value.order),
            items=value.items,
            pattern=value.pattern.pattern,
            path=value.path,
            point=value.point,
        )
        return value


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


class Tone(StrEnum):
    EMPTY = ""
    LOWER = "a"
    UPPER = "A"
    DASH = "a-b"
    UNDER = "a_b"
    ONE = "1"


class Sign(IntEnum):
    MINUS = -1
    PLUS = 1


class Toned(BaseModel):
    tone: Tone
    tones: dict[Tone, Tone] = {}
    sign: Sign = Sign.PLUS
    size: Literal[-1, 0] = 0


@shape(
    "field: enums with an empty text, values that differ by case, negative numbers",
    python="await client.put(Toned(tone=Tone.EMPTY, tones={Tone.LOWER: Tone.UPPER}, sign=Sign.MINUS, size=-1), [Tone.DASH, Tone.UPPER], sign=Sign.MINUS)",
    typescript='(await api.put({ body: { tone: "", tones: { a: "A" }, sign: -1, size: -1 }, tones: ["a-b", "A"], sign: -1 })).data',
    sees={
        "value": "Toned(tone=<Tone.EMPTY: ''>, tones={<Tone.LOWER: 'a'>: <Tone.UPPER: 'A'>}, sign=<Sign.MINUS: -1>, size=-1)",
        "tones": "[<Tone.DASH: 'a-b'>, <Tone.UPPER: 'A'>]",
        "sign": "<Sign.MINUS: -1>",
    },
)
def issue_odd_enums(app: FastAPI) -> None:
    @app.put("/put")
    async def put(
        value: Toned, tones: Annotated[list[Tone], Query()], sign: Sign = Sign.PLUS
    ) -> Toned:
        saw(value=value, tones=tones, sign=sign)
        return value


class CamelFilter(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")
    page_size: int = 10
    created_after: datetime | None = None
    status_in: list[Tone] = Field(default_factory=lambda: [Tone.LOWER])
    is_open: bool | None = None


@shape(
    "query: a query model with a camelCase generator, a list with a factory, a boolean",
    python="await client.search(page_size=5, created_after=datetime(2026, 1, 2, tzinfo=UTC), status_in=[Tone.DASH], is_open=False)",
    typescript='(await api.search({ pageSize: 5, createdAfter: "2026-01-02T00:00:00Z", statusIn: ["a-b"], isOpen: false })).data',
    sees={"size": "5", "after": "True", "status": "[<Tone.DASH: 'a-b'>]", "open": "False"},
)
def issue_camel_query(app: FastAPI) -> None:
    @app.get("/search")
    async def search(filters: Annotated[CamelFilter, Query()]) -> dict[str, str]:
        return saw(
            size=filters.page_size,
            after=filters.created_after == datetime.fromisoformat("2026-01-02T00:00:00+00:00"),
            status=filters.status_in,
            open=filters.is_open,
        )


@shape(
    "name: operation ids with dots, spaces and slashes",
    python="[await client.items_list_all_v1(), await client.get_item(), await client.x2nd()]",
    typescript="[(await api.itemsListAllV1()).data, (await api.getItem()).data, (await api.x2nd()).data]",
)
def issue_operation_ids(app: FastAPI) -> None:
    @app.get("/a", operation_id="items.list-all/v1")
    async def a() -> int:
        return 1

    @app.get("/b", operation_id="Get Item")
    async def b() -> int:
        return 2

    @app.get("/c", operation_id="x2nd")
    async def c() -> int:
        return 3


@shape(
    "name: operation ids that are the same in camelCase",
    python=Call("[await client.get_item(), await client.get_item_2()]", rejects="rename one"),
    typescript="[(await api.getItemGet()).data, (await api.getItemGet_()).data]",
)
def issue_same_ids(app: FastAPI) -> None:
    @app.get("/a", operation_id="get_item")
    async def a() -> int:
        return 1

    @app.get("/b", operation_id="getItem")
    async def b() -> int:
        return 2


@shape(
    "status: 207, 206 with a range, 200 with an empty body",
    python='[await client.multi(), await client.part(range="bytes=0-1"), await client.empty()]',
    typescript='[(await api.multi()).data, await (async () => { const { data } = await api.part({ range: "bytes=0-1" }); return typeof data; })(), (await api.empty()).data]',
)
def issue_statuses(app: FastAPI) -> None:
    @app.post("/multi", status_code=207)
    async def multi() -> list[MaybeItem]:
        return [MaybeItem(name="a")]

    @app.get("/part", status_code=206, response_class=Response)
    async def part(range: Annotated[str, Header()]) -> Response:
        return Response(b"ab", 206, media_type="application/octet-stream")

    @app.delete("/empty", status_code=200)
    async def empty() -> Response:
        return Response(status_code=200)


@shape(
    "error: a constrained body, with errors of validation by pydantic's location",
    python="""
try:
    await client.put([MaybeItem.model_construct(name="a")] * 4)
except ApiError as error:
    return [error.status, type(error.body).__name__]
return None
""",
    typescript="""
try {
  await api.put({ body: Array.from({ length: 4 }, () => ({ name: "a" })) });
} catch (error) {
  const failure = client.failureOf<Operations["put"]>(error);
  if (failure?.status === 422) return [422, failure.data.detail?.[0]?.loc];
}
return null;
""",
)
def issue_422(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Annotated[list[MaybeItem], Field(max_length=3)]) -> int:
        return len(value)


@shape(
    "status: 304 for a client that has the current version",
    python='[await client.find(), await client.find(if_none_match="v1")]',
    typescript="""
[(await api.find()).data, (await api.find({ ifNoneMatch: "v1" })).data ?? null]
""",
    gets=[{"name": "a"}, None],
)
def issue_not_modified(app: FastAPI) -> None:
    @app.get("/find", response_model=MaybeItem, responses={304: {"description": "same"}})
    async def find(if_none_match: Annotated[str | None, Header()] = None) -> Any:
        return Response(status_code=304) if if_none_match == "v1" else MaybeItem(name="a")


@shape(
    "response: text that begins with a byte order mark",
    python="await client.export()",
    typescript="(await api.export()).data",
    gets="\ufeffa;b",
)
def issue_bom(app: FastAPI) -> None:
    @app.get("/export", response_class=PlainTextResponse)
    async def export() -> str:
        return "\ufeffa;b"


class OptionalAny(BaseModel):
    info: Any | None = None
    other: dict[str, Any] | None = None


class OptionalUpload(BaseModel):
    title: str = "none"
    file: UploadFile | None = None
    more: list[UploadFile] = []


@shape(
    "field: `Any | None`",
    python='await client.put(OptionalAny(info={"a": [1]}))',
    typescript="(await api.put({ body: { info: { a: [1] } } })).data",
    gets={"info": {"a": [1]}, "other": None},
)
def issue_optional_any(app: FastAPI) -> None:
    @app.put("/any")
    async def put(value: OptionalAny) -> OptionalAny:
        return value


@shape(
    "file: an optional file and an optional list of files in a form model, left out",
    python='await client.upload(OptionalUpload(title="t"))',
    typescript='(await api.upload({ body: { title: "t" } })).data',
    sees={"title": "'t'", "file": "None", "more": "[]"},
)
def issue_optional_upload(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(form: Annotated[OptionalUpload, Form()]) -> dict[str, str]:
        return saw(title=form.title, file=form.file, more=form.more)


@shape(
    "file: only optional files, all left out, then one of two",
    python='[await client.upload(), await client.upload(second=b"2")]',
    typescript="""
[(await api.upload()).data, (await api.upload({ body: { second: new Blob(["2"]) } })).data]
""",
    gets=[{"first": "None", "second": "None"}, {"first": "None", "second": "b'2'"}],
)
def issue_optional_files(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(
        first: Annotated[bytes | None, File()] = None,
        second: Annotated[bytes | None, File()] = None,
    ) -> dict[str, str]:
        return saw(first=first, second=second)


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


@shape(
    "query: a time with a zone, a URL, a network, a path",
    python="""
at = datetime.fromisoformat("2026-01-02T10:00:00+02:00").timetz()
return await client.search(at, "https://a.example/x?y=1&z=ü", "10.0.0.0/8", "/a b/c")
""",
    typescript="""
(await api.search({ at: "10:00:00+02:00", url: "https://a.example/x?y=1&z=ü", net: "10.0.0.0/8", file: "/a b/c" })).data
""",
    sees={
        "at": "'10:00:00+02:00'",
        "url": "'https://a.example/x?y=1&z=%C3%BC'",
        "net": "'10.0.0.0/8'",
        "file": "'/a b/c'",
    },
)
def issue_query_types(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        at: time, url: AnyUrl, net: IPv4Network, file: PurePosixPath
    ) -> dict[str, str]:
        return saw(at=at.isoformat(), url=str(url), net=str(net), file=str(file))


UserNumber = NewType("UserNumber", int)


class Oddities(BaseModel):
    limit: ClassVar[int] = 3
    secret: Secret[date]
    numbers: list[OnErrorOmit[int]] = []
    anything: list[Any | None] | None = None
    bare: list | dict | None = None
    user: UserNumber | Literal["me"] | None = None
    key: Hashable = "k"
    model: ThingOne | dict[str, Any] | Any = None
    _cache: int = PrivateAttr(default=0)


@shape(
    "field: `Secret[date]`, `OnErrorOmit`, unions with `Any`, bare lists",
    python="""
await client.put(
    Oddities(
        secret=Secret[date](date(2026, 1, 2)), numbers=[1], anything=[None, 1], bare=[1, "a"],
        user=UserNumber(7), model=ThingOne(a=1),
    )
)
""",
    typescript="""
(await api.put({ body: { secret: "2026-01-02", numbers: [1], anything: [null, 1], bare: [1, "a"], user: 7, model: { a: 1 } } })).data
""",
    sees={
        "secret": "datetime.date(2026, 1, 2)",
        "numbers": "[1]",
        "anything": "[None, 1]",
        "bare": "[1, 'a']",
        "user": "7",
        "model": "ThingOne(a=1)",
    },
)
def issue_oddities(app: FastAPI) -> None:
    @app.put("/odd")
    async def put(value: Oddities) -> dict[str, str]:
        return saw(
            secret=value.secret.get_secret_value(),
            numbers=value.numbers,
            anything=value.anything,
            bare=value.bare,
            user=value.user,
            model=value.model,
        )


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


def kind_of(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "other" if kind not in (1, 2) else f"k{kind}"


class OtherDelivery(BaseModel):
    kind: int
    note: str = ""


AnyDelivery = Annotated[
    Annotated[Shipping, Tag("k1")]
    | Annotated[Pickup, Tag("k2")]
    | Annotated[OtherDelivery, Tag("other")],
    Discriminator(kind_of),
]


@shape(
    "union: a discriminator that is a function with a fallback, in a map",
    python="""
await client.put({"a": OtherDelivery(kind=9), "b": Pickup(kind=2, shop=1)})
""",
    typescript="""
(await api.put({ body: { a: { kind: 9 }, b: { kind: 2, shop: 1 } } })).data
""",
    sees={"value": "{'a': OtherDelivery(kind=9, note=''), 'b': Pickup(kind=2, shop=1)}"},
)
def issue_fallback(app: FastAPI) -> None:
    @app.put("/deliveries")
    async def put(value: dict[str, AnyDelivery]) -> dict[str, AnyDelivery]:
        saw(value=value)
        return value


@shape(
    "stream: events with several lines, an empty text and a comment between them",
    python="[event.data async for event in client.watch()]",
    typescript="""
const found: unknown[] = [];
for await (const event of api.watch()) found.push(event.data);
return found;
""",
    gets=["a\nb", "", " c"],
)
def issue_events(app: FastAPI) -> None:
    @app.get("/watch", response_class=EventSourceResponse)
    async def watch() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(raw_data="a\nb", event="x")
        yield ServerSentEvent(raw_data="")
        yield ServerSentEvent(comment="wait")
        yield ServerSentEvent(raw_data=" c", retry=10)


@shape(
    "response: `-> Response` with JSON, with nothing, with text that no spec declares",
    python='[await client.get("json"), await client.get("empty"), await client.get("text")]',
    typescript="""
const { data } = await api.get({ kind: "empty" });
const empty = data instanceof Blob && data.size === 0 ? null : (data ?? null);
return [(await api.get({ kind: "json" })).data, empty, (await api.get({ kind: "text" })).data];
""",
    gets=[{"a": 1}, None, "hello"],
)
def issue_any_response(app: FastAPI) -> None:
    @app.get("/any")
    async def get(kind: str) -> Response:
        if kind == "json":
            return JSONResponse({"a": 1})
        return PlainTextResponse("hello") if kind == "text" else Response()
