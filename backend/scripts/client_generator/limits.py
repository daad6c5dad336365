"""What a spec may declare and a request cannot carry: names, media types, structures, styles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from client_generator.errors import GeneratorError, pointer

STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
"""Where parameters may be, with the serialisation that each place has by default."""

# RFC 9110, sections 5.6.2 and 8.3: what may be a header's name, and a media type.
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = rf"(?:{_TOKEN}|\*)/(?:{_TOKEN}|\*)(?:[ -~]*)"

Follow = Callable[[Mapping[str, Any], str], tuple[Mapping[str, Any], str]]
"""Returns what a schema refers to, and where that is."""


def check_name(name: Any, location: str, place: str) -> None:
    """Refuse a parameter's name that its location cannot carry, such as a header's line break."""
    if not isinstance(name, str):
        raise GeneratorError(place, f"the name {name!r:.80} is no text")
    if location in ("header", "cookie") and not re.fullmatch(_TOKEN, name):
        raise GeneratorError(place, f"{name!r:.80} cannot be the name of a {location}")
    check_text(name, place)


def check_text(text: str, place: str) -> None:
    """Refuse text that has no UTF-8, which is what everything is sent in."""
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise GeneratorError(place, f"{text!r:.80} is no Unicode text (it has a lone surrogate)")


def check_media_type(media_type: str, place: str) -> None:
    """Refuse a media type that cannot be the value of a header."""
    if not re.fullmatch(_MEDIA_TYPE, media_type):
        raise GeneratorError(place, f"{media_type!r:.80} is no media type")


def check_status(status: str, place: str) -> None:
    """Refuse what is neither `default` nor one status."""
    if re.fullmatch("[1-5]XX", status):
        raise GeneratorError(place, f"the status range {status!r} is not supported")
    if status != "default" and not re.fullmatch("[1-5][0-9][0-9]", status):
        raise GeneratorError(place, f"{status!r:.80} is no status")


def check_style(raw: Mapping[str, Any], place: str) -> None:
    """Refuse a serialisation other than the default of the parameter's location."""
    usual = STYLES[raw["in"]]
    if raw.get("style", usual) != usual:
        raise GeneratorError(place, f"style={raw['style']!r} is not supported")
    if raw["in"] == "query" and raw.get("explode", True) is not True:
        raise GeneratorError(place, "explode=False is not supported; repeat the parameter")


def check_flat(schema: Any, place: str, where: str, follow: Follow) -> None:
    """Refuse a structure where only text is sent: in a parameter, or in a field of a form.

    `where` is the location, or `form`. Queries, headers and forms take lists, as repeated values.
    """
    takes_lists = where in ("query", "header", "form")
    for found, at in _alternatives(schema, place, follow):
        kinds = _kinds(found)
        if "object" in kinds:
            raise GeneratorError(at, f"an object cannot be sent in a {where}")
        if "array" not in kinds:
            continue
        if not takes_lists:
            raise GeneratorError(at, f"a list cannot be sent in a {where}")
        items = [found.get("items", True), *found.get("prefixItems", ())]
        inside = [
            kind
            for item in items
            for each, _ in _alternatives(item, at, follow)
            for kind in _kinds(each)
        ]
        if {"object", "array", "null"} & {*inside}:
            raise GeneratorError(at, f"a list in a {where} holds texts, numbers and booleans alone")


def check_form(schema: Any, place: str, follow: Follow) -> None:
    """Refuse a form whose model has anything but flat fields."""
    for found, at in _alternatives(schema, place, follow):
        if "object" not in _kinds(found) and found.get("type") != "null":
            raise GeneratorError(at, "a form is made of the fields of a model")
        for name, field in found.get("properties", {}).items():
            check_flat(field, pointer(at, "properties", name), "form", follow)
        if found.get("additionalProperties"):
            check_flat(found["additionalProperties"], at, "form", follow)


def _alternatives(
    schema: Any, place: str, follow: Follow, seen: frozenset[str] = frozenset()
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the schemas that a value may have, through unions and references."""
    if not isinstance(schema, dict):
        return
    found, at = follow(schema, place)
    if at in seen:
        return
    unions = [keyword for keyword in ("anyOf", "oneOf", "allOf") if keyword in found]
    for keyword in unions:
        for i, each in enumerate(found[keyword]):
            inside = pointer(at, keyword, i)
            yield from _alternatives(each, inside, follow, seen | {at})
    if not unions:
        yield found, at


def _kinds(schema: Mapping[str, Any]) -> list[Any]:
    kind = schema.get("type", "object" if "properties" in schema else None)
    return kind if isinstance(kind, list) else [kind]


def check_security(requirements: Any, schemes: Mapping[str, Any], place: str) -> None:
    """Refuse an operation whose key travels in the query, which no header can carry instead."""
    for requirement in requirements:
        for name in requirement:
            scheme = schemes.get(name, {})
            if scheme.get("type") == "apiKey" and scheme.get("in") == "query":
                raise GeneratorError(
                    place, f"the key {name!r} is sent in the query; take it in a header or a cookie"
                )
