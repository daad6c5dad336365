"""Responses that leave out fields, or name them by their Python names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from trading_api.shared.client.adapters import JsonAdapter


class Person(BaseModel):
    nick: str = Field("nobody", alias="nickName")
    age: int = Field(0, validation_alias=AliasChoices("years", "age_in_years"))


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    first_name: str = "nobody"
    friends: list[Person] = []


class Crossed(BaseModel):
    first: int = Field(0, alias="second")
    second: int = Field(0, alias="third")


class Made(BaseModel):
    id: UUID = Field(default_factory=uuid4)
    tags: list[str] = Field(default_factory=list)
    limits: dict[str, int] = Field(default_factory=lambda: {"most": 3})
    name: str = ""


class Copied(BaseModel):
    name: str
    shown: str = Field(default_factory=lambda data: data["name"].title())


class Tree(BaseModel):
    made: Made | None = None
    children: dict[str, list[Made]] = {}


@dataclass
class Record:
    made: Made


def read(kind: Any, content: bytes) -> Any:
    return JsonAdapter[Any](kind).read(content)


@pytest.mark.parametrize(
    "content", [b'{"nick": "bob", "age": 4}', b'{"nickName": "bob", "years": 4}']
)
def test_fields_are_read_by_alias_and_by_name(content: bytes) -> None:
    person = read(Person, content)
    assert (person.nick, person.age) == ("bob", 4)
    (same,) = read(list[Person], b"[%s]" % content)
    assert same == person


def test_aliases_come_before_names() -> None:
    assert read(Person, b'{"nick": "b", "nickName": "a"}').nick == "a"


def test_names_are_read_at_any_depth() -> None:
    value = read(Camel, b'{"first_name": "a", "friends": [{"nick": "b"}]}')
    assert (value.first_name, value.friends[0].nick) == ("a", "b")


def test_name_that_is_another_alias_is_the_alias() -> None:
    value = read(Crossed, b'{"second": 1}')
    assert (value.first, value.second) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "content", "location"),
    [
        (Made, b'{"name": "a"}', ("id",)),
        (list[Made], b"[{}]", (0, "id")),
        (Tree, b'{"made": {}}', ("made", "id")),
        (Tree, b'{"children": {"a": [{}]}}', ("children", "a", 0, "id")),
        (Record, b'{"made": {}}', ("made", "id")),
        (Made | int, b"{}", ("id",)),
    ],
)
def test_default_that_is_made_anew_is_an_error(
    kind: Any, content: bytes, location: tuple[int | str, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        read(kind, content)
    (error,) = caught.value.errors()
    assert error["loc"] == location
    assert error["msg"] == "the response leaves it out, and its default is made anew each time"


def test_defaults_that_are_always_the_same_are_filled_in() -> None:
    made = read(Made, b'{"id": "%s"}' % str(uuid4()).encode())
    assert (made.tags, made.limits, made.name) == ([], {"most": 3}, "")
    assert read(Copied, b'{"name": "bob"}').shown == "Bob"
    assert read(Tree, b"{}") == Tree()
