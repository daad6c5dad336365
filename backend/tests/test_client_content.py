"""Which content is made of the bodies that callers pass; nothing is sent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal, NamedTuple, NotRequired, TypeVar

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    RootModel,
    SecretBytes,
    SecretStr,
    field_serializer,
    field_validator,
)
from typing_extensions import TypeAliasType, TypedDict

from support.echo import (
    Account,
    Cat,
    Dog,
    Limits,
    OpenReading,
    Order,
    OtherTwin,
    Point,
    Reading,
    Twin,
)
from trading_api.shared.client import FileUpload, omit
from trading_api.shared.client.wire import (
    JsonAdapter,
    json_body,
    json_fields,
    multipart_body,
)


def content_of(kind: Any, value: object) -> bytes:
    content = json_body(JsonAdapter(kind), value).content
    assert isinstance(content, bytes)
    return content


def test_secret_of_a_field_of_any_type_is_sent() -> None:
    account = Account(name="a", password="secret")
    assert content_of(dict[str, Any], {"x": [account]}) == (
        b'{"x":[{"name":"a","password":"secret"}]}'
    )


def test_patch_leaves_out_what_a_factory_made_unless_it_was_set() -> None:
    order = Order(note="x")
    order.tags.append("new")
    order.created = datetime(2024, 1, 2, tzinfo=UTC)
    adapters = [(JsonAdapter[Any](kind), value) for kind, value in ((Order, order), (Any, order))]
    for adapter, value in adapters:
        assert json_body(adapter, value, partial=True).content == (
            b'{"created":"2024-01-02T00:00:00Z","tags":["new"],"note":"x"}'
        )
        assert b'"id":' in bytes(json_body(adapter, value).content)
    field = ("order", adapters[0][0], Order(note="y"))
    assert json_fields([field], partial=True).content == b'{"order":{"note":"y"}}'


def test_secret_that_a_serializer_replaces_stays_replaced() -> None:
    class Token(BaseModel):
        value: SecretStr
        shown: SecretStr

        @field_serializer("value")
        def hash_value(self, value: SecretStr) -> str:
            return "hashed"

    token = Token(value="secret", shown="seen")
    assert content_of(Token, token) == b'{"value":"hashed","shown":"seen"}'


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
    assert content_of(Box, Box(order=order)) == b'{"order":%s}' % expected
    assert content_of(Pair, Pair(order, "a")) == b'[%s,"a"]' % expected
    assert content_of(Orders, [order]) == b"[%s]" % expected
    assert content_of(tuple[Order, int], (order, 1)) == b"[%s,1]" % expected
    assert content_of(tuple[Order, ...], (order,)) == b"[%s]" % expected
    assert content_of(dict[str, Order], {"a": order}) == b'{"a":%s}' % expected
    assert content_of(Order | None, order) == expected
    assert content_of(RootModel[list[Order]], RootModel[list[Order]]([order])) == b"[%s]" % expected


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
    assert content_of(Settings, settings) == b"{}"
    settings.limits.low = 11
    assert content_of(Settings, settings) == b'{"limits":{"low":11,"high":10}}'


def test_default_that_cannot_be_compared_is_sent() -> None:
    class Odd(list[int]):
        def __ne__(self, other: object) -> bool:
            raise ValueError("ambiguous")

    class Holder(BaseModel):
        items: list[int] = Odd()

    holder = Holder.model_construct(items=Odd([1]), _fields_set=set())
    assert content_of(Holder, holder) == b'{"items":[1]}'


def test_members_that_look_alike_are_rejected() -> None:
    assert content_of(Twin | OtherTwin, Twin()) == b"{}"
    with pytest.raises(ValueError, match="OtherTwin would arrive as Twin"):
        content_of(Twin | OtherTwin, OtherTwin(name="a"))


def test_null_is_not_sent_for_a_field_that_was_not_set() -> None:
    class CatPatch(BaseModel):
        name: str | None = None
        lives: int | None = None

    class DogPatch(BaseModel):
        name: str | None = None
        owner: str | None = None

    assert content_of(CatPatch | DogPatch, CatPatch(name="a")) == b'{"name":"a"}'
    assert content_of(CatPatch | DogPatch, DogPatch(owner=None)) == b'{"owner":null}'
    with pytest.raises(ValueError, match="DogPatch would arrive as CatPatch"):
        content_of(CatPatch | DogPatch, DogPatch(name="a"))


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
    assert content_of(Square | Circle, Circle(radius=1)) == b'{"radius":1}'


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
        assert content_of(kind, value) == content
    else:
        with pytest.raises(ValueError, match="would arrive as"):
            content_of(kind, value)


def test_values_of_other_types_are_left_to_pydantic() -> None:
    kinds = [list[Order], tuple[Order, int], dict[str, Order], Order | list[Order]]
    for kind in kinds:
        with pytest.warns(UserWarning, match="serialized value"):
            assert content_of(kind, 1) == b"1"


def test_invalid_member_is_left_to_the_service() -> None:
    class Left(BaseModel, extra="forbid"):
        a: int = 0

    class Right(BaseModel, extra="forbid"):
        b: int = 0

    right = Right(b=1)
    right.b = "many"  # type: ignore[assignment]
    with pytest.warns(UserWarning, match="serialized value"):
        assert content_of(Left | Right, right) == b'{"b":"many"}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_number_that_json_does_not_have_is_rejected_with_its_location(number: float) -> None:
    with pytest.raises(ValueError, match=rf"^readings\.1\.value: {number} cannot be sent as JSON$"):
        json_fields(
            [("readings", JsonAdapter(list[Reading]), [Reading(value=1), Reading(value=number)])]
        )
    with pytest.raises(ValueError, match=r"^history\.0: "):
        content_of(Reading, Reading(value=1, note=None, history=[number]))
    with pytest.raises(ValueError, match=r"^body: "):
        content_of(float, number)


def test_null_and_allowed_infinity_are_sent() -> None:
    assert content_of(Reading, Reading(value=1, note=None)) == b'{"value":1.0,"note":null}'
    reading = OpenReading(value=math.inf, note=None)
    assert content_of(OpenReading, reading) == b'{"value":Infinity,"note":null}'


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
    assert content_of(Point, Point(x=1)) == b'{"x":1,"labels":null}'


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
    assert content_of(Named, named) == b'{"tagList":["a"]}'
