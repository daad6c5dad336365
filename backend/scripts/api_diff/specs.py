"""Read the specs of modules and follow their references."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api_diff.changes import Node

KINDS = ("openapi", "asyncapi")


class SpecError(ValueError):
    """A spec cannot be read or compared; the message names the file and the remedy."""


@dataclass(frozen=True)
class Spec:
    """A document and where it comes from."""

    document: Node
    location: str = "spec"

    def resolve(self, node: Any) -> Node:
        """Return what a chain of references leads to; without `$ref`, `node` itself.

        Raises:
            SpecError: a reference leads nowhere, or back to itself.
        """
        seen: set[str] = set()
        while isinstance(node, dict) and "$ref" in node:
            reference = node["$ref"]
            if reference in seen:
                raise SpecError(f"{self.location}: the reference {reference} leads back to itself")
            seen.add(reference)
            node = self._find(reference)
        return node if isinstance(node, dict) else {}

    def _find(self, reference: str) -> Any:
        start, *parts = reference.split("/")
        node: Any = self.document if start == "#" else None
        for part in parts:
            key = part.replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, dict) else None
        if node is None:
            raise SpecError(
                f"{self.location}: the reference {reference} leads nowhere; export the specs again"
            )
        return node


@dataclass(frozen=True)
class ModuleSpecs:
    """The specs of one module, by kind; a module without streams has no `asyncapi`."""

    name: str
    specs: dict[str, Spec] = field(default_factory=dict)

    def get(self, kind: str) -> Spec | None:
        return self.specs.get(kind)

    @property
    def version(self) -> str:
        """The version of the module, which all of its specs have."""
        for spec in self.specs.values():
            return str(spec.document.get("info", {}).get("version", ""))
        return ""


def read_modules(folder: Path) -> dict[str, ModuleSpecs]:
    """Return the specs below `folder`, which are `<module>/specs/<kind>.json`, by module.

    Raises:
        SpecError: a file is not a JSON object.
    """
    modules: dict[str, ModuleSpecs] = {}
    for path in sorted(folder.glob("*/specs/*.json")):
        if path.stem not in KINDS:
            continue
        name = path.parent.parent.name
        modules.setdefault(name, ModuleSpecs(name)).specs[path.stem] = read_spec(path)
    return modules


def read_spec(path: Path) -> Spec:
    """Return the spec in a file.

    Raises:
        SpecError: the file is not a JSON object.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SpecError(f"{path}: {error}; run: make -C backend export-specs") from None
    if not isinstance(document, dict):
        raise SpecError(f"{path}: is not a JSON object; run: make -C backend export-specs")
    return Spec(document, str(path))
