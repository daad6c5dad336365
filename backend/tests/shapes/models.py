"""The models of the shape applications."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

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
