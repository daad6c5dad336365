"""How JSON Schema maps to Python types: one rule per kind of schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

from client_generator.errors import GeneratorError
from client_generator.pointers import join_pointer
from client_generator.pytypes import (
    ANYTHING,
    BYTES,
    DECIMAL,
    FLOAT,
    NONE,
    STR,
    PyType,
    import_type,
    literal,
    union,
)

Schema = Mapping[str, Any]

_TYPE_KEYWORDS = frozenset({"$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf"})
_ANNOTATIONS = frozenset({"title", "description", "default", "examples"})
_BY_TYPE = {"null": NONE, "boolean": PyType("bool"), "integer": PyType("int"), "number": FLOAT}
_BY_FORMAT = {
    "date-time": import_type("datetime", "datetime"),
    "date": import_type("datetime", "date"),
    "time": import_type("datetime", "time"),
    "duration": import_type("datetime", "timedelta"),
    "uuid": import_type("uuid", "UUID"),
}
# Python's parser allows 200 levels of brackets, and the source around a type needs some of them.
_MAX_DEPTH = 100


def is_untyped(schema: Any) -> bool:
    """Return whether a schema says nothing about the type of its values, as that of `Any` does."""
    return schema is True or (isinstance(schema, dict) and not _TYPE_KEYWORDS & schema.keys())


def has_untyped_part(schema: Any) -> bool:
    """Return whether a schema or a part of it is untyped, as `Any` and a bare `dict` or `list` are.

    References are not followed.
    """
    if is_untyped(schema):
        return True
    if not isinstance(schema, dict):
        return False
    parts = [schema.get("items"), schema.get("additionalProperties")]
    for keyword in ("properties", "patternProperties"):
        parts += schema.get(keyword, {}).values()
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        parts += schema.get(keyword, ())
    return any(has_untyped_part(part) for part in parts)


def is_binary(schema: Any) -> bool:
    """Return whether a schema is that of bytes that are not encoded, or of a list of them."""
    if not isinstance(schema, dict):
        return False
    if schema.get("format") == "binary":
        return True
    # Text that is JSON has a schema of its content.
    if "contentMediaType" in schema and not {"contentEncoding", "contentSchema"} & {*schema}:
        return True
    return any(map(is_binary, [schema.get("items"), *schema.get("anyOf", ())]))


class TypeResolver:
    """Maps schemas to types.

    Args:
        resolve_reference: returns the type of a `$ref`, given the reference and its pointer.
        binary: the type of a string that holds bytes.
    """

    def __init__(
        self, resolve_reference: Callable[[str, str], PyType], binary: PyType = BYTES
    ) -> None:
        self._resolve_reference = resolve_reference
        self._binary = binary

    def resolve(self, schema: Any, pointer: str) -> PyType:
        """Return the type of the schema at `pointer`.

        Raises:
            GeneratorError: no type here corresponds to the schema.
        """
        kind = self._resolve(schema, pointer)
        if kind.annotation.count("[") > _MAX_DEPTH and _depth(kind.annotation) > _MAX_DEPTH:
            raise GeneratorError(
                pointer, f"the schema is nested more than {_MAX_DEPTH} levels deep"
            )
        return kind

    def _resolve(self, schema: Any, pointer: str) -> PyType:
        if is_untyped(schema):
            if schema is not True and schema.keys() - _ANNOTATIONS:
                raise _unsupported(schema, pointer)
            return ANYTHING
        if not isinstance(schema, dict):
            raise GeneratorError(pointer, f"{schema!r:.80} is not a schema")
        if "$ref" in schema:
            return self._resolve_reference(schema["$ref"], join_pointer(pointer, "$ref"))
        if "const" in schema:
            return literal([schema["const"]], pointer)
        if "enum" in schema:
            return literal(schema["enum"], pointer)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return self._union(schema[keyword], join_pointer(pointer, keyword))
        if "allOf" in schema:
            return self._all_of(schema["allOf"], join_pointer(pointer, "allOf"))
        return self._by_type(schema, pointer)

    def _all_of(self, schemas: Any, pointer: str) -> PyType:
        """Return the type of the one schema that has a type; the others may only describe it."""
        parts = [*enumerate(schemas)] if isinstance(schemas, list) else []
        typed = [(i, each) for i, each in parts if not is_untyped(each)] or parts[:1]
        if len(typed) != 1:
            raise GeneratorError(
                pointer, "Python has no type for an intersection (allOf); use one model"
            )
        ((i, schema),) = typed
        return self.resolve(schema, join_pointer(pointer, i))

    def _union(self, schemas: Any, pointer: str) -> PyType:
        if not isinstance(schemas, list) or not schemas:
            raise GeneratorError(pointer, "a union needs at least one member")
        types = [self.resolve(schema, join_pointer(pointer, i)) for i, schema in enumerate(schemas)]
        members = {kind for kind in types if kind != NONE}
        if members == {FLOAT, STR} or members == {FLOAT, DECIMAL}:
            # This is how pydantic describes a Decimal, which must never pass through float; a
            # `float | str` looks the same and is far rarer.
            types = [DECIMAL, *(kind for kind in types if kind == NONE)]
        return union(types)

    def _by_type(self, schema: Schema, pointer: str) -> PyType:
        match schema["type"]:
            case [_, *_] as kinds:
                return union(self._by_type({**schema, "type": kind}, pointer) for kind in kinds)
            case "null" | "boolean" | "integer" | "number" as kind:
                return _BY_TYPE[kind]
            case "string" if is_binary(schema) or _is_encoded(schema):
                return self._binary
            case "string":
                return _BY_FORMAT.get(schema.get("format", ""), STR)
            case "array" if "prefixItems" in schema:
                return self._tuple(schema, pointer)
            case "array":
                container = PyType("set" if schema.get("uniqueItems") else "list")
                items = join_pointer(pointer, "items")
                return container.of(self.resolve(schema.get("items", True), items))
            case "object":
                return self._object(schema, pointer)
        raise _unsupported(schema, pointer)

    def _tuple(self, schema: Schema, pointer: str) -> PyType:
        items = [
            self.resolve(item, join_pointer(pointer, "prefixItems", i))
            for i, item in enumerate(schema["prefixItems"])
        ]
        if schema.get("minItems") == schema.get("maxItems") == len(items):
            return PyType("tuple").of(*items)
        # The length may differ, so that the type of the item at an index is not known.
        rest = schema.get("items", True) if schema.get("maxItems") != len(items) else False
        if rest is not False:
            items.append(self.resolve(rest, join_pointer(pointer, "items")))
        return PyType("list").of(union(items) if items else ANYTHING)

    def _object(self, schema: Schema, pointer: str) -> PyType:
        if schema.get("properties"):
            return PyType("dict").of(STR, ANYTHING)  # an inline object has no class
        if "patternProperties" in schema:
            return self._object_with_pattern(schema, pointer)
        key = STR
        if "propertyNames" in schema:
            names = {"type": "string", **schema["propertyNames"]}
            key = self.resolve(names, join_pointer(pointer, "propertyNames"))
        values = schema.get("additionalProperties", True)
        return PyType("dict").of(
            key, self.resolve(values, join_pointer(pointer, "additionalProperties"))
        )

    def _object_with_pattern(self, schema: Schema, pointer: str) -> PyType:
        """Return the type of what pydantic makes of a dict whose keys have a pattern."""
        patterns = schema["patternProperties"]
        if len(patterns) != 1 or schema.get("additionalProperties") not in (None, False):
            raise GeneratorError(
                pointer, "a dict with a pattern for its keys allows one pattern and no other keys"
            )
        ((pattern, values),) = patterns.items()
        at = join_pointer(pointer, "patternProperties", pattern)
        return PyType("dict").of(STR, self.resolve(values, at))


def _unsupported(schema: Schema, pointer: str) -> GeneratorError:
    return GeneratorError(pointer, f"unsupported schema: {dict(schema)!r:.120}")


def _is_encoded(schema: Schema) -> bool:
    return "contentMediaType" in schema and "contentEncoding" in schema


def _depth(annotation: str) -> int:
    return max(accumulate((each == "[") - (each == "]") for each in annotation))
