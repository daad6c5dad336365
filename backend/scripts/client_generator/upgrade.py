"""OpenAPI 3.0 becomes 3.1, as far as their schemas differ."""

from __future__ import annotations

from typing import Any

# What these hold is data, which may look like a schema.
_DATA = ("example", "examples", "default", "enum", "const")
# What stays beside a union.
_BESIDE: tuple[str, ...] = ("default", "description")
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def upgrade(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a spec of OpenAPI 3.0 as one of 3.1, and any other unchanged.

    FastAPI writes schemas of 3.1 whatever version is set, and those stay as they are.
    """
    version = spec.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.0"):
        return spec
    return {**{name: _upgrade_node(part) for name, part in spec.items()}, "openapi": "3.1.0"}


def _upgrade_node(node: Any) -> Any:
    if isinstance(node, list):
        return [_upgrade_node(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: each if key in _DATA else _upgrade_node(each) for key, each in node.items()}
    for exclusive, inclusive in _BOUNDS.items():
        if made.get(exclusive) is True and inclusive in made:
            made[exclusive] = made.pop(inclusive)
        elif isinstance(made.get(exclusive), bool):
            del made[exclusive]
    return _add_null(made) if isinstance(made.get("nullable"), bool) else made


def _add_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with null as one of its types, if `nullable` says so."""
    if not schema.pop("nullable"):
        return schema
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    kept = {key: schema.pop(key) for key in _BESIDE if key in schema}
    return {"anyOf": [schema, {"type": "null"}], **kept}
