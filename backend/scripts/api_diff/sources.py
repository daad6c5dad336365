"""Where the sources define what has changed: an operation, a model, a version."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from api_diff.changes import Change
from client_generator.names import snake_case


@dataclass(frozen=True)
class Sources:
    """The sources of the application; locations are `file:line`, named from `root`."""

    root: Path
    package: Path

    def locate(self, change: Change) -> tuple[str, int]:
        """Return file and line of the definition of what has changed, or of the module."""
        model, _, field = change.subject.partition(".")
        if model in self._classes:
            file, definition = self._classes[model]
            # A renamed field has its new name in the sources.
            fields = (snake_case(field), snake_case(change.after))
            lines = (_line_of_field(definition, name) for name in fields)
            return file, next(filter(None, lines), definition.lineno)
        names = {change.subject.partition(":")[0], *(user.name for user in change.users)}
        for file, tree in self._trees(change.module):
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in names:
                    return file, node.lineno
        return self.locate_version(change.module)

    def locate_version(self, module: str) -> tuple[str, int]:
        """Return file and line of the version of a module."""
        path = self.package / "modules" / module / "__init__.py"
        name = str(path.relative_to(self.root))
        if path.is_file():
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.keyword) and node.arg == "version":
                    return name, node.lineno
        return name, 1

    @cached_property
    def _classes(self) -> dict[str, tuple[str, ast.ClassDef]]:
        return {
            node.name: (file, node)
            for file, tree in _parse(self.package / "models", self.root)
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
        }

    def _trees(self, module: str) -> Iterator[tuple[str, ast.Module]]:
        for file, tree in _parse(self.package / "modules" / module, self.root):
            if Path(file).name in ("api.py", "ws.py"):
                yield file, tree


def _parse(folder: Path, root: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("[!.]*.py")):
        yield str(path.relative_to(root)), ast.parse(path.read_bytes())


def _line_of_field(node: ast.ClassDef, name: str) -> int | None:
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == name:
            return each.lineno
    return None
