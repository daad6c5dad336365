"""What a comparison finds: changes, their level, and the operations and streams that have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

Node = dict[str, Any]
"""A part of a spec."""


class Level(StrEnum):
    """What a change means to a client and a service of different versions."""

    WIRE = "breaks the wire"
    """A client of the base fails with the new service, or reads something wrong."""
    SOURCE = "breaks client source"
    """Messages are the same, but code that uses the generated client has to change."""
    SERVICE_FIRST = "deploy the service first"
    """A new client can fail with a service of the base; the other way round works."""
    CLIENTS_FIRST = "deploy the clients first"
    """A client of the base can fail with the new service; the other way round works."""
    COMPATIBLE = "compatible"
    """Any order works."""

    @property
    def is_break(self) -> bool:
        return self in (Level.WIRE, Level.SOURCE)


class Side(StrEnum):
    """Who sends what a schema describes: the client a request, the service a response."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, order=True)
class User:
    """What has a change: an `operation` with its operationId, or a `stream` with its name."""

    category: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a module's API.

    `subject` says what has changed: `Bar.volume`, or `get_bars: query limit`. `fields` are the
    wire names of properties whose readers are concerned. The subject of a schema begins with
    the name of the schema.
    """

    kind: str
    subject: str
    before: str = ""
    after: str = ""
    fields: tuple[str, ...] = ()
    users: frozenset[User] = frozenset()
    module: str = ""


def show(value: Any) -> str:
    """Return a value of a spec as short text."""
    if isinstance(value, dict):
        return value.get("$ref", "").rpartition("/")[2] or value.get("title") or "a schema"
    if isinstance(value, list | tuple):
        return ", ".join(show(each) for each in value)
    return "null" if value is None else str(value).lower() if value in (True, False) else str(value)


def merge(changes: Iterable[Change]) -> list[Change]:
    """Return the changes, equal ones of several operations, streams and fields as one."""
    merged: dict[Change, Change] = {}
    for each in changes:
        key = replace(each, users=frozenset(), fields=())
        known = merged.get(key, key)
        fields = tuple(sorted({*known.fields, *each.fields}))
        merged[key] = replace(key, users=known.users | each.users, fields=fields)
    return list(merged.values())
