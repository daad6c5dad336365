"""How schemas map to hand-written classes: by the title of the schema."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import ModuleType
from typing import Any, Literal, Union
from uuid import UUID

from pydantic import BaseModel, JsonValue

from client_generator.errors import GeneratorError
from client_generator.pytypes import ANYTHING, NONE, PyType, imported, literal, union
from trading_api.shared.client.models import HTTPValidationError, ValidationError

FASTAPI_MODELS = (HTTPValidationError, ValidationError)
"""The classes of FastAPI's own schemas, for packages of models that have none of that name."""


@dataclass(frozen=True, slots=True)
class Model:
    """The class of a schema, as source text and as the object itself."""

    type: PyType
    python: Any


_STANDARD: dict[str, Model] = {
    "Any": Model(ANYTHING, JsonValue),
    "NoneType": Model(NONE, None),
    **{
        kind.__name__: Model(PyType(kind.__name__), kind)
        for kind in (str, int, float, bool, bytes, list, dict, set, tuple)
    },
    **{
        kind.__name__: Model(imported(kind.__module__, kind.__name__), kind)
        for kind in (date, datetime, time, timedelta, Decimal, UUID)
    },
}
"""The arguments of generic models other than models, by the names that pydantic gives them."""


class ModelIndex:
    """The pydantic models and enums of a package, by the name of their class.

    A module of the package that cannot be imported is an error only if a model is not found.

    Raises:
        GeneratorError: the package itself cannot be imported.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._by_name: dict[str, dict[type, str]] = defaultdict(dict)
        root = _import_module(package)
        modules = [root]
        self._import_errors: list[str] = []
        names = pkgutil.walk_packages(getattr(root, "__path__", []), f"{package}.", lambda _: None)
        for found in names:
            try:
                modules.append(_import_module(found.name))
            except GeneratorError as error:
                self._import_errors.append(str(error))
        # A class is imported from the package itself if that exports it, else from its own module.
        for module in modules:
            for name, value in vars(module).items():
                if _is_model(value) and (module is root or value.__module__ == module.__name__):
                    self._by_name[name].setdefault(value, module.__name__)
        for kind in FASTAPI_MODELS:
            if kind.__name__ not in self._by_name:
                self._by_name[kind.__name__] = {kind: kind.__module__}

    def resolve(self, schema: Mapping[str, Any], key: str, pointer: str) -> Model:
        """Return the class of the component `key`, whose title is the name of the class.

        A title such as `Page[PlacedOrder]` names a generic model with its arguments.

        Raises:
            GeneratorError: no class, or more than one, has that name.
        """
        title = str(schema.get("title", key))
        try:
            found = self._from_title(ast.parse(title, mode="eval").body, pointer)
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            raise GeneratorError(
                pointer, f"the title {title!r:.80} is not the name of a class"
            ) from None
        _check_key(key, title, found.python, pointer)
        return found

    def _from_title(self, node: ast.expr, pointer: str) -> Model:
        match node:
            case ast.Name(id=name) if name in _STANDARD and name not in self._by_name:
                return _STANDARD[name]
            case ast.Name(id=name):
                return self._from_name(name, pointer)
            case ast.Constant(value=None):
                return _STANDARD["NoneType"]
            case ast.Subscript(value=ast.Name(id="Literal"), slice=inside):
                values = [ast.literal_eval(each) for each in _elements(inside)]
                return Model(literal(values, pointer), Literal[tuple(values)])
            case ast.Subscript(value=ast.Name(id="Union"), slice=inside):
                return _union([self._from_title(each, pointer) for each in _elements(inside)])
            case ast.Subscript(value=outside, slice=inside):
                generic = self._from_title(outside, pointer)
                arguments = [self._from_title(each, pointer) for each in _elements(inside)]
                return Model(
                    generic.type.of(*(each.type for each in arguments)),
                    generic.python[tuple(each.python for each in arguments)],
                )
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return _union([self._from_title(left, pointer), self._from_title(right, pointer)])
        raise ValueError(ast.dump(node))

    def _from_name(self, name: str, pointer: str) -> Model:
        found = self._by_name.get(name, {})
        if not found:
            reason = f"{self._package} has no model {name!r}; add a model of that name"
            raise GeneratorError(pointer, "; ".join([reason, *self._import_errors]))
        if len(found) > 1:
            owners = ", ".join(sorted(f"{kind.__module__}.{name}" for kind in found))
            raise GeneratorError(pointer, f"{name!r} is ambiguous: {owners}; rename all but one")
        ((kind, module),) = found.items()
        return Model(imported(module, name), kind)


def _import_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:  # importing a package of models can fail in any way
        raise GeneratorError(name, f"cannot be imported: {type(error).__name__}: {error}") from None


def _is_model(value: object) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, BaseModel | Enum)
        and not value.__name__.startswith("_")
        and value.__module__.partition(".")[0] not in ("pydantic", "enum")
    )


def _check_key(key: str, title: str, kind: Any, pointer: str) -> None:
    """Check that `kind` is the one of two namesakes that the service means.

    FastAPI gives both the same title, and puts the module of each into its key.
    """
    owner = getattr(kind, "__module__", "")
    if key.endswith(f"__{title}") and key != f"{owner}.{title}".replace(".", "__"):
        raise GeneratorError(
            pointer,
            f"the service has two models named {title!r}, and this one is not {owner}.{title};"
            " rename one",
        )


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _union(models: list[Model]) -> Model:
    members = tuple(model.python for model in models)
    return Model(union(model.type for model in models), Union[members])  # noqa: UP007
