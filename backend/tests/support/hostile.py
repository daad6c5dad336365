"""Hypothesis strategies for OpenAPI documents that are mostly valid and contain hostile texts.

`TRAP` is an expression that no generated source may contain as code. Texts contain it after
characters that could end the string, comment or template around them.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from hypothesis import strategies as st

from golden.apps import bodies, parameters, responses

TRAP = "TRAP()"

_BREAKOUTS = [
    TRAP,
    f'"""; {TRAP}; """',
    f"'''\n{TRAP}\n'''",
    f'\\"""\n{TRAP}\n#',
    f'" + {TRAP} + "',
    f"' + {TRAP} + '",
    f'")\n{TRAP}\n(',
    f"x = {TRAP}\\",
    f"{{{TRAP}}}",
    f"{{{{ {TRAP} }}}}",
    f"{{% set a = {TRAP} %}}{{# # #}}",
    f"# {TRAP}\r{TRAP}",
    f"\x0c{TRAP}\u2028{TRAP}\x85{TRAP}",
    f"\\N{{DASH}}\\u0022\\x22{TRAP}",
    f"]]; {TRAP} #",
]
_AWKWARD = [
    "",
    " ",
    "\\",
    '"',
    '""""',
    "'",
    "{}",
    "}{",
    "a{b}c",
    "%s%d%%",
    "\x00",
    "\ud800",
    "\u202eevil\u2066",
    "\u200bzero\ufeff",
    "a\r\nb: c",
    "../..",
    "?a=1#b",
    "größe",
    "名前",
    "___",
    "from",
    "self",
    "None",
    "list",
    "date",
    "deprecated",
    "path_value",
    "json_body",
    "body",
    "timeout",
    "headers",
    "idempotency-key",
    "X-Request-ID",
    "item_json",
    "__init__",
    "2nd",
    "Item",
    "a" * 300,
]
_ALPHABET = st.sampled_from("\"'\\{}%#\n\r\t\x00\u202e\u200b\u2028\ud800 aä:;/()[]<>_-.$")

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

hostile = st.sampled_from(_BREAKOUTS) | st.sampled_from(_AWKWARD) | st.text(_ALPHABET, max_size=12)
plain = st.sampled_from(["a", "b", "order_id", "orderType", "x-tag", "limit", "user.name"])
texts = plain | hostile
# Names without valid UTF-8 would make every document an error; texts can contain anything.
names = texts.map(lambda text: _LONE_SURROGATE.sub("?", text))
tokens = st.sampled_from(["x-tag", "from", "X-Request-ID", "idempotency-key", "a'b|c", "#%s`", "2"])
identifiers = st.sampled_from(["a", "getItem", "list", "item_json", "date", "deprecated"]) | names
media_types = st.sampled_from(
    [
        "application/json",
        "application/problem+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain; charset=utf-8",
        "text/x-'quoted'; a=\"b\\\\\"",
        "application/octet-stream",
        "image/*",
    ]
)

_COMPONENTS: dict[str, Any] = {
    name: schema
    for app in (responses.app, bodies.app, parameters.app)
    for name, schema in app.openapi()["components"]["schemas"].items()
    if not name.startswith("Body_")
}
_REFERENCES = [{"$ref": f"#/components/schemas/{name}"} for name in sorted(_COMPONENTS)]
_STRINGS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "binary"},
    {"anyOf": [{"type": "number"}, {"type": "string"}]},
]

scalars = (
    st.sampled_from(
        [*_STRINGS, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]
    )
    | st.builds(lambda values: {"enum": values}, st.lists(names | st.integers(), min_size=1))
    | st.builds(lambda value: {"const": value}, names | st.booleans() | st.just(2**63))
)


def _containers(inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.builds(lambda item: {"type": "array", "items": item}, inside)
        | st.builds(lambda item: {"type": "object", "additionalProperties": item}, inside)
        | st.builds(lambda some: {"anyOf": some}, st.lists(inside, min_size=1, max_size=3))
    )


flat = scalars | st.builds(
    lambda item: {"type": "array", "items": item},
    scalars.filter(lambda schema: "null" not in schema.values()),
)
schemas = st.recursive(scalars | st.sampled_from([*_REFERENCES, {}]), _containers, max_leaves=4)


@st.composite
def described(draw: st.DrawFn, kind: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """Return a schema with annotations such as a title."""
    schema = dict(draw(kind))
    if "$ref" not in schema:
        schema |= draw(
            st.fixed_dictionaries(
                {}, optional={"title": texts, "description": texts, "default": texts | st.floats()}
            )
        )
    return schema


@st.composite
def parameter(draw: st.DrawFn, location: str, name: st.SearchStrategy[str]) -> dict[str, Any]:
    return {
        "name": draw(name),
        "in": location,
        "required": location == "path" or draw(st.booleans()),
        "schema": draw(described(scalars if location in ("path", "cookie") else flat)),
        "description": draw(texts),
    }


@st.composite
def request_body(draw: st.DrawFn, components: dict[str, Any]) -> dict[str, Any]:
    media_type = draw(media_types)
    schema = draw(schemas)
    if draw(st.booleans()) or "form" in media_type:
        kinds = flat if "form" in media_type else schemas
        fields = draw(st.dictionaries(names, described(kinds), min_size=1, max_size=4))
        key = f"Body_{len(components)}"
        components[key] = {
            "type": "object",
            "title": key,
            "properties": fields,
            "required": draw(st.lists(st.sampled_from(sorted(fields)))),
        }
        schema = {"$ref": f"#/components/schemas/{key}"}
    return {
        "content": {media_type: {"schema": schema}},
        "required": draw(st.booleans()),
        "description": draw(texts),
    }


@st.composite
def declared_responses(draw: st.DrawFn) -> dict[str, Any]:
    declared: dict[str, Any] = {}
    others = st.sampled_from(["202", "204", "404", "default"])
    for status in ["200", *draw(st.lists(others, max_size=2, unique=True))]:
        declared[status] = {"description": draw(texts)}
        if draw(st.booleans()):
            declared[status]["content"] = {draw(media_types): {"schema": draw(schemas)}}
    return declared


@st.composite
def path_item(draw: st.DrawFn, components: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    path, in_path = "", []
    for segment in draw(st.lists(names, max_size=3, unique=True)):
        if draw(st.booleans()) and not {*"{}"} & {*segment}:
            in_path.append(draw(parameter("path", st.just(segment))))
            segment = f"{{{segment}}}"
        path += f"/{segment}"
    operation: dict[str, Any] = {
        "operationId": draw(identifiers) or "a",
        "summary": draw(texts),
        "description": draw(texts),
        "tags": [draw(texts)],
        "deprecated": draw(st.booleans()),
        "parameters": [
            draw(parameter(location, names if location == "query" else tokens))
            for location in draw(st.lists(st.sampled_from(["query", "header", "cookie"])))
        ],
        "responses": draw(declared_responses()),
    }
    method = draw(st.sampled_from(["get", "post", "put", "patch", "delete", "head"]))
    if draw(st.booleans()):
        operation["requestBody"] = draw(request_body(components))
    return path or "/", {"parameters": in_path, method: operation}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return a spec that could be valid, with hostile texts wherever a text is allowed."""
    components = copy.deepcopy(_COMPONENTS)
    for name in draw(st.lists(st.sampled_from(sorted(components)), max_size=2)):
        components[name]["description"] = draw(hostile)
    return {
        "openapi": "3.1.0",
        "info": {"title": draw(texts), "version": draw(texts), "description": draw(texts)},
        "servers": [{"url": draw(texts | st.just("http://127.0.0.1:8000"))}],
        "paths": dict(draw(st.lists(path_item(components), min_size=1, max_size=2))),
        "components": {"schemas": components},
    }


_ODD_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    7.5,
    float("nan"),
    float("inf"),
    10**400,
    "text",
    TRAP,
    "\ud800",
    [],
    {},
    [[]],
    {"": {}},
    ["null"],
    {"$ref": 7},
    {"$ref": ""},
    {"$ref": "#"},
    {"$ref": "#/"},
    {"$ref": "#/components/schemas/Missing"},
    {"$ref": "#/components/schemas/Loop"},
    {"$ref": "#/components/schemas/Ring"},
    {"$ref": "#/components/schemas/Item"},
    {"$ref": "#/components/schemas/Item/properties/name"},
    {"$ref": "#/paths"},
    {"$ref": "elsewhere.json#/A"},
    {"title": "Page[__import__('os')]"},
    {"title": "(" * 300 + ")" * 300},
    {"title": "Item|" * 3000 + "Item"},
    {"title": "dict[str]"},
    {"enum": "text"},
    {"enum": [{}]},
    {"type": []},
    {"type": [[]]},
    {"type": {}},
    {"type": "array", "prefixItems": 7},
    {"properties": {"properties": {"minimum": 0}}},
]
_LOOPS = {
    "Loop": {"$ref": "#/components/schemas/Loop"},
    "Ring": {"anyOf": [{"$ref": "#/components/schemas/Ring"}, {"type": "null"}]},
    "There": {"$ref": "#/components/schemas/Back"},
    "Back": {"$ref": "#/components/schemas/There"},
}


def _nested(depth: int) -> Any:
    """Return a schema of lists in lists."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


def _locations(node: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) below `node`."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    found: list[tuple[Any, Any]] = []
    for key, child in [*pairs]:
        found.append((node, key))
        if isinstance(child, dict | list):
            found += _locations(child)
    return found


@st.composite
def broken_documents(draw: st.DrawFn) -> Any:
    """Return a document in which one to three values are replaced, removed, repeated or renamed."""
    document = copy.deepcopy(draw(documents()))
    document["components"]["schemas"] |= copy.deepcopy(_LOOPS)
    odd = st.sampled_from(_ODD_VALUES) | st.sampled_from([50, 400]).map(_nested)
    for _ in range(draw(st.integers(1, 3))):
        # Most of a document is components, but most changes should be outside of them.
        paths = document.get("paths")
        inside = draw(st.integers(0, 3)) and isinstance(paths, dict | list) and paths
        locations = _locations(paths if inside else document)
        container, key = locations[draw(st.integers(0, len(locations) - 1))]
        match draw(st.sampled_from(["replace", "replace", "remove", "repeat", "rename"])):
            case "replace":
                container[key] = copy.deepcopy(draw(odd))
            case "remove":
                del container[key]
            case "repeat" if isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
            case _ if isinstance(container, dict):
                container[draw(texts)] = container.pop(key)
    return document
