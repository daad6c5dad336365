"""Which hand-written class a schema of a spec stands for."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import ModuleType
from typing import Any, Literal, Union

from pydantic import BaseModel, JsonValue

from client_generator.errors import GeneratorError
from client_generator.pytypes import ANYTHING, NONE, STANDARD, PyType, literal, union
from trading_api.shared.client.models import HTTPValidationError, ValidationError

_BUILTINS: dict[str, Any] = {
    kind.__name__: kind for kind in (str, int, float, bool, bytes, list, dict, set, tuple)
}
FASTAPI_MODELS = (HTTPValidationError, ValidationError)
"""What FastAPI puts into specs without a class: known to every package that has none of its own."""

CLASS_EXTENSION = "x-python-class"
"""Names the class of a schema as `module.Class`, where its title would not."""


@dataclass(frozen=True, slots=True)
class Model:
    """A class that a schema stands for, as source text and as the object itself."""

    type: PyType
    python: Any


_OTHERS = {
    "Any": Model(ANYTHING, JsonValue),
    "NoneType": Model(NONE, None),
    **{
        name: Model(kind, getattr(importlib.import_module(module), name))
        for name, kind in STANDARD.items()
        for module, name in kind.imports
    },
}
"""What generic models are made of, other than models and builtins, as pydantic writes it."""


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
        for kind in FASTAPI_MODELS:
            if kind.__name__ not in self._by_name:
                self._by_name[kind.__name__] = {kind: kind.__module__}

    def resolve(self, schema: Mapping[str, Any], key: str, place: str) -> Model:
        """Return the class of the component `key`, by its extension or else by its title.

        A title such as `Page[PlacedOrder]` is a generic model with its arguments.

        Raises:
            GeneratorError: no class, or more than one, has that name.
        """
        if CLASS_EXTENSION in schema:
            module, _, name = str(schema[CLASS_EXTENSION]).rpartition(".")
            for kind in self._by_name.get(name, ()):
                if kind.__module__ == module:
                    return Model(PyType(name, frozenset({(module, name)})), kind)
            raise GeneratorError(place, f"{module}.{name} is no model of {self._package}")
        title = str(schema.get("title", key))
        try:
            found = self._from_title(ast.parse(title, mode="eval").body, place)
            _check_long_key(key, title, found.python, place)
            return found
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            raise GeneratorError(place, f"the title {title!r:.80} is no class name") from None

    def _from_title(self, node: ast.expr, place: str) -> Model:
        match node:
            case ast.Name(id=name) if name in _BUILTINS:
                return Model(PyType(name), _BUILTINS[name])
            case ast.Name(id=name) if name in _OTHERS and name not in self._by_name:
                return _OTHERS[name]
            case ast.Name(id=name):
                return self._named(name, place)
            case ast.Constant(value=None):
                return Model(NONE, None)
            case ast.Subscript(value=ast.Name(id="Literal"), slice=inside):
                values = [ast.literal_eval(each) for each in _elements(inside)]
                return Model(literal(values, place), Literal[tuple(values)])
            case ast.Subscript(value=ast.Name(id="Union"), slice=inside):
                return _either([self._from_title(each, place) for each in _elements(inside)])
            case ast.Subscript(value=generic, slice=inside):
                return _applied(
                    self._from_title(generic, place),
                    [self._from_title(argument, place) for argument in _elements(inside)],
                )
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return _either([self._from_title(left, place), self._from_title(right, place)])
        raise ValueError(ast.dump(node))

    def _named(self, name: str, place: str) -> Model:
        found = self._by_name.get(name, {})
        if not found:
            raise GeneratorError(
                place, f"{self._package} has no model {name!r}; add it there, by that name"
            )
        if len(found) > 1:
            owners = ", ".join(sorted(f"{kind.__module__}.{name}" for kind in found))
            raise GeneratorError(place, f"{name!r} is ambiguous: {owners}; rename all but one")
        ((kind, module),) = found.items()
        return Model(PyType(name, frozenset({(module, name)})), kind)

    def _import(self, name: str) -> ModuleType:
        try:
            return importlib.import_module(name)
        except Exception as error:  # a package of models can fail in any way when imported
            raise GeneratorError(
                name, f"cannot be imported: {type(error).__name__}: {error}"
            ) from None


def _check_long_key(key: str, title: str, kind: Any, place: str) -> None:
    """Refuse a class that is not the one which FastAPI tells from a namesake by a longer key."""
    if key == title or not key.endswith(f"__{title}"):
        return
    owner = getattr(kind, "__module__", "")
    if key != f"{owner}.{title}".replace(".", "__"):
        raise GeneratorError(
            place,
            f"the service has two models called {title!r}, and this one is not {owner}.{title};"
            " rename one",
        )


def _is_model(value: object) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, BaseModel | Enum)
        and not value.__name__.startswith("_")
        and value.__module__.partition(".")[0] not in ("pydantic", "enum")
    )


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _either(models: list[Model]) -> Model:
    alternatives = tuple(model.python for model in models)
    return Model(union(model.type for model in models), Union[alternatives])  # noqa: UP007


def _applied(generic: Model, arguments: list[Model]) -> Model:
    inside = ", ".join(argument.type.annotation for argument in arguments)
    return Model(
        PyType(
            f"{generic.type.annotation}[{inside}]",
            generic.type.imports.union(*(argument.type.imports for argument in arguments)),
        ),
        generic.python[tuple(argument.python for argument in arguments)],
    )
