"""Models: how they are declared."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Generic, Literal, NamedTuple, NotRequired, TypeVar

from fastapi import FastAPI
from pydantic import BaseModel, Field, RootModel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypeAliasType, TypedDict

from shapes.shape import saw, shape

ItemT = TypeVar("ItemT")


class Node(BaseModel):
    value: int
    children: list["Node"] = []


@shape(
    "model: recursive",
    python="await client.put_tree(Node(value=1, children=[Node(value=2)]))",
    typescript="(await api.putTree({ body: { value: 1, children: [{ value: 2 }] } })).data",
    gets={"value": 1, "children": [{"value": 2, "children": []}]},
)
def model_recursive(app: FastAPI) -> None:
    @app.put("/trees")
    async def put_tree(node: Node) -> Node:
        return node


class BaseUser(BaseModel):
    """The fields of every user."""

    username: str


class UserIn(BaseUser):
    password: str


class UserOut(BaseUser):
    id: int


@shape(
    "model: inheritance, with other models for input and output",
    python='await client.create_user(UserIn(username="ada", password="p"))',
    typescript='(await api.createUser({ body: { username: "ada", password: "p" } })).data',
    gets={"username": "ada", "id": 1},
)
def model_inheritance(app: FastAPI) -> None:
    @app.post("/users", response_model=UserOut)
    async def create_user(user: UserIn) -> dict[str, object]:
        return {**user.model_dump(), "id": 1}


class Page(BaseModel, Generic[ItemT]):
    items: list[ItemT]
    total: int


@shape(
    "model: generic, of models and of maps",
    python="[await client.get_nodes(), await client.get_days()]",
    typescript="[(await api.getNodes()).data, (await api.getDays()).data]",
    gets=[
        {"items": [{"value": 1, "children": []}], "total": 1},
        {"items": [{"2024-02-29": "open"}], "total": 1},
    ],
)
def model_generic(app: FastAPI) -> None:
    @app.get("/nodes")
    async def get_nodes() -> Page[Node]:
        return Page[Node](items=[Node(value=1)], total=1)

    @app.get("/days")
    async def get_days() -> Page[dict[date, Literal["open", "shut"]]]:
        items: list[dict[date, Literal["open", "shut"]]] = [{date(2024, 2, 29): "open"}]
        return Page[dict[date, Literal["open", "shut"]]](items=items, total=1)


@dataclass
class Point:
    x: int
    y: int = 0
    labels: list[str] = field(default_factory=list)


@shape(
    "model: a dataclass",
    python='await client.move(Point(x=1, labels=["a"]))',
    typescript='(await api.move({ body: { x: 1, labels: ["a"] } })).data',
    sees={"point": "Point(x=1, y=0, labels=['a'])"},
    gets={"x": 1, "y": 0, "labels": ["a"]},
)
def model_dataclass(app: FastAPI) -> None:
    @app.post("/points")
    async def move(point: Point) -> Point:
        saw(point=point)
        return point


@pydantic_dataclass
class Place:
    name: str
    point: Point


@shape(
    "model: pydantic's dataclass, with a dataclass in it",
    python='await client.visit(Place(name="a", point=Point(x=1)))',
    typescript='(await api.visit({ body: { name: "a", point: { x: 1 } } })).data.point.x',
    sees={"place": "Place(name='a', point=Point(x=1, y=0, labels=[]))"},
)
def model_pydantic_dataclass(app: FastAPI) -> None:
    @app.post("/places")
    async def visit(place: Place) -> Place:
        saw(place=place)
        return place


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


@shape(
    "model: a TypedDict",
    python='await client.rate({"title": "Alien"})',
    typescript='(await api.rate({ body: { title: "Alien" } })).data',
    sees={"movie": "{'title': 'Alien'}"},
    gets={"title": "Alien"},
)
def model_typed_dict(app: FastAPI) -> None:
    @app.post("/movies")
    async def rate(movie: Movie) -> Movie:
        saw(movie=movie)
        return movie


class Pair(NamedTuple):
    number: int
    text: str


class Pairs(BaseModel):
    pair: Pair


@shape(
    "model: a NamedTuple, as a response and as a field of a body",
    python='await client.swap(Pairs(pair=Pair(1, "a")))',
    typescript='(await api.swap({ body: { pair: [1, "a"] } })).data',
    sees={"pair": "Pair(number=1, text='a')"},
    gets=[1, "a"],
)
def model_named_tuple(app: FastAPI) -> None:
    @app.post("/pairs")
    async def swap(pairs: Pairs) -> Pair:
        saw(pair=pairs.pair)
        return pairs.pair


Names = TypeAliasType("Names", list[str])
Positive = TypeAliasType("Positive", Annotated[int, Field(gt=0)])


class Team(BaseModel):
    names: Names
    size: Positive = 1


@shape(
    "model: type aliases (`type X = ...`)",
    python='await client.put_team(Team(names=["a"], size=2))',
    typescript='(await api.putTeam({ body: { names: ["a"], size: 2 } })).data',
    gets={"names": ["a"], "size": 2},
)
def model_type_alias(app: FastAPI) -> None:
    @app.put("/teams")
    async def put_team(team: Team) -> Team:
        return team


@shape(
    "model: a type alias as a body and as a response",
    python='await client.put_names(["a", "b"])',
    typescript='(await api.putNames({ body: ["a", "b"] })).data',
    gets=["a", "b"],
)
def model_type_alias_body(app: FastAPI) -> None:
    @app.put("/names")
    async def put_names(names: Names) -> Names:
        return names


class Outer(BaseModel):
    class Inner(BaseModel):
        value: int

    inner: Inner


@shape(
    "model: a class in a class",
    python="[await client.get_outer(), await client.put_inner(Outer.Inner(value=2))]",
    typescript="[(await api.getOuter()).data, (await api.putInner({ body: { value: 2 } })).data]",
    gets=[{"inner": {"value": 1}}, {"value": 2}],
)
def model_nested_class(app: FastAPI) -> None:
    @app.get("/outer")
    async def get_outer() -> Outer:
        return Outer(inner=Outer.Inner(value=1))

    @app.put("/inner")
    async def put_inner(inner: Outer.Inner) -> Outer.Inner:
        return inner


class Tags(RootModel[list[str]]):
    pass


@shape(
    "model: a RootModel",
    python='await client.put_tags(Tags(["a"]))',
    typescript='(await api.putTags({ body: ["a"] })).data',
    gets=["a"],
)
def model_root(app: FastAPI) -> None:
    @app.put("/tags")
    async def put_tags(tags: Tags) -> Tags:
        return tags
