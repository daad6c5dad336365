"""What is searched for in sources, and what is found there."""

from __future__ import annotations

from dataclasses import dataclass

from api_diff.changes import User


@dataclass(frozen=True, slots=True)
class Target:
    """The operations and streams of a module whose callers are searched for."""

    module: str
    users: frozenset[User]


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """Code that calls an operation, subscribes to a stream, or implements their interface."""

    file: str
    line: int
    module: str
    user: User


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """Code that reads or writes an attribute with the name of a field."""

    file: str
    line: int
    field: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found; `names` are the identifiers of each file."""

    calls: tuple[Call, ...] = ()
    reads: tuple[Read, ...] = ()
    names: tuple[tuple[str, frozenset[str]], ...] = ()
