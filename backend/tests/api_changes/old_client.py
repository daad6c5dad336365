"""A client of a base: what it reads of the responses of a new service, and the values to try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union

from pydantic import Field, ValidationError, create_model

from api_changes.examples import Schema
from trading_api.shared.client.adapters import JsonAdapter

TYPES = {"string": str, "integer": int, "number": float, "boolean": bool}
LIMITS = {
    "minimum": "ge",
    "maximum": "le",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
}


class Client:
    """Reads values as the generated Python clients do: with a model and the runtime's adapter."""

    def __init__(self, schema: Schema) -> None:
        self._adapter: JsonAdapter[Any] = JsonAdapter(type_of(schema))

    def misreads(self, value: Any) -> bool:
        """Return whether the client fails at a value, or takes it for another one."""
        try:
            read = self._adapter.read(json.dumps(value))
        except ValidationError:
            return True
        back = json.loads(self._adapter.adapter.dump_json(read, exclude_unset=True))
        return not _is_part(back, value)


def type_of(schema: Schema) -> Any:
    """Return the annotation that a model has for a schema."""
    if "anyOf" in schema:
        return Union[tuple(type_of(each) for each in schema["anyOf"])]  # noqa: UP007
    kind = schema["type"]
    if kind == "null":
        return None
    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    limits = Field(**{LIMITS[key]: value for key, value in schema.items() if key in LIMITS})
    if kind == "array":
        return Annotated[list[type_of(schema["items"])], limits]  # type: ignore[misc]
    if kind == "object":
        return _model(schema)
    return Annotated[TYPES[kind], limits]


def _model(schema: Schema) -> Any:
    fields: dict[str, Any] = {
        name: (type_of(each), ... if name in schema["required"] else None)
        for name, each in schema["properties"].items()
    }
    return create_model("Model", **fields)


def values_of(schema: Schema) -> Iterator[Any]:
    """Yield values that a schema allows: those at its limits, and each member of its enums."""
    if "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from values_of(each)
    elif "enum" in schema:
        yield from schema["enum"]
    else:
        yield from VALUES[schema["type"]](schema)


def _strings(schema: Schema) -> Iterator[str]:
    low, high = schema.get("minLength", 0), schema.get("maxLength", 9)
    for length in sorted({low, min(low + 1, high), high}):
        yield "x" * length


def _numbers(schema: Schema) -> Iterator[float]:
    low, high = schema.get("minimum", -9), schema.get("maximum", 99)
    yield from {low, min(low + 1, high), high}
    if schema["type"] == "number" and low < high:
        yield low + 0.5


def _arrays(schema: Schema) -> Iterator[list[Any]]:
    low, high = schema.get("minItems", 0), schema.get("maxItems", 5)
    items = list(values_of(schema["items"]))
    if low == 0:
        yield []
    for item in items:
        yield [item] * max(low, 1)
    yield [items[0]] * high


def _objects(schema: Schema) -> Iterator[dict[str, Any]]:
    values = {name: list(values_of(each)) for name, each in schema["properties"].items()}
    whole = {name: each[0] for name, each in values.items()}
    yield whole
    for name, each in values.items():
        for value in each:
            yield {**whole, name: value}
        if name not in schema["required"]:
            yield {key: value for key, value in whole.items() if key != name}


VALUES = {
    "string": _strings,
    "integer": _numbers,
    "number": _numbers,
    "array": _arrays,
    "object": _objects,
    "boolean": lambda _: iter([True, False]),
    "null": lambda _: iter([None]),
}


def _is_part(read: Any, sent: Any) -> bool:
    """Return whether all that was read is what was sent; a client ignores unknown fields."""
    if isinstance(read, dict) and isinstance(sent, dict):
        return all(name in sent and _is_part(read[name], sent[name]) for name in read)
    if isinstance(read, list) and isinstance(sent, list):
        return len(read) == len(sent) and all(map(_is_part, read, sent))
    return isinstance(read, bool) == isinstance(sent, bool) and read == sent
