"""Parameters in headers and cookies."""

from typing import Annotated

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
    python='await client.read_items(["foo", "bar"])',
    typescript='(await api.readItems({ xToken: ["foo", "bar"] })).data',
    sees={"x_token": "'foo, bar'"},
)
def header_list(app: FastAPI) -> None:
    # Both forms mean the same (RFC 9110, section 5.3), and a browser sends the second.
    @app.get("/items")
    async def read_items(x_token: Annotated[list[str], Header()]) -> dict[str, str]:
        return saw(x_token=", ".join(x_token))


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
    python=Call('await client.read_items("a\\r\\nb: c")', raises="ValueError", sees=None),
    typescript=Call(
        '(await api.readItems({ xName: "a\\r\\nb: c" })).data', raises="header", sees=None
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
    "header: names that differ from the argument by case",
    python='await client.read_items("a")',
    typescript='(await api.readItems({ xRequestId: "a" })).data',
    sees={"request_id": "'a'"},
)
def header_alias(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(
        request_id: Annotated[str, Header(alias="X-Request-ID")],
    ) -> dict[str, str]:
        return saw(request_id=request_id)


@shape(
    "header: more headers of the caller",
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
