"""Models: serializers, computed fields, fields that are left out."""

from datetime import datetime
from typing import Annotated

from fastapi import FastAPI
from pydantic import (
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializeAsAny,
    computed_field,
    field_serializer,
    model_serializer,
)

from shapes.rows.shared_models import ThingOne
from shapes.shape import Call, saw, shape


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
