"""Parameters in the query: one value each."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request

from shapes.shape import Call, saw, shape


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "dark blue"


class Level(IntEnum):
    LOW = 1
    HIGH = -2


@shape(
    "query: a required text",
    python='await client.search("a&b=c d+é%")',
    typescript='(await api.search({ q: "a&b=c d+é%" })).data',
    sees={"q": "'a&b=c d+é%'"},
    gets={"q": "'a&b=c d+é%'"},
)
def query_text(app: FastAPI) -> None:
    @app.get("/search")
    async def search(q: str) -> dict[str, str]:
        return saw(q=q)


@shape(
    "query: numbers and a boolean",
    python="await client.search(-7, 0.1, True)",
    typescript="(await api.search({ count: -7, ratio: 0.1, exact: true })).data",
    sees={"count": "-7", "ratio": "0.1", "exact": "True"},
)
def query_scalars(app: FastAPI) -> None:
    @app.get("/search")
    async def search(count: int, ratio: float, exact: bool) -> dict[str, str]:
        return saw(count=count, ratio=ratio, exact=exact)


@shape(
    "query: defaults that are left out are not sent",
    python="await client.search()",
    typescript="(await api.search()).data",
    sees={"limit": "50", "q": "None", "query": "''"},
)
def query_defaults(app: FastAPI) -> None:
    @app.get("/search")
    async def search(request: Request, limit: int = 50, q: str | None = None) -> dict[str, str]:
        return saw(limit=limit, q=q, query=request.url.query)


@shape(
    "query: an empty text and zero are sent",
    python='await client.search(q="", limit=0, exact=False)',
    typescript='(await api.search({ q: "", limit: 0, exact: false })).data',
    sees={"q": "''", "limit": "0", "exact": "False"},
)
def query_empty_values(app: FastAPI) -> None:
    @app.get("/search")
    async def search(q: str = "x", limit: int = 50, exact: bool = True) -> dict[str, str]:
        return saw(q=q, limit=limit, exact=exact)


@shape(
    "query: an enum of texts and one of numbers",
    python="await client.search(Colour.DARK_BLUE, level=Level.HIGH)",
    typescript='(await api.search({ colour: "dark blue", level: -2 })).data',
    sees={"colour": "<Colour.DARK_BLUE: 'dark blue'>", "level": "<Level.HIGH: -2>"},
)
def query_enums(app: FastAPI) -> None:
    @app.get("/search")
    async def search(colour: Colour, level: Level = Level.LOW) -> dict[str, str]:
        return saw(colour=colour, level=level)


@shape(
    "query: literals, also of digits",
    python='await client.search("fast", size="2")',
    typescript='(await api.search({ mode: "fast", size: "2" })).data',
    sees={"mode": "'fast'", "size": "'2'"},
)
def query_literals(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        mode: Literal["fast", "slow"], size: Literal["1", "2"] = "1"
    ) -> dict[str, str]:
        return saw(mode=mode, size=size)


@shape(
    "query: date, datetime, time, timedelta",
    python="""
await client.search(
    date(2024, 2, 29),
    datetime(2024, 2, 29, 12, 30, 15, 250_000, tzinfo=UTC),
    time(9, 30),
    timedelta(days=1, seconds=30),
)
""",
    typescript="""
(await api.search({
  day: "2024-02-29",
  moment: "2024-02-29T12:30:15.250+00:00",
  at: "09:30:00",
  wait: "P1DT30S",
})).data
""",
    sees={
        "day": "datetime.date(2024, 2, 29)",
        "moment": "'2024-02-29T12:30:15.250000+00:00'",
        "at": "datetime.time(9, 30)",
        "wait": "datetime.timedelta(days=1, seconds=30)",
    },
)
def query_times(app: FastAPI) -> None:
    @app.get("/search")
    async def search(day: date, moment: datetime, at: time, wait: timedelta) -> dict[str, str]:
        return saw(day=day, moment=moment.isoformat(), at=at, wait=wait)


@shape(
    "query: UUID and Decimal with all digits",
    python="""
await client.search(
    UUID("12345678-1234-5678-1234-567812345678"), Decimal("0.1000000000000000055511151231")
)
""",
    typescript="""
(await api.search({
  key: "12345678-1234-5678-1234-567812345678",
  price: "0.1000000000000000055511151231",
})).data
""",
    sees={
        "key": "UUID('12345678-1234-5678-1234-567812345678')",
        "price": "Decimal('0.1000000000000000055511151231')",
    },
)
def query_uuid_decimal(app: FastAPI) -> None:
    @app.get("/search")
    async def search(key: UUID, price: Decimal) -> dict[str, str]:
        return saw(key=key, price=price)


@shape(
    "query: `int | str`",
    python='[await client.search(5), await client.search("abc")]',
    typescript="""
const one = (await api.search({ q: 5 })).data;
const two = (await api.search({ q: "abc" })).data;
return [one, two];
""",
    sees=[{"q": "'5'"}, {"q": "'abc'"}],
)
def query_int_or_text(app: FastAPI) -> None:
    # Of a text that is a number, pydantic makes the text.
    @app.get("/search")
    async def search(q: int | str) -> dict[str, str]:
        return saw(q=q)


@shape(
    "query: `datetime | date`",
    python="await client.search(date(2024, 2, 29))",
    typescript='(await api.search({ since: "2024-02-29" })).data',
    sees={"since": "'2024-02-29'"},
)
def query_datetime_or_date(app: FastAPI) -> None:
    @app.get("/search")
    async def search(since: date | datetime) -> dict[str, str]:
        return saw(since=since.isoformat())


@shape(
    'query: `int | Literal["auto"]`',
    python='[await client.search(), await client.search(size="auto"), await client.search(size=3)]',
    typescript="""
return [
  (await api.search()).data,
  (await api.search({ size: "auto" })).data,
  (await api.search({ size: 3 })).data,
];
""",
    sees=[{"size": "1"}, {"size": "'auto'"}, {"size": "3"}],
)
def query_int_or_literal(app: FastAPI) -> None:
    @app.get("/search")
    async def search(size: int | Literal["auto"] = 1) -> dict[str, str]:
        return saw(size=size)


@shape(
    "query: aliases, reserved words, names of the client's own arguments",
    python="""
await client.search(
    from_="1",
    item_query="2",
    self_="3",
    body_="4",
    timeout_="5",
    headers_="6",
    order_type="7",
    _2nd="8",
)
""",
    typescript="""
(await api.search({
  from: "1",
  itemQuery: "2",
  self: "3",
  body: "4",
  timeout: "5",
  headers: "6",
  orderType: "7",
  _2nd: "8",
})).data
""",
    sees={"values": "['1', '2', '3', '4', '5', '6', '7', '8']"},
)
def query_names(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        from_: Annotated[str, Query(alias="from")],
        item_query: Annotated[str, Query(alias="item-query")],
        me: Annotated[str, Query(alias="self")],
        body: str,
        timeout: str,
        headers: str,
        orderType: str,
        second: Annotated[str, Query(alias="2nd")],
    ) -> dict[str, str]:
        values = [from_, item_query, me, body, timeout, headers, orderType, second]
        return saw(values=values)


@shape(
    "query: required, though it may be null",
    python='await client.search("x")',
    typescript='(await api.search({ q: "x" })).data',
    sees={"q": "'x'"},
)
def query_required_nullable(app: FastAPI) -> None:
    @app.get("/search")
    async def search(q: str | None) -> dict[str, str]:
        return saw(q=q)


@shape(
    "query: validation, description, deprecation, examples",
    python='await client.search(q="fixedquery")',
    typescript='(await api.search({ q: "fixedquery" })).data',
    sees={"q": "'fixedquery'"},
)
def query_validation(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        q: Annotated[
            str | None,
            Query(
                title="Query string",
                description="Text to\nsearch for; */ ends a comment.",
                min_length=3,
                max_length=50,
                pattern="^fixedquery$",
                deprecated=True,
                examples=["fixedquery"],
            ),
        ] = None,
    ) -> dict[str, str]:
        return saw(q=q)


@shape(
    "query: a parameter that is not in the schema",
    python="await client.search()",
    typescript="(await api.search()).data",
    sees={"hidden": "None"},
)
def query_hidden(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        hidden: Annotated[str | None, Query(include_in_schema=False)] = None,
    ) -> dict[str, str]:
        return saw(hidden=hidden)


class CommonParams:
    def __init__(self, q: str | None = None, skip: int = 0, limit: int = 100) -> None:
        self.values = [q, skip, limit]


@shape(
    "query: parameters of a class as a dependency",
    python='await client.read_items(q="x", limit=5)',
    typescript='(await api.readItems({ q: "x", limit: 5 })).data',
    sees={"values": "['x', 0, 5]"},
)
def query_dependency(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(commons: Annotated[CommonParams, Depends()]) -> dict[str, str]:
        return saw(values=commons.values)


@shape(
    "query: bytes",
    python='await client.search(raw="é".encode())',
    typescript='(await api.search({ raw: "é" })).data',
    sees={"raw": repr("é".encode())},
)
def query_bytes(app: FastAPI) -> None:
    @app.get("/search")
    async def search(raw: Annotated[bytes, Query()] = b"") -> dict[str, str]:
        return saw(raw=raw)


@shape(
    "query: a number beyond 2**53",
    python="await client.search(2**63 - 1)",
    typescript=Call(
        "(await api.search({ id: 9007199254740991 })).data", sees={"id": "9007199254740991"}
    ),
    sees={"id": "9223372036854775807"},
)
def query_big_number(app: FastAPI) -> None:
    @app.get("/search")
    async def search(id: Annotated[int, Query(le=2**63 - 1)]) -> dict[str, str]:
        return saw(id=id)
