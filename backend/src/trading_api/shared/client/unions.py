"""Makes sure that a member of a union arrives as itself and not as another member.

A discriminator, a field of literals that all members have, identifies a member; without one, its
other fields do. If fields that were not set are needed for that, they are sent, except those that
are None: in a PATCH, null would delete a value. Without a discriminator, the value is validated
with the same types as in the service before it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from itertools import combinations, permutations
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError

from trading_api.shared.client import type_graph
from trading_api.shared.client.adapters import JsonAdapter

Mark = Callable[[Any], Any]


def can_be_confused(kind: Any) -> bool:
    """Return whether a member of a union can look like another when its defaults are left out."""
    found = type_graph.members(kind)
    if not any(map(_holds_models, found)):
        return False
    objects = [each for each in found if _is_object(each)]
    models = [each for each in objects if type_graph.is_model(each)]
    if len(objects) < 2:
        return False
    if len(models) < len(objects):
        return True
    names = _discriminators(models)
    if any(_is_optional(model, name) for name in names for model in models):
        return True
    return not _distinguishes(names, models) and any(
        _fits(one, other) for one, other in permutations(models, 2)
    )


def union_marker(kind: Any, declared: Any, marker_of: Callable[[Any], Mark | None]) -> Mark | None:
    """Return what marks the fields that members of a union need to arrive as themselves.

    `declared` is the union as declared, with its discriminator.
    """
    found = type_graph.members(kind)
    inner = [(get_origin(each) or each, marker_of(each)) for each in found]
    # `Any` is a class, but not one that values are instances of.
    marks = [
        (object if each is Any else each, mark)
        for each, mark in inner
        if isinstance(each, type) and mark is not None
    ]

    def mark_member(value: Any) -> Any:
        for member, mark in marks:
            if isinstance(value, member):
                return mark(value)
        return value

    return _Union(declared, found, mark_member).mark if can_be_confused(kind) else (mark_member)


class _Union:
    def __init__(self, declared: Any, found: list[Any], inner: Mark) -> None:
        self._adapter: JsonAdapter[Any] = JsonAdapter(declared)
        self._inner = inner
        self._models = [each for each in found if type_graph.is_model(each)]
        self._members = {each for each in found if isinstance(each, type)}
        for each in found:
            self._members |= {arg for arg in get_args(each) if isinstance(arg, type)}
        self._discriminators = _discriminators(self._models)
        is_distinct = _distinguishes(self._discriminators, self._models)
        self._needs_trial = len(self._models) < len(found) or not is_distinct

    def mark(self, value: Any) -> Any:
        """Return the value with the fields set that it needs.

        Raises:
            ValueError: it would arrive as another member, whatever is sent.
        """
        value = self._inner(value)
        expected = self._kinds(value)
        if expected is None:
            return value
        identified = _mark_models(
            value, lambda model: self._discriminators & type(model).model_fields.keys()
        )
        if not self._needs_trial:
            return identified
        complete = _mark_models(value, _fields_with_values)
        wrong = None
        for candidate in (identified, complete):
            arrived = self._try(candidate)
            if arrived == expected:
                return candidate
            wrong = arrived or wrong
        if wrong is None:
            return identified  # The service reports what is invalid.
        raise ValueError(
            f"{_name(expected)} would arrive as {_name(wrong)}, because their fields are alike;"
            " give the models of the union a discriminator"
        )

    def _try(self, value: Any) -> Any:
        """Return the classes of what a service would read, or None if it would reject the value."""
        from trading_api.shared.client.json import tree_of

        try:
            # FastAPI parses the JSON first, and validates the values.
            tree = tree_of(self._adapter, value)
            return self._kinds(self._adapter.adapter.validate_python(tree, from_attributes=True))
        except ValidationError:
            return None

    def _kinds(self, value: Any) -> Any:
        """Return the members that models are instances of, inside lists and mappings too."""
        bases: tuple[type, ...] = type(value).__mro__
        if isinstance(value, BaseModel) or is_dataclass(value):
            return next((each for each in bases if each in self._members), None)
        if isinstance(value, Mapping):
            kinds = {key: self._kinds(item) for key, item in value.items()}
            return kinds if any(kinds.values()) else None
        if isinstance(value, list | tuple):
            items = [self._kinds(item) for item in value]
            return items if any(items) else None
        return None


def _mark_models(value: Any, names: Callable[[BaseModel], set[str]]) -> Any:
    from trading_api.shared.client.sending import mark_as_set

    if isinstance(value, RootModel):
        return mark_as_set(value, {"root"}, {"root": _mark_models(value.root, names)})
    if isinstance(value, BaseModel):
        return mark_as_set(value, names(value))
    if isinstance(value, Mapping):
        return {key: _mark_models(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_mark_models(item, names) for item in value]
    return value


def _fields_with_values(model: BaseModel) -> set[str]:
    """Return the fields that can be sent although they were not set.

    A field that is None by default is not one of them: in a PATCH, null would delete its value.
    """
    fields = type(model).model_fields
    return {name for name, field in fields.items() if field.default is not None}


def _name(kinds: Any) -> str:
    if isinstance(kinds, type):
        return kinds.__name__
    found = kinds.values() if isinstance(kinds, Mapping) else kinds
    return f"[{', '.join(_name(each) for each in found if each is not None)}]"


def _is_object(kind: Any) -> bool:
    """Return whether values of a type are JSON objects, or lists or mappings that may hold some."""
    if type_graph.is_model(kind) or type_graph.is_record(kind) or type_graph.is_open(kind):
        return True
    origin = get_origin(kind)
    return isinstance(origin, type) and bool(get_args(kind))


def _holds_models(kind: Any) -> bool:
    return type_graph.is_model(kind) or any(
        type_graph.is_model(type_graph.unwrap(arg)) for arg in get_args(kind)
    )


def _wire_names(model: type[BaseModel], name: str) -> set[str]:
    field = model.model_fields[name]
    aliases = (field.alias, field.validation_alias, field.serialization_alias)
    return {name, *(alias for alias in aliases if isinstance(alias, str))}


def _discriminators(models: list[Any]) -> set[str]:
    """Return the fields of literals that every model has."""
    if len(models) < 2:
        return set()
    shared = set.intersection(*(set(model.model_fields) for model in models))
    return {name for name in shared if all(_literals(model, name) for model in models)}


def _literals(model: type[BaseModel], name: str) -> set[Any]:
    kind = type_graph.unwrap(model.model_fields[name].annotation)
    if get_origin(kind) is Literal:
        return {arg.value if isinstance(arg, Enum) else arg for arg in get_args(kind)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {member.value for member in kind}
    return set()


def _is_optional(model: type[BaseModel], name: str) -> bool:
    return not model.model_fields[name].is_required()


def _distinguishes(names: set[str], models: list[Any]) -> bool:
    """Return whether one of these fields has different values in each model."""
    return any(
        all(
            not _literals(one, name) & _literals(other, name)
            for one, other in combinations(models, 2)
        )
        for name in names
    )


def _fits(sent: type[BaseModel], other: type[BaseModel]) -> bool:
    """Return whether the JSON of one model may be valid JSON of another."""
    if sent.model_config.get("extra") == "allow" or "root" in {
        *sent.model_fields,
        *other.model_fields,
    }:
        return True
    names = {alias for name in sent.model_fields for alias in _wire_names(sent, name)}
    required = [name for name, field in other.model_fields.items() if field.is_required()]
    return all(_wire_names(other, name) & names for name in required)
