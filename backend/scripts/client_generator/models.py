"""How schemas map to hand-written classes: by the key or the title of the schema."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, Union
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from client_generator.errors import GeneratorError
from client_generator.model_modules import Found, find_classes
from client_generator.names import GENERATED_NAMES
from client_generator.project import FASTAPI_MODELS, RUNTIME
from client_generator.pytypes import ANY, ANYTHING, NONE, PyType, import_type, literal, union


@dataclass(frozen=True, slots=True)
class Model:
    """The class of a schema, as source text and as the object itself."""

    type: PyType
    python: Any


_STANDARD: dict[str, Model] = {
    "Any": Model(ANYTHING, JsonValue),
    "JsonValue": Model(ANYTHING, JsonValue),
    "NoneType": Model(NONE, None),
    **{
        kind.__name__: Model(PyType(kind.__name__), kind)
        for kind in (str, int, float, bool, bytes, list, dict, set, tuple)
    },
    **{
        kind.__name__: Model(import_type(kind.__module__, kind.__name__), kind)
        for kind in (date, datetime, time, timedelta, Decimal, UUID)
    },
}
"""The arguments of generic models other than models, by the names that pydantic gives them."""


class ModelIndex:
    """The classes of packages or modules of models, by their names.

    A class is a model, an enum, a dataclass, a `TypedDict`, a `NamedTuple` or the alias of a type.
    One of a library is found if a module of the packages imports it. A module that cannot be
    imported is an error only if a class is not found. Nothing is taken from generated clients.

    Raises:
        GeneratorError: one of the packages itself cannot be imported.
    """

    def __init__(self, *packages: str) -> None:
        self._packages = packages
        self._by_name: dict[str, list[Found]] = defaultdict(list)
        self._by_path: dict[str, Found] = {}
        found, self._import_errors = find_classes(packages)
        for each in found:
            self._by_name[each.name].append(each)
            if each.is_own or each.python.__name__ == each.name:
                self._by_path.setdefault(_normalize(each.origin), each)
        for kind in FASTAPI_MODELS:
            if kind.__name__ not in self._by_name:
                own = Found(kind, f"{RUNTIME}.models", kind.__name__, kind.__name__, True)
                self._by_name[kind.__name__] = [own]

    def has_key(self, key: str) -> bool:
        """Return whether the key of a schema is the name of a class."""
        return key in self._by_name or key in self._by_path

    def resolve(
        self,
        schema: Mapping[str, Any],
        key: str,
        pointer: str,
        reserved: frozenset[str] = frozenset(),
    ) -> Model:
        """Return the class of the component `key`.

        FastAPI's key is the name of the class, with its module in front if two classes have that
        name. Else the title is the name; `Page[PlacedOrder]` is a generic class with its arguments.
        A class whose name is in `reserved`, or is used by all clients, is imported under another.

        Raises:
            GeneratorError: no class, or more than one, has that name.
        """
        lookup = _Lookup(self, pointer, reserved | GENERATED_NAMES)
        stem = re.sub("-(Input|Output)$", "", key)
        if stem in self._by_path:
            return _with_arguments(lookup.model(self._by_path[stem]))
        if stem in self._by_name:
            return _with_arguments(lookup.model(lookup.choose(stem, schema)))
        title = self._title_with_arguments(str(schema.get("title", key)), stem)
        try:
            found = lookup.from_title(ast.parse(title, mode="eval").body)
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            raise GeneratorError(pointer, self._not_found(stem, title)) from None
        _check_key(stem, title, found.python, pointer)
        return found

    def _title_with_arguments(self, title: str, key: str) -> str:
        """Return the title, with the arguments that only the key has if it is not a pydantic model.

        `Box[int]` has the key `Box_int_`. Of arguments that have some themselves, the key does not
        say where they begin.
        """
        inside = key.removeprefix(f"{title}_").removesuffix("_").split("__")
        is_generic = title.isidentifier() and key == f"{title}_{'__'.join(inside)}_"
        if is_generic and all(each in _STANDARD or self.has_key(each) for each in inside):
            return f"{title}[{', '.join(inside)}]"
        return title

    def find(self, name: str) -> list[Found]:
        """Return the classes of this name; those of the packages hide those of libraries."""
        found = self._by_name.get(name, [])
        return [each for each in found if each.is_own] or found

    def is_shared(self, name: str) -> bool:
        """Return whether several classes have this name."""
        return len({id(each.python) for each in self._by_name.get(name, ())}) > 1

    def not_found(self, name: str) -> str:
        """Return why there is no class of this name, and what to do."""
        reason = (
            f"{', '.join(self._packages)} has no model {name!r}; define it there, or import it"
            " there (`from library import Name` suffices), or name its module with --models"
        )
        return "; ".join([reason, *self._import_errors])

    def _not_found(self, stem: str, title: str) -> str:
        reason = f"the title {title!r:.80} is not the name of a class"
        return f"{reason}, and {self.not_found(stem)}" if stem.isidentifier() else reason


class _Lookup:
    """Finds the class of one schema, which is at `pointer`."""

    def __init__(self, index: ModelIndex, pointer: str, reserved: frozenset[str]) -> None:
        self._index = index
        self._pointer = pointer
        self._reserved = reserved

    def from_title(self, node: ast.expr) -> Model:
        match node:
            case ast.Name(id=name) if name in _STANDARD and not self._index.find(name):
                return _STANDARD[name]
            case ast.Name(id=name):
                return self.model(self.choose(name))
            case ast.Constant(value=None):
                return _STANDARD["NoneType"]
            case ast.Subscript(value=ast.Name(id="Literal"), slice=inside):
                values = [ast.literal_eval(each) for each in _elements(inside)]
                return Model(literal(values, self._pointer), Literal[tuple(values)])
            case ast.Subscript(value=ast.Name(id="Union"), slice=inside):
                return _union([self.from_title(each) for each in _elements(inside)])
            case ast.Subscript(value=outside, slice=inside):
                generic = self.from_title(outside)
                arguments = [_with_arguments(self.from_title(each)) for each in _elements(inside)]
                return Model(
                    generic.type.of(*(each.type for each in arguments)),
                    generic.python[tuple(each.python for each in arguments)],
                )
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return _union([self.from_title(left), self.from_title(right)])
        raise ValueError(ast.dump(node))

    def choose(self, name: str, schema: Mapping[str, Any] | None = None) -> Found:
        """Return the class of this name; of several, the one whose fields are those of `schema`."""
        found = self._index.find(name)
        if not found:
            raise GeneratorError(self._pointer, self._index.not_found(name))
        if len(found) > 1 and schema is not None:
            found = [each for each in found if _has_fields(each.python, schema)] or found
        if len(found) > 1:
            owners = ", ".join(sorted({each.origin for each in found}))
            reason = f"{name!r} is ambiguous: {owners}; rename all but one"
            raise GeneratorError(self._pointer, reason)
        return found[0]

    def model(self, found: Found) -> Model:
        local = found.path
        name = found.path.partition(".")[0]
        # A lower-case name could be that of a method, one with an underscore that of a constant.
        is_unusual = name.islower() or name.startswith("_")
        if name in self._reserved or is_unusual or self._index.is_shared(found.name):
            local = _normalize(f"{found.module}.{found.path}")
        return Model(import_type(found.module, found.path, local), found.python)


def attribute_of(model: Model, name: str, pointer: str) -> str:
    """Return the attribute of a model that has this name on the wire.

    Raises:
        GeneratorError: there is none.
    """
    fields = getattr(model.python, "model_fields", {})
    for attribute, field in fields.items():
        if name in (field.serialization_alias or field.alias or attribute, field.alias):
            return str(attribute)
    raise GeneratorError(pointer, f"{model.type.annotation} has no field {name!r}")


def _with_arguments(model: Model) -> Model:
    """Return a generic class that has no arguments with those that Python takes it to have."""
    parameters = getattr(model.python, "__parameters__", ())
    return Model(model.type.of(*(ANY for _ in parameters)), model.python) if parameters else model


def _normalize(name: str) -> str:
    """Return a name as pydantic writes it in the key of a schema."""
    return re.sub(r"[^a-zA-Z0-9.\-_]", "_", name).replace(".", "__")


def _has_fields(kind: Any, schema: Mapping[str, Any]) -> bool:
    try:
        actual = TypeAdapter(kind).json_schema()
    except Exception:  # a class that has no schema can fail in any way, and is not the one
        return False
    return all(
        {*actual.get(keyword, ())} == {*schema.get(keyword, ())}
        for keyword in ("properties", "enum")
    )


def _check_key(key: str, title: str, kind: Any, pointer: str) -> None:
    """Check that `kind` is the one of two namesakes that the service means.

    FastAPI gives both the same title, and puts the module of each into its key.
    """
    if getattr(kind, "__parameters__", ()) and key.startswith(f"{title}_"):
        raise GeneratorError(
            pointer,
            f"the key {key!r} does not say what the arguments of the generic class {title!r} are;"
            " make it a model of pydantic",
        )
    owner = getattr(kind, "__module__", "")
    if key.endswith(f"__{title}") and key != f"{owner}.{title}".replace(".", "__"):
        raise GeneratorError(
            pointer,
            f"the service has two models named {title!r}, and this one is not {owner}.{title};"
            " name its module with --models, or rename one",
        )


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _union(models: list[Model]) -> Model:
    members = tuple(model.python for model in models)
    return Model(union(model.type for model in models), Union[members])  # noqa: UP007
