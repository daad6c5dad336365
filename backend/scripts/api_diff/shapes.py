"""JSON schemas in one form: references followed, `allOf` merged, null and unions apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api_diff.changes import Node, Side
from api_diff.specs import Spec

UNION = ("anyOf", "oneOf")
TYPES = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True)
class Shape:
    """A schema: what it may be besides null, and its name if it is a component.

    A member that is a component itself has its name as `x-name`.
    """

    name: str
    nullable: bool
    members: tuple[Node, ...]
    node: Node

    @property
    def only(self) -> Node | None:
        """The one member, unless the schema is a union."""
        return self.members[0] if len(self.members) == 1 else None


def shape_of(spec: Spec, node: Any) -> Shape:
    """Return the shape of a schema."""
    name = component_name(node)
    flat = flatten(spec, node)
    members: list[Node] = []
    keyword = next((key for key in UNION if key in flat), None)
    if keyword is None:
        members = [_integer_if_whole(each) for each in _by_type(flat)]
    else:
        siblings = {key: value for key, value in flat.items() if key not in UNION}
        for each in flat[keyword]:
            inner = shape_of(spec, each)
            members += inner.members
            if inner.nullable:
                members.append({"type": "null"})
        # A default or a limit beside the union concerns each member.
        members = [{**siblings, **member} for member in members]
    nullable = any(each.get("type") == "null" for each in members)
    kept = [each for each in members if each.get("type") != "null"]
    if name and len(kept) == 1:
        kept = [{"x-name": name, **kept[0]}]
    return Shape(name, nullable or flat.get("nullable") is True, tuple(kept), flat)


def component_name(node: Any) -> str:
    """Return the name of the component that a schema is, or an empty text."""
    if not isinstance(node, dict):
        return ""
    parts = node.get("allOf", ())
    reference = node.get("$ref") or (len(parts) == 1 and parts[0].get("$ref")) or ""
    return str(reference).rpartition("/")[2]


def flatten(spec: Spec, node: Any) -> Node:
    """Return a schema without references and without `allOf`."""
    if not isinstance(node, dict):
        return {} if node is not False else {"not": {}}
    siblings = {key: value for key, value in node.items() if key not in ("$ref", "allOf")}
    flat: Node = {}
    if "$ref" in node:
        flat = flatten(spec, spec.resolve(node))
    for part in node.get("allOf", ()):
        flat = _both(flat, flatten(spec, part))
    return _both(flat, siblings)


def visible(node: Node, side: Side, spec: Spec) -> dict[str, Any]:
    """Return the properties of an object that travel on a side: responses have no `writeOnly`."""
    hidden = "readOnly" if side is Side.REQUEST else "writeOnly"
    properties: dict[str, Any] = node.get("properties", {})
    return {
        name: schema
        for name, schema in properties.items()
        if flatten(spec, schema).get(hidden) is not True
    }


def _both(first: Node, second: Node) -> Node:
    merged = {**first, **second}
    if "properties" in first and "properties" in second:
        merged["properties"] = {**first["properties"], **second["properties"]}
    if "required" in first and "required" in second:
        merged["required"] = [*first["required"], *second["required"]]
    return merged


def _integer_if_whole(node: Node) -> Node:
    """Return multiples of a whole number as integers, which they are in JSON Schema."""
    factor = node.get("multipleOf")
    if node.get("type") not in ("number", "integer") or factor is None or factor % 1 != 0:
        return node
    kept = {key: value for key, value in node.items() if key != "multipleOf" or factor != 1}
    return {**kept, "type": "integer"}


def _by_type(flat: Node) -> list[Node]:
    """Return one schema for each type: `type: [string, null]` is a union."""
    types = flat.get("type")
    if types is None and "const" in flat:
        types = TYPES.get(type(flat["const"]))
        return [{**flat, "type": types}] if types else [flat]
    if types is None and "enum" in flat:
        kinds = {TYPES.get(type(each), "null") for each in flat["enum"]}
        return [{**flat, "type": kinds.pop()}] if len(kinds) == 1 else [flat]
    if isinstance(types, list):
        return [{**flat, "type": each} for each in types]
    return [flat]
