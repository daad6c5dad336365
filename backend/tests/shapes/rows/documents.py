"""Specs: what a document contains beside operations and models."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

from shapes.shape import Call, saw, shape


class Sample(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"schema": {"a": 1}, "name": "x"}]})

    name: str = Field(examples=["Foo", {"$ref": "#/nowhere"}])


@shape(
    'spec: `{"schema": ...}` and `$ref` in examples',
    python='await client.put_sample(Sample(name="a"))',
    typescript='(await api.putSample({ body: { name: "a" } })).data',
    gets={"name": "a"},
)
def spec_examples(app: FastAPI) -> None:
    examples: dict[str, Any] = {
        "plain": {"summary": "A plain one", "value": {"schema": {"type": "nothing"}, "name": "a"}},
        "odd": {"value": {"$ref": "#/nowhere", "name": "b"}},
    }
    response = {"content": {"application/json": {"example": {"schema": {"properties": 7}}}}}

    @app.put("/samples", responses={200: response})
    async def put_sample(sample: Annotated[Sample, Body(openapi_examples=examples)]) -> Sample:
        return sample


@shape(
    "spec: a response with an example and no schema",
    python="await client.get_sample()",
    typescript="(await api.getSample()).data",
    gets={"a": 1},
)
def spec_example_only(app: FastAPI) -> None:
    example = {"content": {"application/json": {"example": {"a": 1}}}}

    @app.get("/samples", responses={200: example}, response_model=None)
    async def get_sample() -> dict[str, int]:
        return {"a": 1}


class Invoice(BaseModel):
    id: str


class InvoiceEvent(BaseModel):
    paid: bool


@shape(
    "spec: callbacks and webhooks",
    python='await client.create_invoice(Invoice(id="i"), callback_url="http://x.example/")',
    typescript="""
(await api.createInvoice({ callbackUrl: "http://x.example/", body: { id: "i" } })).data
""",
    sees={"invoice": "Invoice(id='i')", "url": "'http://x.example/'"},
)
def spec_callbacks(app: FastAPI) -> None:
    callbacks = APIRouter()

    @callbacks.post("{$callback_url}/invoices/{$request.body.id}")
    def invoice_notification(body: InvoiceEvent) -> None: ...

    @app.webhooks.post("new-subscription")
    def new_subscription(body: InvoiceEvent) -> None: ...

    @app.post("/invoices", callbacks=callbacks.routes)
    async def create_invoice(invoice: Invoice, callback_url: str | None = None) -> dict[str, str]:
        return saw(invoice=invoice, url=callback_url)


@shape(
    "spec: an operation that is not in it",
    python="await client.shown()",
    typescript="(await api.shown()).data",
    gets=1,
)
def spec_hidden_operation(app: FastAPI) -> None:
    @app.get("/hidden", include_in_schema=False)
    async def hidden() -> int:
        return 0

    @app.get("/shown")
    async def shown() -> int:
        return 1


@shape(
    "spec: routers with prefixes and tags",
    python="[await client.list_users(), await client.list_items()]",
    typescript="[(await api.listUsers()).data, (await api.listItems()).data]",
    gets=["users", "items"],
)
def spec_routers(app: FastAPI) -> None:
    users, items = APIRouter(tags=["users"]), APIRouter(prefix="/items", tags=["items"])

    @users.get("/users")
    async def list_users() -> str:
        return "users"

    @items.get("/")
    async def list_items() -> str:
        return "items"

    app.include_router(users, prefix="/v1")
    app.include_router(items, prefix="/v1")


@shape(
    "spec: OpenAPI 3.0, as an older FastAPI writes it",
    python='await client.search("a", limit=None)',
    typescript='(await api.search({ q: "a" })).data',
    sees={"q": "'a'", "limit": "None"},
)
def spec_openapi_3_0(app: FastAPI) -> None:
    @app.get("/search")
    async def search(q: str, limit: int | None = None) -> dict[str, str]:
        return saw(q=q, limit=limit)

    make = app.openapi

    def older() -> dict[str, Any]:
        document = make()
        document["openapi"] = "3.0.3"
        for parameter in document["paths"]["/search"]["get"]["parameters"]:
            if "anyOf" in parameter["schema"]:
                parameter["schema"] = {"type": "integer", "nullable": True, "title": "Limit"}
        return document

    app.openapi = older  # type: ignore[method-assign]


@shape(
    "spec: a server of its own for one operation",
    python=Call("await client.get_number()", rejects="a server of one operation is not supported"),
    typescript=Call("(await api.getNumber()).data", rejects="has servers of its own"),
)
def spec_operation_server(app: FastAPI) -> None:
    @app.get("/number", openapi_extra={"servers": [{"url": "https://other.example"}]})
    async def get_number() -> int:
        return 1


@shape(
    "spec: links, external documentation, extensions",
    python="await client.get_number()",
    typescript="(await api.getNumber()).data",
    gets=1,
)
def spec_extensions(app: FastAPI) -> None:
    extra = {"externalDocs": {"url": "https://example.com"}, "x-name": "no name", "x-doc": ["a"]}
    links = {"self": {"operationId": "get_number", "description": "The same again."}}

    @app.get("/number", openapi_extra=extra, responses={200: {"links": links}})
    async def get_number() -> int:
        return 1


class Settings(BaseModel):
    name: str = Field("a", json_schema_extra={"readOnly": True})
    secret: str = Field("s", json_schema_extra={"writeOnly": True})


@shape(
    "spec: `readOnly` and `writeOnly` fields are as any other",
    python='await client.put_settings(Settings(name="b", secret="t"))',
    typescript='(await api.putSettings({ body: { name: "b", secret: "t" } })).data',
    gets={"name": "b", "secret": "t"},
)
def spec_read_only(app: FastAPI) -> None:
    @app.put("/settings")
    async def put_settings(settings: Settings) -> Settings:
        return settings


@shape(
    "spec: schemas that no operation uses",
    python="await client.get_number()",
    typescript="(await api.getNumber()).data",
    gets=1,
)
def spec_unused_schemas(app: FastAPI) -> None:
    @app.get("/number")
    async def get_number() -> int:
        return 1

    make = app.openapi

    def with_unused() -> dict[str, Any]:
        document = make()
        unused = {"title": "Unused", "properties": {"input": {}}, "type": "object"}
        document.setdefault("components", {})["schemas"] = {"Unused": unused}
        return document

    app.openapi = with_unused  # type: ignore[method-assign]


@shape(
    "spec: the error responses of this project on every operation",
    python='await client.search("a")',
    typescript='(await api.search({ q: "a" })).data',
    sees={"q": "'a'"},
    problems=True,
)
def spec_problems(app: FastAPI) -> None:
    @app.get("/search")
    async def search(q: Annotated[str, Query(min_length=1)]) -> dict[str, str]:
        return saw(q=q)


@shape(
    "spec: another server than the one that is called",
    python="await client.get_number()",
    typescript="(await api.getNumber()).data",
    gets=1,
)
def spec_root_path(app: FastAPI) -> None:
    app.servers = [{"url": "https://stag.example.com/api", "description": "Staging"}]

    @app.get("/number")
    async def get_number() -> int:
        return 1
