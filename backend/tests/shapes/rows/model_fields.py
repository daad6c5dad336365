"""Models: aliases, computed fields, validators, titles and names."""

from datetime import date

from fastapi import FastAPI
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    computed_field,
    field_serializer,
    field_validator,
)
from pydantic.alias_generators import to_camel

from shapes.shape import Call, saw, shape


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
