"""Find the Python code that calls a module's client, from the syntax trees of its sources.

The receiver of a call counts if it is annotated with the client's class, or with a protocol all of
whose methods are methods of that client, or if it was assigned from such a name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from api_diff.callers import Call, Found, Read, Target
from api_diff.changes import User
from client_generator.names import class_names, method_name, snake_case

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A parsed file; `name` is its path as reports show it."""

    name: str
    tree: ast.Module


def find_python_callers(
    folder: Path, root: Path, targets: Iterable[Target], fields: frozenset[str]
) -> Found:
    """Return the callers below `folder`, without generated clients; files are named from `root`."""
    sources = list(_sources(folder, root))
    calls = {call for target in targets for call in _calls(sources, target)}
    attributes = {snake_case(each): each for each in fields} | {each: each for each in fields}
    reads = {
        Read(source.name, node.lineno, attributes[node.attr])
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in attributes
    }
    names = tuple((source.name, _identifiers(source.tree)) for source in sources if fields)
    return Found(tuple(sorted(calls)), tuple(sorted(reads)), names)


def _sources(folder: Path, root: Path) -> Iterator[Source]:
    for path in sorted(folder.rglob("[!.]*.py")):
        if "clients" in path.relative_to(folder).parts:
            continue
        try:
            tree = ast.parse(path.read_bytes())
        except SyntaxError:
            continue  # the linters report it
        yield Source(str(path.relative_to(root)), tree)


def _calls(sources: list[Source], target: Target) -> Iterator[Call]:
    methods = {_method(user): user for user in target.users}
    # The classes of the client, and the names of its protocol in each source that declares one.
    clients = class_names(target.module)
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and _is_protocol(node):
                declared = _methods(node)
                if declared and declared.keys() <= methods.keys():
                    clients |= {node.name}
                    for name, line in declared.items():
                        yield Call(source.name, line, target.module, methods[name])
    for source in sources:
        if f"modules/{target.module}/" not in source.name:
            yield from _calls_in(source, target.module, methods, clients)


def _method(user: User) -> str:
    name = user.name if user.category == "operation" else f"{user.name}_stream"
    return method_name(name)


def _calls_in(
    source: Source, module: str, methods: dict[str, User], clients: frozenset[str]
) -> Iterator[Call]:
    receivers = _receivers(source.tree, clients)
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in methods
            and ast.unparse(node.value) in receivers
        ):
            yield Call(source.name, node.lineno, module, methods[node.attr])


def _receivers(tree: ast.Module, clients: frozenset[str]) -> set[str]:
    """Return the names and attributes, such as `self._datafeed`, that hold a client."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and _mentions(node.annotation, clients):
            found.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and _mentions(node.annotation, clients):
            found.add(ast.unparse(node.target))
            found.add(f"self.{ast.unparse(node.target)}")
        elif isinstance(node, ast.Assign) and _is_call_of(node.value, clients):
            found |= {ast.unparse(each) for each in node.targets}
        elif isinstance(node, ast.withitem) and _is_call_of(node.context_expr, clients):
            found |= {ast.unparse(node.optional_vars)} if node.optional_vars else set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.value) in found:
            found |= {ast.unparse(each) for each in node.targets}
    return found


def _is_call_of(node: ast.expr, names: frozenset[str]) -> bool:
    return isinstance(node, ast.Call) and _mentions(node.func, names)


def _mentions(node: ast.expr | None, names: frozenset[str]) -> bool:
    if node is None:
        return False
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # an annotation in quotes
        return not names.isdisjoint(re.findall(r"\w+", node.value))
    return not names.isdisjoint(_identifiers(node))


def _identifiers(node: ast.AST) -> frozenset[str]:
    found = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            found.add(each.id)
        elif isinstance(each, ast.Attribute):
            found.add(each.attr)
        elif isinstance(each, ast.alias):
            found.add(each.name)
    return frozenset(found)


def _is_protocol(node: ast.ClassDef) -> bool:
    return any("Protocol" in _identifiers(base) for base in node.bases)


def _methods(node: ast.ClassDef) -> dict[str, int]:
    return {each.name: each.lineno for each in node.body if isinstance(each, FunctionNode)}
