"""From JSON Schema to Python types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from client_generator.errors import GeneratorError, pointer
from client_generator.limits import check_text

Schema = Mapping[str, Any]

# Python's parser allows 200 levels of brackets, and the rest of the source needs some.
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class PyType:
    """A Python type as source text, with what it needs to have imported: (module, name) pairs."""

    annotation: str
    imports: frozenset[tuple[str, str]] = frozenset()
    members: tuple[PyType, ...] = ()
    """The alternatives, if this is a union."""

    def without_none(self) -> PyType:
        """Return the type with None taken out of the union."""
        return union(member for member in self.members if member != NONE) if self.members else self

    def or_none(self) -> PyType:
        """Return the type with None added to the union."""
        return union([self, NONE])


NONE = PyType("None")
BOOL = PyType("bool")
INT = PyType("int")
FLOAT = PyType("float")
STR = PyType("str")
BYTES = PyType("bytes")
ANYTHING = PyType("JsonValue", frozenset({("pydantic", "JsonValue")}))
UPLOAD = PyType("bytes | FileUpload", frozenset({("trading_api.shared.client.wire", "FileUpload")}))
DECIMAL = PyType("Decimal", frozenset({("decimal", "Decimal")}))

STANDARD = {
    "datetime": PyType("datetime", frozenset({("datetime", "datetime")})),
    "date": PyType("date", frozenset({("datetime", "date")})),
    "time": PyType("time", frozenset({("datetime", "time")})),
    "timedelta": PyType("timedelta", frozenset({("datetime", "timedelta")})),
    "UUID": PyType("UUID", frozenset({("uuid", "UUID")})),
    "Decimal": DECIMAL,
}
"""The types of the standard library that pydantic has schemas for, by their names."""

_SCALARS = {"null": NONE, "boolean": BOOL, "integer": INT, "number": FLOAT}
_FORMATS = {
    "date-time": STANDARD["datetime"],
    "date": STANDARD["date"],
    "time": STANDARD["time"],
    "duration": STANDARD["timedelta"],
    "uuid": STANDARD["UUID"],
}


def union(types: Iterable[PyType]) -> PyType:
    """Return the union of `types` without repetitions, None last."""
    members: dict[PyType, None] = {}
    for kind in types:
        members.update(dict.fromkeys(kind.members or (kind,)))
    ordered = sorted(members, key=lambda member: member == NONE)
    if len(ordered) == 1:
        return ordered[0]
    return PyType(
        " | ".join(member.annotation for member in ordered), _imports(ordered), tuple(ordered)
    )


class TypeResolver:
    """Finds the Python type of a schema; `resolve_reference` finds that of a `$ref`.

    `binary` is the type of a string that holds bytes.
    """

    def __init__(
        self, resolve_reference: Callable[[str, str], PyType], binary: PyType = BYTES
    ) -> None:
        self._resolve_reference = resolve_reference
        self._binary = binary

    def resolve(self, schema: Any, place: str) -> PyType:
        """Return the type of `schema`, which is at `place`.

        Raises:
            GeneratorError: the schema uses what has no Python type here.
        """
        kind = self._resolved(schema, place)
        if kind.annotation.count("[") > _DEEPEST and _depth(kind.annotation) > _DEEPEST:
            raise GeneratorError(place, f"is nested more than {_DEEPEST} levels deep")
        return kind

    def _resolved(self, schema: Any, place: str) -> PyType:
        if schema is True:
            return ANYTHING
        if not isinstance(schema, dict):
            raise GeneratorError(place, f"not a schema: {schema!r:.80}")
        if "$ref" in schema:
            return self._resolve_reference(schema["$ref"], pointer(place, "$ref"))
        if "const" in schema:
            return literal([schema["const"]], place)
        if "enum" in schema:
            return literal(schema["enum"], place)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return self._alternatives(schema[keyword], pointer(place, keyword))
        if "allOf" in schema:
            return self._single(schema["allOf"], pointer(place, "allOf"))
        return self._by_type(schema, place)

    def _alternatives(self, schemas: list[Any], place: str) -> PyType:
        if not isinstance(schemas, list) or not schemas:
            raise GeneratorError(place, "a union needs at least one alternative")
        types = [self.resolve(schema, pointer(place, i)) for i, schema in enumerate(schemas)]
        members = {kind for kind in types if kind != NONE}
        if members == {FLOAT, STR} or members == {FLOAT, DECIMAL}:
            # This is how pydantic describes a Decimal, which must never pass through float; a
            # `float | str` looks the same and is far rarer.
            types = [DECIMAL, *(kind for kind in types if kind == NONE)]
        return union(types)

    def _single(self, schemas: list[Any], place: str) -> PyType:
        if not isinstance(schemas, list) or len(schemas) != 1:
            raise GeneratorError(place, "an intersection has no Python type; use one model")
        return self.resolve(schemas[0], pointer(place, 0))

    def _by_type(self, schema: Schema, place: str) -> PyType:
        kind = schema.get("type")
        if isinstance(kind, list) and kind:
            return union(self._by_type({**schema, "type": each}, place) for each in kind)
        if isinstance(kind, str) and kind in _SCALARS:
            return _SCALARS[kind]
        if kind == "string":
            return self._string(schema)
        if kind == "array":
            return self._array(schema, place)
        if kind == "object":
            return self._object(schema, place)
        if kind is None and not schema.keys() - {"title", "description", "default", "examples"}:
            return ANYTHING
        raise GeneratorError(place, f"unsupported schema: {dict(schema)!r:.120}")

    def _string(self, schema: Schema) -> PyType:
        if "contentMediaType" in schema or schema.get("format") == "binary":
            return self._binary
        return _FORMATS.get(schema.get("format", ""), STR)

    def _array(self, schema: Schema, place: str) -> PyType:
        if "prefixItems" in schema:
            items = [
                self.resolve(item, pointer(place, "prefixItems", i))
                for i, item in enumerate(schema["prefixItems"])
            ]
            if schema.get("minItems") != len(items) or schema.get("maxItems") != len(items):
                raise GeneratorError(place, "a tuple needs a fixed length: minItems and maxItems")
            inside = ", ".join(item.annotation for item in items) or "()"
            return PyType(f"tuple[{inside}]", _imports(items))
        item = self.resolve(schema.get("items", True), pointer(place, "items"))
        container = "set" if schema.get("uniqueItems") else "list"
        return PyType(f"{container}[{item.annotation}]", item.imports)

    def _object(self, schema: Schema, place: str) -> PyType:
        if schema.get("properties"):
            raise GeneratorError(
                place, "an object without a name has no model; declare a model and refer to it"
            )
        if "patternProperties" in schema:
            return self._by_pattern(schema, place)
        key = STR
        if "propertyNames" in schema:
            key = self.resolve(
                {"type": "string", **schema["propertyNames"]}, f"{place}/propertyNames"
            )
        value = self.resolve(
            schema.get("additionalProperties", True), pointer(place, "additionalProperties")
        )
        return PyType(f"dict[{key.annotation}, {value.annotation}]", key.imports | value.imports)

    def _by_pattern(self, schema: Schema, place: str) -> PyType:
        """Return the type of a dict whose keys have a pattern, which is how pydantic writes one."""
        patterns = schema["patternProperties"]
        if len(patterns) != 1 or schema.get("additionalProperties") not in (None, False):
            raise GeneratorError(
                place, "a dict has one type of keys: one pattern, and nothing else"
            )
        ((pattern, inside),) = patterns.items()
        value = self.resolve(inside, pointer(place, "patternProperties", pattern))
        return PyType(f"dict[str, {value.annotation}]", value.imports)


def literal(values: list[Any], place: str) -> PyType:
    """Return the type of these values alone.

    Raises:
        GeneratorError: Python has no such type.
    """
    if (
        not isinstance(values, list)
        or not values
        or not all(value is None or isinstance(value, str | int | bool) for value in values)
    ):
        raise GeneratorError(place, f"the values {values!r:.80} cannot be a Literal")
    for value in values:
        check_text(str(value), place)
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise GeneratorError(place, f"{value!r:.80} is too long for a Literal: 64 bits")
    plain = [value for value in values if value is not None]
    kind = PyType(
        f"Literal[{', '.join(ascii(value) for value in plain)}]",
        frozenset({("typing", "Literal")}),
    )
    if not plain:
        return NONE
    return kind if len(plain) == len(values) else kind.or_none()


def _depth(annotation: str) -> int:
    steps = {"[": 1, "]": -1}
    return max(accumulate(steps.get(each, 0) for each in annotation))


def _imports(types: Iterable[PyType]) -> frozenset[tuple[str, str]]:
    return frozenset().union(*(kind.imports for kind in types))
