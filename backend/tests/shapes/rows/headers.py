"""Parameters in headers and cookies."""

from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Cookie, FastAPI, Header, Request
from pydantic import BaseModel

from shapes.shape import Call, saw, shape


@shape(
    "header: texts and numbers",
    python='await client.read_items("a b;c=\\"d\\"", x_count=-7)',
    typescript="""(await api.readItems({ xToken: 'a b;c="d"', xCount: -7 })).data""",
    sees={"x_token": "'a b;c=\"d\"'", "x_count": "-7"},
)
def header_values(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(
        x_token: Annotated[str, Header()], x_count: Annotated[int | None, Header()] = None
    ) -> dict[str, str]:
        return saw(x_token=x_token, x_count=x_count)


@shape(
    "header: left out",
    python="await client.read_items()",
    typescript="(await api.readItems()).data",
    sees={"x_mode": "'fast'", "sent": "False"},
)
def header_default(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(
        request: Request, x_mode: Annotated[str, Header()] = "fast"
    ) -> dict[str, str]:
        return saw(x_mode=x_mode, sent="x-mode" in request.headers)


@shape(
    "header: a repeated header",
    python='await client.read_items(["foo", "bar, baz"])',
    typescript='(await api.readItems({ xToken: ["foo", "bar, baz"] })).data',
    sees={"x_token": "['foo', 'bar, baz']"},
)
def header_list(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(x_token: Annotated[list[str], Header()]) -> dict[str, str]:
        return saw(x_token=x_token)


@shape(
    "header: letters of ISO 8859-1",
    python='await client.read_items("größe")',
    typescript='(await api.readItems({ xName: "größe" })).data',
    sees={"x_name": "'größe'"},
)
def header_latin_1(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(x_name: Annotated[str, Header()]) -> dict[str, str]:
        return saw(x_name=x_name)


@shape(
    "header: a value that no header can have",
    python=Call(
        'await client.read_items("a\\r\\nb: c")',
        raises="a value must be Latin-1, without line breaks",
        sees=None,
    ),
    typescript=Call(
        '(await api.readItems({ xName: "a\\r\\nb: c" })).data',
        raises="The header x-name cannot contain",
        sees=None,
    ),
)
def header_line_break(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(x_name: Annotated[str, Header()]) -> dict[str, str]:
        return saw(x_name=x_name)


@shape(
    "header: a name with underscores",
    python='await client.read_items("a")',
    typescript='(await api.readItems({ strangeHeader: "a" })).data',
    sees={"strange_header": "'a'"},
)
def header_underscores(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(
        strange_header: Annotated[str, Header(convert_underscores=False)],
    ) -> dict[str, str]:
        return saw(strange_header=strange_header)


class CommonHeaders(BaseModel):
    host: str
    save_data: bool
    if_modified_since: str | None = None
    x_tag: list[str] = []


@shape(
    "header: a model, one header for each field",
    python='await client.read_items("x.example", True, x_tag=["a"])',
    typescript='(await api.readItems({ host: "x.example", saveData: true, xTag: ["a"] })).data',
    sees={"save_data": "True", "x_tag": "['a']"},
)
def header_model(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(headers: Annotated[CommonHeaders, Header()]) -> dict[str, str]:
        return saw(save_data=headers.save_data, x_tag=headers.x_tag)


@shape(
    "header: `Idempotency-Key` on a POST",
    python='await client.pay(idempotency_key="k1")',
    typescript='(await api.pay({ idempotencyKey: "k1" })).data',
    sees={"key": "'k1'"},
)
def header_idempotency_key(app: FastAPI) -> None:
    @app.post("/payments")
    async def pay(idempotency_key: Annotated[str | None, Header()] = None) -> dict[str, str]:
        return saw(key=idempotency_key)


@shape(
    "header: an alias (`X-Request-ID`)",
    python='await client.read_items("a")',
    typescript='(await api.readItems({ xRequestID: "a" })).data',
    sees={"request_id": "'a'"},
)
def header_alias(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(
        request_id: Annotated[str, Header(alias="X-Request-ID")],
    ) -> dict[str, str]:
        return saw(request_id=request_id)


@shape(
    "header: one that no operation declares, given by the caller",
    python='await client.read_items(headers={"X-Trace": "t"})',
    typescript='(await api.readItems({ headers: { "X-Trace": "t" } })).data',
    sees={"trace": "'t'"},
)
def header_of_caller(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(request: Request) -> dict[str, str]:
        return saw(trace=request.headers["x-trace"])


@shape(
    "cookie: one value",
    python='await client.read_items(ads_id="abc")',
    typescript='(await api.readItems({ adsId: "abc" })).data',
    sees={"ads_id": "'abc'"},
)
def cookie_value(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(ads_id: Annotated[str | None, Cookie()] = None) -> dict[str, str]:
        return saw(ads_id=ads_id)


@shape(
    "cookie: two values, one left out",
    python='await client.read_items("s", count=5)',
    typescript='(await api.readItems({ session: "s", count: 5 })).data',
    sees={"session": "'s'", "count": "5", "theme": "'light'"},
)
def cookie_values(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(
        session: Annotated[str, Cookie()],
        count: Annotated[int, Cookie()] = 1,
        theme: Annotated[str, Cookie()] = "light",
    ) -> dict[str, str]:
        return saw(session=session, count=count, theme=theme)


@shape(
    "cookie: reserved characters",
    python="await client.read_items('semi;colon \"quoted\", é')",
    typescript=Call(
        """(await api.readItems({ session: 'semi;colon "quoted", é' })).data""",
        raises="The cookie session cannot contain",
        sees=None,
    ),
    sees={"session": repr('semi;colon "quoted", é')},
)
def cookie_reserved(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(session: Annotated[str, Cookie()]) -> dict[str, str]:
        return saw(session=session)


class Cookies(BaseModel):
    session_id: str
    fatebook_tracker: str | None = None


@shape(
    "cookie: a model, one cookie for each field",
    python='await client.read_items("s")',
    typescript='(await api.readItems({ sessionId: "s" })).data',
    sees={"session_id": "'s'", "tracker": "None"},
)
def cookie_model(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(cookies: Annotated[Cookies, Cookie()]) -> dict[str, str]:
        return saw(session_id=cookies.session_id, tracker=cookies.fatebook_tracker)


class Strength(IntEnum):
    LOW = 1
    HIGH = 2


_VALUES = """
    date(2024, 2, 29),
    datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
    UUID("12345678-1234-5678-1234-567812345678"),
    Decimal("0.10"),
    Strength.HIGH,
    "slow & sure",
"""
_TYPESCRIPT_VALUES = """
  day: "2024-02-29",
  moment: "2024-02-29T12:30:00Z",
  key: "12345678-1234-5678-1234-567812345678",
  price: "0.10",
  strength: 2,
  mode: "slow & sure",
"""
_SEEN_VALUES = {
    "day": "datetime.date(2024, 2, 29)",
    "moment": "'2024-02-29T12:30:00+00:00'",
    "key": "UUID('12345678-1234-5678-1234-567812345678')",
    "price": "Decimal('0.10')",
    "strength": "<Strength.HIGH: 2>",
    "mode": "'slow & sure'",
}


@shape(
    "header: dates, UUID, Decimal, enum, literal",
    python=f"await client.read_items({_VALUES})",
    typescript=f"(await api.readItems({{{_TYPESCRIPT_VALUES}}})).data",
    sees=_SEEN_VALUES,
)
def header_formats(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(
        day: Annotated[date, Header()],
        moment: Annotated[datetime, Header()],
        key: Annotated[UUID, Header()],
        price: Annotated[Decimal, Header()],
        strength: Annotated[Strength, Header()],
        mode: Annotated[Literal["fast", "slow & sure"], Header()],
    ) -> dict[str, str]:
        shown = moment.isoformat()
        return saw(day=day, moment=shown, key=key, price=price, strength=strength, mode=mode)


@shape(
    "cookie: dates, UUID, Decimal, enum, literal",
    python=f"await client.read_items({_VALUES})",
    typescript=f"(await api.readItems({{{_TYPESCRIPT_VALUES}}})).data",
    sees=_SEEN_VALUES,
)
def cookie_formats(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(
        day: Annotated[date, Cookie()],
        moment: Annotated[datetime, Cookie()],
        key: Annotated[UUID, Cookie()],
        price: Annotated[Decimal, Cookie()],
        strength: Annotated[Strength, Cookie()],
        mode: Annotated[Literal["fast", "slow & sure"], Cookie()],
    ) -> dict[str, str]:
        shown = moment.isoformat()
        return saw(day=day, moment=shown, key=key, price=price, strength=strength, mode=mode)


@shape(
    "header: lists of enums and literals",
    python='await client.read_items([Strength.LOW, Strength.HIGH], ["fast"])',
    typescript='(await api.readItems({ xStrengths: [1, 2], xModes: ["fast"] })).data',
    sees={"strengths": "[<Strength.LOW: 1>, <Strength.HIGH: 2>]", "modes": "['fast']"},
)
def header_enum_lists(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(
        x_strengths: Annotated[list[Strength], Header()],
        x_modes: Annotated[list[Literal["fast", "slow"]], Header()],
    ) -> dict[str, str]:
        return saw(strengths=x_strengths, modes=x_modes)
