"""Unions: members that look alike, nested and recursive unions."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, Discriminator, Field, RootModel, Tag

from shapes.rows.shared_models import ThingOne
from shapes.shape import Call, saw, shape


class CatByKey(BaseModel):
    kind: Literal["cat"]
    color: Literal["black"]
    lives: int


class WhiteCat(BaseModel):
    kind: Literal["cat"]
    color: Literal["white"]
    lives: int


class DogByKey(BaseModel):
    kind: Literal["dog", "wolf"]
    barks: bool = True


AnyCat = Annotated[CatByKey | WhiteCat, Field(discriminator="color")]


AnyPet = AnyCat | DogByKey


class Kennel(BaseModel):
    pets: list[AnyPet]


@shape(
    "union: a union with a discriminator within one without",
    python='await client.house(Kennel(pets=[WhiteCat(kind="cat", color="white", lives=9), DogByKey(kind="wolf")]))',
    typescript='(await api.house({ body: { pets: [{ kind: "cat", color: "white", lives: 9 }, { kind: "wolf" }] } })).data',
    sees={
        "pets": "[WhiteCat(kind='cat', color='white', lives=9), DogByKey(kind='wolf', barks=True)]"
    },
    gets={"pets": [{"kind": "cat", "color": "white", "lives": 9}, {"kind": "wolf", "barks": True}]},
)
def issue_nested_discriminators(app: FastAPI) -> None:
    @app.post("/house")
    async def house(kennel: Kennel) -> Kennel:
        saw(pets=kennel.pets)
        return kennel


class Shipping(BaseModel):
    kind: Literal[1]
    street: str


class Pickup(BaseModel):
    kind: Literal[2]
    shop: int


class Delivery(RootModel[Annotated[Shipping | Pickup, Field(discriminator="kind")]]):
    pass


@shape(
    "union: a RootModel of a union, in a list",
    python="await client.put([Delivery(Pickup(kind=2, shop=7))])",
    typescript="(await api.put({ body: [{ kind: 2, shop: 7 }] })).data",
    sees={"value": "[Delivery(root=Pickup(kind=2, shop=7))]"},
    gets=[{"kind": 2, "shop": 7}],
)
def issue_root_union(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: list[Delivery]) -> list[Delivery]:
        saw(value=value)
        return value


class ThingTwo(BaseModel):
    b: str = "x"


@shape(
    "union: a list of a union as a body, and an optional embedded union",
    python='await client.put([ThingTwo(b="y"), ThingOne(a=1)])',
    typescript='(await api.put({ body: [{ b: "y" }, { a: 1 }] })).data',
    sees={"value": "[ThingTwo(b='y'), ThingOne(a=1)]"},
    gets=[{"b": "y"}, {"a": 1}],
)
def issue_union_list(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: list[ThingOne | ThingTwo]) -> list[ThingOne | ThingTwo]:
        saw(value=value)
        return value


class Alike(BaseModel):
    a: UUID | str
    b: Decimal | float
    c: datetime | str
    d: Literal["x"] | str
    e: bool | int
    f: int | float
    g: tuple[int, int] | list[int]


@shape(
    "union: unions of scalars that look alike in JSON",
    python="""
await client.put(Alike(a=UUID(int=1), b=1.5, c=datetime(2026, 1, 2), d="x", e=1, f=1.0, g=[1, 2]))
""",
    typescript="""
(await api.put({ body: { a: "00000000-0000-0000-0000-000000000001", b: 1.5, c: "2026-01-02T00:00:00", d: "x", e: 1, f: 1.5, g: [1, 2] } })).data
""",
)
def issue_alike(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Alike) -> dict[str, str]:
        return saw(value=value)


class ByAliasOne(BaseModel):
    kind: Literal["one"] = Field("one", alias="@type")
    value: int = 1


class ByAliasTwo(BaseModel):
    kind: Literal["two"] = Field("two", alias="@type")
    value: int = 2


@shape(
    "union: a discriminator with an alias and a default",
    python='await client.put([ByAliasTwo.model_validate({}), ByAliasOne.model_validate({"value": 5})])',
    typescript='(await api.put({ body: [{ "@type": "two" }, { "@type": "one", value: 5 }] })).data',
    sees={"value": "[ByAliasTwo(kind='two', value=2), ByAliasOne(kind='one', value=5)]"},
    gets=[{"@type": "two", "value": 2}, {"@type": "one", "value": 5}],
)
def issue_discriminator_alias(app: FastAPI) -> None:
    @app.put("/put")
    async def put(
        value: list[Annotated[ByAliasOne | ByAliasTwo, Field(discriminator="kind")]],
    ) -> list[Annotated[ByAliasOne | ByAliasTwo, Field(discriminator="kind")]]:
        saw(value=value)
        return value


class Animal(BaseModel):
    name: str


class Parrot(Animal):
    words: list[str] = []


class ParrotOwner(BaseModel):
    pets: list[Parrot | Animal] = []
    best: Parrot | Animal | None = None


@shape(
    "union: a union of a model and its base",
    python=Call(
        'await client.put(ParrotOwner(pets=[Animal(name="a"), Parrot(name="b", words=["w"]), Parrot(name="c")], best=Animal(name="d")))',
        raises="Animal would arrive as Parrot",
    ),
    typescript='(await api.put({ body: { pets: [{ name: "a" }, { name: "b", words: ["w"] }] } })).data',
)
def issue_base_union(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: ParrotOwner) -> ParrotOwner:
        saw(value=value)
        return value


class Num(BaseModel):
    op: Literal["num"] = "num"
    value: float


class Add(BaseModel):
    op: Literal["add"] = "add"
    left: "Expr"
    right: "Expr"
    rest: list["Expr"] = []


Expr = Annotated[Num | Add, Field(discriminator="op")]
Add.model_rebuild()


@shape(
    "union: a recursive union with discriminators that are defaults",
    python="await client.put(Add(left=Num(value=1), right=Add(left=Num(value=2), right=Num(value=3)), rest=[Num(value=4)]))",
    typescript='(await api.put({ body: { op: "add", left: { op: "num", value: 1 }, right: { op: "add", left: { op: "num", value: 2 }, right: { op: "num", value: 3 } }, rest: [{ op: "num", value: 4 }] } })).data',
    sees={
        "value": "Add(op='add', left=Num(op='num', value=1.0), right=Add(op='add', left=Num(op='num', value=2.0), right=Num(op='num', value=3.0), rest=[]), rest=[Num(op='num', value=4.0)])"
    },
)
def issue_expression(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Expr) -> Expr:
        saw(value=value)
        return value


def kind_of(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "other" if kind not in (1, 2) else f"k{kind}"


class OtherDelivery(BaseModel):
    kind: int
    note: str = ""


AnyDelivery = Annotated[
    Annotated[Shipping, Tag("k1")]
    | Annotated[Pickup, Tag("k2")]
    | Annotated[OtherDelivery, Tag("other")],
    Discriminator(kind_of),
]


@shape(
    "union: a discriminator that is a function with a fallback, in a map",
    python="""
await client.put({"a": OtherDelivery(kind=9), "b": Pickup(kind=2, shop=1)})
""",
    typescript="""
(await api.put({ body: { a: { kind: 9 }, b: { kind: 2, shop: 1 } } })).data
""",
    sees={"value": "{'a': OtherDelivery(kind=9, note=''), 'b': Pickup(kind=2, shop=1)}"},
)
def issue_fallback(app: FastAPI) -> None:
    @app.put("/deliveries")
    async def put(value: dict[str, AnyDelivery]) -> dict[str, AnyDelivery]:
        saw(value=value)
        return value
