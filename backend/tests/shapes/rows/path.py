"""Parameters in the path."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request

from shapes.shape import Call, saw, shape


class Planet(str, Enum):
    EARTH = "earth"
    PLANET_X = "planet x/y"


@shape(
    "path: a number",
    python="await client.read_item(-7)",
    typescript="(await api.readItem({ itemId: -7 })).data",
    sees={"item_id": "-7"},
    gets={"item_id": "-7"},
)
def path_number(app: FastAPI) -> None:
    @app.get("/items/{item_id}")
    async def read_item(item_id: int) -> dict[str, str]:
        return saw(item_id=item_id)


@shape(
    "path: a text with reserved and non-ASCII characters",
    python="await client.read_file('a/b?c#d%2F +é€\\'\"<>;:@&=')",
    typescript="(await api.readFile({ name: 'a/b?c#d%2F +é€\\'\"<>;:@&=' })).data",
    sees={"name": repr("a/b?c#d%2F +é€'\"<>;:@&=")},
)
def path_text(app: FastAPI) -> None:
    # A slash in one segment arrives decoded, so only a path convertor accepts it.
    @app.get("/files/{name:path}")
    async def read_file(name: str) -> dict[str, str]:
        return saw(name=name)


@shape(
    "path: `{file_path:path}` with slashes",
    python='await client.read_file("home/me/notes.txt")',
    typescript='(await api.readFile({ filePath: "home/me/notes.txt" })).data',
    sees={"file_path": "'home/me/notes.txt'"},
)
def path_with_slashes(app: FastAPI) -> None:
    @app.get("/files/{file_path:path}")
    async def read_file(file_path: str) -> dict[str, str]:
        return saw(file_path=file_path)


@shape(
    "path: the values `.` and `..`",
    python='await client.read_file("..")',
    typescript=Call(
        '(await api.readFile({ name: ".." })).data',
        raises='A path cannot have the segment ".."',
        sees=None,
    ),
    sees={"name": "'..'"},
)
def path_dots(app: FastAPI) -> None:
    @app.get("/files/{name}")
    async def read_file(name: str) -> dict[str, str]:
        return saw(name=name)


@shape(
    "path: an empty value",
    python=Call(
        'await client.read_file("")', raises="a path parameter must not be empty", sees=None
    ),
    typescript=Call(
        '(await api.readFile({ name: "" })).data',
        raises="The path parameter name is empty",
        sees=None,
    ),
)
def path_empty(app: FastAPI) -> None:
    @app.get("/files/{name}")
    async def read_file(name: str) -> dict[str, str]:
        return saw(name=name)

    @app.get("/files/")
    async def list_files() -> dict[str, str]:
        return saw(all_files=True)


@shape(
    "path: an enum",
    python="await client.read_planet(Planet.PLANET_X)",
    typescript='(await api.readPlanet({ planet: "planet x/y" })).data',
    sees={"planet": "<Planet.PLANET_X: 'planet x/y'>"},
)
def path_enum(app: FastAPI) -> None:
    @app.get("/planets/{planet:path}")
    async def read_planet(planet: Planet) -> dict[str, str]:
        return saw(planet=planet)


@shape(
    "path: a literal",
    python='await client.read_mode("slow & sure")',
    typescript='(await api.readMode({ mode: "slow & sure" })).data',
    sees={"mode": "'slow & sure'"},
)
def path_literal(app: FastAPI) -> None:
    @app.get("/modes/{mode}")
    async def read_mode(mode: Literal["fast", "slow & sure"]) -> dict[str, str]:
        return saw(mode=mode)


@shape(
    "path: date, datetime, UUID and Decimal",
    python="""
await client.read_event(
    date(2024, 2, 29),
    datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
    UUID("12345678-1234-5678-1234-567812345678"),
    Decimal("0.10"),
)
""",
    typescript="""
(await api.readEvent({
  day: "2024-02-29",
  moment: "2024-02-29T12:30:00Z",
  key: "12345678-1234-5678-1234-567812345678",
  price: "0.10",
})).data
""",
    sees={
        "day": "datetime.date(2024, 2, 29)",
        "moment": "'2024-02-29T12:30:00+00:00'",
        "key": "UUID('12345678-1234-5678-1234-567812345678')",
        "price": "Decimal('0.10')",
    },
)
def path_formats(app: FastAPI) -> None:
    @app.get("/{day}/{moment}/{key}/{price}")
    async def read_event(day: date, moment: datetime, key: UUID, price: Decimal) -> dict[str, str]:
        return saw(day=day, moment=moment.isoformat(), key=key, price=price)


@shape(
    "path: fixed text with a space and letters beyond ASCII",
    python='await client.read_size("é")',
    typescript='(await api.readSize({ name: "é" })).data',
    sees={"name": "'é'"},
)
def path_fixed_text(app: FastAPI) -> None:
    @app.get("/größe und farbe/{name}")
    async def read_size(name: str) -> dict[str, str]:
        return saw(name=name)


@shape(
    "path: two parameters in one segment",
    python="await client.read_range(3, 7)",
    typescript="(await api.readRange({ first: 3, last: 7 })).data",
    sees={"first": "3", "last": "7"},
)
def path_two_in_segment(app: FastAPI) -> None:
    @app.get("/ranges/{first}-{last}")
    async def read_range(first: int, last: int) -> dict[str, str]:
        return saw(first=first, last=last)


@shape(
    "path: a parameter with an alias that is a keyword",
    python='await client.read_class("x")',
    typescript="""(await api.readClass({ class: "x" })).data""",
    sees={"class_": "'x'"},
)
def path_alias(app: FastAPI) -> None:
    @app.get("/classes/{class}")
    async def read_class(class_: Annotated[str, Path(alias="class")]) -> dict[str, str]:
        return saw(class_=class_)


@shape(
    "path: a query parameter of the same name",
    python='await client.read_pair("p", id_query="q")',
    typescript='(await api.readPair({ id: "p", idQuery: "q" })).data',
    sees={"id_path": "'p'", "id_query": "'q'"},
)
def path_and_query_same_name(app: FastAPI) -> None:
    @app.get("/pairs/{id}")
    async def read_pair(
        id_path: Annotated[str, Path(alias="id")], id_query: Annotated[str, Query(alias="id")] = ""
    ) -> dict[str, str]:
        return saw(id_path=id_path, id_query=id_query)


@shape(
    "path: numbers with bounds",
    python="await client.read_item(1000, size=0.5)",
    typescript="(await api.readItem({ itemId: 1000, size: 0.5 })).data",
    sees={"item_id": "1000", "size": "0.5"},
)
def path_bounds(app: FastAPI) -> None:
    @app.get("/items/{item_id}")
    async def read_item(
        item_id: Annotated[int, Path(title="The ID", ge=0, le=1000)],
        size: Annotated[float, Query(gt=0, lt=10.5)] = 1,
    ) -> dict[str, str]:
        return saw(item_id=item_id, size=size)


@shape(
    "path: arguments in the order of the path, though a dependency has the first one",
    python='await client.read_order("a", "o", "l")',
    typescript='(await api.readOrder({ account: "a", order: "o", line: "l" })).data',
    gets=["a", "o", "l"],
)
def path_of_dependency(app: FastAPI) -> None:
    async def account_of(account: str) -> str:
        return account

    @app.get("/accounts/{account}/orders/{order}/{line}")
    async def read_order(
        line: str, order: str, account: Annotated[str, Depends(account_of)]
    ) -> list[str]:
        return [account, order, line]


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
    "path: a router below a path with a parameter, in a sub-application with `root_path`",
    python='await client.read(tenant_id=3, name="a/b", q=1)',
    typescript='(await api.read({ tenantId: 3, name: "a/b", q: 1 })).data',
    sees={"tenant": "3", "name": "'a/b'", "q": "1"},
)
def issue_router_parameters(app: FastAPI) -> None:
    async def tenant(tenant_id: int) -> int:
        return tenant_id

    router = APIRouter(prefix="/tenants/{tenant_id}", dependencies=[Depends(tenant)])

    @router.get("/files/{name:path}")
    async def read(
        name: str, tenant: Annotated[int, Depends(tenant)], q: int = 0
    ) -> dict[str, str]:
        return saw(tenant=tenant, name=name, q=q)

    app.include_router(router)


@shape(
    "path: convertors in the path, a bool and a duration in the path",
    python='await client.get(3, 1.5, True, timedelta(hours=1), Decimal("1.50"))',
    typescript='(await api.get({ itemId: 3, size: 1.5, flag: true, wait: "PT1H", amount: "1.50" })).data',
    sees={
        "item": "3",
        "size": "1.5",
        "flag": "True",
        "wait": "datetime.timedelta(seconds=3600)",
        "amount": "Decimal('1.50')",
    },
)
def issue_path_kinds(app: FastAPI) -> None:
    @app.get("/{item_id:int}/{size:float}/{flag}/{wait}/{amount}")
    async def get(
        item_id: int, size: float, flag: bool, wait: timedelta, amount: Decimal
    ) -> dict[str, str]:
        return saw(item=item_id, size=size, flag=flag, wait=wait, amount=amount)


@shape(
    "path: a verb after a colon, and a name with an extension",
    python='[await client.cancel("a:b"), await client.fetch("n.1", "tar.gz")]',
    typescript="""
[(await api.cancel({ id: "a:b" })).data, (await api.fetch({ name: "n.1", ext: "tar.gz" })).data]
""",
    gets=[{"id": "'a:b'"}, {"name": "'n.1.tar'", "ext": "'gz'"}],
)
def path_verb(app: FastAPI) -> None:
    @app.post("/items/{id}:cancel")
    async def cancel(id: str) -> dict[str, str]:
        return saw(id=id)

    @app.get("/files/{name}.{ext}")
    async def fetch(name: str, ext: str) -> dict[str, str]:
        return saw(name=name, ext=ext)
