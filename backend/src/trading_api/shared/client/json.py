"""Encodes JSON bodies.

Three things differ from pydantic's own JSON: which fields are sent (`sending`), secrets, which
pydantic masks (`secret_values`), and NaN and infinity, which pydantic turns into null.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Final, TypedDict

from pydantic import SecretBytes, SecretStr
from pydantic_core import from_json, to_json

from trading_api.shared.client.adapters import JsonAdapter
from trading_api.shared.client.payload import Payload
from trading_api.shared.client.secret_values import reveal
from trading_api.shared.client.values import omit, text_of


class _Options(TypedDict):
    by_alias: bool
    exclude_unset: bool
    round_trip: bool


# Fields that were not set are not sent, so that the service applies its defaults.
_OPTIONS: Final[_Options] = {"by_alias": True, "exclude_unset": True, "round_trip": True}


def json_body(
    adapter: JsonAdapter[Any],
    body: object,
    *,
    content_type: str = "application/json",
    partial: bool = False,
) -> Payload:
    """Return a JSON body; the service applies its defaults to fields that were not set.

    `partial` is for a PATCH, in which a value that a factory made would replace the service's.

    Raises:
        ValueError: a number is NaN or infinite, which JSON does not have, or a member of a union
            would arrive as another one.
    """
    return Payload(_dump(adapter, body, partial=partial), content_type.encode("latin-1"))


def json_fields(
    fields: Iterable[tuple[str, JsonAdapter[Any], object]],
    *,
    content_type: str = "application/json",
    partial: bool = False,
) -> Payload:
    """Return a JSON object of (name, adapter, value); None is sent as null, `omit` is not sent."""
    members = [
        # The spec declares a secret as a string; the caller may pass either.
        b"%s:%s" % (to_json(name), to_json(text_of(value)))
        if isinstance(value, SecretStr | SecretBytes)
        else b"%s:%s" % (to_json(name), _dump(adapter, value, name, partial))
        for name, adapter, value in fields
        if value is not omit
    ]
    return Payload(b"{%s}" % b",".join(members), content_type.encode("latin-1"))


def dump_tree(adapter: JsonAdapter[Any], value: Any) -> Any:
    """Return what would be sent as JSON as dictionaries, lists and scalars."""
    return tree_of(adapter, value if adapter.mark is None else adapter.mark(value))


def tree_of(adapter: JsonAdapter[Any], value: Any, include: set[str] | None = None) -> Any:
    """Return the JSON of a value whose fields to send are set, with its secrets.

    `include` names the only fields of a model to return.
    """
    tree = adapter.adapter.dump_python(value, mode="json", include=include, **_OPTIONS)
    if adapter.secrets is False:
        return tree
    return reveal(adapter.adapter.dump_python(value, include=include, **_OPTIONS), tree)


def _dump(adapter: JsonAdapter[Any], value: Any, name: str = "", partial: bool = False) -> bytes:
    if adapter.mark is not None:
        value = _mark_partial(adapter.mark, value) if partial else adapter.mark(value)
    content = adapter.adapter.dump_json(value, **_OPTIONS)
    if b"null" in content:
        numbers = adapter.adapter.dump_python(value, mode="json", **_OPTIONS)
        _check_numbers(numbers, from_json(content), name)
    if adapter.secrets or (adapter.secrets is None and b"*" in content):
        content = to_json(tree_of(adapter, value))
    if adapter.has_serializers:
        # Imported here because few models have serializers.
        from trading_api.shared.client.serializers import check_arrives

        check_arrives(adapter, value, content)
    return content


def _mark_partial(mark: Callable[[Any], Any], value: Any) -> Any:
    # Imported here because a client that sends no body does not need it.
    from trading_api.shared.client.sending import mark_partial

    return mark_partial(mark, value)


def _check_numbers(values: Any, tree: Any, location: str) -> None:
    """Check that no number has become null.

    Raises:
        ValueError: one has; the message has its location.
    """
    if tree is None and isinstance(values, float) and not math.isfinite(values):
        raise ValueError(f"{location or 'body'}: {values} cannot be sent as JSON")
    if isinstance(values, dict) and isinstance(tree, dict):
        for (key, value), member in zip(values.items(), tree.values(), strict=True):
            _check_numbers(value, member, f"{location}.{key}".lstrip("."))
    if isinstance(values, list) and isinstance(tree, list):
        for index, (value, item) in enumerate(zip(values, tree, strict=True)):
            _check_numbers(value, item, f"{location}.{index}".lstrip("."))
