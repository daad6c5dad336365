"""What the methods of a client share at the top level of its file: validators, tables, imports."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from client_generator.names import snake_case
from client_generator.pytypes import PyType


@dataclass(frozen=True, slots=True)
class Adapter:
    """A module-level validator of one type."""

    name: str
    annotation: str


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """A module-level table of the readers of errors, by status."""

    name: str
    source: str


class Wire:
    """The functions of the runtime that the methods use."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def __call__(self, function: str) -> str:
        self.used.add(function)
        return function


class Adapters:
    """The validators that the methods share, one per type."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._types: dict[str, PyType] = {}

    def name_of(self, kind: PyType) -> str:
        words = filter(None, map(snake_case, re.findall(r"\w+", kind.annotation)))
        # Two underscores at the beginning would have another meaning inside a class.
        base = name = f"_{'_'.join(words) or 'value'}_json".upper()
        number = 2
        while name in self._taken or self._types.setdefault(name, kind) != kind:
            name = f"{base}_{number}"
            number += 1
        return name

    def all(self) -> tuple[Adapter, ...]:
        return tuple(Adapter(name, self._types[name].annotation) for name in sorted(self._types))

    def types(self) -> Iterable[PyType]:
        return self._types.values()


class ErrorTables:
    """The readers of declared errors, one table for all operations that declare the same."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._sources: dict[str, str] = {}

    def name_of(self, statuses: Iterable[int | str], source: str) -> str:
        base = name = "_".join(["_ERRORS", *(str(status).upper() for status in statuses)])
        number = 2
        while name in self._taken or self._sources.setdefault(name, source) != source:
            name = f"{base}_NO_{number}"
            number += 1
        return name

    def all(self) -> tuple[ErrorTable, ...]:
        return tuple(ErrorTable(name, self._sources[name]) for name in sorted(self._sources))
