"""Whom a change concerns: the code that calls the operation, reads the stream or the field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from api_diff.callers import Call, Found, Target
from api_diff.changes import Change
from api_diff.python_callers import find_python_callers
from api_diff.typescript_callers import find_typescript_callers
from client_generator.names import snake_case


@dataclass(frozen=True, slots=True, order=True)
class Consumer:
    """A line that a change concerns: `use` is `get_bars`, `quotes stream` or `.volume`."""

    file: str
    line: int
    use: str


@dataclass(frozen=True)
class Project:
    """Where the sources of callers are."""

    root: Path
    package: Path
    frontend: Path


def find_callers(project: Project, changes: Iterable[Change]) -> list[Found]:
    """Search the sources for the users of all changes at once.

    Raises:
        CallersError: the page's sources cannot be searched.
    """
    changes = list(changes)
    modules = sorted({each.module for each in changes})
    targets = [
        Target(name, frozenset().union(*(each.users for each in changes if each.module == name)))
        for name in modules
    ]
    targets = [each for each in targets if each.users]
    if not targets:
        return []
    fields = frozenset(name for each in changes for name in each.fields)
    found = [find_python_callers(project.package, project.root, targets, fields)]
    if project.frontend.is_dir():
        found.append(find_typescript_callers(project.frontend, project.root, targets, fields))
    return found


def consumers_of(change: Change, found: Iterable[Found]) -> list[Consumer]:
    """Return the lines that a change concerns, calls first."""
    result: list[Consumer] = []
    fields: set[Consumer] = set()
    for each in found:
        calls = [
            call
            for call in each.calls
            if (call.module, call.user in change.users) == (change.module, True)
        ]
        result += [Consumer(call.file, call.line, _use(call)) for call in calls]
        fields |= _reads(change, each, {call.file for call in calls})
    return [*sorted(result), *sorted(fields)]


def _reads(change: Change, found: Found, callers: set[str]) -> set[Consumer]:
    """Return the uses of the fields in files that call the operation or name the model."""
    model = change.subject.partition(".")[0]
    own = f"modules/{change.module}/"
    files = {file for file, names in found.names if model in names and own not in file} | callers
    return {
        Consumer(read.file, read.line, f".{_name(read.file, read.field)}")
        for read in found.reads
        if read.file in files and read.field in change.fields
    }


def _use(call: Call) -> str:
    return call.user.name if call.user.category == "operation" else f"{call.user.name} stream"


def _name(file: str, field: str) -> str:
    return snake_case(field) if file.endswith(".py") else field
