"""What a response leaves out: values whose defaults the client does not know, and aliases.

A service can leave out fields (`response_model_exclude_unset` and the like), and the client's model
then fills in its own defaults. That is right for constants. A default that is made anew each time,
such as an id or a time, would be one that the service has never seen.

A service can also name fields by their Python names (`response_model_by_alias=False`), although
its spec has their aliases. The client reads both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

from pydantic import AliasChoices, AliasPath, BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from trading_api.shared.client import type_graph

Location = tuple[int | str, ...]

_CONSTANT: Final = (list, dict, set, tuple, frozenset, str, int, float, bool, bytes, None)
"""Factories that always make the same value."""


def may_leave_out(kind: Any) -> bool:
    """Return whether a model in the type has a default that may be made anew each time."""
    models = filter(type_graph.is_model, type_graph.reachable(kind))
    return any(any(_moving_fields(each)) for each in models)


def check_complete(value: object) -> None:
    """Check that all defaults in a value are those that the service has.

    Raises:
        pydantic.ValidationError: a default is made anew each time.
    """
    errors = [_error_at(location) for location in _find_made_defaults(value, ())]
    if errors:
        _raise(errors)


def can_be_read_by_name(kind: Any) -> bool:
    """Return whether fields with aliases can be read by their names too.

    They cannot if the name of a field is the alias of another one.
    """
    models = [each for each in type_graph.reachable(kind) if type_graph.is_model(each)]
    aliased = [each for each in models if any(map(_has_alias, each.model_fields.values()))]
    return bool(aliased) and not any(map(_is_ambiguous, aliased))


def _moving_fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if field.default_factory not in _CONSTANT:
            yield name, field


def _find_made_defaults(value: object, location: Location) -> Iterator[Location]:
    """Yield the locations of defaults that the client has made."""
    if isinstance(value, BaseModel):
        for name, field in _moving_fields(type(value)):
            if name not in value.model_fields_set and _differs_each_time(value, field):
                yield (*location, field.alias or name)
        items: Any = vars(value).items()
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        items = vars(value).items() if hasattr(value, "__dict__") else ()
    elif isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list | tuple | set | frozenset):
        items = enumerate(value)
    else:
        return
    for key, item in items:
        yield from _find_made_defaults(item, (*location, key))


def _differs_each_time(model: BaseModel, field: FieldInfo) -> bool:
    made = [
        field.get_default(call_default_factory=True, validated_data=vars(model)) for _ in range(2)
    ]
    return bool(made[0] != made[1])


def _error_at(location: Location) -> InitErrorDetails:
    message = "the response leaves it out, and its default is made anew each time"
    return InitErrorDetails(type=PydanticCustomError("left_out", message), loc=location, input=None)


def _raise(errors: list[InitErrorDetails]) -> NoReturn:
    raise ValidationError.from_exception_data("response", errors)


def _has_alias(field: FieldInfo) -> bool:
    return field.validation_alias is not None


def _is_ambiguous(model: type[BaseModel]) -> bool:
    """Return whether the name of a field is what another one is called in JSON."""
    return any(
        name in _names_in_json(other, field)
        for name in model.model_fields
        for other, field in model.model_fields.items()
        if other != name
    )


def _names_in_json(name: str, field: FieldInfo) -> set[str]:
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    paths = [each.path[0] if isinstance(each, AliasPath) else each for each in choices]
    return {str(each) for each in paths if each is not None} or {name}
