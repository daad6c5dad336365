"""Decides which fields of a model are sent, so that the service gets what the caller holds.

Fields that were not set are not sent: the service applies its own defaults, and a PATCH changes
only what was set. That is not enough in two cases, which the types of a body show:

- A default that was changed in place (`order.tags.append("x")`) or made by a factory (an id, a
  time) does not count as set, although the caller's object differs from the service's default. In a
  PATCH, what a factory made is not sent: the object to change has such a value already.
- A member of a union can look like another member when its defaults are left out.

In these cases the fields count as set in a copy of the model. What a class needs is found out once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from typing import Annotated, Any, Final, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from trading_api.shared.client import type_graph, unions

Mark = Callable[[Any], Any]
"""Returns a copy of a value in which more fields count as set, or the value itself."""

# Factories of these types always make the same value.
_CONSTANT_FACTORIES: Final = (list, dict, set, tuple, frozenset, str, int, float, bool, bytes)
# A default that cannot be changed in place.
_IMMUTABLE: Final = (
    *(type(None), str, int, float, bool, bytes, Enum, Decimal, UUID),
    *(date, time, timedelta),
)
_is_partial: ContextVar[bool] = ContextVar("is_partial", default=False)


def marker(kind: Any, discriminator: Any = None) -> Mark | None:
    """Return what marks the fields to send in values of a type, or None if nothing has to be."""
    if not any(map(_is_special, type_graph.reachable(kind))):
        return None
    declared, kind = kind, type_graph.unwrap(kind)
    if type_graph.is_union(kind):
        if discriminator is not None:
            declared = Annotated[declared, Field(discriminator=discriminator)]
        return unions.union_marker(kind, declared, marker)
    if type_graph.is_model(kind) or type_graph.is_open(kind):
        return mark_any
    if type_graph.is_record(kind):
        return partial(_mark_record, _field_marks(kind))
    args = get_args(kind)
    origin = get_origin(kind)
    if not isinstance(origin, type):
        return mark_any
    if issubclass(origin, Mapping):
        return partial(_mark_mapping, marker(args[-1]) or _identity)
    if issubclass(origin, tuple) and args[-1] is not ...:
        return partial(_mark_tuple, [marker(each) or _identity for each in args])
    return partial(_mark_items, marker(args[0]) or _identity)


def mark_partial(mark: Mark, value: Any) -> Any:
    """Mark the fields to send in the body of a PATCH."""
    token = _is_partial.set(True)
    try:
        return mark(value)
    finally:
        _is_partial.reset(token)


def mark_any(value: Any) -> Any:
    """Mark the fields to send in a value whose type is only known now."""
    if isinstance(value, BaseModel):
        return _mark_model(value)
    if isinstance(value, Mapping):
        return _mark_mapping(mark_any, value)
    if isinstance(value, list | tuple | set | frozenset):
        return _mark_items(mark_any, value)
    return value


def _identity(value: Any) -> Any:
    return value


def _is_special(kind: Any) -> bool:
    if type_graph.is_open(kind):
        return True
    if type_graph.is_union(kind):
        return unions.can_be_confused(kind)
    if not type_graph.is_model(kind):
        return False
    return any(_can_differ(field) for field in kind.model_fields.values())


def _can_differ(field: FieldInfo) -> bool:
    """Return whether a field that was not set may differ from what the service would use."""
    if field.default_factory is not None:
        return True
    return field.default is not PydanticUndefined and not isinstance(field.default, _IMMUTABLE)


def _mark_model(model: BaseModel) -> BaseModel:
    values, names = model.__dict__, set[str]()
    moving, marks = _plan(type(model))
    for name, field in moving.items():
        if name not in model.model_fields_set and _differs(model, name, field):
            names.add(name)
    changed = {}
    for name, mark in marks.items():
        if name in values and (name in names or name in model.model_fields_set):
            value = mark(values[name])
            if value is not values[name]:
                changed[name] = value
    return mark_as_set(model, names, changed) if names or changed else model


def mark_as_set(
    model: BaseModel, names: set[str], changed: Mapping[str, Any] | None = None
) -> BaseModel:
    """Return a copy of a model in which these fields count as set."""
    marked = copy.copy(model)
    vars(marked).update(changed or {})
    marked.__pydantic_fields_set__ = model.model_fields_set | names
    return marked


@cache
def _plan(kind: type[BaseModel]) -> tuple[dict[str, FieldInfo], dict[str, Mark]]:
    """Return the fields that may differ from the service's defaults, and the marks of fields."""
    moving = {name: field for name, field in kind.model_fields.items() if _can_differ(field)}
    # What a serializer of the application makes of a field is its own business.
    serializers = kind.__pydantic_decorators__.field_serializers.values()
    custom = {name for each in serializers for name in each.info.fields}
    return moving, {name: mark for name, mark in _field_marks(kind).items() if name not in custom}


def _field_marks(kind: Any) -> dict[str, Mark]:
    discriminators = {}
    if type_graph.is_model(kind):
        discriminators = {n: field.discriminator for n, field in kind.model_fields.items()}
    found = {
        name: marker(annotation, discriminators.get(name))
        for name, annotation in type_graph.fields_of(kind).items()
    }
    return {name: mark for name, mark in found.items() if mark is not None}


def _differs(model: BaseModel, name: str, field: FieldInfo) -> bool:
    """Return whether an unset field differs from that of an object that nobody has touched."""
    if name not in model.__dict__:
        return False
    value, factory = model.__dict__[name], field.default_factory
    is_structure = isinstance(value, BaseModel | list | dict | set)
    if factory is not None and factory not in _CONSTANT_FACTORIES and not is_structure:
        # An id or a time; the service would make another one, except in a PATCH.
        return not _is_partial.get()
    try:
        untouched = field.get_default(call_default_factory=True, validated_data=vars(model))
        if field.validate_default or model.model_config.get("validate_default"):
            blank = type(model).model_construct()
            type(model).__pydantic_validator__.validate_assignment(blank, name, untouched)
            untouched = blank.__dict__[name]
        return bool(value != untouched)
    except Exception:
        # The default cannot be made or compared here, so the caller's value is what counts.
        return True


def _mark_record(marks: Mapping[str, Mark], record: Any) -> Any:
    if isinstance(record, Mapping):
        return {name: marks.get(name, _identity)(value) for name, value in record.items()}
    if hasattr(record, "_replace"):  # a named tuple
        return record._replace(
            **{name: mark(getattr(record, name)) for name, mark in marks.items()}
        )
    marked = copy.copy(record)
    for name, mark in marks.items():
        # A frozen dataclass has no other way, and this is a copy.
        object.__setattr__(marked, name, mark(getattr(record, name)))
    return marked


def _mark_mapping(mark: Mark, value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: mark(item) for key, item in value.items()}


def _mark_tuple(marks: list[Mark], value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != len(marks):
        return value
    return tuple(mark(item) for mark, item in zip(marks, value, strict=True))


def _mark_items(mark: Mark, value: Any) -> Any:
    if not isinstance(value, list | tuple | set | frozenset):
        return value
    make: Callable[[list[Any]], Any] = getattr(value, "_make", type(value))  # a named tuple's
    return make([mark(item) for item in value])
