"""Compare the specs of modules with those of the base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from api_diff.changes import Change, User, merge, show
from api_diff.operations import compare_operations, compare_other_parts, operations_of
from api_diff.security import compare_schemes
from api_diff.specs import ModuleSpecs, Spec
from api_diff.streams import compare_streams

EMPTY = Spec({})


def compare_modules(
    old: Mapping[str, ModuleSpecs], new: Mapping[str, ModuleSpecs], today: date
) -> list[Change]:
    """Return the changes of all modules, each once, by module and subject."""
    found: list[Change] = []
    for name in sorted({*old, *new}):
        if name not in new:
            changes = [Change("module-removed", name, users=users_of(old[name]))]
        elif name not in old:
            changes = [Change("module-added", name)]
        else:
            changes = merge(compare_module(old[name], new[name], today))
        found += [replace(each, module=name) for each in changes]
    return sorted(found, key=lambda each: (each.module, each.subject, each.kind, each.after))


def compare_module(old: ModuleSpecs, new: ModuleSpecs, today: date) -> Iterator[Change]:
    """Yield the changes of one module; the same change may come from several operations."""
    pair = old.get("openapi") or EMPTY, new.get("openapi") or EMPTY
    yield from compare_operations(*pair, today)
    yield from compare_schemes(*pair)
    yield from compare_other_parts("spec", pair[0].document, pair[1].document)
    yield from _servers(*pair)
    streams = old.get("asyncapi") or EMPTY, new.get("asyncapi") or EMPTY
    yield from compare_streams(*streams)
    yield from compare_schemes(*streams)


def users_of(specs: ModuleSpecs) -> frozenset[User]:
    """Return all operations and streams of a module."""
    openapi, asyncapi = specs.get("openapi") or EMPTY, specs.get("asyncapi") or EMPTY
    operations = {User("operation", each.id) for each in operations_of(openapi)}
    streams = {User("stream", name) for name in asyncapi.document.get("x-streams", {})}
    return frozenset(operations | streams)


def _servers(old: Spec, new: Spec) -> Iterator[Change]:
    urls = [[each.get("url") for each in spec.document.get("servers", ())] for spec in (old, new)]
    if urls[0] != urls[1]:
        yield Change("server-changed", "servers", show(urls[0]), show(urls[1]))
