"""Models: the types of fields."""

from collections import deque
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import (
    AnyUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
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
