"""Models: how the values of fields are written in JSON."""

from collections.abc import Hashable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Network
from typing import Annotated, Any, ClassVar, Literal, NewType

from fastapi import FastAPI
from pydantic import (
    Base64Bytes,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    Json,
    OnErrorOmit,
    PrivateAttr,
    Secret,
    SecretStr,
    StringConstraints,
)
from pydantic.json_schema import SkipJsonSchema

from shapes.rows.shared_models import ThingOne
from shapes.shape import Call, saw, shape


class Mixed(Enum):
    ONE = 1
    TWO = "two"
    ALSO_TWO = "two"


class Numbers(BaseModel):
    mixed: Mixed
    exact: Decimal
    zone: time
    wait: timedelta


@shape(
    "field: an enum of mixed values, exponents, negative durations",
    python="""
await client.put_numbers(
    Numbers(
        mixed=Mixed.TWO,
        exact=Decimal("1E+5"),
        zone=time(9, 30, tzinfo=UTC),
        wait=timedelta(days=-1, seconds=5),
    )
)
""",
    typescript="""
(await api.putNumbers({ body: { mixed: "two", exact: "1E+5", zone: "09:30:00Z", wait: "-PT86395S" } })).data
""",
    sees={
        "mixed": "<Mixed.TWO: 'two'>",
        "exact": "Decimal('1E+5')",
        "zone": "'09:30:00+00:00'",
        "wait": "datetime.timedelta(days=-1, seconds=5)",
    },
)
def field_edges(app: FastAPI) -> None:
    @app.put("/numbers")
    async def put_numbers(numbers: Numbers) -> dict[str, str]:
        return saw(
            mixed=numbers.mixed,
            exact=numbers.exact,
            zone=numbers.zone.isoformat(),
            wait=numbers.wait,
        )


class Vault(BaseModel):
    keys: dict[str, SecretStr]
    more: list[SecretStr | None] = []
    inner: "Vault | None" = None


@shape(
    "field: secrets in maps, lists and models in models",
    python="""
inner = Vault(keys={"b": SecretStr("2")})
return await client.put_vault(
    Vault(keys={"a": SecretStr("1")}, more=[SecretStr("3"), None], inner=inner)
)
""",
    typescript="""
(await api.putVault({
  body: { keys: { a: "1" }, more: ["3", null], inner: { keys: { b: "2" } } },
})).data
""",
    sees={"secrets": "['1', '3', '2']"},
)
def field_nested_secrets(app: FastAPI) -> None:
    @app.put("/vaults")
    async def put_vault(vault: Vault) -> dict[str, str]:
        assert vault.inner
        found = [vault.keys["a"], vault.more[0], vault.inner.keys["b"]]
        return saw(secrets=[each.get_secret_value() for each in found if each])


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


class OptionalAny(BaseModel):
    info: Any | None = None
    other: dict[str, Any] | None = None


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
