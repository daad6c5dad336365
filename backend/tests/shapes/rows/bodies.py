"""JSON bodies: how one or several parameters make a body."""

from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query, Request
from pydantic import BaseModel, Field, JsonValue

from shapes.shape import Call, saw, shape


class Item(BaseModel):
    name: str
    price: Decimal
    unit_count: int = Field(default=1, alias="unitCount")
    note: str | None = None


class User(BaseModel):
    username: str
    full_name: str | None = None


class Importance(IntEnum):
    LOW = 1
    HIGH = 2


class Tone(Enum):
    WARM = "warm"
    COLD = "cold"


@shape(
    "body: a model",
    python='await client.create_item(Item(name="Foo", price=Decimal("42.10"), unitCount=2))',
    typescript='(await api.createItem({ body: { name: "Foo", price: "42.10", unitCount: 2 } })).data',
    sees={"item": "Item(name='Foo', price=Decimal('42.10'), unit_count=2, note=None)"},
    gets={"name": "Foo", "price": "42.10", "unitCount": 2, "note": None},
)
def body_model(app: FastAPI) -> None:
    @app.post("/items", status_code=201)
    async def create_item(item: Item) -> Item:
        saw(item=item)
        return item


@shape(
    "body: together with path and query parameters",
    python='await client.update_item(3, User(username="ada"), q="x")',
    typescript='(await api.updateItem({ itemId: 3, q: "x", body: { username: "ada" } })).data',
    sees={"item_id": "3", "user": "User(username='ada', full_name=None)", "q": "'x'"},
)
def body_path_query(app: FastAPI) -> None:
    @app.put("/items/{item_id}")
    async def update_item(item_id: int, user: User, q: str | None = None) -> dict[str, str]:
        return saw(item_id=item_id, user=user, q=q)


@shape(
    "body: unset fields are not sent, null is",
    python='await client.patch_user(User(username="ada", full_name=None))',
    typescript='(await api.patchUser({ body: { username: "ada", full_name: null } })).data',
    sees={"fields": "{'username': 'ada', 'full_name': None}"},
)
def body_null_field(app: FastAPI) -> None:
    @app.patch("/users")
    async def patch_user(user: User) -> dict[str, str]:
        return saw(fields=user.model_dump(exclude_unset=True))


@shape(
    "body: a partial update, without the unset fields",
    python='await client.patch_user(User(username="ada"))',
    typescript='(await api.patchUser({ body: { username: "ada" } })).data',
    sees={"fields": "{'username': 'ada'}"},
)
def body_unset_field(app: FastAPI) -> None:
    @app.patch("/users")
    async def patch_user(user: User) -> dict[str, str]:
        return saw(fields=user.model_dump(exclude_unset=True))


@shape(
    "body: several parameters",
    python='await client.update(User(username="ada"), Importance.HIGH, from_="there")',
    typescript="""
(await api.update({ body: { user: { username: "ada" }, importance: 2, from: "there" } })).data
""",
    sees={
        "user": "User(username='ada', full_name=None)",
        "importance": "<Importance.HIGH: 2>",
        "from_": "'there'",
        "note": "None",
    },
)
def body_several(app: FastAPI) -> None:
    @app.put("/several")
    async def update(
        user: User,
        importance: Annotated[Importance, Body()],
        from_: Annotated[str, Body(alias="from")] = "here",
        note: Annotated[str | None, Body()] = None,
    ) -> dict[str, str]:
        return saw(user=user, importance=importance, from_=from_, note=note)


@shape(
    "body: an explicit null for one of several optional parameters",
    python="await client.change(limit=None)",
    typescript="(await api.change({ body: { limit: null } })).data",
    sees={"raw": repr('{"limit":null}')},
)
def body_explicit_null(app: FastAPI) -> None:
    @app.patch("/settings")
    async def change(
        request: Request,
        limit: Annotated[int | None, Body()] = None,
        note: Annotated[str | None, Body()] = None,
    ) -> dict[str, str]:
        return saw(raw=(await request.body()).decode().replace(" ", ""))


@shape(
    "body: one of several optional parameters is left out",
    python='await client.change(note="n")',
    typescript='(await api.change({ body: { note: "n" } })).data',
    sees={"raw": repr('{"note":"n"}')},
)
def body_omitted_parameter(app: FastAPI) -> None:
    @app.patch("/settings")
    async def change(
        request: Request,
        limit: Annotated[int | None, Body()] = None,
        note: Annotated[str | None, Body()] = None,
    ) -> dict[str, str]:
        return saw(raw=(await request.body()).decode().replace(" ", ""))


@shape(
    "body: one parameter, embedded",
    python='await client.update(User(username="ada"))',
    typescript='(await api.update({ body: { user: { username: "ada" } } })).data',
    sees={"user": "User(username='ada', full_name=None)"},
)
def body_embedded(app: FastAPI) -> None:
    @app.put("/embedded")
    async def update(user: Annotated[User, Body(embed=True)]) -> dict[str, str]:
        return saw(user=user)


@shape(
    "body: optional, left out",
    python="await client.update()",
    typescript="(await api.update()).data",
    sees={"user": "None", "raw": "b''", "type": "None"},
)
def body_optional_omitted(app: FastAPI) -> None:
    @app.put("/optional")
    async def update(request: Request, user: User | None = None) -> dict[str, str]:
        content_type = request.headers.get("content-type")
        return saw(user=user, raw=await request.body(), type=content_type)


@shape(
    "body: optional, given",
    python='await client.update(body=User(username="ada"))',
    typescript='(await api.update({ body: { username: "ada" } })).data',
    sees={"user": "User(username='ada', full_name=None)"},
)
def body_optional_given(app: FastAPI) -> None:
    @app.put("/optional")
    async def update(user: User | None = None) -> dict[str, str]:
        return saw(user=user)


@shape(
    "body: required, though it may be null",
    python="await client.update(None)",
    typescript="(await api.update({ body: null })).data",
    sees={"user": "None", "raw": "b'null'"},
)
def body_required_null(app: FastAPI) -> None:
    @app.put("/nullable")
    async def update(request: Request, user: Annotated[User | None, Body()]) -> dict[str, str]:
        return saw(user=user, raw=await request.body())


@shape(
    "body: lists, maps and numbers as keys",
    python='await client.update({"7": [User(username="ada")], "8": []})',
    typescript='(await api.update({ body: { 7: [{ username: "ada" }], 8: [] } })).data',
    sees={"users": "{7: [User(username='ada', full_name=None)], 8: []}"},
)
def body_map_of_lists(app: FastAPI) -> None:
    @app.post("/maps")
    async def update(users: dict[int, list[User]]) -> dict[str, str]:
        return saw(users=users)


@shape(
    "body: a list on a DELETE",
    python='await client.delete_items(["a", "b"])',
    typescript='(await api.deleteItems({ body: ["a", "b"] })).data',
    sees={"names": "['a', 'b']"},
)
def body_on_delete(app: FastAPI) -> None:
    @app.delete("/items")
    async def delete_items(names: list[str]) -> dict[str, str]:
        return saw(names=names)


@shape(
    "body: one number, one text, one boolean",
    python='[await client.put_number(-3), await client.put_text("a\\"b"), await client.put_flag(False)]',
    typescript="""
await api.putNumber({ body: -3 });
await api.putText({ body: 'a"b' });
await api.putFlag({ body: false });
return null;
""",
    sees=[{"number": "-3"}, {"text": "'a\"b'"}, {"flag": "False"}],
)
def body_scalars(app: FastAPI) -> None:
    @app.put("/number")
    async def put_number(number: Annotated[int, Body()]) -> dict[str, str]:
        return saw(number=number)

    @app.put("/text")
    async def put_text(text: Annotated[str, Body()]) -> dict[str, str]:
        return saw(text=text)

    @app.put("/flag")
    async def put_flag(flag: Annotated[bool, Body()]) -> dict[str, str]:
        return saw(flag=flag)


@shape(
    "body: an enum, with an enum in the query",
    python="await client.put_tone(Tone.COLD, Importance.LOW)",
    typescript='(await api.putTone({ importance: 1, body: "cold" })).data',
    sees={"tone": "<Tone.COLD: 'cold'>", "importance": "<Importance.LOW: 1>"},
    gets="cold",
)
def body_enum(app: FastAPI) -> None:
    @app.put("/tone")
    async def put_tone(
        tone: Annotated[Tone, Body()], importance: Annotated[Importance, Query()]
    ) -> Tone:
        saw(tone=tone, importance=importance)
        return tone


@shape(
    "body: free JSON (`Any`)",
    python='await client.put_anything({"a": [1, None, {"b": True}]})',
    typescript="(await api.putAnything({ body: { a: [1, null, { b: true }] } })).data",
    sees={"value": "{'a': [1, None, {'b': True}]}"},
    gets={"a": [1, None, {"b": True}]},
)
def body_any(app: FastAPI) -> None:
    @app.put("/anything")
    async def put_anything(value: Annotated[Any, Body()]) -> Any:
        saw(value=value)
        return value


@shape(
    "body: `dict[str, Any]`",
    python='await client.put_map({"a": [1, None]})',
    typescript="(await api.putMap({ body: { a: [1, null] } })).data",
    sees={"value": "{'a': [1, None]}"},
    gets={"a": [1, None]},
)
def body_any_map(app: FastAPI) -> None:
    @app.put("/map")
    async def put_map(value: dict[str, Any]) -> dict[str, Any]:
        saw(value=value)
        return value


@shape(
    "body: `JsonValue`",
    python='await client.put_json(["x", 1.5, None])',
    typescript='(await api.putJson({ body: ["x", 1.5, null] })).data',
    sees={"value": "['x', 1.5, None]"},
    gets=["x", 1.5, None],
)
def body_json_value(app: FastAPI) -> None:
    @app.put("/json")
    async def put_json(value: Annotated[JsonValue, Body()]) -> JsonValue:
        saw(value=value)
        return value


@shape(
    "body: JSON Merge Patch (`application/merge-patch+json`)",
    python='await client.merge(User(username="ada"))',
    typescript='(await api.merge({ body: { username: "ada" } })).data',
    sees={"type": "'application/merge-patch+json'"},
)
def body_merge_patch(app: FastAPI) -> None:
    @app.patch("/documents")
    async def merge(
        request: Request,
        changes: Annotated[User, Body(media_type="application/merge-patch+json")],
    ) -> dict[str, str]:
        return saw(type=request.headers["content-type"])


@shape(
    "body: plain text",
    python='await client.put_text("größer\\n")',
    typescript='(await api.putText({ body: "größer\\n" })).data',
    sees={"raw": repr("größer\n"), "type": "'text/plain'"},
)
def body_text(app: FastAPI) -> None:
    extra = {
        "requestBody": {"required": True, "content": {"text/plain": {"schema": {"type": "string"}}}}
    }

    @app.put("/texts", openapi_extra=extra)
    async def put_text(request: Request) -> dict[str, str]:
        raw, kind = await request.body(), request.headers["content-type"].partition(";")[0]
        return saw(raw=raw.decode(), type=kind)


_BINARY = {
    "requestBody": {
        "required": True,
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@shape(
    "body: bytes",
    python='await client.put_image(b"\\x00\\xff\\x89")',
    typescript="(await api.putImage({ body: new Blob([new Uint8Array([0, 255, 137])]) })).data",
    sees={"raw": repr(b"\x00\xff\x89"), "type": "'image/png'"},
)
def body_bytes(app: FastAPI) -> None:
    @app.put("/images", openapi_extra=_BINARY)
    async def put_image(request: Request) -> dict[str, str]:
        return saw(raw=await request.body(), type=request.headers["content-type"])


@shape(
    "body: two media types (JSON or text)",
    python='await client.put_note(User(username="ada"))',
    typescript='(await api.putNote({ body: { username: "ada" } })).data',
    sees={"raw": repr('{"username":"ada"}'), "type": "'application/json'"},
)
def body_two_media_types(app: FastAPI) -> None:
    content = {"requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}}}}

    @app.put("/notes", openapi_extra=content)
    async def put_note(request: Request, user: User) -> dict[str, str]:
        raw, kind = await request.body(), request.headers["content-type"]
        return saw(raw=raw.decode().replace(" ", ""), type=kind)


@shape(
    "body: `X | None = None` beside a response of the same model",
    python='await client.echo(body=User(username="ada"))',
    typescript='(await api.echo({ body: { username: "ada" } })).data',
    gets={"username": "ada", "full_name": None},
)
def body_optional_echo(app: FastAPI) -> None:
    @app.post("/echo")
    async def echo(user: User | None = None) -> User | None:
        return user


@shape(
    "body: the same model with input and output schemas",
    python=Call(
        'await client.create_reading(Reading(value=Decimal("1.5")))', sees={"reading": "1.5"}
    ),
    typescript=Call(
        "(await api.createReading({ body: { value: 1.5 } })).data", sees={"reading": "1.5"}
    ),
    gets={"value": "1.5", "unit": "m"},
)
def body_input_output(app: FastAPI) -> None:
    @app.post("/readings")
    async def create_reading(reading: "Reading") -> "Reading":
        saw(reading=float(reading.value))
        return reading


class Reading(BaseModel):
    value: Decimal
    unit: str = "m"
