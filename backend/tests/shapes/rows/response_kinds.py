"""Responses: several media types, redirects, headers."""

from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, Header, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from pydantic import BaseModel

from shapes.rows.responses import Product, Responses
from shapes.rows.shared_models import MaybeItem
from shapes.shape import Call, saw, shape

_JSON_OR_PNG: Responses = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}


@shape(
    "response: JSON or an image, whichever is accepted",
    python="""
product = await client.get_product(accept="application/json")
image = await client.get_product(accept="image/png")
assert isinstance(product, Product) and isinstance(image, bytes)
return [product.name, list(image)]
""",
    typescript="""
const product = (await api.getProduct({ headers: { Accept: "application/json" } })).data;
const image = (await api.getProduct({ headers: { Accept: "image/png" } })).data;
if (product instanceof Blob || !(image instanceof Blob)) return [product, image];
return [product.name, [...new Uint8Array(await image.arrayBuffer())]];
""",
    gets=["Foo", [137, 80]],
)
def response_json_or_image(app: FastAPI) -> None:
    @app.get("/product", responses=_JSON_OR_PNG, response_model=Product)
    async def get_product(accept: Annotated[str, Header(include_in_schema=False)] = "") -> Any:
        if "image/png" in accept:
            return Response(b"\x89P", media_type="image/png")
        return Product(name="Foo")


_JSON_OR_CSV: Responses = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@shape(
    "response: JSON or CSV, whichever is accepted",
    python="""
rows = await client.get_products(accept="application/json")
text = await client.get_products(accept="text/csv")
return [len(rows), text]
""",
    typescript="""
const rows = (await api.getProducts({ headers: { Accept: "application/json" } })).data;
const text = (await api.getProducts({ headers: { Accept: "text/csv" } })).data;
return [rows.length, text];
""",
    gets=[1, "name\nFoo\n"],
)
def response_json_or_csv(app: FastAPI) -> None:
    @app.get("/products", responses=_JSON_OR_CSV, response_model=list[Product])
    async def get_products(accept: Annotated[str, Header(include_in_schema=False)] = "") -> Any:
        if "text/csv" in accept:
            return PlainTextResponse("name\nFoo\n", media_type="text/csv")
        return [Product(name="Foo")]


class HalJsonResponse(JSONResponse):
    media_type = "application/hal+json"


@shape(
    "response: JSON with a media type of its own (`application/hal+json`)",
    python="(await client.get_product()).name",
    typescript="(await api.getProduct()).data.name",
    gets="Foo",
)
def response_hal_json(app: FastAPI) -> None:
    @app.get("/product", response_class=HalJsonResponse)
    async def get_product() -> Product:
        return Product(name="Foo")


@shape(
    "response: a redirect only",
    python="""
response = await raw_response(client.go)()
return [response.status, response.headers["location"]]
""",
    typescript="""
const response = await api.go({ maxRedirects: 0, validateStatus: (status) => status < 400 });
return [Number(response.status), response.headers["location"]];
""",
    sees={"gone": "True"},
    gets=[307, "/nowhere"],
)
def response_redirect(app: FastAPI) -> None:
    @app.get("/old", response_class=RedirectResponse, status_code=307)
    async def go() -> str:
        saw(gone=True)
        return "/nowhere"


@shape(
    "response: HEAD, with nothing but headers",
    python="await client.probe()\nreturn None",
    typescript="(await api.probe()).data",
    sees={"probed": "True"},
    gets=None,
)
def response_head(app: FastAPI) -> None:
    @app.head("/items", response_class=Response)
    async def probe() -> Response:
        saw(probed=True)
        return Response(headers={"X-Total": "3"})


@shape(
    "response: GET and HEAD on one route",
    python="await client.get_items()",
    typescript="(await api.getItems()).data",
    gets=["a"],
)
def response_get_and_head(app: FastAPI) -> None:
    def get_items() -> list[str]:
        return ["a"]

    app.get("/items")(get_items)
    app.head("/items", include_in_schema=True, operation_id="head_items")(get_items)


@shape(
    "response: headers and a cookie set by the service",
    python="(await client.get_product()).name",
    typescript="""
const response = await api.getProduct();
return response.headers["x-rate"] === "7" ? response.data.name : null;
""",
    gets="Foo",
)
def response_headers(app: FastAPI) -> None:
    @app.get("/product")
    async def get_product(response: Response) -> Product:
        response.headers["X-Rate"] = "7"
        response.set_cookie("session", "s")
        return Product(name="Foo")


@shape(
    "response: fields that the client does not know yet",
    python="(await client.get_product()).name",
    typescript="(await api.getProduct()).data.name",
    gets="Foo",
)
def response_more_fields(app: FastAPI) -> None:
    @app.get("/product", response_model=Product)
    async def get_product() -> Response:
        return JSONResponse({"name": "Foo", "price": 1, "new": {"a": 1}})


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
    "response: HTML with status 200 where JSON is declared",
    python=Call("await client.get_number()", raises="UnexpectedResponseError"),
    typescript=Call("(await api.getNumber()).data", raises=""),
)
def response_html_for_json(app: FastAPI) -> None:
    @app.get("/number", response_model=int)
    async def get_number() -> Response:
        return Response("<h1>Please sign in</h1>", media_type="text/html")


class Nullables(BaseModel):
    name: str
    nick: str | None
    born: date | None = None


@shape(
    "response: `response_model_exclude_none` with a required field that is null",
    python=Call("(await client.person()).name", raises="nick: Field required"),
    typescript="(await api.person()).data.name",
    gets="ada",
)
def issue_exclude_none(app: FastAPI) -> None:
    @app.get("/person", response_model_exclude_none=True)
    async def person() -> Nullables:
        return Nullables(name="ada", nick=None)


@shape(
    "response: `response_model_include` of a model with required fields",
    python=Call("(await client.person()).name", raises="nick: Field required"),
    typescript="(await api.person()).data.name",
    gets="ada",
)
def issue_include(app: FastAPI) -> None:
    @app.get("/person", response_model_include={"name"})
    async def person() -> Nullables:
        return Nullables(name="ada", nick=None)


@shape(
    "response: a model or null as a response",
    python='[await client.find("a"), await client.find("b")]',
    typescript='[(await api.find({ q: "a" })).data, (await api.find({ q: "b" })).data]',
    gets=[{"name": "a"}, None],
)
def issue_nullable_response(app: FastAPI) -> None:
    @app.get("/find")
    async def find(q: str) -> MaybeItem | None:
        return MaybeItem(name=q) if q == "a" else None


@shape(
    "response: text that begins with a byte order mark",
    python="await client.export()",
    typescript="(await api.export()).data",
    gets="\ufeffa;b",
)
def issue_bom(app: FastAPI) -> None:
    @app.get("/export", response_class=PlainTextResponse)
    async def export() -> str:
        return "\ufeffa;b"


@shape(
    "response: `-> Response` with JSON, with nothing, with text that no spec declares",
    python='[await client.get("json"), await client.get("empty"), await client.get("text")]',
    typescript="""
const { data } = await api.get({ kind: "empty" });
const empty = data instanceof Blob && data.size === 0 ? null : (data ?? null);
return [(await api.get({ kind: "json" })).data, empty, (await api.get({ kind: "text" })).data];
""",
    gets=[{"a": 1}, None, "hello"],
)
def issue_any_response(app: FastAPI) -> None:
    @app.get("/any")
    async def get(kind: str) -> Response:
        if kind == "json":
            return JSONResponse({"a": 1})
        return PlainTextResponse("hello") if kind == "text" else Response()
