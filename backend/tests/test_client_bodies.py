"""What arrives of the bodies that callers pass: secrets, changed defaults, members of unions."""

from __future__ import annotations

import io
import math
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Literal, NamedTuple, NotRequired, TypeVar

import pytest
from fastapi import UploadFile
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    field_serializer,
    field_validator,
)
from starlette.datastructures import Headers
from typing_extensions import TypeAliasType, TypedDict

from support.echo import (
    Account,
    Accounts,
    CallablePet,
    Canine,
    Cat,
    Dog,
    EchoClient,
    Feline,
    Kennel,
    Limits,
    Login,
    OpenReading,
    Order,
    OtherTwin,
    Point,
    Puppy,
    Reading,
    Twin,
    Upload,
    app,
)
from support.servers import serve
from trading_api.shared.client import FileUpload, Operation, omit
from trading_api.shared.client.wire import (
    JsonAdapter,
    bytes_body,
    form_model,
    json_body,
    json_fields,
    multipart_body,
    multipart_model,
    text_body,
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("support.echo:app") as found:
        yield found


@pytest.fixture(params=["over HTTP", "in process"])
async def client(request: pytest.FixtureRequest, address: str) -> AsyncIterator[EchoClient]:
    in_process = request.param == "in process"
    async with EchoClient.in_process(app) if in_process else EchoClient(address) as found:
        yield found


def sent(kind: Any, value: object) -> bytes:
    content = json_body(JsonAdapter(kind), value).content
    assert isinstance(content, bytes)
    return content


async def test_secrets_in_json_arrive(client: EchoClient) -> None:
    accounts = Accounts(
        accounts=[
            Account(name="a", password="p*w", key=b"k", born=Secret(date(2020, 2, 29))),
            Account(name="b", password=""),
        ],
        by_name={"c": SecretStr("d")},
    )
    assert await client.send("/accounts", json_body(JsonAdapter(Accounts), accounts)) == [
        "a p*w b'k' 2020-02-29",
        "b  b'' None",
        "c=d",
    ]
    assert "p*w" not in repr(accounts)


async def test_secrets_are_not_in_reprs() -> None:
    body = form_model(JsonAdapter(Login), Login(user="me", password="secret"))
    client = EchoClient("http://127.0.0.1:1", headers={"x-key": "secret"})
    operation: Operation[Any] = Operation("POST", "/a", responses={})
    request = client._request(operation, "/a", query=[("pin", SecretStr("secret"))], body=body)
    assert "pin=hidden" in repr(request)
    assert "secret" not in repr(request) + repr(body)


async def test_secrets_in_forms_arrive(client: EchoClient) -> None:
    body = form_model(JsonAdapter(Login), Login(user="me", password="s3&cret"))
    assert await client.send("/logins", body) == "me s3&cret"


def test_secret_of_a_field_of_any_type_is_sent() -> None:
    account = Account(name="a", password="secret")
    assert sent(dict[str, Any], {"x": [account]}) == (b'{"x":[{"name":"a","password":"secret"}]}')


def test_secret_that_a_serializer_replaces_stays_replaced() -> None:
    class Token(BaseModel):
        value: SecretStr
        shown: SecretStr

        @field_serializer("value")
        def hash_value(self, value: SecretStr) -> str:
            return "hashed"

    token = Token(value="secret", shown="seen")
    assert sent(Token, token) == b'{"value":"hashed","shown":"seen"}'


async def test_untouched_defaults_are_not_sent(client: EchoClient) -> None:
    order = Order.model_construct(_fields_set={"note"})
    del order.__dict__["id"], order.__dict__["created"]
    body = json_body(JsonAdapter(Order), order)
    assert await client.send("/orders", body, "PATCH") == {"note": None}


async def test_ids_and_times_of_factories_arrive(client: EchoClient) -> None:
    order = Order()
    seen = await client.send("/orders", json_body(JsonAdapter(Order), order), "PATCH")
    created = seen.pop("created")
    assert seen == {"id": str(order.id)}
    assert datetime.fromisoformat(created) == order.created


async def test_defaults_that_were_changed_in_place_arrive(client: EchoClient) -> None:
    order = Order()
    order.tags.append("new")
    order.labels["a"] = "b"
    order.limits.high = 20
    order.more_limits[0].low = 5
    seen = await client.send("/orders", json_body(JsonAdapter(Order), order), "PATCH")
    assert seen["tags"] == ["new"]
    assert seen["labels"] == {"a": "b"}
    assert seen["limits"] == {"low": 1, "high": 20}
    assert seen["more_limits"] == [{"low": 5}]
    assert "tags" not in order.model_fields_set


def test_changed_defaults_inside_other_types_are_sent() -> None:
    class Box(TypedDict):
        order: Order

    class Pair(NamedTuple):
        order: Order
        name: str

    Orders = TypeAliasType("Orders", list[Order])
    order = Order(
        id="00000000-0000-0000-0000-000000000000", created=datetime(2020, 1, 1, tzinfo=UTC)
    )
    order.tags.append("x")
    expected = (
        b'{"id":"00000000-0000-0000-0000-000000000000","created":"2020-01-01T00:00:00Z",'
        b'"tags":["x"]}'
    )
    assert sent(Box, Box(order=order)) == b'{"order":%s}' % expected
    assert sent(Pair, Pair(order, "a")) == b'[%s,"a"]' % expected
    assert sent(Orders, [order]) == b"[%s]" % expected
    assert sent(tuple[Order, int], (order, 1)) == b"[%s,1]" % expected
    assert sent(tuple[Order, ...], (order,)) == b"[%s]" % expected
    assert sent(dict[str, Order], {"a": order}) == b'{"a":%s}' % expected
    assert sent(Order | None, order) == expected
    assert sent(RootModel[list[Order]], RootModel[list[Order]]([order])) == b"[%s]" % expected


def test_default_that_is_validated_is_compared_with_the_validated_one() -> None:
    class Settings(BaseModel):
        model_config = ConfigDict(validate_default=True)

        limits: Limits = {"low": "5"}  # type: ignore[assignment]

        @field_validator("limits")
        @classmethod
        def double(cls, limits: Limits) -> Limits:
            return Limits(low=limits.low * 2, high=limits.high)

    settings = Settings()
    assert settings.limits.low == 10
    assert sent(Settings, settings) == b"{}"
    settings.limits.low = 11
    assert sent(Settings, settings) == b'{"limits":{"low":11,"high":10}}'


def test_default_that_cannot_be_compared_is_sent() -> None:
    class Odd(list[int]):
        def __ne__(self, other: object) -> bool:
            raise ValueError("ambiguous")

    class Holder(BaseModel):
        items: list[int] = Odd()

    holder = Holder.model_construct(items=Odd([1]), _fields_set=set())
    assert sent(Holder, holder) == b'{"items":[1]}'


async def test_member_whose_fields_all_have_defaults_arrives(client: EchoClient) -> None:
    adapter: JsonAdapter[Cat | Dog] = JsonAdapter(Cat | Dog)
    assert await client.send("/pets", json_body(adapter, Cat())) == "Cat(lives=9)"
    assert await client.send("/pets", json_body(adapter, Dog())) == "Dog(tricks=3)"
    assert await client.send("/pets", json_body(adapter, Puppy())) == "Dog(tricks=3)"


async def test_member_of_a_union_of_lists_arrives(client: EchoClient) -> None:
    adapter: JsonAdapter[Any] = JsonAdapter(list[Cat] | list[Dog])
    assert await client.send("/lists", json_body(adapter, [Dog(), Dog()])) == (
        "[Dog(tricks=3), Dog(tricks=3)]"
    )


async def test_member_of_a_callable_discriminator_arrives(client: EchoClient) -> None:
    adapter: JsonAdapter[Any] = JsonAdapter(CallablePet)
    assert await client.send("/callable", json_body(adapter, Cat())) == "Cat(lives=9)"
    assert await client.send("/callable", json_body(adapter, Dog())) == "Dog(tricks=3)"


async def test_discriminator_with_several_values_and_a_default_arrives(client: EchoClient) -> None:
    # The client knows the union without its discriminator.
    adapter: JsonAdapter[Canine | Feline] = JsonAdapter(Canine | Feline)
    for animal in (Canine(), Canine(kind="wolf"), Feline()):
        assert await client.send("/animals", json_body(adapter, animal)) == repr(animal)
    assert sent(Canine | Feline, Canine()) == b'{"kind":"dog"}'


async def test_unions_inside_a_model_arrive(client: EchoClient) -> None:
    kennel = Kennel(pet=Dog(), animal=Canine(), more={"a": [Cat(), Dog()]})
    assert await client.send("/kennels", json_body(JsonAdapter(Kennel), kennel)) == repr(kennel)


def test_members_that_look_alike_are_rejected() -> None:
    assert sent(Twin | OtherTwin, Twin()) == b"{}"
    with pytest.raises(ValueError, match="OtherTwin would arrive as Twin"):
        sent(Twin | OtherTwin, OtherTwin(name="a"))


def test_null_is_not_sent_for_a_field_that_was_not_set() -> None:
    class CatPatch(BaseModel):
        name: str | None = None
        lives: int | None = None

    class DogPatch(BaseModel):
        name: str | None = None
        owner: str | None = None

    assert sent(CatPatch | DogPatch, CatPatch(name="a")) == b'{"name":"a"}'
    assert sent(CatPatch | DogPatch, DogPatch(owner=None)) == b'{"owner":null}'
    with pytest.raises(ValueError, match="DogPatch would arrive as CatPatch"):
        sent(CatPatch | DogPatch, DogPatch(name="a"))


def test_members_that_required_fields_distinguish_cost_nothing() -> None:
    class Square(BaseModel):
        side: int
        colour: str = "red"

    class Circle(BaseModel):
        radius: int
        colour: str = "red"

    assert JsonAdapter(Square | Circle).mark is None
    assert JsonAdapter(list[Square | None]).mark is None
    assert JsonAdapter(dict[str, JsonValue]).mark is None
    assert sent(Square | Circle, Circle(radius=1)) == b'{"radius":1}'


class Breed(Enum):
    SMALL = "small"
    LARGE = "large"


class SmallDog(BaseModel):
    breed: Literal[Breed.SMALL] = Breed.SMALL
    name: str = "?"


class LargeDog(BaseModel):
    breed: Literal[Breed.LARGE] = Breed.LARGE
    name: str = "?"


class Free(BaseModel, extra="allow"):
    note: str = ""


@dataclass(frozen=True)
class Walk:
    pet: Cat | Dog
    later: dict[str, Any]


class Couple(NamedTuple):
    pet: Cat | Dog
    age: int


class Stay(TypedDict):
    pet: NotRequired[Cat | Dog]


Item = TypeVar("Item")
Named = TypeAliasType("Named", dict[str, Item], type_params=(Item,))


@pytest.mark.parametrize(
    ("kind", "value", "content"),
    [
        (SmallDog | LargeDog, LargeDog(), b'{"breed":"large"}'),
        (Free | Cat, Cat(), b'{"lives":9}'),
        (Free | Cat, Free(lives=1), b'{"note":"","lives":1}'),
        (Cat | Free, Free(lives=1), None),
        (dict[str, Cat] | dict[str, Dog], {"a": Dog()}, b'{"a":{"tricks":3}}'),
        (Cat | dict[str, int], {"tricks": 3}, b'{"tricks":3}'),
        (Cat | list[int], [1], b"[1]"),
        (Walk, Walk(Dog(), {"a": {1, 2}}), b'{"pet":{"tricks":3},"later":{"a":[1,2]}}'),
        (Stay, Stay(pet=Dog()), b'{"pet":{"tricks":3}}'),
        (Stay, Stay(), b"{}"),
        (Couple, Couple(Dog(), 1), b'[{"tricks":3},1]'),
        (Any, Couple(Dog(tricks=1), 1), b'[{"tricks":1},1]'),
        (Named[Cat | Dog], {"a": Dog()}, b'{"a":{"tricks":3}}'),
        (Any, [{"a": Cat()}, (Cat(),), 1], b'[{"a":{}},[{}],1]'),
        (RootModel[Cat] | RootModel[Dog], RootModel[Dog](Dog()), b'{"tricks":3}'),
    ],
)
def test_members_of_all_kinds_of_unions_arrive(
    kind: Any, value: Any, content: bytes | None
) -> None:
    if content is not None:
        assert sent(kind, value) == content
    else:
        with pytest.raises(ValueError, match="would arrive as"):
            sent(kind, value)


def test_values_of_other_types_are_left_to_pydantic() -> None:
    kinds = [list[Order], tuple[Order, int], dict[str, Order], Order | list[Order]]
    for kind in kinds:
        with pytest.warns(UserWarning, match="serialized value"):
            assert sent(kind, 1) == b"1"


def test_invalid_member_is_left_to_the_service() -> None:
    class Left(BaseModel, extra="forbid"):
        a: int = 0

    class Right(BaseModel, extra="forbid"):
        b: int = 0

    right = Right(b=1)
    right.b = "many"  # type: ignore[assignment]
    with pytest.warns(UserWarning, match="serialized value"):
        assert sent(Left | Right, right) == b'{"b":"many"}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_number_that_json_does_not_have_is_rejected_with_its_location(number: float) -> None:
    with pytest.raises(ValueError, match=rf"^readings\.1\.value: {number} cannot be sent as JSON$"):
        json_fields(
            [("readings", JsonAdapter(list[Reading]), [Reading(value=1), Reading(value=number)])]
        )
    with pytest.raises(ValueError, match=r"^history\.0: "):
        sent(Reading, Reading(value=1, note=None, history=[number]))
    with pytest.raises(ValueError, match=r"^body: "):
        sent(float, number)


def test_null_and_allowed_infinity_are_sent() -> None:
    assert sent(Reading, Reading(value=1, note=None)) == b'{"value":1.0,"note":null}'
    reading = OpenReading(value=math.inf, note=None)
    assert sent(OpenReading, reading) == b'{"value":Infinity,"note":null}'


def test_fields_of_a_body_are_omitted_or_null() -> None:
    fields: list[tuple[str, JsonAdapter[Any], object]] = [
        ("a", JsonAdapter(int | None), None),
        ("b", JsonAdapter(int | None), omit),
        ("ä", JsonAdapter(str), "x"),
    ]
    body = json_fields(fields, content_type="application/merge-patch+json")
    assert body.content == '{"a":null,"ä":"x"}'.encode()
    assert body.content_type == b"application/merge-patch+json"


def test_dataclass_with_a_union_in_it_is_sent_whole() -> None:
    assert sent(Point, Point(x=1)) == b'{"x":1,"labels":null}'


async def test_model_with_files_arrives(client: EchoClient) -> None:
    headers = Headers({"content-type": "text/plain"})
    upload = Upload(
        file=UploadFile(io.BytesIO(b"\x00\xff"), filename="a.bin"),
        more=[UploadFile(io.BytesIO(b"b"), filename="b.txt", headers=headers)],
        docTitle="Ti*tle",
        sizes=[1, 2],
        password="secret",
    )
    assert await client.send("/uploads", multipart_model(JsonAdapter(Upload), upload)) == [
        r"a.bin application/octet-stream b'\x00\xff'",
        "b.txt text/plain b'b'",
        "Ti*tle",
        "[1, 2]",
        "secret",
    ]


async def test_chunks_are_sent_as_they_are_made(client: EchoClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a" * 10
        yield b""
        yield b"b" * 20

    body = bytes_body(chunks(), "application/octet-stream")
    assert sum(await client.send("/sizes", body)) == 30


async def test_error_of_the_chunks_is_raised(client: EchoClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        raise LookupError("the file has gone")

    with pytest.raises(LookupError, match="the file has gone"):
        await client.send("/sizes", bytes_body(chunks(), "application/octet-stream"))


async def test_text_is_sent_in_the_charset_of_its_media_type(client: EchoClient) -> None:
    assert await client.send("/raw", text_body("ä", "text/plain; charset=ISO-8859-1")) == "ä"
    with pytest.raises(ValueError, match="charset=x: the charset is not known"):
        text_body("ä", "text/plain; charset=x")
    with pytest.raises(ValueError, match="can't encode"):
        text_body("€", "text/plain; charset=latin-1")


def test_secret_of_a_multipart_form_is_sent() -> None:
    content = multipart_body([("a", SecretStr("s")), ("b", SecretBytes(b"t"))]).content
    assert isinstance(content, bytes)
    assert b'name="a"\r\n\r\ns\r\n' in content
    assert b'name="b"\r\n\r\nt\r\n' in content


def test_file_upload_has_defaults() -> None:
    assert FileUpload(b"").content_type == "application/octet-stream"


def test_field_with_an_alias_and_a_changed_default_has_its_wire_name() -> None:
    class Named(BaseModel):
        tag_list: list[str] = Field(default=[], alias="tagList")

    named = Named()
    named.tag_list.append("a")
    assert sent(Named, named) == b'{"tagList":["a"]}'
