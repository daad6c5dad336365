"""Encodes the values of parameters: in the path, the query, headers and cookies.

A FastAPI service reads back the values that the caller passed: values are encoded for their
location, lists are repeated, and None and `omit` are not sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from enum import Enum
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import quote

from trading_api.shared.client.adapters import JsonAdapter
from trading_api.shared.client.secret_values import SECRETS

Parameters = Iterable[tuple[str, object]]
"""Names on the wire with values: a scalar, a list (repeated), or None or `omit` (not sent)."""

Headers = dict[bytes, list[bytes]]
"""The values of each header, by its name in lower case."""

# RFC 9110, sections 5.1 and 5.5. h11 rejects anything else with an error that blames the service.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?![ \t])[\t\x20-\x7e\x80-\xff]*(?<![ \t])")


class Omit:
    """The type of `omit`, the default of arguments for which None means null."""

    def __repr__(self) -> str:
        return "omit"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        # Copies and pickles are the same object, because `is` compares it.
        return "omit"


omit: Final = Omit()
"""Pass this, or nothing, to leave a field out of a body; None is sent as null."""


class _Joined(str):
    """Items that are encoded, joined by a delimiter that is not."""

    __slots__ = ()


def path_value(value: object) -> str:
    """Return a path parameter, encoded so that the service receives exactly `value`.

    The items of a list are joined by commas.

    Raises:
        ValueError: the value is empty, which would be another path.
    """
    if isinstance(value, list | tuple | set | frozenset):
        texts = [_percent_encode(text_of(item)) for item in value]
    else:
        texts = [_percent_encode(text_of(value))]
    encoded = ",".join(texts)
    if not encoded:
        raise ValueError("a path parameter must not be empty")
    return encoded


def query_string(parameters: Parameters) -> str:
    """Return the parameters as `?name=value&...`, or an empty string if none is sent."""
    encoded = encode_pairs(parameters)
    return f"?{encoded}" if encoded else ""


def require_items(name: str, value: object) -> object:
    """Return a list that is sent as repeated values, or None.

    Raises:
        ValueError: the list is empty. Nothing would be sent, and the service would apply its
            default, such as no filter at all.
    """
    if isinstance(value, list | tuple | set | frozenset) and not value:
        raise ValueError(
            f"{name}: an empty list cannot be sent here; leave it out for the service's default"
        )
    return value


def join_values(value: object, delimiter: str) -> str | None:
    """Return a list as one query value (`explode: false`), or None if there is nothing to send.

    Raises:
        ValueError: an item contains the delimiter, so that the service would read two items.
    """
    items = value if isinstance(value, list | tuple | set | frozenset) else [value]
    texts = [text_of(item) for item in items if item is not None and item is not omit]
    if any(delimiter in text for text in texts):
        raise ValueError(
            f"an item contains {delimiter!r}, which separates the items of this parameter"
        )
    joined = quote(delimiter, safe=delimiter if delimiter == "," else "").join(
        quote(text, safe="") for text in texts
    )
    return _Joined(joined) or None


def deep_object(name: str, adapter: JsonAdapter[Any], value: object) -> list[tuple[str, object]]:
    """Return an object as query parameters `name[key]=value` (`style: deepObject`).

    Raises:
        ValueError: a member is an object itself, for which OpenAPI defines no encoding.
    """
    if value is None or value is omit:
        return []
    # Imported here because bodies need the parameters' encoding.
    from trading_api.shared.client.json import dump_tree

    pairs: list[tuple[str, object]] = []
    for key, member in dump_tree(adapter, value).items():
        items = member if isinstance(member, list) else [member]
        if any(isinstance(item, dict | list) for item in items):
            raise ValueError(f"{name}[{key}]: an object inside an object cannot be sent in a query")
        pairs.append((f"{name}[{key}]", member))
    return pairs


def encode_headers(parameters: Parameters) -> Headers:
    """Return the parameters as headers.

    Raises:
        ValueError: a name is not a valid header name, or a value is not Latin-1, contains a line
            break (which could add a header) or starts or ends with whitespace.
    """
    headers: Headers = {}
    for name, text in _texts(parameters):
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a valid header name")
        if not _HEADER_VALUE.fullmatch(text):
            raise ValueError(
                f"header {name}: a value must be Latin-1, without line breaks and without"
                " whitespace at its ends"
            )
        headers.setdefault(name.lower().encode("ascii"), []).append(text.encode("latin-1"))
    return headers


def cookie_header(parameters: Parameters) -> Headers:
    """Return the parameters as one `cookie` header, or no header if none is sent.

    Raises:
        ValueError: a value is not Latin-1.
    """
    # Values are quoted under the name `x`, because SimpleCookie reserves names such as `path`.
    texts = [
        f"{name}={SimpleCookie({'x': text})['x'].coded_value}" for name, text in _texts(parameters)
    ]
    return encode_headers([("cookie", "; ".join(texts))]) if texts else {}


def merge_headers(*parts: Headers) -> Headers:
    """Return the headers of all parts; later ones replace earlier ones, but cookies are joined."""
    merged = {name: values for part in parts for name, values in part.items()}
    cookies = [value for part in parts for value in part.get(b"cookie", [])]
    if cookies:
        merged[b"cookie"] = [b"; ".join(cookies)]
    return merged


def encode_pairs(parameters: Parameters) -> str:
    """Return the parameters as `name=value&...`, percent-encoded."""
    return "&".join(
        f"{quote(name, safe='')}={text if isinstance(text, _Joined) else quote(text, safe='')}"
        for name, text in _texts(parameters)
    )


def scalars(parameters: Parameters) -> Iterator[tuple[str, object]]:
    """Yield the values that are sent: those that are not None, and the items of lists."""
    for name, value in parameters:
        for item in value if isinstance(value, list | tuple | set | frozenset) else [value]:
            if item is not None and item is not omit:
                yield name, item


def text_of(value: object) -> str:
    """Return a scalar as FastAPI reads it from a path, a query, a header or a form."""
    if isinstance(value, Enum):
        return text_of(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(_DURATION.adapter.dump_python(value, mode="json"))
    if isinstance(value, bytes):
        # The same encoding as pydantic's for bytes in JSON.
        return value.decode("utf-8")
    if isinstance(value, SECRETS):
        return text_of(value.get_secret_value())
    return str(value)


_DURATION: JsonAdapter[timedelta] = JsonAdapter(timedelta)


def _percent_encode(text: str) -> str:
    # `quote` never encodes dots, and httpx resolves `..` before it sends.
    return text.replace(".", "%2E") if text in (".", "..") else quote(text, safe="")


def _texts(parameters: Parameters) -> Iterator[tuple[str, str]]:
    return ((name, text_of(value)) for name, value in scalars(parameters))
