"""Reads what a newer service may send: unknown members of enums and unions, and larger limits.

A response with such a value is read a second time, by a validator that accepts them. Whatever else
does not match the spec is an error as before, and so is such a value in a union without a
discriminator, where it could be taken for another member.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from enum import Enum
from functools import lru_cache, partial
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema

logger = logging.getLogger(__name__)

UNRECOGNIZED: Final = "UNRECOGNIZED"
"""The name of a member of an enum that this client does not know."""

_REMEMBERED = 1000
"""Unknown members of which there is one object each, so that they are equal."""

_ERRORS: Final = {
    *("enum", "literal_error", "union_tag_invalid"),
    *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of"),
    *("string_too_short", "string_too_long", "string_pattern_mismatch", "too_short", "too_long"),
    *("bytes_too_short", "bytes_too_long"),
    *("decimal_max_digits", "decimal_max_places", "decimal_whole_digits"),
}
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
        self._validator = SchemaValidator(_accept(adapter.core_schema), _use_prebuilt=False)
        self._has_logged = False

    def read(self, content: bytes | str, error: ValidationError, by_name: bool | None) -> Any:
        """Return a value that the adapter has rejected with `error`.

        Raises:
            pydantic.ValidationError: `error`, unless it is nothing but an unknown value.
        """
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if any(each["type"] not in _ERRORS or each["loc"] in self._fixed for each in found):
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


def _accept(schema: Any) -> Any:
    """Return a schema, or a part of one, without limits, that accepts unknown members."""
    if isinstance(schema, list | tuple):
        return type(schema)(map(_accept, schema))
    if not isinstance(schema, dict) or schema.get("type") == "union":
        return schema
    changed: Any = {
        key: value if key in _NOT_SCHEMAS else _accept(value) for key, value in schema.items()
    }
    kind = schema.get("type")
    if isinstance(kind, str) and kind in _LIMITED:
        changed = {key: value for key, value in changed.items() if key not in _LIMITS}
    match kind:
        case "enum":
            return _wrap(changed, partial(_read_member, schema["cls"]))
        case "literal":
            return _wrap(changed, _read_literal)
        case "tagged-union":
            return _wrap(changed, _read_object)
    return changed


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


def _read_object(value: object, handler: Handler) -> object:
    try:
        return handler(value)
    except ValidationError as error:
        unknown = [each["type"] for each in error.errors()] == ["union_tag_invalid"]
        if not unknown or not isinstance(value, dict):
            raise
        return UnrecognizedModel.model_validate(value)
