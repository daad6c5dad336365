"""Which hand-written class a schema of a spec stands for."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Mapping
from enum import Enum
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from client_generator.errors import GeneratorError
from client_generator.pytypes import PyType

_BUILTINS = frozenset(
    {"str", "int", "float", "bool", "bytes", "list", "dict", "set", "tuple", "None"}
)
CLASS_EXTENSION = "x-python-class"
"""Names the class of a schema as `module.Class`, where its title would not."""


class ModelIndex:
    """The pydantic models and enums of a package, by the name of their class.

    Raises:
        GeneratorError: the package, or a module in it, cannot be imported.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._by_name: dict[str, dict[type, str]] = defaultdict(dict)
        root = self._import(package)
        modules = [root]
        if hasattr(root, "__path__"):
            modules += [
                self._import(found.name)
                for found in pkgutil.walk_packages(root.__path__, f"{package}.")
            ]
        # A class is imported from the package itself if that exports it, else from where it is.
        for module in modules:
            for name, value in vars(module).items():
                if _is_model(value) and (module is root or value.__module__ == module.__name__):
                    self._by_name[name].setdefault(value, module.__name__)

    def resolve(self, schema: Mapping[str, Any], key: str, place: str) -> PyType:
        """Return the class of the component `key`, by its extension or else by its title.

        A title such as `Page[PlacedOrder]` is a generic model with its arguments.

        Raises:
            GeneratorError: no class, or more than one, has that name.
        """
        if CLASS_EXTENSION in schema:
            module, _, name = str(schema[CLASS_EXTENSION]).rpartition(".")
            if any(module == kind.__module__ for kind in self._by_name.get(name, ())):
                return PyType(name, frozenset({(module, name)}))
            raise GeneratorError(place, f"{module}.{name} is no model of {self._package}")
        title = str(schema.get("title", key))
        try:
            expression = ast.parse(title, mode="eval").body
        except SyntaxError:
            raise GeneratorError(place, f"the title {title!r} is no class name") from None
        return self._from_title(expression, title, place)

    def _from_title(self, node: ast.expr, title: str, place: str) -> PyType:
        match node:
            case ast.Name(id=name):
                return PyType(name) if name in _BUILTINS else self._named(name, place)
            case ast.Constant(value=None):
                return PyType("None")
            case ast.Subscript(value=generic, slice=ast.Tuple(elts=arguments)):
                parts = [self._from_title(part, title, place) for part in (generic, *arguments)]
            case ast.Subscript(value=generic, slice=argument):
                parts = [self._from_title(part, title, place) for part in (generic, argument)]
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                sides = [self._from_title(part, title, place) for part in (left, right)]
                return PyType(" | ".join(side.annotation for side in sides), _merged(sides))
            case _:
                raise GeneratorError(place, f"the title {title!r} is no class name")
        first, *rest = parts
        inside = ", ".join(part.annotation for part in rest)
        return PyType(f"{first.annotation}[{inside}]", _merged(parts))

    def _named(self, name: str, place: str) -> PyType:
        found = self._by_name.get(name, {})
        if not found:
            raise GeneratorError(
                place, f"{self._package} has no model {name!r}; add it there, by that name"
            )
        if len(found) > 1:
            owners = ", ".join(sorted(f"{kind.__module__}.{name}" for kind in found))
            raise GeneratorError(place, f"{name!r} is ambiguous: {owners}; rename all but one")
        (module,) = found.values()
        return PyType(name, frozenset({(module, name)}))

    def _import(self, name: str) -> ModuleType:
        try:
            return importlib.import_module(name)
        except Exception as error:  # a package of models can fail in any way when imported
            raise GeneratorError(
                name, f"cannot be imported: {type(error).__name__}: {error}"
            ) from None


def _is_model(value: object) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, BaseModel | Enum)
        and not value.__name__.startswith("_")
        and value.__module__.partition(".")[0] not in ("pydantic", "enum")
    )


def _merged(parts: list[PyType]) -> frozenset[tuple[str, str]]:
    return frozenset().union(*(part.imports for part in parts))
