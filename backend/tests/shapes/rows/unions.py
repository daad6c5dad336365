"""Unions, with and without a discriminator."""

from datetime import date
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Body, FastAPI
from pydantic import BaseModel, Discriminator, Field, Tag

from shapes.shape import Call, saw, shape

AnimalT = TypeVar("AnimalT")


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    born: date


@shape(
    "union: a discriminator of texts",
    python='await client.name_pet(Dog(kind="dog", born=date(2020, 2, 29)))',
    typescript="""
const pet = (await api.namePet({ body: { kind: "dog", born: "2020-02-29" } })).data;
return pet.kind === "dog" ? pet : pet.lives;
""",
    sees={"pet": "Dog(kind='dog', born=datetime.date(2020, 2, 29))"},
    gets={"kind": "dog", "born": "2020-02-29"},
)
def union_discriminator(app: FastAPI) -> None:
    @app.post("/pets")
    async def name_pet(pet: Annotated[Cat | Dog, Body(discriminator="kind")]) -> Cat | Dog:
        saw(pet=pet)
        return pet


class Version1(BaseModel):
    version: Literal[1]
    name: str


class Version2(BaseModel):
    version: Literal[2]
    title: str


class Document(BaseModel):
    content: Version1 | Version2 = Field(discriminator="version")


@shape(
    "union: a discriminator of numbers",
    python='await client.put_document(Document(content=Version2(version=2, title="t")))',
    typescript="""
const { content } = (await api.putDocument({ body: { content: { version: 2, title: "t" } } })).data;
return { content: content.version === 2 ? { version: 2, title: content.title } : content.name };
""",
    gets={"content": {"version": 2, "title": "t"}},
)
def union_number_discriminator(app: FastAPI) -> None:
    @app.put("/documents")
    async def put_document(document: Document) -> Document:
        return document


class Circle(BaseModel):
    shape: Literal["circle"] = "circle"
    radius: float


class Square(BaseModel):
    shape: Literal["square"] = "square"
    side: float = 1.0


@shape(
    "union: discriminators with defaults",
    python="""
found = await client.draw([Circle(radius=2), Square()])
return [each.radius if isinstance(each, Circle) else each.side for each in found]
""",
    typescript="""
const found = await api.draw({ body: [{ shape: "circle", radius: 2 }, { shape: "square" }] });
return found.data.map((each) => (each.shape === "circle" ? each.radius : each.side));
""",
    sees={"shapes": "[Circle(shape='circle', radius=2.0), Square(shape='square', side=1.0)]"},
    gets=[2, 1],
)
def union_default_discriminator(app: FastAPI) -> None:
    @app.post("/drawings")
    async def draw(
        shapes: list[Annotated[Circle | Square, Body(discriminator="shape")]],
    ) -> list[Annotated[Circle | Square, Field(discriminator="shape")]]:
        saw(shapes=shapes)
        return shapes


class Hound(BaseModel):
    kind: Literal["dog", "wolf"] = "dog"
    name: str = "Rex"


class Bird(BaseModel):
    kind: Literal["bird"] = "bird"
    name: str = "Tweety"


@shape(
    "union: a discriminator of several values with a default",
    python="[await client.name_animal(Hound()), await client.name_animal(Hound(kind='wolf'))]",
    typescript="""
return [
  (await api.nameAnimal({ body: { kind: "dog" } })).data,
  (await api.nameAnimal({ body: { kind: "wolf" } })).data,
];
""",
    gets=["Hound dog", "Hound wolf"],
)
def union_several_values(app: FastAPI) -> None:
    @app.post("/animals")
    async def name_animal(
        animal: Annotated[Hound | Bird, Body(discriminator="kind")],
    ) -> str:
        return f"{type(animal).__name__} {animal.kind}"


class Lamp(BaseModel):
    brightness: int = 5


class Fan(BaseModel):
    speed: int = 3


@shape(
    "union: models whose fields all have defaults",
    python="[await client.switch(Fan()), await client.switch(Fan(speed=4)), await client.switch(Lamp())]",
    typescript="""
return [
  (await api.switch({ body: { speed: 3 } })).data,
  (await api.switch({ body: { speed: 4 } })).data,
  (await api.switch({ body: { brightness: 5 } })).data,
];
""",
    gets=["Fan(speed=3)", "Fan(speed=4)", "Lamp(brightness=5)"],
)
def union_all_defaults(app: FastAPI) -> None:
    @app.post("/switches")
    async def switch(thing: Lamp | Fan) -> str:
        return repr(thing)


class LampPatch(BaseModel):
    name: str | None = None
    brightness: int | None = None


class FanPatch(BaseModel):
    name: str | None = None
    speed: int | None = None


@shape(
    "union: a PATCH with models that look alike",
    python=Call(
        'await client.patch_switch(FanPatch(name="a"))',
        raises="FanPatch would arrive as LampPatch",
        sees=None,
    ),
    typescript='(await api.patchSwitch({ body: { name: "a" } })).data',
    sees={"switch": "LampPatch(name='a', brightness=None)"},
    gets={"switch": "LampPatch(name='a', brightness=None)"},
)
def union_patch(app: FastAPI) -> None:
    @app.patch("/switches")
    async def patch_switch(switch: LampPatch | FanPatch) -> dict[str, str]:
        return saw(switch=switch)


@shape(
    "union: without a discriminator, as body and response",
    python='await client.put_thing(Book(title="t"))',
    typescript='(await api.putThing({ body: { title: "t" } })).data',
    gets={"title": "t"},
)
def union_untagged(app: FastAPI) -> None:
    @app.put("/things")
    async def put_thing(thing: "Car | Book") -> "Car | Book":
        return thing


class Car(BaseModel):
    wheels: int


class Book(BaseModel):
    title: str


class Holder(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    pets: dict[str, Cat | Dog | None] = {}
    value: int | str | list[int] | None = None


@shape(
    "union: one that may be null, in a field and in a map",
    python="""
cat = Cat(kind="cat", lives=9)
return await client.hold(Holder(pet=cat, pets={"a": cat, "b": None}, value=[1]))
""",
    typescript="""
const cat = { kind: "cat", lives: 9 } as const;
const { pet, pets, value } = (await api.hold({ body: { pet: cat, pets: { a: cat, b: null }, value: [1] } })).data;
return { pet: pet?.kind === "cat" ? { kind: pet.kind, lives: pet.lives } : null, pets, value };
""",
    gets={
        "pet": {"kind": "cat", "lives": 9},
        "pets": {"a": {"kind": "cat", "lives": 9}, "b": None},
        "value": [1],
    },
)
def union_nullable(app: FastAPI) -> None:
    @app.put("/holders")
    async def hold(holder: Holder) -> Holder:
        return holder


class Kind(str, Enum):
    CARD = "card"
    CASH = "cash"


class Card(BaseModel):
    kind: Literal[Kind.CARD]
    number: str


class Cash(BaseModel):
    kind: Literal[Kind.CASH] = Kind.CASH


class Payment(BaseModel):
    method: Card | Cash = Field(discriminator="kind")


@shape(
    "union: a discriminator that is an enum",
    python="await client.pay(Payment(method=Cash()))",
    typescript='(await api.pay({ body: { method: { kind: "cash" } } })).data',
    sees={"method": "Cash(kind=<Kind.CASH: 'cash'>)"},
)
def union_enum_discriminator(app: FastAPI) -> None:
    @app.post("/payments")
    async def pay(payment: Payment) -> dict[str, str]:
        return saw(method=payment.method)


def _kind(value: Any) -> str:
    return "long" if "pages" in (value if isinstance(value, dict) else vars(value)) else "short"


class LongText(BaseModel):
    pages: int


class ShortText(BaseModel):
    words: int


class Text(BaseModel):
    body: Annotated[
        Annotated[LongText, Tag("long")] | Annotated[ShortText, Tag("short")], Discriminator(_kind)
    ]


@shape(
    "union: a discriminator that is a function",
    python="await client.put_text(Text(body=ShortText(words=3)))",
    typescript="(await api.putText({ body: { body: { words: 3 } } })).data",
    gets={"body": {"words": 3}},
)
def union_function(app: FastAPI) -> None:
    @app.put("/texts")
    async def put_text(text: Text) -> Text:
        return text


@shape(
    "union: of a model, a list and a scalar as a response",
    python="[await client.get(0), await client.get(1), await client.get(2)]",
    typescript="""
return [
  (await api.get({ kind: 0 })).data,
  (await api.get({ kind: 1 })).data,
  (await api.get({ kind: 2 })).data,
];
""",
    gets=[{"wheels": 4}, [1], "none"],
)
def union_of_kinds(app: FastAPI) -> None:
    @app.get("/things")
    async def get(kind: int) -> Car | list[int] | str:
        things: list[Car | list[int] | str] = [Car(wheels=4), [1], "none"]
        return things[kind]


class Zoo(BaseModel, Generic[AnimalT]):
    items: list[AnimalT]


@shape(
    "union: in a list, in a generic model, an enum or null",
    python="[await client.get_pets(), await client.get_zoo(), await client.get_kind(False)]",
    typescript="""
return [(await api.getPets()).data, (await api.getZoo()).data, (await api.getKind({ known: false })).data];
""",
    gets=[
        [{"kind": "cat", "lives": 9}, {"kind": "dog", "born": "2020-02-29"}],
        {"items": [{"kind": "cat", "lives": 9}, None]},
        None,
    ],
)
def union_in_responses(app: FastAPI) -> None:
    @app.get("/pets")
    async def get_pets() -> list[Cat | Dog]:
        return [Cat(kind="cat", lives=9), Dog(kind="dog", born=date(2020, 2, 29))]

    @app.get("/zoo")
    async def get_zoo() -> Zoo[Cat | Dog | None]:
        return Zoo[Cat | Dog | None](items=[Cat(kind="cat", lives=9), None])

    @app.get("/kind")
    async def get_kind(known: bool) -> Kind | None:
        return Kind.CARD if known else None


class Drawing(BaseModel):
    shape: Circle | Square = Field(discriminator="shape")
    thumbnail: bytes = b""


@shape(
    "union: in a model that is one of several body parameters",
    python="(await client.draw(Drawing(shape=Square(side=2)), 3)).shape.shape",
    typescript="""
(await api.draw({ body: { drawing: { shape: { shape: "square", side: 2 } }, count: 3 } })).data.shape.shape
""",
    sees={
        "drawing": "Drawing(shape=Square(shape='square', side=2.0), thumbnail=b'')",
        "count": "3",
    },
    gets="square",
)
def union_in_body_parameter(app: FastAPI) -> None:
    @app.post("/drawings")
    async def draw(drawing: Drawing, count: Annotated[int, Body()]) -> Drawing:
        saw(drawing=drawing, count=count)
        return drawing
