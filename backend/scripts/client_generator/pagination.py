"""How an operation declares that it returns pages: the extension `x-pagination`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from client_generator.components import Components
from client_generator.contents import is_success, preferred_media_type
from client_generator.document import Pagination, Parameter
from client_generator.errors import GeneratorError
from client_generator.models import Model, attribute_of
from client_generator.pointers import SCHEMAS, follow_references, join_pointer
from client_generator.pytypes import STR, PyType
from client_generator.schemas import TypeResolver

_KEY = "x-pagination"


def parse_pagination(
    raw: Mapping[str, Any],
    pointer: str,
    parameters: Sequence[Parameter],
    components: Components,
    types: TypeResolver,
) -> Pagination | None:
    """Return the pagination of an operation, or None if it declares none.

    Raises:
        GeneratorError: it names a parameter or a field that does not fit.
    """
    if _KEY not in raw:
        return None
    given, at = raw[_KEY], join_pointer(pointer, _KEY)
    if not isinstance(given, dict) or {*given} != {"cursor", "nextCursor", "items"}:
        raise GeneratorError(at, "needs the members cursor, nextCursor and items")
    cursors = [each for each in parameters if each.name == given["cursor"]]
    if not any(
        each.location == "query" and each.type == STR and not each.required for each in cursors
    ):
        name = given["cursor"]
        raise GeneratorError(at, f"there is no optional query parameter {name!r} that is a string")
    page, schema, schema_pointer = _page(raw, at, components)
    attributes = [attribute_of(page, given[each], at) for each in ("nextCursor", "items")]
    items = schema.get("properties", {}).get(given["items"], {})
    items_pointer = join_pointer(schema_pointer, "properties", given["items"])
    return Pagination(
        cursor=given["cursor"],
        next_cursor=attributes[0],
        items=attributes[1],
        item=_item(items, items_pointer, types),
    )


def _page(
    raw: Mapping[str, Any], pointer: str, components: Components
) -> tuple[Model, Mapping[str, Any], str]:
    """Return the model of the page, its schema, and the schema's pointer."""
    for status, response in raw.get("responses", {}).items():
        content = response.get("content", {})
        schema = content.get(preferred_media_type(content), {}).get("schema", {})
        reference = schema.get("$ref", "") if isinstance(schema, dict) else ""
        if is_success(status) and reference.startswith(SCHEMAS):
            components.type(reference, pointer)
            found, at = follow_references(components.spec, schema, pointer)
            return components.models[at], found, at
    raise GeneratorError(pointer, "the response is not a model; return a page, which is one")


def _item(schema: Any, pointer: str, types: TypeResolver) -> PyType:
    if not isinstance(schema, dict) or schema.get("type") != "array":
        raise GeneratorError(pointer, "the items of a page are not a list")
    return types.resolve(schema.get("items", True), join_pointer(pointer, "items"))
