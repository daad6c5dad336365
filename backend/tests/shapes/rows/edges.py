"""Values and names at the edges of what HTTP, JSON, Python and TypeScript allow."""

from collections.abc import AsyncIterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Form, Header, HTTPException, Query, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import BaseModel, Field, Json, SecretStr
from typing_extensions import TypedDict

from shapes.shape import Call, saw, shape


@shape(
    "query: large and small floats, and a time zone with `+`",
    python="""
from datetime import timezone

zone = timezone(timedelta(hours=5, minutes=30))
return await client.search(1e22, 1e-7, datetime(2024, 2, 29, 12, 30, tzinfo=zone))
""",
    typescript='(await api.search({ big: 1e22, small: 1e-7, since: "2024-02-29T12:30:00+05:30" })).data',
    sees={"big": "1e+22", "small": "1e-07", "since": "'2024-02-29T12:30:00+05:30'"},
)
def query_floats(app: FastAPI) -> None:
    @app.get("/search")
    async def search(big: float, small: float, since: datetime) -> dict[str, str]:
        return saw(big=big, small=small, since=since.isoformat())


@shape(
    "query: names with brackets (`ids[]`, `filter[name]`)",
    python='await client.search([1, 2], filter_name="x")',
    typescript='(await api.search({ ids: [1, 2], filterName: "x" })).data',
    sees={"ids": "[1, 2]", "name": "'x'"},
)
def query_brackets(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        ids: Annotated[list[int], Query(alias="ids[]")],
        name: Annotated[str, Query(alias="filter[name]")] = "",
    ) -> dict[str, str]:
        return saw(ids=ids, name=name)


@shape(
    "query: half of a surrogate pair, which no request can have",
    python=Call('await client.search("\\ud800")', raises="", sees=None),
    typescript=Call('(await api.search({ q: "\\ud800" })).data', raises="", sees=None),
)
def query_surrogate(app: FastAPI) -> None:
    @app.get("/search")
    async def search(q: str) -> dict[str, str]:
        return saw(q=q)


@shape(
    "query: `SecretStr`",
    python='await client.search("s3cret")',
    typescript='(await api.search({ key: "s3cret" })).data',
    sees={"key": "'s3cret'"},
)
def query_secret(app: FastAPI) -> None:
    @app.get("/search")
    async def search(key: Annotated[SecretStr, Query()]) -> dict[str, str]:
        return saw(key=key.get_secret_value())


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
    "path: a verb after a colon, an extension, a plus sign",
    python='[await client.activate(3), await client.read_file("a+b")]',
    typescript="""
return [(await api.activate({ userId: 3 })).data, (await api.readFile({ name: "a+b" })).data];
""",
    sees=[{"user_id": "3"}, {"name": "'a+b'"}],
)
def path_signs(app: FastAPI) -> None:
    @app.post("/users/{user_id}:activate")
    async def activate(user_id: int) -> dict[str, str]:
        return saw(user_id=user_id)

    @app.get("/a+b/{name}.json")
    async def read_file(name: str) -> dict[str, str]:
        return saw(name=name)


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


class Record(BaseModel):
    a: int


class Array(BaseModel):
    record: Record
    records: dict[str, Record] = {}


class Date(BaseModel):
    year: int


class Uint8Array(BaseModel):
    dates: list[Date]
    array: Array


@shape(
    "model: named like types of TypeScript (`Record`, `Array`, `Date`, `Uint8Array`)",
    python="""
array = Array(record=Record(a=1), records={"x": Record(a=2)})
return await client.put_array(Uint8Array(dates=[Date(year=2024)], array=array))
""",
    typescript="""
const array = { record: { a: 1 }, records: { x: { a: 2 } } };
return (await api.putArray({ body: { dates: [{ year: 2024 }], array } })).data;
""",
    gets={"dates": [{"year": 2024}], "array": {"record": {"a": 1}, "records": {"x": {"a": 2}}}},
)
def model_builtin_names(app: FastAPI) -> None:
    @app.put("/arrays")
    async def put_array(array: Uint8Array) -> Uint8Array:
        return array


class größe(BaseModel):
    wert: int


class Größe(BaseModel):
    value: int


@shape(
    "model: names that differ by case alone, with letters beyond ASCII",
    python="[await client.get_small(), await client.get_large()]",
    typescript="[(await api.getSmall()).data, (await api.getLarge()).data]",
    gets=[{"wert": 1}, {"value": 2}],
)
def model_case(app: FastAPI) -> None:
    @app.get("/small")
    async def get_small() -> größe:
        return größe(wert=1)

    @app.get("/large")
    async def get_large() -> Größe:
        return Größe(value=2)


@shape(
    "name: an operation that begins with a digit",
    python="await client.call_2fa_login()",
    typescript="(await api._2faLogin()).data",
    gets=1,
)
def name_digit(app: FastAPI) -> None:
    @app.get("/2fa", operation_id="2fa_login")
    async def login() -> int:
        return 1


@shape(
    "name: one function for two methods, with one operation id",
    python="[await client.read(), await client.read_post()]",
    typescript="[(await api.readGet()).data, (await api.readPost()).data]",
    gets=["GET", "POST"],
)
def name_duplicate_ids(app: FastAPI) -> None:
    @app.api_route("/things", methods=["GET", "POST"])
    async def read(request: Request) -> str:
        return request.method


@shape(
    "form: names with hyphens, dates, Decimal, JSON in a text",
    python="""
await client.save("a b", date(2024, 2, 29), Decimal("0.10"), '{"a": 1}')
""",
    typescript="""
(await api.save({ body: { "user-name": "a b", day: "2024-02-29", price: "0.10", data: '{"a": 1}' } })).data
""",
    sees={
        "name": "'a b'",
        "day": "datetime.date(2024, 2, 29)",
        "price": "Decimal('0.10')",
        "data": "{'a': 1}",
    },
)
def form_edges(app: FastAPI) -> None:
    @app.post("/save")
    async def save(
        name: Annotated[str, Form(alias="user-name")],
        day: Annotated[date, Form()],
        price: Annotated[Decimal, Form()],
        data: Annotated[Json[dict[str, int]], Form()],
    ) -> dict[str, str]:
        return saw(name=name, day=day, price=price, data=data)


@shape(
    "response: sets, maps with numbers as keys, an empty text",
    python="[await client.get_set(), await client.get_map(), await client.get_text()]",
    typescript="[(await api.getSet()).data, (await api.getMap()).data, (await api.getText()).data]",
    gets=[[1], {"1": "a"}, ""],
)
def response_edges(app: FastAPI) -> None:
    @app.get("/set")
    async def get_set() -> set[int]:
        return {1}

    @app.get("/map")
    async def get_map() -> dict[int, str]:
        return {1: "a"}

    @app.get("/text", response_class=PlainTextResponse)
    async def get_text() -> str:
        return ""


@shape(
    "response: an integer beyond 2**53 (a number of TypeScript is rounded)",
    python=Call("await client.get_number()", gets=2**60 + 1),
    typescript=Call("(await api.getNumber()).data", gets=1152921504606847000),
)
def response_big_number(app: FastAPI) -> None:
    @app.get("/number")
    async def get_number() -> int:
        return 2**60 + 1


@shape(
    "error: plain text, and nothing",
    python="""
found: list[object] = []
for number in (400, 404):
    try:
        await client.fail(number)
    except ApiError as error:
        found += [error.status, error.body if error.content else None]
return found
""",
    typescript="""
const found: unknown[] = [];
for (const number of [400, 404]) {
  try {
    await api.fail({ number });
  } catch (error) {
    const failure = client.failureOf<Operations["fail"]>(error);
    found.push(failure?.status, failure?.data || null);
  }
}
return found;
""",
    gets=[400, "größer", 404, None],
)
def error_text(app: FastAPI) -> None:
    text = {"content": {"text/plain": {"schema": {"type": "string"}}}}

    @app.get("/fail", responses={400: text, 404: {"description": "Nothing"}})
    async def fail(number: int) -> int:
        content = "größer" if number == 400 else ""
        return PlainTextResponse(content, number)  # type: ignore[return-value]


@shape(
    "stream: JSON lines of texts, numbers and maps",
    python="""
return [
    [each async for each in client.list_texts()],
    [each async for each in client.list_maps()],
]
""",
    typescript="""
const texts: string[] = [];
for await (const each of api.listTexts()) texts.push(each);
const maps: Record<string, number>[] = [];
for await (const each of api.listMaps()) maps.push(each);
return [texts, maps];
""",
    gets=[["a\nb", "ö\u2028"], [{"a": 1}]],
)
def stream_scalars(app: FastAPI) -> None:
    @app.get("/texts")
    async def list_texts() -> AsyncIterable[str]:
        yield "a\nb"
        yield "ö\u2028"

    @app.get("/maps")
    async def list_maps() -> AsyncIterable[dict[str, int]]:
        yield {"a": 1}


@shape(
    "security: a token and a key at once",
    python=Call("await client.read_me()", options='token="t0k", api_key="k"'),
    typescript=Call("(await api.readMe()).data", options='accessToken: "t0k", apiKey: "k"'),
    sees={"authorization": "'Bearer t0k'", "key": "'k'"},
)
def security_both(app: FastAPI) -> None:
    @app.get("/me", dependencies=[Depends(HTTPBearer())])
    async def read_me(
        request: Request, key: Annotated[str, Depends(APIKeyHeader(name="X-Key"))]
    ) -> dict[str, str]:
        return saw(authorization=request.headers["authorization"], key=key)


class Wide(BaseModel):
    first: int = Field(1, alias="FirstName")
    second: int = Field(2, alias="second-name")
    third: int | None = Field(None, alias="3rd")


@shape(
    "query: a model with aliases that are not names",
    python="await client.search(first_name=5, second_name=6, _3rd=7)",
    typescript="(await api.search({ firstName: 5, secondName: 6, _3rd: 7 })).data",
    sees={"wide": "Wide(first=5, second=6, third=7)"},
)
def query_model_aliases(app: FastAPI) -> None:
    @app.get("/search")
    async def search(wide: Annotated[Wide, Query()]) -> dict[str, str]:
        return saw(wide=wide)


@shape(
    "variant: a call that fails leaves the client usable",
    python="""
try:
    await client.read(0)
except ApiError as error:
    return [error.status, await client.read(1)]
return None
""",
    typescript="""
try {
  await api.read({ number: 0 });
} catch {
  return [404, (await api.read({ number: 1 })).data];
}
return null;
""",
    gets=[404, 1],
)
def variant_after_error(app: FastAPI) -> None:
    @app.get("/numbers/{number}")
    async def read(number: int, response: Response) -> int:
        if number == 0:
            raise HTTPException(404)
        return number


@shape(
    "query: an argument that is undefined or None is not sent",
    python="await client.search(q=None, limit=None)",
    typescript="(await api.search({ q: undefined, limit: undefined })).data",
    sees={"query": "''"},
)
def query_undefined(app: FastAPI) -> None:
    @app.get("/search")
    async def search(request: Request, q: str | None = None, limit: int = 5) -> dict[str, str]:
        return saw(query=request.url.query)


_IDS = {"type": "array", "items": {"type": "integer"}}


@shape(
    "path: a list (`style: simple`), as `1,2`",
    python="await client.read_items([1, 2])",
    typescript="(await api.readItems({ ids: [1, 2] })).data",
    sees={"path": "'/items/1,2'"},
)
def path_list(app: FastAPI) -> None:
    parameter = {"name": "ids", "in": "path", "required": True, "schema": _IDS}

    @app.get("/items/{ids}", openapi_extra={"parameters": [parameter]})
    async def read_items(request: Request) -> dict[str, str]:
        return saw(path=request.url.path.removeprefix("/path_list"))


@shape(
    "path: `style: label` or `matrix`",
    python=Call("await client.read_items(1)", rejects="style='label' is not supported"),
    typescript=Call("(await api.readItems({ ids: 1 })).data", rejects="label"),
)
def path_label(app: FastAPI) -> None:
    number = {"type": "integer"}
    parameter = {"name": "ids", "in": "path", "required": True, "schema": number, "style": "label"}

    @app.get("/items/{ids}", openapi_extra={"parameters": [parameter]})
    async def read_items(request: Request) -> dict[str, str]:
        return saw(path=request.url.path)


@shape(
    "response: HTML with status 200 where JSON is declared",
    python=Call("await client.get_number()", raises="UnexpectedResponseError"),
    typescript=Call("(await api.getNumber()).data", raises=""),
)
def response_html_for_json(app: FastAPI) -> None:
    @app.get("/number", response_model=int)
    async def get_number() -> Response:
        return Response("<h1>Please sign in</h1>", media_type="text/html")


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


class Change(TypedDict, total=False):
    title: str
    rating: int | None


@shape(
    "model: a TypedDict without required keys",
    python='[await client.patch({}), await client.patch({"rating": None})]',
    typescript="""
return [(await api.patch({ body: {} })).data, (await api.patch({ body: { rating: null } })).data];
""",
    sees=[{"change": "{}"}, {"change": "{'rating': None}"}],
)
def model_partial_typed_dict(app: FastAPI) -> None:
    @app.patch("/movies")
    async def patch(change: Change) -> dict[str, str]:
        return saw(change=change)


@shape(
    "variant: several cookies of a response",
    python="""
response = await raw_response(client.sign_in)()
return [each.partition(";")[0] for each in response.headers.get_list("set-cookie")]
""",
    typescript="""
const { headers } = await api.signIn();
return headers["set-cookie"]?.map((each) => each.split(";")[0]);
""",
    gets=["a=1", "b=2"],
)
def variant_cookies(app: FastAPI) -> None:
    @app.post("/sign-in")
    async def sign_in(response: Response) -> int:
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return 1


@shape(
    "form: a field that is None or left out is not sent",
    python='await client.save("t", note=None)',
    typescript='(await api.save({ body: { title: "t" } })).data',
    sees={"fields": "[('title', 't')]"},
)
def form_none(app: FastAPI) -> None:
    @app.post("/save")
    async def save(
        request: Request,
        title: Annotated[str, Form()],
        note: Annotated[str | None, Form()] = None,
    ) -> dict[str, str]:
        return saw(fields=(await request.form()).multi_items())
