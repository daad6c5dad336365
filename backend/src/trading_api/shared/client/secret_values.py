"""Puts secrets into what is sent; pydantic's own JSON masks them with asterisks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import SecretBytes, SecretStr
from pydantic.types import Secret
from pydantic_core import to_jsonable_python

from trading_api.shared.client import type_graph

SECRETS: Final = (SecretStr, SecretBytes, Secret)
"""Pydantic's types of values that are masked when printed."""

_MASK = "**********"


def holds_secrets(kind: Any) -> bool | None:
    """Return whether a type has secrets in it; None if that depends on the value."""
    is_open = False
    for found in type_graph.reachable(kind):
        origin = getattr(found, "__origin__", found)
        if isinstance(origin, type) and issubclass(origin, SECRETS):
            return True
        is_open = is_open or type_graph.is_open(found)
    return None if is_open else False


def reveal(values: Any, tree: Any) -> Any:
    """Return the JSON values in `tree` with the secrets of `values`, which has the same structure.

    A secret that a serializer of the application has revealed or replaced stays as it is.
    """
    if isinstance(values, SECRETS):
        is_masked = tree in (_MASK, str(values))
        return _secret_of(values) if is_masked else tree
    if isinstance(values, Mapping) and isinstance(tree, dict) and len(values) == len(tree):
        pairs = zip(tree.items(), values.values(), strict=True)
        return {key: reveal(value, member) for (key, member), value in pairs}
    is_list = isinstance(values, list | tuple | set | frozenset) and isinstance(tree, list)
    if is_list and len(values) == len(tree):
        return [reveal(value, item) for value, item in zip(values, tree, strict=True)]
    return tree


def _secret_of(secret: Any) -> Any:
    value = secret.get_secret_value()
    return reveal(value, to_jsonable_python(value, by_alias=True, round_trip=True))
