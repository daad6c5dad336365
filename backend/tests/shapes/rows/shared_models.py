"""Models that shapes of several subjects have in common."""

from enum import IntEnum, StrEnum

from pydantic import BaseModel


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class MaybeItem(BaseModel):
    name: str


class ThingOne(BaseModel):
    a: int


class Tone(StrEnum):
    EMPTY = ""
    LOWER = "a"
    UPPER = "A"
    DASH = "a-b"
    UNDER = "a_b"
    ONE = "1"
