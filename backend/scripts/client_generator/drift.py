"""Stage 4, check: the models must still be what the spec says of them.

A client validates with the classes that are there when it runs; if these have changed since the
spec was exported, it would silently speak another language than the service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import PydanticUndefinedAnnotation, PydanticUserError, TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from pydantic_core import to_jsonable_python

from client_generator.document import Component
from client_generator.errors import GeneratorError, pointer
from client_generator.models import FASTAPI_MODELS

# What says nothing of values, and what FastAPI and pydantic write differently: a discriminator's
# mapping holds references, and bytes are a format here and a media type there.
_SAID_ONLY = frozenset({"title", "description", "examples", "deprecated"})
_SPELT_DIFFERENTLY = frozenset({"discriminator", "contentMediaType", "$defs"})
_MODES: tuple[JsonSchemaMode, ...] = ("validation", "serialization")


def check_drift(spec: Mapping[str, Any], components: Sequence[Component]) -> None:
    """Compare each component with the JSON schema of its class, and all that they refer to.

    Raises:
        GeneratorError: they differ; the message names the place and both sides.
    """
    for component in components:
        if component.python in FASTAPI_MODELS:
            continue
        # A schema describes what is read or what is written; either will do.
        found = [_first_difference(spec, component, mode) for mode in _MODES]
        if found[0] is not None and found[1] is not None:
            place, declared, actual = found[0]
            raise GeneratorError(
                place,
                f"the spec and the class {component.name} differ: the spec has {declared},"
                f" the class {actual}; export the specs again: make -C backend export-specs",
            )


def _first_difference(
    spec: Mapping[str, Any], component: Component, mode: JsonSchemaMode
) -> tuple[str, str, str] | None:
    try:
        schema = TypeAdapter(component.python).json_schema(
            mode=mode, ref_template="#/$defs/{model}"
        )
    except (PydanticUserError, PydanticUndefinedAnnotation, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise GeneratorError(
            component.place, f"the class {component.name} has no JSON schema: {reason}"
        ) from None
    comparison = _Comparison(spec, to_jsonable_python(schema))
    reference = {"$ref": component.place}
    return next(comparison.differences(reference, {"$ref": "#"}, component.place), None)


class _Comparison:
    """Walks two schemas side by side, through their references."""

    def __init__(self, spec: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
        self._spec = spec
        self._schema = schema
        self._seen: set[tuple[str, str]] = set()

    def differences(self, declared: Any, actual: Any, place: str) -> Iterator[tuple[str, str, str]]:
        if isinstance(declared, Mapping) and isinstance(actual, Mapping):
            yield from self._of_objects(declared, actual, place)
        elif (
            isinstance(declared, list) and isinstance(actual, list) and len(declared) == len(actual)
        ):
            if place.endswith("/required"):
                declared, actual = sorted(declared), sorted(actual)
            for i, (one, other) in enumerate(zip(declared, actual, strict=True)):
                yield from self.differences(one, other, pointer(place, i))
        elif declared != actual:
            yield place, f"{declared!r:.80}", f"{actual!r:.80}"

    def _of_objects(
        self, declared: Mapping[str, Any], actual: Mapping[str, Any], place: str
    ) -> Iterator[tuple[str, str, str]]:
        pair = (str(declared.get("$ref", "")), str(actual.get("$ref", "")))
        if any(pair):
            if pair in self._seen:
                return
            self._seen.add(pair)
            place = pair[0] or place
            declared = _at(self._spec, declared)
            actual = _at(self._schema, actual)
        names = [name for name in {**declared, **actual} if name not in _ignored(place)]
        for name in names:
            inside = pointer(place, name)
            # FastAPI leaves out what is null, such as the default of an optional field.
            if name == "format" and "binary" in (declared.get(name), actual.get(name)):
                continue
            if declared.get(name) is None and actual.get(name) is None:
                continue
            if name not in declared or name not in actual:
                yield inside, _presence(declared, name), _presence(actual, name)
            else:
                yield from self.differences(declared[name], actual[name], inside)


def _ignored(place: str) -> frozenset[str]:
    """Return what says nothing about values; below `properties` every name is a field."""
    inside_properties = place.endswith(("/properties", "/$defs"))
    return frozenset() if inside_properties else _SAID_ONLY | _SPELT_DIFFERENTLY


def _presence(schema: Mapping[str, Any], name: str) -> str:
    return f"{schema[name]!r:.80}" if name in schema else "nothing"


def _at(root: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    seen: set[str] = set()
    while "$ref" in node and str(node["$ref"]) not in seen:
        seen.add(str(node["$ref"]))
        found: Any = root
        for part in str(node["$ref"]).removeprefix("#").strip("/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")] if part else found
        if found is node or (found is root and "$ref" not in found):
            return root
        node = found
    return node
