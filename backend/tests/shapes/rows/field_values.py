"""Models: defaults, null, free JSON, and values at the limits."""

from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from shapes.shape import Call, saw, shape


class Basket(BaseModel):
    tags: list[str] = []
    owner: "Owner" = Field(default_factory=lambda: Owner())


class Owner(BaseModel):
    name: str = "nobody"


@shape(
    "field: a default list and a default model, changed in place",
    python="""
basket = Basket()
basket.tags.append("new")
basket.owner.name = "ada"
return await client.put_basket(basket)
""",
    typescript='(await api.putBasket({ body: { tags: ["new"], owner: { name: "ada" } } })).data',
    sees={"tags": "['new']", "owner": "Owner(name='ada')"},
)
def field_changed_in_place(app: FastAPI) -> None:
    @app.put("/baskets")
    async def put_basket(basket: Basket) -> dict[str, str]:
        return saw(tags=basket.tags, owner=basket.owner)


class Command(BaseModel):
    id: UUID = Field(default_factory=uuid4)
    name: str


@shape(
    "field: an id of `default_factory` travels",
    python="""
command = Command(name="start")
return str(command.id) == await client.run(command)
""",
    typescript="""
const id = crypto.randomUUID();
return (await api.run({ body: { id, name: "start" } })).data === id;
""",
    gets=True,
)
def field_default_factory(app: FastAPI) -> None:
    @app.post("/commands")
    async def run(command: Command) -> str:
        return str(command.id)


class Measure(BaseModel):
    value: float


@shape(
    "field: NaN in a float, which JSON does not have",
    python=Call(
        "await client.put_measure(Measure(value=math.nan))",
        raises="nan cannot be sent as JSON",
        sees=None,
    ),
    typescript=Call(
        "(await api.putMeasure({ body: { value: NaN } })).data", raises="JSON has no NaN", sees=None
    ),
)
def field_nan(app: FastAPI) -> None:
    @app.put("/measures")
    async def put_measure(measure: Measure) -> dict[str, str]:
        return saw(value=measure.value)


class Hidden(BaseModel):
    name: str
    token: str = Field("none", exclude=True)


@shape(
    "field: `exclude=True` in a request",
    python=Call(
        'await client.put_hidden(Hidden(name="a", token="t"))',
        rejects="does not write its field 'token'",
    ),
    typescript='(await api.putHidden({ body: { name: "a", token: "t" } })).data',
    sees={"name": "'a'", "token": "'t'"},
)
def field_excluded(app: FastAPI) -> None:
    @app.put("/hidden")
    async def put_hidden(hidden: Hidden) -> dict[str, str]:
        return saw(name=hidden.name, token=hidden.token)


class Account(BaseModel):
    balance: int = Field(le=2**63 - 1, ge=-(2**63))


@shape(
    "field: integers of 64 bits",
    python="await client.put_account(Account(balance=2**63 - 1))",
    typescript=Call(
        "(await api.putAccount({ body: { balance: 2 ** 53 - 1 } })).data",
        sees={"balance": "9007199254740991"},
    ),
    sees={"balance": "9223372036854775807"},
)
def field_big_number(app: FastAPI) -> None:
    @app.put("/accounts")
    async def put_account(account: Account) -> dict[str, str]:
        return saw(balance=account.balance)


class Stamped(BaseModel):
    name: str
    at: datetime = datetime.now()  # evaluated when the model is defined


@shape(
    "field: a default that changes with each start (`datetime.now()`)",
    python='(await client.put_stamped(Stamped(name="a"))).name',
    typescript='(await api.putStamped({ body: { name: "a" } })).data.name',
    gets="a",
)
def field_moving_default(app: FastAPI) -> None:
    @app.put("/stamped")
    async def put_stamped(stamped: Stamped) -> Stamped:
        return stamped


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str


@shape(
    'model: `extra="allow"`',
    python='await client.put_loose(Loose.model_validate({"name": "a", "more": [1]}))',
    typescript='(await api.putLoose({ body: { name: "a", more: [1] } })).data',
    sees={"extra": "{'more': [1]}"},
    gets={"name": "a", "more": [1]},
)
def model_extra(app: FastAPI) -> None:
    @app.put("/loose")
    async def put_loose(loose: Loose) -> Loose:
        saw(extra=loose.model_extra)
        return loose


class Options(BaseModel):
    anything: Any = None
    settings: dict[str, Any] = {}
    values: list[Any] = []


@shape(
    "field: `Any`, `dict[str, Any]`, `list[Any]`",
    python='await client.put_options(Options(anything=1, settings={"a": {"b": 2}}, values=[None]))',
    typescript="""
(await api.putOptions({ body: { anything: 1, settings: { a: { b: 2 } }, values: [null] } })).data
""",
    gets={"anything": 1, "settings": {"a": {"b": 2}}, "values": [None]},
)
def field_any(app: FastAPI) -> None:
    @app.put("/options")
    async def put_options(options: Options) -> Options:
        return options


class Quiet(IntEnum):
    OFF = 0
    ON = 1


class Gaps(BaseModel):
    owner: Owner | None = None
    owners: list[Owner | None] = []
    by_name: dict[str, Owner | None] = {}
    quiet: Quiet | None = None
    corners: tuple[int | None, Owner | None] = (None, None)


@shape(
    "field: null in lists, maps and tuples of models",
    python="""
await client.put_gaps(
    Gaps(owners=[None, Owner(name="a")], by_name={"x": None}, corners=(1, None), quiet=Quiet.OFF)
)
""",
    typescript="""
(await api.putGaps({
  body: { owners: [null, { name: "a" }], by_name: { x: null }, corners: [1, null], quiet: 0 },
})).data
""",
    gets={
        "owner": None,
        "owners": [None, {"name": "a"}],
        "by_name": {"x": None},
        "quiet": 0,
        "corners": [1, None],
    },
)
def field_gaps(app: FastAPI) -> None:
    @app.put("/gaps")
    async def put_gaps(gaps: Gaps) -> Gaps:
        return gaps
