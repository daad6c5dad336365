"""Stage 4, check: the models must still be what the spec says of them.

A client validates with the classes that are there when it runs; if these have changed since the
spec was exported, it would silently speak another language than the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import (
    AliasChoices,
    BaseModel,
    PydanticUndefinedAnnotation,
    PydanticUserError,
    TypeAdapter,
)
from pydantic.json_schema import DefsRef, GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema, to_jsonable_python

from client_generator.document import Component
from client_generator.errors import GeneratorError, pointer
from client_generator.models import CLASS_EXTENSION, FASTAPI_MODELS

# What says nothing of values, and what FastAPI and pydantic write differently: a discriminator's
# mapping holds references, and bytes are a format here and a media type there.
_IGNORED = frozenset(
    {"title", "description", "examples", "deprecated", CLASS_EXTENSION}
) | frozenset({"discriminator", "contentMediaType", "$defs"})


class Pair(NamedTuple):
    """A schema of the spec and the one of a class that has to say the same, by reference."""

    declared: str
    actual: str


class Difference(NamedTuple):
    """Where two schemas differ, and what each has there."""

    place: str
    declared: str
    actual: str


def check_drift(spec: Mapping[str, Any], components: Sequence[Component]) -> None:
    """Compare each component with the JSON schema of its class, and all that they refer to.

    Raises:
        GeneratorError: they differ; the message names the place and both sides.
    """
    compared = [each for each in components if each.python not in FASTAPI_MODELS]
    sides = _Sides(spec, compared)
    for kind in sides.models:
        _check_two_way(kind)
    pending = [(sides.root(component), component) for component in reversed(compared)]
    seen: set[Pair] = set()
    while pending:
        pair, component = pending.pop()
        if pair in seen:
            continue
        seen.add(pair)
        difference, inner = sides.compare(pair)
        if difference is not None:
            raise GeneratorError(
                difference.place,
                f"the spec and the class {_class_name(pair.actual) or component.name} differ: the"
                f" spec has {difference.declared}, the class {difference.actual};"
                " export the spec again (here: make -C backend export-specs)",
            )
        pending += [(each, component) for each in inner]


class _Sides:
    """What the spec says, and what the classes say; of the latter two versions.

    A schema describes what is read or what is written, and a spec may hold either.
    """

    def __init__(self, spec: Mapping[str, Any], components: Sequence[Component]) -> None:
        self._spec = spec
        self._components = components
        generator = _ReadSchemas(ref_template="{model}")
        self._roots, self._read = _schemas(generator, components)
        self.models = generator.models
        """The models of the components, and those in them."""

    def root(self, component: Component) -> Pair:
        """Return where the comparison of a component starts."""
        return Pair(component.place, self._roots[component.place])

    def compare(self, pair: Pair) -> tuple[Difference | None, list[Pair]]:
        """Return the first difference, if there is one, and the references met on the way."""
        declared = _at(self._spec, pair.declared)
        difference, inner = _compare(declared, self._read[pair.actual], pair.declared)
        if difference is not None and pair.actual in self._written:
            other, other_inner = _compare(declared, self._written[pair.actual], pair.declared)
            if other is None:
                return None, other_inner
        return difference, inner

    @cached_property
    def _written(self) -> Mapping[str, Any]:
        return _schemas(_WrittenSchemas(ref_template="{model}"), self._components)[1]


class _ReadSchemas(GenerateJsonSchema):
    """The schemas of what is read, with the identity of its class as the name of each.

    The names that pydantic makes up are short, and take longer than everything else.
    """

    def __init__(self, ref_template: str) -> None:
        super().__init__(ref_template=ref_template)
        self.models: dict[type[BaseModel], None] = {}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        self.models[schema["cls"]] = None
        return super().model_schema(schema)

    def get_defs_ref(self, core_mode_ref: tuple[Any, Any]) -> DefsRef:
        return DefsRef(core_mode_ref[0])


class _WrittenSchemas(_ReadSchemas):
    """The schemas of what is written, by the same names."""

    @property
    def mode(self) -> JsonSchemaMode:
        return "serialization"


def _class_name(reference: str) -> str:
    """Return the class in what pydantic refers to it by: `module.Class:number`, with arguments."""
    return re.sub(r":\d+|(?:\w+\.)+", "", reference) if ":" in reference else ""


def _check_two_way(kind: type[BaseModel]) -> None:
    """Refuse a model that does not read what it writes: one side of a call would fail."""
    reason = None
    if kind.model_computed_fields and kind.model_config.get("extra") == "forbid":
        reason = "writes computed fields, and forbids them when it reads"
    for name, field in kind.model_fields.items():
        read, written = field.validation_alias or name, field.serialization_alias or name
        names = read.choices if isinstance(read, AliasChoices) else [read]
        if written not in names and not _reads_by_name(kind, written, name):
            reason = f"writes the field {name!r} as {written!r}, and reads it as {read!r}"
        elif field.exclude and field.is_required():
            reason = f"does not write the field {name!r}, which it needs when it reads"
    if reason is not None:
        place = pointer("#/components/schemas", kind.__name__)
        raise GeneratorError(place, f"the class {kind.__name__} {reason}; use a model for each way")


def _reads_by_name(kind: type[BaseModel], written: str, name: str) -> bool:
    by_name = kind.model_config.get("populate_by_name") or kind.model_config.get("validate_by_name")
    return bool(by_name) and written == name


def _schemas(
    generator: GenerateJsonSchema, components: Sequence[Component]
) -> tuple[dict[str, str], Mapping[str, Any]]:
    """Return the names of the components' schemas by place, and all schemas by name."""
    roots = {component.place: _schema(generator, component) for component in components}
    names = {place: schema.get("$ref", place) for place, schema in roots.items()}
    schemas = {names[place]: schema for place, schema in roots.items()}
    return names, to_jsonable_python({**schemas, **generator.definitions})


def _schema(generator: GenerateJsonSchema, component: Component) -> dict[str, Any]:
    try:
        return generator.generate_inner(TypeAdapter(component.python).core_schema)
    except (PydanticUserError, PydanticUndefinedAnnotation, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise GeneratorError(
            component.place, f"the class {component.name} has no JSON schema: {reason}"
        ) from None


def _compare(declared: Any, actual: Any, place: str) -> tuple[Difference | None, list[Pair]]:
    inner: list[Pair] = []
    return next(_differences(declared, actual, place, inner), None), inner


def _differences(
    declared: Any, actual: Any, place: str, inner: list[Pair], names_are_fields: bool = False
) -> Iterator[Difference]:
    """Yield the differences, and append to `inner` the pairs of references that are still to do."""
    if isinstance(declared, dict) and isinstance(actual, dict):
        if "$ref" in declared and "$ref" in actual:
            inner.append(Pair(declared["$ref"], actual["$ref"]))
            # What stands beside a reference, such as the default of a field that is an enum.
            declared, actual = {**declared, "$ref": None}, {**actual, "$ref": None}
        ignored = frozenset() if names_are_fields else _IGNORED
        for name in {**declared, **actual}:
            one, other = declared.get(name), actual.get(name)
            # FastAPI leaves out what is null, such as the default of an optional field.
            if name in ignored or (one == other and not isinstance(one, dict | list)):
                continue
            if name == "format" and "binary" in (one, other):
                continue
            inside = pointer(place, name)
            if one is None or other is None:
                yield Difference(inside, _presence(declared, name), _presence(actual, name))
            elif name == "required" and not names_are_fields:
                yield from _differences(sorted(one), sorted(other), inside, inner)
            else:
                # The keys of a default are of the application's choice, too.
                fields = name in ("properties", "default") and not names_are_fields
                yield from _differences(one, other, inside, inner, fields)
    elif isinstance(declared, list) and isinstance(actual, list) and len(declared) == len(actual):
        for i, (one, other) in enumerate(zip(declared, actual, strict=True)):
            yield from _differences(one, other, pointer(place, i), inner)
    elif declared != actual:
        yield Difference(place, f"{declared!r:.80}", f"{actual!r:.80}")


def _presence(schema: Mapping[str, Any], name: str) -> str:
    return f"{schema[name]!r:.80}" if name in schema else "nothing"


def _at(spec: Mapping[str, Any], reference: str) -> Any:
    """Return what a reference of the spec leads to; one to another reference is followed."""
    node: Any = {"$ref": reference}
    seen: set[str] = set()
    while "$ref" in node and node["$ref"] not in seen:
        seen.add(node["$ref"])
        found: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node
