"""Names of operations, parameters and fields that clash."""

from typing import Annotated

from fastapi import Cookie, FastAPI, Header, Query, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field

from shapes.shape import Call, saw, shape


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
    "name: one function for several methods (`api_route`)",
    python="[await client.item(), await client.item_post(), await client.item_put()]",
    typescript="[(await api.itemGet()).data, (await api.itemPost()).data, (await api.itemPut()).data]",
    gets=["GET", "POST", "PUT"],
)
def issue_api_route(app: FastAPI) -> None:
    @app.api_route("/item", methods=["GET", "POST", "PUT"])
    async def item(request: Request) -> str:
        return request.method


@shape(
    "name: a query parameter called `__proto__`, one called `constructor`",
    python='await client.search(proto="p", constructor="c")',
    typescript='(await api.search({ proto: "p", constructor_: "c" })).data',
    sees={"proto": "'p'", "constructor": "'c'"},
)
def issue_proto(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        proto: Annotated[str, Query(alias="__proto__")],
        constructor: str = "",
    ) -> dict[str, str]:
        return saw(proto=proto, constructor=constructor)


class ProtoBody(BaseModel):
    proto: str = Field(alias="__proto__")
    constructor: str = "d"


@shape(
    "name: a field called `__proto__`",
    python='await client.put(ProtoBody.model_validate({"__proto__": "p"}))',
    typescript='(await api.put({ body: { ["__proto__"]: "p", constructor: "d" } })).data.constructor',
    sees={"proto": "'p'"},
)
def issue_proto_field(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: ProtoBody) -> ProtoBody:
        saw(proto=value.proto)
        return value


@shape(
    "name: a model whose field is called like a method of pydantic",
    python='await client.put(Shadow.model_validate({"json": 1, "copy": 2, "schema": 3, "class": 4}))',
    typescript="(await api.put({ body: { json: 1, copy: 2, schema: 3, class: 4 } })).data",
    gets={"json": 1, "copy": 2, "schema": 3, "class": 4},
)
def issue_shadow(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Shadow) -> Shadow:
        return value


class Shadow(BaseModel):
    json_: int = Field(alias="json")
    copy_: int = Field(alias="copy")
    schema_: int = Field(alias="schema")
    class_: int = Field(alias="class")


@shape(
    "name: optional headers, cookies and query of one name",
    python="await client.get(1, id_query=2, id_header=3, id_cookie=4)",
    typescript="(await api.get({ id: 1, idQuery: 2, idHeader: 3, idCookie: 4 })).data",
    sees={"path": "1", "query": "2", "header": "3", "cookie": "4"},
)
def issue_one_name(app: FastAPI) -> None:
    @app.get("/{id}")
    async def get(
        path_id: Annotated[int, PathParameter(alias="id")],
        query_id: Annotated[int | None, Query(alias="id")] = None,
        header_id: Annotated[int | None, Header(alias="id")] = None,
        cookie_id: Annotated[int | None, Cookie(alias="id")] = None,
    ) -> dict[str, str]:
        return saw(path=path_id, query=query_id, header=header_id, cookie=cookie_id)


@shape(
    "name: operation ids with dots, spaces and slashes",
    python="[await client.items_list_all_v1(), await client.get_item(), await client.x2nd()]",
    typescript="[(await api.itemsListAllV1()).data, (await api.getItem()).data, (await api.x2nd()).data]",
)
def issue_operation_ids(app: FastAPI) -> None:
    @app.get("/a", operation_id="items.list-all/v1")
    async def a() -> int:
        return 1

    @app.get("/b", operation_id="Get Item")
    async def b() -> int:
        return 2

    @app.get("/c", operation_id="x2nd")
    async def c() -> int:
        return 3


@shape(
    "name: operation ids that are the same in camelCase",
    python=Call("[await client.get_item(), await client.get_item_2()]", rejects="rename one"),
    typescript="[(await api.getItemGet()).data, (await api.getItemGet_()).data]",
)
def issue_same_ids(app: FastAPI) -> None:
    @app.get("/a", operation_id="get_item")
    async def a() -> int:
        return 1

    @app.get("/b", operation_id="getItem")
    async def b() -> int:
        return 2
