"""Reads what a newer service may send: unknown members of enums and unions, and larger limits.

A response that does not match the spec is read a second time, by a validator that accepts such
values. Whatever else does not match is an error as before, and so is such a value inside of a union
without a discriminator, where it could be taken for another member. The union itself has unknown
members if each of its models has a `Literal` of one name, such as `kind`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from functools import lru_cache, partial
from typing import Any, Final, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema

logger = logging.getLogger(__name__)

UNRECOGNIZED: Final = "UNRECOGNIZED"
"""The name of a member of an enum that this client does not know."""

_REMEMBERED = 1000
"""Unknown members of which there is one object each, so that they are equal."""

_LIMITS: Final = {
    *("ge", "gt", "le", "lt", "multiple_of", "max_digits", "decimal_places"),
    *("min_length", "max_length", "pattern"),
}
_LIMITED: Final = {
    *("int", "float", "decimal", "str", "bytes", "list", "set", "frozenset", "tuple", "dict"),
    *("date", "time", "datetime", "timedelta"),
}
_NOT_SCHEMAS: Final = ("metadata", "serialization", "config")

Handler = Callable[[object], object]
Location = tuple[int | str, ...]


class UnrecognizedModel(BaseModel, extra="allow"):
    """An object of a union with a discriminator that this client does not know.

    Its attributes are the fields as they were received.
    """


class UnrecognizedText(str):
    """A text that is not one of those of a `Literal`."""


class UnrecognizedNumber(int):
    """A whole number that is not one of those of a `Literal`."""


def is_unrecognized(value: object) -> bool:
    """Return whether a value of a response is one that this client does not know.

    That is a member of an enum or a `Literal`, or an object of a union, that the service has had
    since the client was generated. The value on the wire is the `value` of the member, the text or
    number itself, or the attributes of the object.
    """
    if isinstance(value, Enum):
        return value.name == UNRECOGNIZED and UNRECOGNIZED not in type(value).__members__
    return isinstance(value, UnrecognizedModel | UnrecognizedText | UnrecognizedNumber)


class NewerReader:
    """Reads values of one type that a newer service has sent; the first one is logged.

    `fixed` are the locations of values that are the same in every version.
    """

    def __init__(self, adapter: TypeAdapter[Any], fixed: Collection[Location] = ()) -> None:
        self._fixed = fixed
        # The validators of models that exist already would be used in place of the schemas.
        self._validator = SchemaValidator(_newer_schema(adapter.core_schema), _use_prebuilt=False)
        self._has_logged = False

    def read(self, content: bytes | str, error: ValidationError, by_name: bool | None) -> Any:
        """Return a value that the adapter has rejected with `error`.

        Raises:
            pydantic.ValidationError: `error`, unless it is nothing but an unknown value.
        """
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if any(each["loc"] in self._fixed for each in found):
            raise error
        try:
            value = self._validator.validate_json(content, by_name=by_name)
        except ValidationError:
            raise error from None
        if not self._has_logged:
            self._has_logged = True
            places = ", ".join(".".join(map(str, each["loc"])) or "body" for each in found)
            logger.warning(
                "the service is newer than this client, which does not know the values of %s at %s;"
                " generate the client again",
                *(error.title, places),
            )
        return value


def _newer_schema(schema: CoreSchema) -> CoreSchema:
    """Return a schema without limits, which accepts unknown members."""
    found: Any = schema
    models = {each["ref"]: each for each in found.get("definitions", ())}
    accepted: Any = _accept(found, models)
    if models:
        accepted["definitions"] += [_rename_models(each) for each in models.values()]
    return cast("CoreSchema", accepted)


def _accept(schema: Any, models: Mapping[str, Any]) -> Any:
    if isinstance(schema, list | tuple):
        return type(schema)(_accept(each, models) for each in schema)
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "union":
        tags = _tags(schema["choices"], models)
        declared = _rename_models(schema)
        return _wrap(declared, partial(_read_tagged, tags)) if tags else declared
    changed: Any = {
        key: value if key in _NOT_SCHEMAS else _accept(value, models)
        for key, value in schema.items()
        if key not in _LIMITS or not isinstance(kind, str) or kind not in _LIMITED
    }
    match kind:
        case "enum":
            return _wrap(changed, partial(_read_member, schema["cls"]))
        case "literal":
            return _wrap(changed, _read_literal)
        case "tagged-union":
            return _wrap(changed, _read_object)
    return changed


def _rename_models(schema: Any) -> Any:
    """Return a schema as it is, apart from the names of the models to which it refers."""
    if isinstance(schema, list | tuple):
        return type(schema)(map(_rename_models, schema))
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"{value} as declared"
        if key in ("ref", "schema_ref") and isinstance(value, str)
        else (value if key in _NOT_SCHEMAS else _rename_models(value))
        for key, value in schema.items()
    }


def _tags(choices: Any, models: Mapping[str, Any]) -> dict[str, set[object]]:
    """Return the literals of each field that every model of a union has as a `Literal`."""
    found: list[dict[str, set[object]]] = []
    for each in choices:
        choice = each[0] if isinstance(each, tuple) else each  # with its label
        model = models.get(choice.get("schema_ref", ""), choice)
        fields = model.get("schema", {}).get("fields", {}) if model.get("type") == "model" else {}
        literals = {}
        for name, field in fields.items():
            inner = field["schema"]
            inner = inner["schema"] if inner.get("type") == "default" else inner
            alias = field.get("validation_alias", name)
            if inner.get("type") == "literal" and isinstance(alias, str):
                literals[alias] = {*inner["expected"]}
        found.append(literals)
    names = set.intersection(*({*each} for each in found)) if found else set()
    return {name: set.union(*(each[name] for each in found)) for name in names}


def _wrap(schema: CoreSchema, read: Callable[[object, Handler], object]) -> CoreSchema:
    return core_schema.no_info_wrap_validator_function(read, schema)


def _read_member(kind: type[Enum], value: object, handler: Handler) -> object:
    try:
        return handler(value)
    except ValidationError:
        base = next((each for each in (str, int) if issubclass(kind, each)), None)
        if type(value) not in ((str, int) if base is None else (base,)):
            raise
        return _unknown_member(kind, value)


@lru_cache(_REMEMBERED, typed=True)
def _unknown_member(kind: type[Enum], value: Any) -> Enum:
    """Return a member that the class does not list, as the members of `enum.Flag` can be."""
    base: Any = next((each for each in (str, int) if issubclass(kind, each)), object)
    member = base.__new__(kind) if base is object else base.__new__(kind, value)
    member._name_, member._value_ = UNRECOGNIZED, value
    return member


def _read_literal(value: object, handler: Handler) -> object:
    try:
        return handler(value)
    except ValidationError:
        if type(value) is str:
            return UnrecognizedText(value)
        if type(value) is int:
            return UnrecognizedNumber(value)
        raise


def _read_tagged(tags: Mapping[str, set[object]], value: object, handler: Handler) -> object:
    try:
        return handler(value)
    except ValidationError:
        if isinstance(value, dict) and any(
            isinstance(value.get(name), str | int) and value[name] not in known
            for name, known in tags.items()
        ):
            return UnrecognizedModel.model_validate(value)
        raise


def _read_object(value: object, handler: Handler) -> object:
    try:
        return handler(value)
    except ValidationError as error:
        unknown = [each["type"] for each in error.errors()] == ["union_tag_invalid"]
        if not unknown or not isinstance(value, dict):
            raise
        return UnrecognizedModel.model_validate(value)
