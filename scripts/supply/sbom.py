"""Write the software bill of materials of a component, in CycloneDX 1.6, from its lock files.

`python -m supply.sbom PROJECT --python LOCK=ENVIRONMENT --npm LOCK --output FILE`. It has neither a
time nor a random number, so that the same lock files give the same document.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.license import LicenseExpression
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from supply.graph import Node, read_npm_packages, read_project, read_python_packages
from supply.locks import LockError, Package

SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"


def main() -> None:
    parser = argparse.ArgumentParser("python -m supply.sbom", description=__doc__)
    parser.add_argument("project", type=Path, help="its pyproject.toml or package.json")
    parser.add_argument("--python", action="append", default=[], metavar="LOCK=ENVIRONMENT")
    parser.add_argument("--npm", action="append", default=[], metavar="LOCK", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        bom = describe(arguments.project, arguments.python, arguments.npm)
    except LockError as error:
        sys.exit(f"error: {error}")
    text = json.dumps(bom, indent=2, ensure_ascii=False) + "\n"
    if invalid := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"error: {arguments.output}: {invalid}")
    if not arguments.output.exists() or arguments.output.read_text(encoding="utf-8") != text:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(text, encoding="utf-8")
    scopes = Counter(each["scope"] for each in bom["components"])
    counted = ", ".join(f"{number} {scope}" for scope, number in sorted(scopes.items()))
    print(f"{arguments.output}: {len(bom['components'])} packages ({counted})")


def describe(project: Path, pythons: Iterable[str], npms: Iterable[Path]) -> dict[str, Any]:
    """Return the document of a project.

    Raises:
        LockError: a lock file is not complete, or its packages are not installed.
    """
    name, version, licence, direct = read_project(project)
    nodes: dict[str, Node] = {}
    for argument in pythons:
        lock, _, environment = argument.partition("=")
        _add(nodes, read_python_packages(Path(lock), Path(environment), project))
    for path in npms:
        _add(nodes, read_npm_packages(path))
    own = [reference for reference, node in nodes.items() if node.is_direct(direct)]
    root = {"type": "application", "bom-ref": name, "name": name, "version": version}
    return {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**root, "licenses": _licences(licence)}},
        "components": [_component(reference, nodes[reference]) for reference in sorted(nodes)],
        "dependencies": [
            {"ref": name, "dependsOn": sorted(own)},
            *(
                {"ref": reference, "dependsOn": sorted(map(_reference, nodes[reference].requires))}
                for reference in sorted(nodes)
            ),
        ],
    }


def _add(nodes: dict[str, Node], found: Iterable[Node]) -> None:
    """Add packages; one that is there twice is required if one of them is."""
    for node in found:
        reference = _reference(node.package)
        known = nodes.get(reference, node)
        nodes[reference] = known.merge(node)


def _component(reference: str, node: Node) -> dict[str, Any]:
    hashes = [{"alg": node.package.algorithm, "content": each} for each in node.package.hashes]
    return {
        "type": "library",
        "bom-ref": reference,
        "name": node.package.name,
        "version": node.package.version,
        "scope": node.scope,
        "licenses": _licences(node.licence),
        "purl": reference,
        "externalReferences": [{"type": "distribution", "url": reference, "hashes": hashes}],
    }


def _licences(licence: str | None) -> list[dict[str, Any]]:
    if licence is None:
        return []
    found = LicenseFactory().make_from_string(licence)
    if isinstance(found, LicenseExpression):
        return [{"expression": found.value}]
    return [{"license": {"id": found.id} if found.id else {"name": found.name}}]


def _reference(package: Package) -> str:
    """Return the package URL (https://github.com/package-url/purl-spec)."""
    kind = "npm" if package.path else "pypi"
    return f"pkg:{kind}/{quote(package.name)}@{quote(package.version)}"


if __name__ == "__main__":
    main()
