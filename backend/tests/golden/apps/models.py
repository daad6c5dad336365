"""The models of the shape applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Generic, Literal, NamedTuple, NotRequired, TypeVar

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from typing_extensions import TypeAliasType, TypedDict

from trading_api.models import Problem as Problem

ItemT = TypeVar("ItemT")


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "dark blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Item(BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    name: str
    price: Decimal
    unit_count: int = Field(default=1, alias="unitCount")
    colour: Colour | None = None
    note: str | None = None


class Node(BaseModel):
    value: int
    children: list[Node] = []


class Page(BaseModel, Generic[ItemT]):
    items: list[ItemT]
    total: int


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    born: date


class Circle(BaseModel):
    shape: Literal["circle"] = "circle"
    radius: float


class Square(BaseModel):
    shape: Literal["square"] = "square"
    side: float = 1.0
    inner: Circle | None = None


class Drawing(BaseModel):
    shape: Circle | Square = Field(discriminator="shape")
    thumbnail: bytes = b""


class Login(BaseModel):
    user_name: str = Field(alias="userName")
    remember: bool = False

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)


class Window(BaseModel):
    """The parameters of an operation, as a model."""

    since: date
    tags: list[str] = []
    limit: int = 10


class Seen(BaseModel):
    """A request as the service received it: raw path and query, and the values that it read."""

    raw_path: str
    raw_query: str
    values: dict[str, str]


class Operation(BaseModel):
    """A model with the name of a class that every generated client uses."""

    name: str


class Titled(BaseModel):
    """A model whose title names another one."""

    model_config = ConfigDict(title="Operation")

    size: int


class Outer:
    """A class that is only a namespace."""

    class Inner(BaseModel):
        value: int


@dataclass
class Point:
    x: int
    y: int = 0


class Span(TypedDict):
    start: int
    stop: NotRequired[int]


class Pair(NamedTuple):
    first: int
    second: str = "none"


Names = TypeAliasType("Names", list[str])


class Free(BaseModel):
    value: JsonValue


class Entry(BaseModel):
    """A model whose schema FastAPI and pydantic write differently."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    number: int = Field(le=2**63 - 1)
    content: bytes = b""
    moment: datetime = datetime.now(UTC)


class Report(BaseModel):
    """A form with a file."""

    name: str
    file: UploadFile
    tags: list[str] = []


class Filter(BaseModel):
    min_size: int | None = Field(default=None, alias="minSize")
    names: list[str] = []

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)


class ItemPage(BaseModel):
    entries: list[Item] = Field(alias="items")
    next_cursor: str | None = Field(default=None, alias="nextCursor")

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)
