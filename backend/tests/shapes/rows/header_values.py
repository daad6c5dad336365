"""Parameters in headers and cookies: values, names and models."""

from typing import Annotated
from uuid import UUID

from fastapi import Cookie, FastAPI, Header
from pydantic import BaseModel, ConfigDict

from shapes.shape import Call, saw, shape


@shape(
    "header: an empty value",
    python='await client.read_items(x_name="")',
    typescript='(await api.readItems({ xName: "" })).data',
    sees={"x_name": "''"},
)
def header_empty(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(x_name: Annotated[str, Header()] = "default") -> dict[str, str]:
        return saw(x_name=x_name)


@shape(
    "header: spaces at the ends, which HTTP removes",
    python=Call('await client.read_items(" a ")', raises="whitespace at its ends", sees=None),
    typescript=Call(
        '(await api.readItems({ xName: " a " })).data', raises="The header x-name", sees=None
    ),
)
def header_spaces(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(x_name: Annotated[str, Header()]) -> dict[str, str]:
        return saw(x_name=x_name)


@shape(
    "header: beyond ISO 8859-1",
    python=Call('await client.read_items("€")', raises="Latin-1", sees=None),
    typescript=Call(
        '(await api.readItems({ xName: "€" })).data', raises="The header x-name", sees=None
    ),
)
def header_beyond_latin_1(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(x_name: Annotated[str, Header()]) -> dict[str, str]:
        return saw(x_name=x_name)


@shape(
    "cookie: a value with `=`, `%` and a space in it",
    python='await client.read_items("a=b%20c d")',
    typescript='(await api.readItems({ session: "a=b%20c d" })).data',
    sees={"session": "'a=b%20c d'"},
)
def cookie_signs(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(session: Annotated[str, Cookie()]) -> dict[str, str]:
        return saw(session=session)


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
