"""Models: how they are declared."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Generic, Literal, NamedTuple, NotRequired, TypeVar

from fastapi import FastAPI
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    computed_field,
    field_serializer,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypeAliasType, TypedDict

from shapes.shape import Call, saw, shape

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


class Camel(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )

    user_name: str
    is_active: bool = True


@shape(
    "model: camelCase by an alias generator",
    python='await client.put_camel(Camel(user_name="ada", is_active=False))',
    typescript='(await api.putCamel({ body: { userName: "ada", isActive: false } })).data',
    sees={"camel": "Camel(user_name='ada', is_active=False)"},
    gets={"userName": "ada", "isActive": False},
)
def model_camel(app: FastAPI) -> None:
    @app.put("/camel")
    async def put_camel(camel: Camel) -> Camel:
        saw(camel=camel)
        return camel


class TwoAliases(BaseModel):
    user_id: int = Field(validation_alias="userId", serialization_alias="id")


@shape(
    "model: one alias for input, another one for output",
    python=Call(
        '(await client.put_two(TwoAliases.model_validate({"userId": 7}))).user_id',
        rejects="writes the field 'user_id' as 'id', but reads it as 'userId'",
    ),
    typescript="(await api.putTwo({ body: { userId: 7 } })).data.id",
    sees={"user_id": "7"},
    gets=7,
)
def model_two_aliases(app: FastAPI) -> None:
    @app.put("/two")
    async def put_two(two: TwoAliases) -> TwoAliases:
        saw(user_id=two.user_id)
        return two


class Choices(BaseModel):
    name: str = Field(validation_alias=AliasChoices("name", "title", AliasPath("names", 0)))


@shape(
    "model: a choice of aliases",
    python='await client.put_choice(Choices.model_validate({"title": "a"}))',
    typescript='(await api.putChoice({ body: { name: "a" } })).data',
    sees={"name": "'a'"},
)
def model_alias_choices(app: FastAPI) -> None:
    @app.put("/choices")
    async def put_choice(choice: Choices) -> dict[str, str]:
        return saw(name=choice.name)


class Box(BaseModel):
    width: int
    height: int = 1

    @computed_field  # type: ignore[prop-decorator]
    @property
    def area(self) -> int:
        return self.width * self.height


@shape(
    "model: a computed field",
    python="(await client.put_box(Box(width=3, height=2))).area",
    typescript="(await api.putBox({ body: { width: 3, height: 2 } })).data.area",
    sees={"box": "Box(width=3, height=2, area=6)"},
    gets=6,
)
def model_computed_field(app: FastAPI) -> None:
    @app.put("/boxes")
    async def put_box(box: Box) -> Box:
        saw(box=box)
        return box


class Upper(BaseModel):
    code: str

    @field_validator("code")
    @classmethod
    def upper(cls, value: str) -> str:
        return value.upper()


@shape(
    "model: a validator that changes the value",
    python='await client.put_upper(Upper(code="abc"))',
    typescript='(await api.putUpper({ body: { code: "abc" } })).data',
    gets={"code": "ABC"},
)
def model_validator(app: FastAPI) -> None:
    @app.put("/upper")
    async def put_upper(upper: Upper) -> Upper:
        return upper


class Epoch(BaseModel):
    day: date

    @field_serializer("day")
    def year_only(self, day: date) -> str:
        return f"{day:%Y-%m}-01"


@shape(
    "model: a serializer that keeps the type",
    python="await client.get_epoch()",
    typescript="(await api.getEpoch()).data",
    gets={"day": "2024-02-01"},
)
def model_serializer(app: FastAPI) -> None:
    @app.get("/epoch")
    async def get_epoch() -> Epoch:
        return Epoch(day=date(2024, 2, 29))


class OrderItem(BaseModel):
    model_config = ConfigDict(title="Order item")

    name: str


@shape(
    'model: a title that is not a name (`title="Order item"`)',
    python='await client.put_item(OrderItem(name="a"))',
    typescript='(await api.putItem({ body: { name: "a" } })).data',
    gets={"name": "a"},
)
def model_title(app: FastAPI) -> None:
    @app.put("/items")
    async def put_item(item: OrderItem) -> OrderItem:
        return item


class Member(BaseModel):
    name: str


class MemberRead(BaseModel):
    model_config = ConfigDict(title="Member")

    id: int


@shape(
    "model: the title of another model",
    python='(await client.create_member(Member(name="a"))).id',
    typescript='(await api.createMember({ body: { name: "a" } })).data.id',
    gets=1,
)
def model_title_of_another(app: FastAPI) -> None:
    @app.post("/members")
    async def create_member(member: Member) -> MemberRead:
        return MemberRead(id=1)


class Operation(BaseModel):
    kind: str


class Response(BaseModel):
    value: int


class Error(BaseModel):
    code: int


class Blob(BaseModel):
    size: int


class Promise(BaseModel):
    operation: Operation
    response: Response
    error: Error | None = None
    blob: Blob | None = None


@shape(
    "model: named like what the clients use (`Operation`, `Response`, `Promise`, `Blob`, `Error`)",
    python="""
await client.keep(
    Promise(operation=Operation(kind="a"), response=Response(value=1), blob=Blob(size=2))
)
""",
    typescript="""
(await api.keep({ body: { operation: { kind: "a" }, response: { value: 1 }, blob: { size: 2 } } })).data
""",
    gets={
        "operation": {"kind": "a"},
        "response": {"value": 1},
        "error": None,
        "blob": {"size": 2},
    },
)
def model_names(app: FastAPI) -> None:
    @app.post("/promises")
    async def keep(promise: Promise) -> Promise:
        return promise

    @app.get("/operations")
    async def get_operation() -> Operation:
        return Operation(kind="a")


class Odd(BaseModel):
    class_: int = Field(alias="class")
    foo_bar: bool = Field(alias="foo-bar")
    empty: str = Field(alias="größe €")
    constructor: str = "c"
    model: str = "m"


@shape(
    "model: fields with names that are not identifiers",
    python="""
await client.put_odd(Odd.model_validate({"class": 1, "foo-bar": True, "größe €": "e"}))
""",
    typescript="""
(await api.putOdd({
  body: { class: 1, "foo-bar": true, "größe €": "e", constructor: "c" },
})).data
""",
    gets={
        "class": 1,
        "foo-bar": True,
        "größe €": "e",
        "constructor": "c",
        "model": "m",
    },
)
def model_field_names(app: FastAPI) -> None:
    @app.put("/odd")
    async def put_odd(odd: Odd) -> Odd:
        return odd


class Pointer(BaseModel):
    ref: str = Field(alias="$ref")
    properties: list[int] = []


@shape(
    "model: fields called `$ref` and `properties`",
    python='await client.put_pointer(Pointer.model_validate({"$ref": "a", "properties": [1]}))',
    typescript='(await api.putPointer({ body: { $ref: "a", properties: [1] } })).data',
    gets={"$ref": "a", "properties": [1]},
)
def model_keyword_fields(app: FastAPI) -> None:
    @app.put("/pointers")
    async def put_pointer(pointer: Pointer) -> Pointer:
        return pointer


class Widget(BaseModel):
    """Another one is in `shapes.rows.more`."""

    size: int
