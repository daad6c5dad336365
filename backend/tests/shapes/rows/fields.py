"""Models: the types of fields."""

from collections import deque
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import FastAPI
from pydantic import (
    AnyUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    SecretBytes,
    SecretStr,
    StringConstraints,
)

from shapes.shape import Call, saw, shape
from trading_api.models import NamedIntEnum


class Login(BaseModel):
    name: str
    password: SecretStr
    pin: SecretBytes = SecretBytes(b"0000")


@shape(
    "field: `SecretStr`, `SecretBytes` in a request",
    python='await client.login(Login(name="ada", password=SecretStr("s3cret"), pin=SecretBytes(b"12")))',
    typescript='(await api.login({ body: { name: "ada", password: "s3cret", pin: "12" } })).data',
    sees={"password": "'s3cret'", "pin": "b'12'"},
)
def field_secret(app: FastAPI) -> None:
    @app.post("/login")
    async def login(body: Login) -> dict[str, str]:
        return saw(password=body.password.get_secret_value(), pin=body.pin.get_secret_value())


class Times(BaseModel):
    day: date
    moment: datetime
    aware: AwareDatetime
    at: time
    wait: timedelta


@shape(
    "field: dates and times",
    python="""
moment = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
return await client.put_times(
    Times(day=date(2024, 2, 29), moment=moment, aware=moment, at=time(9, 30), wait=timedelta(hours=1))
)
""",
    typescript="""
const moment = "2024-02-29T12:30:00Z";
const body = { day: "2024-02-29", moment, aware: moment, at: "09:30:00", wait: "PT1H" };
return (await api.putTimes({ body })).data;
""",
    gets={
        "day": "2024-02-29",
        "moment": "2024-02-29T12:30:00Z",
        "aware": "2024-02-29T12:30:00Z",
        "at": "09:30:00",
        "wait": "PT1H",
    },
)
def field_times(app: FastAPI) -> None:
    @app.put("/times")
    async def put_times(times: Times) -> Times:
        return times


class Exact(BaseModel):
    price: Decimal
    key: UUID
    address: IPv4Address
    url: AnyUrl
    count: PositiveInt
    code: Annotated[str, StringConstraints(pattern="^[A-Z]+$", max_length=3)]


@shape(
    "field: Decimal, UUID, IP address, URL, constrained values",
    python="""
await client.put_exact(
    Exact.model_validate(
        {
            "price": "0.10",
            "key": "12345678-1234-5678-1234-567812345678",
            "address": "127.0.0.1",
            "url": "http://example.com/a?b=c",
            "count": 3,
            "code": "ABC",
        }
    )
)
""",
    typescript="""
(await api.putExact({
  body: {
    price: "0.10",
    key: "12345678-1234-5678-1234-567812345678",
    address: "127.0.0.1",
    url: "http://example.com/a?b=c",
    count: 3,
    code: "ABC",
  },
})).data
""",
    gets={
        "price": "0.10",
        "key": "12345678-1234-5678-1234-567812345678",
        "address": "127.0.0.1",
        "url": "http://example.com/a?b=c",
        "count": 3,
        "code": "ABC",
    },
)
def field_exact(app: FastAPI) -> None:
    @app.put("/exact")
    async def put_exact(exact: Exact) -> Exact:
        return exact


class Collections(BaseModel):
    tags: set[str] = set()
    frozen: frozenset[int] = frozenset()
    queue: deque[int] = deque()
    pair: tuple[int, str]
    many: tuple[float, ...] = ()
    by_day: dict[date, int] = {}
    nested: dict[str, list[dict[str, int | None]]] = {}


@shape(
    "field: sets, tuples, maps in lists in maps",
    python="""
await client.put_collections(
    Collections(
        tags={"a"},
        frozen=frozenset({1}),
        pair=(1, "one"),
        many=(1.5, 2.0),
        by_day={date(2024, 2, 29): 5},
        nested={"x": [{"y": None}]},
    )
)
""",
    typescript="""
(await api.putCollections({
  body: {
    tags: ["a"],
    frozen: [1],
    pair: [1, "one"],
    many: [1.5, 2],
    by_day: { "2024-02-29": 5 },
    nested: { x: [{ y: null }] },
  },
})).data
""",
    gets={
        "tags": ["a"],
        "frozen": [1],
        "queue": [],
        "pair": [1, "one"],
        "many": [1.5, 2.0],
        "by_day": {"2024-02-29": 5},
        "nested": {"x": [{"y": None}]},
    },
)
def field_collections(app: FastAPI) -> None:
    @app.put("/collections")
    async def put_collections(collections: Collections) -> Collections:
        return collections


class Attachment(BaseModel):
    content: bytes


class Base64Attachment(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    content: bytes


@shape(
    "field: bytes as text",
    python='await client.attach(Attachment(content="é".encode()))',
    typescript='(await api.attach({ body: { content: "é" } })).data',
    sees={"content": repr("é".encode())},
    gets={"content": "é"},
)
def field_bytes(app: FastAPI) -> None:
    @app.post("/attachments")
    async def attach(attachment: Attachment) -> dict[str, str]:
        saw(content=attachment.content)
        return {"content": attachment.content.decode()}


@shape(
    "field: bytes as base64",
    python='list((await client.attach(Base64Attachment(content=b"\\x00\\xff\\xfe"))).content)',
    typescript=Call(
        '(await api.attach({ body: { content: "AP_-" } })).data',
        gets={"content": "AP_-"},
    ),
    sees={"content": repr(b"\x00\xff\xfe")},
    gets=[0, 255, 254],
)
def field_base64(app: FastAPI) -> None:
    @app.post("/attachments")
    async def attach(attachment: Base64Attachment) -> Base64Attachment:
        saw(content=attachment.content)
        return attachment


class Side(NamedIntEnum):
    BUY = 1
    SELL = -1


class Weekday(Enum):
    MONDAY = "mon"
    TUESDAY = "tue"


class Trade(BaseModel):
    side: Side
    day: Weekday = Weekday.MONDAY
    by_side: dict[Side, int] = {}
    size: Literal["big", "small", 0, None] = 0


@shape(
    "field: enums with names, as values and as keys",
    python="await client.put_trade(Trade(side=Side.SELL, by_side={Side.BUY: 2}))",
    typescript="""
(await api.putTrade({
  body: { side: client.Side.SELL, day: client.Weekday.mon, by_side: { [client.Side.BUY]: 2 } },
})).data
""",
    sees={"side": "<Side.SELL: -1>", "by_side": "{<Side.BUY: 1>: 2}"},
    gets={"side": -1, "day": "mon", "by_side": {"1": 2}, "size": 0},
)
def field_enums(app: FastAPI) -> None:
    @app.put("/trades")
    async def put_trade(trade: Trade) -> Trade:
        saw(side=trade.side, by_side=trade.by_side)
        return trade


@shape(
    "field: literals of several kinds",
    python="(await client.put_trade(Trade(side=Side.BUY, size=None))).size",
    typescript="(await api.putTrade({ body: { side: 1, size: null } })).data.size",
    sees={"size": "None"},
    gets=None,
)
def field_mixed_literal(app: FastAPI) -> None:
    @app.put("/trades")
    async def put_trade(trade: Trade) -> Trade:
        saw(size=trade.size)
        return trade


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
