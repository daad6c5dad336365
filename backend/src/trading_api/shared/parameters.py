"""What a spec says of the parameters in URLs and headers."""

from __future__ import annotations

from typing import Any, Final

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
NULL: Final = {"type": "null"}


def describe_parameters(spec: dict[str, Any]) -> None:
    """Declare the parameters of an OpenAPI document as they travel: omitted or set, never null.

    FastAPI declares a parameter whose default is None as nullable.
    """
    for path in spec["paths"].values():
        for method in METHODS:
            for parameter in path.get(method, {}).get("parameters", ()):
                if "schema" in parameter:
                    parameter["schema"] = without_null(parameter["schema"])


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter without null, which neither a URL nor a header has.

    A list that could be null has an item at least: without one, nothing is sent, which is null.
    """
    members = schema.get("anyOf", [])
    if NULL not in members:
        return schema
    left = [_with_items(each) for each in members if each != NULL]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if rest.get("default", 0) is None:
        del rest["default"]
    return {**left[0], **rest} if len(left) == 1 else {"anyOf": left, **rest}


def _with_items(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") != "array":
        return schema
    return {**schema, "minItems": max(1, schema.get("minItems", 1))}
