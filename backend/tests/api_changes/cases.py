"""The fixture pairs of the catalogue: two specs that differ in one way, and what that means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from api_diff.changes import Change, Level, Side
from api_diff.compare import compare_modules
from api_diff.specs import ModuleSpecs, Spec

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 11, 27)
LEVELS = {
    "w": Level.WIRE,
    "c": Level.SOURCE,
    "s": Level.SERVICE_FIRST,
    "l": Level.CLIENTS_FIRST,
    "-": Level.COMPATIBLE,
}

Modules = dict[str, ModuleSpecs]


@dataclass(frozen=True)
class Case:
    """Two sets of modules, and the one kind of change between them."""

    kind: str
    old: Modules
    new: Modules
    level: Level


def compare(old: Modules, new: Modules) -> list[Change]:
    return compare_modules(old, new, TODAY)


def cases() -> Iterator[Case]:
    for what, row in _read("schemas.yaml"):
        for side, level in zip(Side, row["levels"], strict=True):
            if level != "none":
                pair = (with_schema(row[each], side) for each in ("old", "new"))
                yield Case(f"{side}-{what}", *pair, LEVELS[level])
    builders = {"operations": _with_operation, "streams": _with_streams, "modules": _with_names}
    for file, build in builders.items():
        for kind, row in _read(f"{file}.yaml"):
            yield Case(kind, build(row["old"]), build(row["new"]), LEVELS[row["level"]])


def with_schema(schema: Any, side: Side, components: dict[str, Any] | None = None) -> Modules:
    """Return a module with one operation whose request or response has a schema."""
    content = {"content": {"application/json": {"schema": schema}}}
    operation = {
        "operationId": "put_item",
        "responses": {"200": content if side is Side.RESPONSE else {}},
        **({"requestBody": content} if side is Side.REQUEST else {}),
    }
    document = {
        "paths": {"/item": {"put": operation}},
        "components": {"schemas": components or {}},
    }
    return _module(openapi=document)


def _with_operation(node: dict[str, Any]) -> Modules:
    if "paths" in node:
        return _module(openapi=node)
    operation = {"operationId": "get_items", "responses": {"200": {}}, **node}
    return _module(openapi={"paths": {"/items": {"get": operation}}})


def _with_streams(node: dict[str, Any]) -> Modules:
    if "document" in node:
        return _module(asyncapi=node["document"])
    return _module(asyncapi={"x-streams": node["streams"]})


def _with_names(names: list[str]) -> Modules:
    return {name: ModuleSpecs(name) for name in names}


def _module(**documents: dict[str, Any]) -> Modules:
    specs = {kind: Spec(document) for kind, document in documents.items()}
    return {"alerts": ModuleSpecs("alerts", specs)}


def _read(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from yaml.safe_load((FIXTURES / name).read_text(encoding="utf-8")).items()
