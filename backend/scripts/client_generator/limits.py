"""What a spec may declare but a request cannot carry; each check raises GeneratorError."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from client_generator.errors import GeneratorError
from client_generator.pointers import join_pointer

if TYPE_CHECKING:
    from client_generator.document import Style

STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
"""The locations of parameters, each with its default style."""

_SEPARATORS: dict[str, Style] = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

# RFC 9110, sections 5.6.2 (names of headers and, by RFC 6265, of cookies) and 8.3 (media types).
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = rf"(?:{_TOKEN}|\*)/(?:{_TOKEN}|\*)(?:[ -~]*)"

Follow = Callable[[Mapping[str, Any], str], tuple[Mapping[str, Any], str]]
"""Returns what a schema refers to, and the pointer of that."""


def check_version(spec: Mapping[str, Any]) -> None:
    """Check that a spec is written in a version of OpenAPI whose schemas are JSON Schema."""
    version = spec.get("openapi")
    if not isinstance(version, str) or not version.startswith(("3.1", "3.2")):
        raise GeneratorError("#/openapi", f"{version!r} is not OpenAPI 3.0, 3.1 or 3.2")


def check_path(path: str, item: Mapping[str, Any], pointer: str) -> None:
    """Check that a path can be sent, and that its operations have the methods of HTTP."""
    check_text(path, pointer)
    if not path.startswith("/"):
        raise GeneratorError(pointer, f"the path {path!r} does not start with /")
    for name in ("query", "additionalOperations"):
        if name in item:
            raise GeneratorError(join_pointer(pointer, name), "is not supported; remove it")


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
    """Check that the key of a response is `default`, a status or a range such as `4XX`."""
    if status != "default" and not re.fullmatch("[1-5]([0-9][0-9]|XX)", status):
        raise GeneratorError(pointer, f"{status!r:.80} is not a valid status")


def find_style(parameter: Mapping[str, Any], pointer: str, follow: Follow) -> Style:
    """Return how a list or an object is sent in a parameter."""
    location, schema = parameter["in"], parameter["schema"]
    usual = STYLES[location]
    style = parameter.get("style", usual)
    if location != "query" or style not in ("form", "deepObject", *_SEPARATORS):
        if style != usual:
            raise GeneratorError(pointer, f"style={style!r} is not supported; remove it")
        return "repeated"
    if style == "deepObject":
        return "deepObject"
    is_exploded = parameter.get("explode", style == "form")
    has_list = any("array" in _kinds(each) for each, _ in _alternatives(schema, pointer, follow))
    return "repeated" if is_exploded or not has_list else _SEPARATORS[style]


def check_deep_object(schema: Any, pointer: str, follow: Follow) -> None:
    """Check that a value is an object whose members have no structure."""
    for found, at in _alternatives(schema, pointer, follow):
        if found.get("type") == "null":
            continue
        if "object" not in _kinds(found):
            raise GeneratorError(at, "style='deepObject' needs an object")
        members = {**found.get("properties", {}), "": found.get("additionalProperties")}
        for name, member in members.items():
            check_flat(member, join_pointer(at, "properties", name), "query", follow)


def check_flat(schema: Any, pointer: str, location: str, follow: Follow) -> None:
    """Check that a value has no structure that would be lost when it is sent as text.

    `location` is that of a parameter, or `form` for a field of a form. Queries, headers and forms
    hold lists, as repeated values.
    """
    for found, at in _alternatives(schema, pointer, follow):
        kinds = _kinds(found)
        if "object" in kinds:
            hint = "; declare style='deepObject'" if location == "query" else ""
            raise GeneratorError(at, f"an object cannot be sent in a {location}{hint}")
        if "array" not in kinds:
            continue
        if location == "cookie":
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
