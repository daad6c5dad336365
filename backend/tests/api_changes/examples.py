"""Random schemas and specs, and changes of them, for the tests of properties."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from api_changes.cases import Modules
from api_diff.specs import ModuleSpecs, Spec

Schema = dict[str, Any]
Mutation = Callable[[Schema], None]

NAMES = ["a", "b", "c"]
MEMBERS = ["buy", "sell", "short"]


def _strings() -> st.SearchStrategy[Schema]:
    limits = {"minLength": st.integers(0, 2), "maxLength": st.integers(3, 5)}
    plain = st.fixed_dictionaries({"type": st.just("string")}, optional=limits)
    members = st.lists(st.sampled_from(MEMBERS), min_size=1, unique=True)
    enums = st.fixed_dictionaries({"type": st.just("string"), "enum": members})
    return plain | enums


def _numbers() -> st.SearchStrategy[Schema]:
    kinds = st.sampled_from(["integer", "number"])
    limits = {"minimum": st.integers(-2, 1), "maximum": st.integers(2, 9)}
    return st.fixed_dictionaries({"type": kinds}, optional=limits)


def _arrays(items: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    limits = {"minItems": st.integers(0, 1), "maxItems": st.integers(2, 3)}
    return st.fixed_dictionaries({"type": st.just("array"), "items": items}, optional=limits)


@st.composite
def _objects(draw: st.DrawFn, values: st.SearchStrategy[Schema]) -> Schema:
    properties = draw(st.dictionaries(st.sampled_from(NAMES), values, min_size=1, max_size=3))
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True))
    return {"type": "object", "properties": properties, "required": sorted(required)}


SCHEMAS: st.SearchStrategy[Schema] = st.recursive(
    _strings() | _numbers() | st.just({"type": "boolean"}),
    lambda inner: (
        _arrays(inner)
        | _objects(inner)
        | inner.map(lambda each: {"anyOf": [each, {"type": "null"}]})
    ),
    max_leaves=4,
)
OBJECTS = _objects(SCHEMAS)


@st.composite
def specs(draw: st.DrawFn) -> Modules:
    """Return a module with operations and a stream that share models."""
    models = {name: draw(OBJECTS) for name in ("Item", "Order")}
    if draw(st.booleans()):
        itself = {"$ref": "#/components/schemas/Item"}
        nullable = {"anyOf": [itself, {"type": "null"}]}
        models["Item"]["properties"]["self"] = draw(st.sampled_from([itself, nullable]))
    references = st.sampled_from([{"$ref": f"#/components/schemas/{name}"} for name in models])
    paths = {
        f"/{name}": {
            "post": {
                "operationId": f"post_{name}",
                "parameters": [{"in": "query", "name": "limit", "schema": draw(_numbers())}],
                "requestBody": {"content": {"application/json": {"schema": draw(references)}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": draw(references)}}}
                },
            }
        }
        for name in draw(st.sets(st.sampled_from(NAMES), min_size=1))
    }
    components = {"schemas": models}
    return {
        "alerts": ModuleSpecs(
            "alerts",
            {
                "openapi": Spec({"paths": paths, "components": components}),
                "asyncapi": Spec(_streams(components)),
            },
        )
    }


def _streams(components: Schema) -> Schema:
    def reference(kind: str, name: str) -> Schema:
        return {"$ref": f"#/components/{kind}/{name}"}

    return {
        "x-streams": {"items": {"request": "Order", "update": "Item"}},
        "operations": {
            "subscribeItems": {"action": "receive", "messages": [reference("messages", "Order")]},
            "sendItemsUpdate": {"action": "send", "messages": [reference("messages", "Item")]},
        },
        "components": {
            **components,
            "messages": {
                name: {"payload": reference("schemas", name)} for name in ("Order", "Item")
            },
        },
    }


def add_optional_things(modules: Modules) -> list[Modules]:
    """Return copies of a module, each with one more thing that nobody has to use."""
    return [
        _changed(modules, add) for add in (_add_field, _add_parameter, _add_operation, _add_stream)
    ]


def _changed(modules: Modules, change: Callable[[Schema, Schema], None]) -> Modules:
    copied = copy.deepcopy(modules)
    specs = copied["alerts"].specs
    change(specs["openapi"].document, specs["asyncapi"].document)
    return copied


def _add_field(openapi: Schema, asyncapi: Schema) -> None:
    for document in (openapi, asyncapi):
        for model in document["components"]["schemas"].values():
            model["properties"]["extra"] = {"type": "string", "format": "uuid"}


def _add_parameter(openapi: Schema, asyncapi: Schema) -> None:
    for path in openapi["paths"].values():
        path["post"]["parameters"].append({"in": "header", "name": "X-Trace", "schema": {}})


def _add_operation(openapi: Schema, asyncapi: Schema) -> None:
    openapi["paths"]["/more"] = {"get": {"operationId": "get_more", "responses": {"200": {}}}}


def _add_stream(openapi: Schema, asyncapi: Schema) -> None:
    asyncapi["x-streams"]["more"] = {"request": "Order", "update": "Order"}


def mutations(schema: Schema) -> Iterator[tuple[str, Mutation]]:
    """Yield the changes that one schema can have, each with a name."""
    if "anyOf" in schema:
        yield "not nullable", lambda each: _replace(each, each["anyOf"][0])
        return
    yield "nullable", lambda each: _replace(each, {"anyOf": [dict(each), {"type": "null"}]})
    yield "other type", _change_type
    limits = [key for key in schema if key.startswith(("min", "max"))]
    for key in limits:
        yield f"no {key}", lambda each, key=key: each.pop(key)
        yield f"higher {key}", lambda each, key=key: each.update({key: each[key] + 1})
    if "enum" in schema:
        yield "new member", lambda each: each.update(enum=[*each["enum"], "hedge"])
        yield "no enum", lambda each: each.pop("enum")
        if len(schema["enum"]) > 1:
            yield "member gone", lambda each: each["enum"].pop()
    if "properties" in schema:
        yield from _object_mutations(schema)


def _object_mutations(schema: Schema) -> Iterator[tuple[str, Mutation]]:
    names = sorted(schema["properties"])
    for name in names:
        yield f"no {name}", lambda each, name=name: _remove(each, name)
        yield f"{name} renamed", lambda each, name=name: _rename(each, name)
        if name in schema["required"]:
            yield f"{name} optional", lambda each, name=name: each["required"].remove(name)
        else:
            yield f"{name} required", lambda each, name=name: each["required"].append(name)
    yield "new field", lambda each: each["properties"].update(d={"type": "boolean"})
    yield (
        "new required field",
        lambda each: each.update(
            properties={**each["properties"], "d": {"type": "boolean"}},
            required=[*each["required"], "d"],
        ),
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Schema, Schema]:
    """Return a schema, and the same with one change, anywhere in it."""
    old = draw(SCHEMAS)
    new = copy.deepcopy(old)
    part = draw(st.sampled_from(list(_parts(new))))
    _, change = draw(st.sampled_from(list(mutations(part))))
    change(part)
    return old, new


def _parts(schema: Schema) -> Iterator[Schema]:
    yield schema
    for member in schema.get("anyOf", ()):
        if member != {"type": "null"} and "anyOf" not in member:
            yield from _parts(member)
    for inner in [*schema.get("properties", {}).values(), *[schema.get("items", {})]]:
        if inner:
            yield from _parts(inner)


def _replace(schema: Schema, other: Schema) -> None:
    other = dict(other)
    schema.clear()
    schema.update(other)


def _change_type(schema: Schema) -> None:
    order = ["integer", "number", "string", "boolean", "array", "object", "integer"]
    kind = order[order.index(schema["type"]) + 1]
    more: Schema = {
        "array": {"items": {"type": "string"}},
        "object": {"properties": {}, "required": []},
    }
    _replace(schema, {"type": kind, **more.get(kind, {})})


def _remove(schema: Schema, name: str) -> None:
    del schema["properties"][name]
    if name in schema["required"]:
        schema["required"].remove(name)


def _rename(schema: Schema, name: str) -> None:
    required = name in schema["required"]
    schema["properties"]["z"] = schema["properties"][name]
    _remove(schema, name)
    if required:
        schema["required"].append("z")
