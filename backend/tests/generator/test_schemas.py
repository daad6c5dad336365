"""The mapping from JSON Schema to Python types, and the rule of what has no type."""

from __future__ import annotations

from typing import Any

import pytest

from client_generator.errors import GeneratorError
from client_generator.pytypes import UPLOAD, PyType
from client_generator.schemas import TypeResolver, has_untyped_part


def resolve_reference(reference: str, pointer: str) -> PyType:
    return PyType(reference.rpartition("/")[2])


RESOLVER = TypeResolver(resolve_reference)
STRING = {"type": "string"}
ITEM = {"$ref": "#/components/schemas/Item"}


@pytest.mark.parametrize(
    ("schema", "annotation"),
    [
        ({"type": "integer"}, "int"),
        ({"type": "number"}, "float"),
        ({"type": "boolean"}, "bool"),
        ({"type": "null"}, "None"),
        ({"type": ["null", "string"]}, "str | None"),
        (STRING, "str"),
        ({"type": "string", "format": "date-time"}, "datetime"),
        ({"type": "string", "format": "duration"}, "timedelta"),
        ({"type": "string", "format": "email"}, "str"),
        ({"type": "string", "format": "binary"}, "bytes"),
        ({"type": "string", "contentMediaType": "image/png"}, "bytes"),
        (
            {"type": "string", "contentMediaType": "text/plain", "contentEncoding": "base64"},
            "bytes",
        ),
        ({"type": "string", "contentMediaType": "application/json", "contentSchema": ITEM}, "str"),
        ({"anyOf": [{"type": "number"}, STRING, {"type": "null"}]}, "Decimal | None"),
        ({"const": None}, "None"),
        ({"enum": ["a", 1, None]}, "Literal['a', 1] | None"),
        (ITEM, "Item"),
        ({"allOf": [ITEM], "default": None}, "Item"),
        ({"oneOf": [ITEM, STRING]}, "Item | str"),
        ({"type": "array", "items": ITEM}, "list[Item]"),
        ({"type": "array", "items": STRING, "uniqueItems": True}, "set[str]"),
        ({"type": "array"}, "list[JsonValue]"),
        (
            {"type": "array", "prefixItems": [STRING, ITEM], "minItems": 2, "maxItems": 2},
            "tuple[str, Item]",
        ),
        ({"type": "array", "prefixItems": [], "minItems": 0, "maxItems": 0}, "tuple[()]"),
        ({"type": "array", "prefixItems": [STRING], "maxItems": 1}, "list[str]"),
        ({"type": "array", "prefixItems": [STRING], "items": ITEM}, "list[str | Item]"),
        ({"type": "array", "prefixItems": [STRING]}, "list[str | JsonValue]"),
        ({"type": "object", "properties": {"a": STRING}}, "dict[str, JsonValue]"),
        ({"allOf": [{"description": "d"}, ITEM]}, "Item"),
        ({"type": "object", "additionalProperties": ITEM}, "dict[str, Item]"),
        ({"type": "object", "patternProperties": {"^a": ITEM}}, "dict[str, Item]"),
        ({"type": "object", "propertyNames": {"format": "uuid"}}, "dict[UUID, JsonValue]"),
        ({"title": "Anything", "description": "Any value."}, "JsonValue"),
        (True, "JsonValue"),
    ],
)
def test_schema_resolves_to_annotation(schema: Any, annotation: str) -> None:
    assert RESOLVER.resolve(schema, "#").annotation == annotation


def test_binary_string_resolves_to_upload_in_multipart_form() -> None:
    kind = TypeResolver(resolve_reference, binary=UPLOAD).resolve(
        {"type": "array", "items": {"type": "string", "format": "binary"}}, "#"
    )
    assert kind.annotation == "list[bytes | FileUpload]"
    assert kind.imports == UPLOAD.imports


@pytest.mark.parametrize(
    ("schema", "pointer", "reason"),
    [
        ({"type": "object", "patternProperties": {"a": {}, "b": {}}}, "#", "allows one pattern"),
        ({"minimum": 0}, "#", "unsupported schema: {'minimum': 0}"),
        ({"type": "array", "items": {"not": {}}}, "#/items", "unsupported schema"),
    ],
)
def test_unsupported_schema_raises_error(schema: Any, pointer: str, reason: str) -> None:
    with pytest.raises(GeneratorError, match=reason) as caught:
        RESOLVER.resolve(schema, "#")
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(
    ("schema", "untyped"),
    [
        ({}, True),
        (True, True),
        (False, False),
        ({"title": "X", "minimum": 0}, True),
        (STRING, False),
        ({"enum": [1]}, False),
        ({"type": "array", "items": {}}, True),
        ({"type": "array", "items": STRING}, False),
        ({"type": "array", "prefixItems": [STRING, {}]}, True),
        ({"type": "object", "additionalProperties": True}, True),
        ({"type": "object", "additionalProperties": False}, False),
        ({"type": "object", "properties": {"a": ITEM, "b": {"anyOf": [STRING, {}]}}}, True),
        ({"type": "object", "patternProperties": {"^a": {}}}, True),
    ],
)
def test_any_and_bare_containers_have_an_untyped_part(schema: Any, untyped: bool) -> None:
    assert has_untyped_part(schema) is untyped
