"""Parameters in the query: lists, models, objects, and styles other than FastAPI's."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from shapes.rows.query import Colour
from shapes.shape import Call, saw, shape


@shape(
    "query: a list of texts, with commas in them",
    python='await client.search(["a", "b,c", ""])',
    typescript='(await api.search({ q: ["a", "b,c", ""] })).data',
    sees={"q": "['a', 'b,c', '']"},
)
def query_list(app: FastAPI) -> None:
    @app.get("/search")
    async def search(q: Annotated[list[str], Query()]) -> dict[str, str]:
        return saw(q=q)


@shape(
    "query: an optional list of literals",
    python='await client.search(levels=["high", "low"])',
    typescript='(await api.search({ levels: ["high", "low"] })).data',
    sees={"levels": "['high', 'low']", "query": "'levels=high&levels=low'"},
)
def query_literal_list(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        request: Request,
        levels: Annotated[list[Literal["high", "low"]] | None, Query()] = None,
    ) -> dict[str, str]:
        return saw(levels=levels, query=request.url.query)


@shape(
    "query: a list with a default, left out",
    python="await client.search()",
    typescript="(await api.search()).data",
    sees={"q": "['foo', 'bar']", "query": "''"},
)
def query_list_default(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        request: Request, q: Annotated[list[str], Query()] = ["foo", "bar"]
    ) -> dict[str, str]:
        return saw(q=q, query=request.url.query)


@shape(
    "query: an empty list where an item is needed",
    python=Call("await client.search(ids=[])", raises="ids: an empty list cannot be sent here"),
    typescript=Call(
        "await api.search({ ids: [] })", raises="The list ids is empty, which cannot be sent"
    ),
)
def query_list_with_items(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        ids: Annotated[list[int], Query(default_factory=list, min_length=1)],
    ) -> dict[str, str]:
        return saw(ids=ids)


@shape(
    "query: a set of dates",
    python="await client.search({date(2024, 2, 29)})",
    typescript='(await api.search({ days: ["2024-02-29"] })).data',
    sees={"days": "{datetime.date(2024, 2, 29)}"},
)
def query_set(app: FastAPI) -> None:
    @app.get("/search")
    async def search(days: Annotated[set[date], Query()]) -> dict[str, str]:
        return saw(days=days)


@shape(
    "query: a list of `int | str`",
    python='await client.search([1, "a"])',
    typescript='(await api.search({ q: [1, "a"] })).data',
    sees={"q": "['1', 'a']"},
)
def query_union_list(app: FastAPI) -> None:
    @app.get("/search")
    async def search(q: Annotated[list[int | str], Query()]) -> dict[str, str]:
        return saw(q=q)


class FilterParams(BaseModel):
    limit: int = Field(100, gt=0, le=100)
    order_by: Literal["created_at", "updated_at"] = "created_at"
    tags: list[str] = []
    colour: Colour | None = None


@shape(
    "query: a model, one parameter for each field",
    python='await client.read_items(limit=5, tags=["a", "b"])',
    typescript='(await api.readItems({ limit: 5, tags: ["a", "b"] })).data',
    sees={"limit": "5", "order_by": "'created_at'", "tags": "['a', 'b']"},
)
def query_model(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(params: Annotated[FilterParams, Query()]) -> dict[str, str]:
        return saw(limit=params.limit, order_by=params.order_by, tags=params.tags)


class StrictParams(BaseModel):
    model_config = ConfigDict(extra="forbid")

    page_size: int = Field(20, alias="pageSize")
    q: str


@shape(
    "query: a model with an alias that forbids more",
    python='await client.read_items("x", page_size=5)',
    typescript='(await api.readItems({ q: "x", pageSize: 5 })).data',
    sees={"page_size": "5", "q": "'x'"},
)
def query_strict_model(app: FastAPI) -> None:
    @app.get("/items")
    async def read_items(params: Annotated[StrictParams, Query()]) -> dict[str, str]:
        return saw(page_size=params.page_size, q=params.q)


def _parameter(name: str, schema: dict[str, Any], **others: object) -> dict[str, Any]:
    parameter = {"name": name, "in": "query", "required": False, "schema": schema, **others}
    return {"parameters": [parameter]}


_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_NUMBERS = {"type": "array", "items": {"type": "integer"}}


@shape(
    "query: `style: deepObject`, as `metadata[key]=value`",
    python='await client.search(metadata={"a": "x y", "b&": "2"})',
    typescript='(await api.search({ metadata: { a: "x y", "b&": "2" } })).data',
    sees={"items": "[('metadata[a]', 'x y'), ('metadata[b&]', '2')]"},
)
def query_deep_object(app: FastAPI) -> None:
    extra = _parameter("metadata", _TEXTS, style="deepObject", explode=True)

    @app.get("/search", openapi_extra=extra)
    async def search(request: Request) -> dict[str, str]:
        return saw(items=request.query_params.multi_items())


@shape(
    "query: a list without explode, as `ids=1,2`",
    python="await client.search(ids=[1, 2])",
    typescript="(await api.search({ ids: [1, 2] })).data",
    sees={"ids": "'1,2'"},
)
def query_comma_list(app: FastAPI) -> None:
    @app.get("/search", openapi_extra=_parameter("ids", _NUMBERS, style="form", explode=False))
    async def search(request: Request) -> dict[str, str]:
        return saw(ids=request.query_params["ids"])


@shape(
    "query: `style: pipeDelimited`, as `ids=1|2`",
    python="await client.search(ids=[1, 2])",
    typescript="(await api.search({ ids: [1, 2] })).data",
    sees={"ids": "'1|2'"},
)
def query_pipe_list(app: FastAPI) -> None:
    extra = _parameter("ids", _NUMBERS, style="pipeDelimited", explode=False)

    @app.get("/search", openapi_extra=extra)
    async def search(request: Request) -> dict[str, str]:
        return saw(ids=request.query_params["ids"])


@shape(
    "query: `style: spaceDelimited`, as `ids=1%202`",
    python="await client.search(ids=[1, 2])",
    typescript="(await api.search({ ids: [1, 2] })).data",
    sees={"ids": "'1 2'"},
)
def query_space_list(app: FastAPI) -> None:
    extra = _parameter("ids", _NUMBERS, style="spaceDelimited", explode=False)

    @app.get("/search", openapi_extra=extra)
    async def search(request: Request) -> dict[str, str]:
        return saw(ids=request.query_params["ids"])


@shape(
    "query: an object, as `a=1&b=2`",
    python=Call(
        'await client.search(where={"a": "1", "b": "2"})',
        rejects="an object cannot be sent in a query; declare style='deepObject'",
    ),
    typescript='(await api.search({ where: { a: "1", b: "2" } })).data',
    sees={"items": "[('a', '1'), ('b', '2')]"},
)
def query_form_object(app: FastAPI) -> None:
    @app.get("/search", openapi_extra=_parameter("where", _TEXTS, style="form", explode=True))
    async def search(request: Request) -> dict[str, str]:
        return saw(items=request.query_params.multi_items())


_JSON_CONTENT = {
    "name": "filter",
    "in": "query",
    "required": True,
    "content": {"application/json": {"schema": _TEXTS}},
}


@shape(
    "query: JSON text (`content` instead of `schema`)",
    python='await client.search({"a": "x"})',
    typescript='(await api.search({ filter: { a: "x" } })).data',
    sees={"filter": repr('{"a":"x"}')},
)
def query_json_content(app: FastAPI) -> None:
    @app.get("/search", openapi_extra={"parameters": [_JSON_CONTENT]})
    async def search(request: Request) -> dict[str, str]:
        return saw(filter=request.query_params["filter"].replace(" ", ""))


@shape(
    "query: a constant",
    python="await client.search(exact=True)",
    typescript="(await api.search({ exact: true })).data",
    sees={"exact": "'true'"},
)
def query_constant(app: FastAPI) -> None:
    constant = {"type": "boolean", "const": True, "description": "Always so."}

    @app.get("/search", openapi_extra=_parameter("exact", constant))
    async def search(request: Request) -> dict[str, str]:
        return saw(exact=request.query_params["exact"])


def paging(page: int = 1, token: Annotated[str, Header()] = "") -> tuple[int, str]:
    return page, token


@shape(
    "query: names such as `$filter`, and a parameter that two dependencies share",
    python='await client.search(filter="x eq 1", page=3, token_header="h", token="q")',
    typescript="""
(await api.search({ filter: "x eq 1", page: 3, tokenHeader: "h", token: "q" })).data
""",
    sees={"filter": "'x eq 1'", "first": "(3, 'h')", "page": "3", "token": "'q'"},
)
def query_shared(app: FastAPI) -> None:
    @app.get("/search", dependencies=[Depends(paging)])
    async def search(
        first: Annotated[tuple[int, str], Depends(paging)],
        filter: Annotated[str, Query(alias="$filter")] = "",
        page: int = 1,
        token: str = "",
    ) -> dict[str, str]:
        return saw(filter=filter, first=first, page=page, token=token)


@shape(
    "query: a parameter that may be null, with another default",
    python="[await client.search(), await client.search(limit=omit), await client.search(limit=3)]",
    typescript="""
const limit = 3 satisfies NonNullable<Operations["search"]["arguments"]["limit"]>;
return [(await api.search()).data, (await api.search({})).data, (await api.search({ limit })).data];
""",
    gets=[{"limit": "5"}, {"limit": "5"}, {"limit": "3"}],
)
def query_null_default(app: FastAPI) -> None:
    @app.get("/search")
    async def search(limit: int | None = 5) -> dict[str, str]:
        return saw(limit=limit)
