"""Walks the types that a type is made of, such as the fields of a model and the items of a list."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Annotated, Any, NotRequired, Required, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue
from typing_extensions import ReadOnly, TypeAliasType, is_typeddict

_ALIASES = tuple({TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType)})


def unwrap(kind: Any) -> Any:
    """Return the type that an alias or `Annotated` stands for."""
    while True:
        origin = get_origin(kind)
        if kind is JsonValue:  # an alias that contains itself
            return kind
        if origin is Annotated:
            kind = kind.__origin__
        elif isinstance(kind, _ALIASES):
            kind = kind.__value__
        elif isinstance(origin, _ALIASES):
            kind = origin.__value__[get_args(kind)]
        else:
            return kind


def is_union(kind: Any) -> bool:
    """Return whether an unwrapped type is a union."""
    return get_origin(kind) in (Union, types.UnionType)


def members(kind: Any) -> list[Any]:
    """Return the unwrapped members of a union other than None; unions inside are flattened."""
    found = []
    for member in map(unwrap, get_args(kind)):
        if is_union(member):
            found += members(member)
        elif member is not types.NoneType:
            found.append(member)
    return found


def is_model(kind: Any) -> bool:
    """Return whether a type is a class of pydantic models."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def is_record(kind: Any) -> bool:
    """Return whether a type is a dataclass, a TypedDict or a NamedTuple."""
    is_class = isinstance(kind, type)
    return is_typeddict(kind) or (is_class and (is_dataclass(kind) or hasattr(kind, "_fields")))


def fields_of(kind: Any) -> dict[str, Any]:
    """Return the types of the fields of a model or record."""
    if is_model(kind):
        return {name: field.annotation for name, field in kind.model_fields.items()}
    hints = typing.get_type_hints(kind, include_extras=True)
    return {name: _without_qualifiers(hint) for name, hint in hints.items()}


def _without_qualifiers(hint: Any) -> Any:
    while get_origin(hint) in (Required, NotRequired, ReadOnly):
        (hint,) = get_args(hint)
    return hint


def is_open(kind: Any) -> bool:
    """Return whether values of an unwrapped type can be of any type, models included."""
    if kind is JsonValue:
        return False
    is_bare = kind in (dict, list, tuple, set, frozenset)
    return kind in (Any, object) or is_bare or isinstance(kind, typing.TypeVar)


def reachable(kind: Any) -> Iterator[Any]:
    """Yield a type and every type that it is made of, unwrapped, each class once."""
    pending, seen = [kind], set[int]()
    while pending:
        found = unwrap(pending.pop())
        # The types of a union or a generic alias are new objects each time; classes are not.
        if isinstance(found, type) and not get_args(found):
            if id(found) in seen:
                continue
            seen.add(id(found))
        yield found
        if found is JsonValue:
            continue
        pending += fields_of(found).values() if is_model(found) or is_record(found) else ()
        pending += get_args(found)
