"""What a client reads that is newer than the spec which it was generated from."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from trading_api.shared.client import UNRECOGNIZED, UnrecognizedModel, is_unrecognized
from trading_api.shared.client.wire import JsonAdapter


class Side(IntEnum):
    BUY = 1
    SELL = -1


class Tone(StrEnum):
    LOUD = "loud"


class Mixed(Enum):
    TEXT = "text"
    NUMBER = 1


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tone: Tone = Tone.LOUD


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Owner(BaseModel):
    side: Side = Side.BUY
    mixed: Mixed | None = None
    word: Literal["a", "b"] = "a"
    number: Literal[1, 2] = 1
    pets: list[Pet] = []
    counts: dict[Tone, int] = {}
    friend: Owner | None = None


def read(kind: Any, value: object) -> Any:
    return JsonAdapter(kind).read(json.dumps(value))


@pytest.mark.parametrize(
    ("kind", "value"), [(Side, 7), (Tone, "soft"), (Mixed, "other"), (Mixed, 2), (Side, 0)]
)
def test_unknown_member_of_an_enum_keeps_its_value(kind: type[Enum], value: object) -> None:
    adapter: JsonAdapter[Any] = JsonAdapter(kind)
    member = adapter.read(json.dumps(value))
    assert isinstance(member, kind)
    assert is_unrecognized(member)
    assert (member.name, member.value) == (UNRECOGNIZED, value)
    assert member == read(kind, value)
    assert json.loads(adapter.adapter.dump_json(member)) == value
    assert member not in list(kind)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Side, "BUY"), (Side, None), (Side, 1.5), (Tone, 1), (Mixed, [])],
)
def test_value_of_another_type_is_no_member(kind: type[Enum], value: object) -> None:
    with pytest.raises(ValidationError, match=r"type=enum"):
        read(kind, value)


def test_unknown_value_of_a_literal_is_itself() -> None:
    owner = read(Owner, {"word": "c", "number": 3})
    assert (owner.word, owner.number) == ("c", 3)
    assert is_unrecognized(owner.word)
    assert is_unrecognized(owner.number)
    with pytest.raises(ValidationError, match="literal_error"):
        read(Owner, {"word": None})


def test_unknown_object_of_a_union_has_its_fields() -> None:
    owner = read(Owner, {"pets": [{"kind": "cow", "milk": 3}, {"kind": "cat", "lives": 9}]})
    cow, cat = owner.pets
    assert isinstance(cow, UnrecognizedModel)
    assert is_unrecognized(cow)
    assert cow.model_dump() == {"kind": "cow", "milk": 3}
    assert isinstance(cat, Cat)
    assert not is_unrecognized(cat)


def test_known_values_beside_unknown_ones_are_validated() -> None:
    value = {"side": 5, "friend": {"pets": [{"kind": "dog", "tone": "soft"}], "counts": {"x": 1}}}
    owner = read(list[Owner], [value])[0]
    assert json.loads(owner.model_dump_json(exclude_unset=True)) == value
    for wrong in ({"lives": "many"}, {}):
        with pytest.raises(ValidationError, match="lives"):
            read(Owner, {"side": 5, "pets": [{"kind": "cat", **wrong}]})
    with pytest.raises(ValidationError, match="union_tag_not_found"):
        read(Owner, {"pets": [{"milk": 3}]})


def test_union_without_a_discriminator_has_unknown_members_if_literals_tell_them_apart() -> None:
    class Loud(BaseModel):
        tone: Literal["loud"]
        level: int = 1

    class Soft(BaseModel):
        tone: Literal["soft"]

    shrill = read(list[Loud | Soft], [{"tone": "shrill", "level": 3}])[0]
    assert is_unrecognized(shrill)
    assert shrill.model_dump() == {"tone": "shrill", "level": 3}
    for wrong in ({"tone": "loud", "level": "high"}, {"tone": None}, {}, "shrill"):
        with pytest.raises(ValidationError):
            read(Loud | Soft, wrong)
    # An unknown value elsewhere does not make the first member of the union fit.
    found = read(tuple[Side, Loud | Soft], [9, {"tone": "soft"}])
    assert is_unrecognized(found[0])
    assert isinstance(found[1], Soft)
    # Also of models that refer to each other, which the validator knows by reference.
    with pytest.raises(ValidationError, match="literal_error"):
        read(Owner | Limited, {"lives": {}, "number": "many"})


class Limited(BaseModel):
    number: Annotated[int, Field(ge=1, lt=10, multiple_of=2)] = 2
    amount: Annotated[Decimal, Field(max_digits=4, decimal_places=2, gt=0)] = Decimal(1)
    text: Annotated[str, Field(min_length=1, max_length=3, pattern="^a")] = "a"
    items: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    ge: Annotated[float, Field(le=1)] = 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("number", each) for each in (0, 11, 3)),
        *(("amount", each) for each in ("123.456", "-1", "12345")),
        *(("text", each) for each in ("", "abcd", "b")),
        *(("items", each) for each in ([], [1, 2, 3])),
        ("ge", 2.5),
    ],
)
def test_value_beyond_a_limit_is_read(name: str, value: object) -> None:
    limited = read(Limited, {name: value})
    assert limited.model_dump(mode="json")[name] == value
    with pytest.raises(ValidationError, match=r"greater|less|multiple|at least|at most|match|than"):
        Limited.model_validate({name: value})


def test_value_of_another_type_than_a_limited_one_is_an_error() -> None:
    for name in Limited.model_fields:
        with pytest.raises(ValidationError, match="type="):
            read(Limited, {name: {}})


def test_enum_with_a_member_of_that_name_is_recognized() -> None:
    class State(StrEnum):
        UNRECOGNIZED = "unrecognized"

    assert not is_unrecognized(read(State, "unrecognized"))


def test_requests_are_strict() -> None:
    with pytest.raises(ValidationError, match="enum"):
        Owner.model_validate({"side": 7})


def test_first_unknown_value_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    adapter: JsonAdapter[Owner] = JsonAdapter(Owner)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            adapter.read('{"side": 7, "friend": {"word": "secret"}}')
    assert [record.getMessage() for record in caplog.records] == [
        "the service is newer than this client, which does not know the values of Owner at side,"
        " friend.word; generate the client again"
    ]
