"""The packages of lock files with what they require, and whether the product needs them."""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import Requirement

from supply.installed import find_distributions, licence_of
from supply.locks import Package, normalize, read_npm_lock, read_python_lock

Scope = Literal["required", "optional", "excluded"]
"""CycloneDX: `excluded` packages only build or test the product."""

_SCOPES: tuple[Scope, ...] = ("required", "optional", "excluded")


@dataclass(frozen=True, slots=True)
class Node:
    """One package and the packages that it requires."""

    package: Package
    scope: Scope
    licence: str | None
    requires: tuple[Package, ...]

    def is_direct(self, names: set[str]) -> bool:
        """Return whether it is what these names mean to the project itself."""
        name, path = self.package.name, self.package.path
        return name in names and path in ("", f"node_modules/{name}")

    def merge(self, other: Node) -> Node:
        """Return this package with what another copy of it requires."""
        scope = min(self.scope, other.scope, key=_SCOPES.index)
        outermost = min(self.package, other.package, key=lambda each: len(each.path))
        both = {(each.name, each.version): each for each in (*self.requires, *other.requires)}
        return replace(self, package=outermost, scope=scope, requires=tuple(both.values()))


def read_project(path: Path) -> tuple[str, str, str | None, set[str]]:
    """Return name, version, licence and direct dependencies of a pyproject.toml or package.json."""
    if path.suffix == ".json":
        data = json.loads(path.read_text(encoding="utf-8"))
        direct = {*data.get("dependencies", {}), *data.get("devDependencies", {})}
        return data["name"], data["version"], data.get("license"), direct
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    direct = {normalize(each.name) for each in _dependencies(path)}
    return project["name"], project["version"], project.get("license"), direct


def read_python_packages(lock: Path, environment: Path, project: Path) -> Iterator[Node]:
    """Yield the packages of a lock; those that `project` needs to run are required.

    A package that is not installed is for another platform.

    Raises:
        LockError: the lock is not complete, or there is no environment.
    """
    packages = {package.name: package for package in read_python_lock(lock)}
    installed = find_distributions(environment)
    needed = _find_requirements(_dependencies(project), installed)
    everything = [*_dependencies(project, "dev"), *map(Requirement, installed)]
    edges = _find_requirements([*_dependencies(project), *everything], installed)
    for name, package in packages.items():
        scope: Scope = "required" if name in needed else "excluded"
        distribution = installed.get(name)
        yield Node(
            package,
            scope if distribution else "optional",
            licence_of(distribution) if distribution else None,
            tuple(packages[each] for each in sorted(edges.get(name, ())) if each in packages),
        )


def read_npm_packages(lock: Path) -> Iterator[Node]:
    """Yield the packages of a lock.

    Raises:
        LockError: the lock is not complete.
    """
    packages = {package.path: package for package in read_npm_lock(lock)}
    for path, package in packages.items():
        scope: Scope = "optional" if package.is_optional else "required"
        found = (_find_npm_package(packages, path, name) for name in package.requires)
        requires = tuple(each for each in found if each is not None)
        excluded = package.is_development
        yield Node(package, "excluded" if excluded else scope, package.licence, requires)


def _dependencies(project: Path, group: str | None = None) -> list[Requirement]:
    """Return what a pyproject.toml requires; the packages of a page are only tools."""
    if project.suffix == ".json":
        return []
    data: dict[str, Any] = tomllib.loads(project.read_text(encoding="utf-8"))
    texts = data["dependency-groups"][group] if group else data["project"]["dependencies"]
    return [Requirement(each) for each in texts]


def _find_requirements(
    roots: Iterable[Requirement], installed: Mapping[str, Distribution]
) -> dict[str, set[str]]:
    """Return all installed packages that `roots` need, each with those that it requires."""
    edges = defaultdict[str, set[str]](set)
    left = [(normalize(each.name), extra) for each in roots for extra in ("", *each.extras)]
    seen = set(left)
    while left:
        name, extra = left.pop()
        distribution = installed.get(name)
        if distribution is None:
            continue
        required = edges[name]
        for each in map(Requirement, distribution.requires or ()):
            if each.marker is None or each.marker.evaluate({"extra": extra}):
                required.add(normalize(each.name))
                new = {(normalize(each.name), wanted) for wanted in ("", *each.extras)} - seen
                left += new
                seen |= new
    return edges


def _find_npm_package(packages: Mapping[str, Package], path: str, name: str) -> Package | None:
    """Return the package that `name` means to the one at `path`, as Node.js finds it."""
    while True:
        found = packages.get(f"{path}/node_modules/{name}" if path else f"node_modules/{name}")
        if found is not None or not path:
            return found
        path = path.rpartition("/node_modules/")[0] if "/node_modules/" in path else ""
