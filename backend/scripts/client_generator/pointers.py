"""JSON pointers (RFC 6901), written as URI fragments such as `#/paths/~1orders/get`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from client_generator.errors import GeneratorError

SCHEMAS = "#/components/schemas/"


def join_pointer(base: str, *parts: str | int) -> str:
    """Return the pointer of a part of what `base` points to."""
    return "/".join([base, *(str(part).replace("~", "~0").replace("/", "~1") for part in parts)])


def resolve_pointer(document: Any, pointer: str) -> Any:
    """Return the part of `document` that `pointer` points to.

    Raises:
        LookupError: there is no such part.
    """
    start, *parts = pointer.split("/")
    if start != "#":
        raise LookupError(f"{pointer!r} is not a pointer into this document")
    node = document
    for part in parts:
        key = part.replace("~1", "/").replace("~0", "~")
        children = {str(i): each for i, each in enumerate(node)} if isinstance(node, list) else node
        if not isinstance(children, dict) or key not in children:
            raise LookupError(f"{pointer!r} points to nothing")
        node = children[key]
    return node


def follow_references(
    document: Mapping[str, Any], node: Mapping[str, Any], pointer: str
) -> tuple[Mapping[str, Any], str]:
    """Return what the `$ref` of `node` leads to, and its pointer; without one, `node` itself.

    Raises:
        GeneratorError: the reference at `pointer` does not lead to an object.
    """
    start, seen = pointer, set[str]()
    while "$ref" in node:
        reference = node["$ref"]
        if reference in seen:
            raise GeneratorError(start, f"the reference {reference!r} leads back to itself")
        seen.add(reference)
        try:
            node, pointer = resolve_pointer(document, reference), reference
        except LookupError:
            raise GeneratorError(pointer, f"the reference {reference!r} leads nowhere") from None
        if not isinstance(node, dict):
            raise GeneratorError(pointer, f"the reference {reference!r} does not lead to an object")
    return node, pointer
