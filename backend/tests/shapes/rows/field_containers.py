"""Models: fields that are enums, tuples, maps and other collections."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum, IntFlag, StrEnum
from pathlib import PurePosixPath
from re import Pattern
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from shapes.rows.shared_models import Level, Tone
from shapes.shape import saw, shape


class Rights(IntFlag):
    READ = 1
    WRITE = 2


class Mixed(Enum):
    ONE = 1
    TWO = "two"
    HALF = 0.5


class Levels(BaseModel):
    level: Level
    rights: Rights
    mixed: Mixed
    by_level: dict[Level, int] = {}
    by_day: dict[date, Decimal] = {}
    maybe: Literal["a", 1, None] = None
    yes: Literal[True] = True


@shape(
    "field: IntFlag, mixed enum, maps with enum and date keys, a literal with null",
    python='await client.put(Levels(level=Level.HIGH, rights=Rights.WRITE, mixed=Mixed.TWO, by_level={Level.LOW: 3}, by_day={date(2026, 1, 2): Decimal("1.10")}, maybe=1))',
    typescript='(await api.put({ body: { level: 2, rights: 2, mixed: "two", by_level: { 1: 3 }, by_day: { "2026-01-02": "1.10" }, maybe: 1 } })).data',
    sees={
        "levels": "Levels(level=<Level.HIGH: 2>, rights=<Rights.WRITE: 2>, mixed=<Mixed.TWO: 'two'>, by_level={<Level.LOW: 1>: 3}, by_day={datetime.date(2026, 1, 2): Decimal('1.10')}, maybe=1, yes=True)"
    },
)
def issue_enums(app: FastAPI) -> None:
    @app.put("/levels")
    async def put(levels: Levels) -> Levels:
        saw(levels=levels)
        return levels


class Kelvin(BaseModel):
    degrees: Annotated[float, BeforeValidator(lambda value: value)] = 0
    history: tuple[float, ...] = ()
    ends: tuple[int, str | None] = (0, None)
    grid: dict[str, dict[int, list[tuple[int, str]]]] = {}


@shape(
    "field: tuples of any length, with null, in maps in maps",
    python='await client.put(Kelvin(degrees=1, history=(1.5, 2), ends=(1, None), grid={"a": {1: [(2, "b")]}}))',
    typescript='(await api.put({ body: { degrees: 1, history: [1.5, 2], ends: [1, null], grid: { a: { 1: [[2, "b"]] } } } })).data',
    sees={
        "value": "Kelvin(degrees=1.0, history=(1.5, 2.0), ends=(1, None), grid={'a': {1: [(2, 'b')]}})"
    },
)
def issue_tuples(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Kelvin) -> Kelvin:
        saw(value=value)
        return value


class PatternKeys(BaseModel):
    by_code: dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], int]
    by_id: dict[UUID, str] = {}
    by_flag: dict[bool, int] = {}
    by_literal: dict[Literal["a", "b"], int] = {}


@shape(
    "field: maps whose keys have a pattern, are UUIDs, booleans, literals",
    python='await client.put(PatternKeys(by_code={"de": 1}, by_id={UUID(int=1): "x"}, by_flag={True: 1}, by_literal={"a": 2}))',
    typescript='(await api.put({ body: { by_code: { de: 1 }, by_id: { "00000000-0000-0000-0000-000000000001": "x" }, by_flag: { true: 1 }, by_literal: { a: 2 } } })).data',
    sees={
        "code": "{'de': 1}",
        "id": "{UUID('00000000-0000-0000-0000-000000000001'): 'x'}",
        "flag": "{True: 1}",
        "literal": "{'a': 2}",
    },
)
def issue_pattern_keys(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: PatternKeys) -> PatternKeys:
        saw(code=value.by_code, id=value.by_id, flag=value.by_flag, literal=value.by_literal)
        return value


class Collections(BaseModel):
    queue: deque[int]
    groups: defaultdict[str, list[int]]
    order: OrderedDict[str, int]
    items: Sequence[str]
    view: Mapping[str, float]
    pattern: Pattern[str]
    path: PurePosixPath
    point: complex = 1j


@shape(
    "field: deque, defaultdict, OrderedDict, Sequence, Mapping, Pattern, complex",
    python='await client.put(Collections.model_validate({"queue": [1], "groups": {"a": [1]}, "order": {"b": 1, "a": 2}, "items": ["x"], "view": {"y": 1.5}, "pattern": "^a+$", "path": "/a/b", "point": 1 + 2j}))',
    typescript='(await api.put({ body: { queue: [1], groups: { a: [1] }, order: { b: 1, a: 2 }, items: ["x"], view: { y: 1.5 }, pattern: "^a+$", path: "/a/b", point: "1+2j" } })).data',
    sees={
        "queue": "deque([1])",
        "groups": "{'a': [1]}",
        "order": "['b', 'a']",
        "items": "['x']",
        "pattern": "'^a+$'",
        "path": "PurePosixPath('/a/b')",
        "point": "(1+2j)",
    },
)
def issue_collections(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Collections) -> Collections:
        saw(
            queue=value.queue,
            groups=dict(value.groups),
            order=list(value.order),
            items=value.items,
            pattern=value.pattern.pattern,
            path=value.path,
            point=value.point,
        )
        return value


class Sign(IntEnum):
    MINUS = -1
    PLUS = 1


class Toned(BaseModel):
    tone: Tone
    tones: dict[Tone, Tone] = {}
    sign: Sign = Sign.PLUS
    size: Literal[-1, 0] = 0


@shape(
    "field: enums with an empty text, values that differ by case, negative numbers",
    python="await client.put(Toned(tone=Tone.EMPTY, tones={Tone.LOWER: Tone.UPPER}, sign=Sign.MINUS, size=-1), [Tone.DASH, Tone.UPPER], sign=Sign.MINUS)",
    typescript='(await api.put({ body: { tone: "", tones: { a: "A" }, sign: -1, size: -1 }, tones: ["a-b", "A"], sign: -1 })).data',
    sees={
        "value": "Toned(tone=<Tone.EMPTY: ''>, tones={<Tone.LOWER: 'a'>: <Tone.UPPER: 'A'>}, sign=<Sign.MINUS: -1>, size=-1)",
        "tones": "[<Tone.DASH: 'a-b'>, <Tone.UPPER: 'A'>]",
        "sign": "<Sign.MINUS: -1>",
    },
)
def issue_odd_enums(app: FastAPI) -> None:
    @app.put("/put")
    async def put(
        value: Toned, tones: Annotated[list[Tone], Query()], sign: Sign = Sign.PLUS
    ) -> Toned:
        saw(value=value, tones=tones, sign=sign)
        return value


class Lighting(StrEnum):
    ON = "on"
    ACTIVE = "on"
    OFF = "off"


class Lantern(BaseModel):
    model_config = ConfigDict(use_enum_values=True, validate_default=True)

    mode: Lighting = Lighting.OFF
    modes: list[Lighting] = []


@shape(
    "field: an enum with two names for one value, and `use_enum_values`",
    python="await client.put_lantern(Lantern(mode=Lighting.ACTIVE, modes=[Lighting.OFF]))",
    typescript='(await api.putLantern({ body: { mode: "on", modes: ["off"] } })).data',
    gets={"mode": "on", "modes": ["off"]},
)
def field_enum_values(app: FastAPI) -> None:
    @app.put("/lantern")
    async def put_lantern(lantern: Lantern) -> Lantern:
        return lantern
