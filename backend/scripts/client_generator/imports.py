"""The imports of a client, in the customary groups."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from itertools import groupby

from client_generator.client import ImportGroup
from client_generator.errors import GeneratorError

Imports = frozenset[tuple[str, str]]
"""Modules, each with a name that is imported from it."""


def group_imports(
    imports: Iterable[tuple[str, str]], class_names: Collection[str]
) -> tuple[ImportGroup, ...]:
    """Return the imports in groups: standard library, libraries, this project.

    Raises:
        GeneratorError: two of them, or one and a class of the client, have the same name.
    """
    pairs = sorted(imports)
    owners = dict.fromkeys(class_names, "a class of the client")
    for module, name in pairs:
        local = name.rpartition(" as ")[2]
        if owners.setdefault(local, module) != module:
            raise GeneratorError(
                "#", f"the name {local!r} is taken by {owners[local]} and {module}; rename one"
            )
    modules = [
        (module, tuple(name for _, name in names))
        for module, names in groupby(pairs, key=lambda pair: pair[0])
    ]
    groups = groupby(sorted(modules, key=_group_of), key=_group_of)
    return tuple(tuple(group) for _, group in groups)


def _group_of(names: tuple[str, tuple[str, ...]]) -> int:
    package = names[0].partition(".")[0]
    if package in sys.stdlib_module_names:
        return 0
    return 1 if package in ("pydantic", "typing_extensions") else 2
