"""Every kind of change: its level, what it means, and what to do instead or before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api_diff import catalogue_operations, catalogue_schemas, catalogue_streams
from api_diff.changes import Change, Level, Side

LEVELS = {
    "wire": Level.WIRE,
    "source": Level.SOURCE,
    "service": Level.SERVICE_FIRST,
    "clients": Level.CLIENTS_FIRST,
    "ok": Level.COMPATIBLE,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change. `opposite` is the kind of the same change made backwards."""

    id: str
    level: Level
    meaning: str
    remedy: str
    opposite: str


def _plain_kinds() -> Iterator[Kind]:
    for rows in (catalogue_operations.ROWS, catalogue_streams.ROWS):
        for name, (level, opposite, meaning, remedy) in rows.items():
            yield Kind(name, LEVELS[level], meaning, remedy, opposite)


def _schema_kinds() -> Iterator[Kind]:
    for what, row in catalogue_schemas.ROWS.items():
        sides = ((Side.REQUEST, row.request), (Side.RESPONSE, row.response))
        for side, (level, remedy) in ((side, each) for side, each in sides if each):
            meaning = f"{side}: {row.meaning}"
            opposite = f"{side}-{row.opposite_of(side)}"
            yield Kind(f"{side}-{what}", LEVELS[level], meaning, remedy, opposite)


KINDS: dict[str, Kind] = {each.id: each for each in (*_plain_kinds(), *_schema_kinds())}


def level_of(change: Change) -> Level:
    """Return what a change means."""
    return KINDS[change.kind].level
