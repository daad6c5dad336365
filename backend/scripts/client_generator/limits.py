"""What a spec may declare but a request cannot carry; each check raises GeneratorError."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from client_generator.errors import GeneratorError
from client_generator.pointers import join_pointer

STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
"""The locations of parameters, each with its default style, which is the supported one."""

# RFC 9110, sections 5.6.2 (names of headers and, by RFC 6265, of cookies) and 8.3 (media types).
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = rf"(?:{_TOKEN}|\*)/(?:{_TOKEN}|\*)(?:[ -~]*)"

Follow = Callable[[Mapping[str, Any], str], tuple[Mapping[str, Any], str]]
"""Returns what a schema refers to, and the pointer of that."""


def check_name(name: Any, location: str, pointer: str) -> None:
    """Check that a parameter's name can be sent in `location`; a header's has no line break."""
    if not isinstance(name, str):
        raise GeneratorError(pointer, f"the name {name!r:.80} is not a string")
    if location in ("header", "cookie") and not re.fullmatch(_TOKEN, name):
        raise GeneratorError(pointer, f"{name!r:.80} is not a valid name of a {location}")
    check_text(name, pointer)


def check_text(text: str, pointer: str) -> None:
    """Check that a text can be encoded as UTF-8."""
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise GeneratorError(pointer, f"{text!r:.80} is not Unicode text: a surrogate is unpaired")


def check_media_type(media_type: str, pointer: str) -> None:
    """Check that a media type can be the value of a header."""
    if not re.fullmatch(_MEDIA_TYPE, media_type):
        raise GeneratorError(pointer, f"{media_type!r:.80} is not a valid media type")


def check_status(status: str, pointer: str) -> None:
    """Check that the key of a response is `default` or a single status."""
    if re.fullmatch("[1-5]XX", status):
        raise GeneratorError(
            pointer, f"the status range {status!r} is not supported; declare each status"
        )
    if status != "default" and not re.fullmatch("[1-5][0-9][0-9]", status):
        raise GeneratorError(pointer, f"{status!r:.80} is not a valid status")


def check_style(parameter: Mapping[str, Any], pointer: str) -> None:
    """Check that a parameter has the default serialisation of its location."""
    usual = STYLES[parameter["in"]]
    if parameter.get("style", usual) != usual:
        raise GeneratorError(pointer, f"style={parameter['style']!r} is not supported; remove it")
    if parameter["in"] == "query" and parameter.get("explode", True) is not True:
        raise GeneratorError(pointer, "explode=False is not supported; remove it")


def check_flat(schema: Any, pointer: str, location: str, follow: Follow) -> None:
    """Check that a value has no structure that would be lost when it is sent as text.

    `location` is that of a parameter, or `form` for a field of a form. Queries, headers and forms
    hold lists, as repeated values.
    """
    for found, at in _alternatives(schema, pointer, follow):
        kinds = _kinds(found)
        if "object" in kinds:
            raise GeneratorError(at, f"an object cannot be sent in a {location}")
        if "array" not in kinds:
            continue
        if location in ("path", "cookie"):
            raise GeneratorError(at, f"a list cannot be sent in a {location}")
        for item in (found.get("items", True), *found.get("prefixItems", ())):
            for inside, _ in _alternatives(item, at, follow):
                if {"object", "array", "null"} & {*_kinds(inside)}:
                    raise GeneratorError(
                        at, f"a list in a {location} can hold only strings, numbers and booleans"
                    )


def check_form(schema: Any, pointer: str, follow: Follow) -> None:
    """Check that a form is a model whose fields have no structure."""
    for found, at in _alternatives(schema, pointer, follow):
        if "object" not in _kinds(found) and found.get("type") != "null":
            raise GeneratorError(at, "a form is not an object; use a model, or Form parameters")
        for name, field in found.get("properties", {}).items():
            check_flat(field, join_pointer(at, "properties", name), "form", follow)
        if found.get("additionalProperties"):
            check_flat(found["additionalProperties"], at, "form", follow)


def check_security(requirements: Any, schemes: Mapping[str, Any], pointer: str) -> None:
    """Check that no key is sent in the query: callers pass credentials as headers."""
    for requirement in requirements:
        for name in requirement:
            scheme = schemes.get(name, {})
            if scheme.get("type") == "apiKey" and scheme.get("in") == "query":
                raise GeneratorError(
                    pointer,
                    f"the key {name!r} is sent in the query; accept it in a header or a cookie",
                )


def _alternatives(
    schema: Any, pointer: str, follow: Follow, seen: frozenset[str] = frozenset()
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the schemas that a value may have, through unions and references."""
    if not isinstance(schema, dict):
        return
    found, at = follow(schema, pointer)
    if at in seen:
        return
    unions = [keyword for keyword in ("anyOf", "oneOf", "allOf") if keyword in found]
    for keyword in unions:
        for i, each in enumerate(found[keyword]):
            yield from _alternatives(each, join_pointer(at, keyword, i), follow, seen | {at})
    if not unions:
        yield found, at


def _kinds(schema: Mapping[str, Any]) -> list[Any]:
    kind = schema.get("type", "object" if "properties" in schema else None)
    return kind if isinstance(kind, list) else [kind]
