"""Stage 4, check: the models must be what the spec says they are.

A client validates with the classes that are there when it runs. If they have changed since the
spec was exported, it would no longer match the service.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple, get_args

from pydantic import (
    AliasChoices,
    BaseModel,
    EmailStr,
    PydanticUndefinedAnnotation,
    PydanticUserError,
    TypeAdapter,
)
from pydantic.json_schema import DefsRef, GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema, to_jsonable_python

from client_generator.errors import GeneratorError
from client_generator.models import Model
from client_generator.pointers import SCHEMAS, follow_references, join_pointer
from client_generator.project import FASTAPI_MODELS

# Keywords that do not restrict values, or that FastAPI and pydantic write differently: the mapping
# of a discriminator holds references, and bytes are a format here and a media type there.
_IGNORED = frozenset(
    {"title", "description", "examples", "deprecated"}
    | {"discriminator", "contentMediaType", "contentEncoding", "$defs"}
)
_BYTES_FORMATS = ("binary", "base64", "base64url")
_MOMENT_OR_ID = re.compile(
    r"\d{4}-\d\d-\d\d.*|\d\d:\d\d.*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


_JSON_TYPES = frozenset({str, int, float, bool, type(None), EmailStr})
"""Types of values that are in Python what they are in JSON."""


class Pair(NamedTuple):
    """References to a schema of the spec, and to that of the class which must be the same."""

    declared: str
    actual: str


Difference = tuple[str, str, str]
"""The pointer at which two schemas differ, and what the spec and the class have there."""


def check_models(
    spec: Mapping[str, Any], components: Mapping[str, Model], sent: Collection[str] = ()
) -> None:
    """Compare each component, and all that it refers to, with the JSON schema of its class.

    `sent` are the pointers of the components that requests name.

    Raises:
        GeneratorError: they differ, or a class does not read what it writes.
    """
    models = {at: each for at, each in components.items() if each.python not in FASTAPI_MODELS}
    read = _ClassSchemas(models, "validation")
    for model in read.models:
        _check_reads_what_it_writes(model)
        _check_validates(model)
    if read.excluded:
        _check_sends_all({at: each for at, each in models.items() if at in sent})

    comparison = _Comparison(spec, models, read)
    pending = [Pair(at, read.roots[at]) for at in reversed(models)]
    seen: set[Pair] = set()
    while pending:
        pair = pending.pop()
        if pair not in seen:
            seen.add(pair)
            pending += comparison.compare(pair)


class _Comparison:
    """Compares schemas of the spec with what the classes read, or else with what they write."""

    def __init__(
        self, spec: Mapping[str, Any], components: Mapping[str, Model], read: _ClassSchemas
    ) -> None:
        self._spec = spec
        self._components = components
        self._read = read.schemas

    @cached_property
    def _written(self) -> Mapping[str, Any]:
        return _ClassSchemas(self._components, "serialization").schemas

    def compare(self, pair: Pair) -> list[Pair]:
        """Return the pairs of references in two schemas.

        Raises:
            GeneratorError: the schemas differ.
        """
        declared, pointer = follow_references(self._spec, {"$ref": pair.declared}, pair.declared)
        difference, inner = _compare(declared, self._read[pair.actual], pointer)
        # A schema describes what is read or what is written, and a spec may hold either.
        if difference is not None and pair.actual in self._written:
            written_difference, written_inner = _compare(
                declared, self._written[pair.actual], pointer
            )
            if written_difference is None:
                _check_reads(declared, self._read[pair.actual], pointer)
                return written_inner
        if difference is not None:
            raise _difference_error(difference, _class_name(pair.actual, self._components))
        return inner


def _difference_error(difference: Difference, class_name: str) -> GeneratorError:
    at, declared, actual = difference
    reason = (
        f"the spec and the class {class_name} differ: the spec has {declared}, the class {actual};"
        " export the spec again (here: make -C backend export-specs)"
    )
    if "/default" in at:
        reason += " or, if the default is computed at import, use default_factory"
    return GeneratorError(at, reason)


class _ClassSchemas(GenerateJsonSchema):
    """The JSON schemas of the components' classes, and of the classes in them.

    Each is named by pydantic's reference of the class: making up the short names that pydantic
    uses takes longer than everything else. `roots` has the names of the components' schemas, and
    `excluded` the classes with fields that are never written.
    """

    def __init__(self, components: Mapping[str, Model], mode: JsonSchemaMode) -> None:
        super().__init__(ref_template="{model}")
        self._fixed_mode = mode
        self.models: dict[type[BaseModel], None] = {}
        self.roots: dict[str, str] = {}
        self.excluded: list[tuple[str, str]] = []
        schemas: dict[str, Any] = {}
        for pointer, model in components.items():
            schema = self._schema(model, pointer)
            self.roots[pointer] = schema.get("$ref", pointer)
            schemas[self.roots[pointer]] = schema
        self.schemas: Mapping[str, Any] = to_jsonable_python({**schemas, **self.definitions})

    def _schema(self, model: Model, pointer: str) -> dict[str, Any]:
        try:
            return self.generate_inner(TypeAdapter(model.python).core_schema)
        except (PydanticUserError, PydanticUndefinedAnnotation, TypeError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            raise GeneratorError(
                pointer, f"the class {model.type.annotation} has no JSON schema: {reason}"
            ) from None

    @property
    def mode(self) -> JsonSchemaMode:
        return self._fixed_mode

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        kind = schema["cls"]
        self.models[kind] = None
        for name, field in kind.model_fields.items():
            if field.exclude or field.exclude_if is not None:
                self.excluded.append((kind.__name__, name))
        return super().model_schema(schema)

    def dataclass_args_schema(self, schema: core_schema.DataclassArgsSchema) -> JsonSchemaValue:
        for field in schema["fields"]:
            if field.get("serialization_exclude"):
                self.excluded.append((schema["dataclass_name"], field["name"]))
        return super().dataclass_args_schema(schema)

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        for name, field in schema["fields"].items():
            if field.get("serialization_exclude"):
                self.excluded.append((getattr(schema.get("cls"), "__name__", "TypedDict"), name))
        return super().typed_dict_schema(schema)

    def get_defs_ref(self, core_mode_ref: tuple[Any, Any]) -> DefsRef:
        return DefsRef(core_mode_ref[0])


def _class_name(reference: str, components: Mapping[str, Model]) -> str:
    """Return the class that pydantic refers to as `module.Class:number`, with its arguments."""
    if reference in components:
        return components[reference].type.annotation
    return re.sub(r":\d+|(?:\w+\.)+", "", reference)


def _check_sends_all(sent: Mapping[str, Model]) -> None:
    """Check that no class of a request has a field that would not be sent."""
    for kind, name in _ClassSchemas(sent, "validation").excluded:
        raise GeneratorError(
            SCHEMAS + kind,
            f"the class {kind} of a request does not write its field {name!r} (exclude), so that a"
            " client could not send it; use one model for requests and another for responses",
        )


def _check_reads_what_it_writes(model: type[BaseModel]) -> None:
    """Check that a model reads what it writes: otherwise one side of a call would fail."""
    config, reason = model.model_config, None
    by_name = config.get("populate_by_name") or config.get("validate_by_name")
    if model.model_computed_fields and config.get("extra") == "forbid":
        reason = "writes computed fields, which it forbids when it reads"
    read_bytes, written_bytes = (
        config.get(name, "utf8") for name in ("val_json_bytes", "ser_json_bytes")
    )
    has_bytes = any("bytes" in str(field.annotation) for field in model.model_fields.values())
    if has_bytes and read_bytes != written_bytes:
        reason = f"writes bytes as {written_bytes}, but reads them as {read_bytes}"
    for name, field in model.model_fields.items():
        read, written = field.validation_alias or name, field.serialization_alias or name
        names = read.choices if isinstance(read, AliasChoices) else [read]
        if written not in names and not (by_name and written == name):
            reason = f"writes the field {name!r} as {written!r}, but reads it as {read!r}"
        elif field.exclude and field.is_required():
            reason = f"does not write the field {name!r}, which it requires when it reads"
    if reason is not None:
        raise GeneratorError(
            SCHEMAS + model.__name__,
            f"the class {model.__name__} {reason}; use one model for requests and another for"
            " responses",
        )


def _check_validates(model: type[BaseModel]) -> None:
    """Check that a model is not a table of SQLModel whose fields would be what JSON has.

    Pydantic calls the constructor of such a class, which keeps texts where it declares a UUID.
    """
    if not model.model_config.get("table"):
        return
    for name, field in model.model_fields.items():
        if not {*(get_args(field.annotation) or [field.annotation])} <= _JSON_TYPES:
            raise GeneratorError(
                SCHEMAS + model.__name__,
                f"the class {model.__name__} is a table of SQLModel, which does not validate, so"
                f" that its field {name!r} would be what JSON has; use a model without table=True",
            )


def _check_reads(written: Any, read: Any, pointer: str) -> None:
    """Check that no field of a response is an object or list where its class reads something else.

    An example is `Json[...]`, which is text when it is read, and what the text contains when it is
    written. Scalars are left to pydantic, which reads numbers in texts.
    """
    fields = written.get("properties", {}) if isinstance(written, dict) else {}
    for name, field in fields.items():
        kinds, readable = _kinds(field), _kinds(read.get("properties", {}).get(name))
        is_nested = kinds <= {"object", "array"} or readable <= {"object", "array"}
        if kinds and readable and is_nested and not kinds & readable:
            raise GeneratorError(
                join_pointer(pointer, "properties", name),
                f"the class writes {' or '.join(sorted(kinds))}, but reads"
                f" {' or '.join(sorted(readable))}; use one model for requests and another for"
                " responses",
            )


def _kinds(schema: Any) -> set[str]:
    """Return the types of a schema other than null, or none if not all of them are known."""
    if not isinstance(schema, dict):
        return set()
    members = schema.get("anyOf", schema.get("oneOf"))
    if members is not None:
        found = [_kinds(each) for each in members if each != {"type": "null"}]
        return set().union(*found) if all(found) else set()
    return {schema["type"]} if isinstance(schema.get("type"), str) else set()


def _compare(declared: Any, actual: Any, pointer: str) -> tuple[Difference | None, list[Pair]]:
    """Return the first difference, if there is one, and the references that were met."""
    inner: list[Pair] = []
    return next(_differences(declared, actual, pointer, inner), None), inner


def _differences(
    declared: Any, actual: Any, pointer: str, inner: list[Pair], has_own_keys: bool = False
) -> Iterator[Difference]:
    """Yield the differences, and append pairs of references to `inner`.

    `has_own_keys`: the keys of the two objects are names, not keywords of JSON Schema.
    """
    if isinstance(declared, dict) and isinstance(actual, dict):
        yield from _keyword_differences(declared, actual, pointer, inner, has_own_keys)
    elif isinstance(declared, list) and isinstance(actual, list) and len(declared) == len(actual):
        for i, (one, other) in enumerate(zip(declared, actual, strict=True)):
            yield from _differences(one, other, join_pointer(pointer, i), inner)
    elif declared != actual and not _is_same(declared, actual, pointer):
        yield pointer, f"{declared!r:.80}", f"{actual!r:.80}"


def _keyword_differences(
    declared: dict[str, Any],
    actual: dict[str, Any],
    pointer: str,
    inner: list[Pair],
    has_own_keys: bool,
) -> Iterator[Difference]:
    """Yield the differences of two objects."""
    if "$ref" in declared and "$ref" in actual and not has_own_keys:
        inner.append(Pair(declared["$ref"], actual["$ref"]))
        # Other keywords can accompany a reference, such as the default of a field.
        declared, actual = {**declared, "$ref": None}, {**actual, "$ref": None}
    for name in {**declared, **actual}:
        one, other = declared.get(name), actual.get(name)
        if name in _IGNORED and not has_own_keys:
            continue
        # FastAPI leaves out what is null, such as the default of an optional field.
        if one == other and not isinstance(one, dict | list):
            continue
        if name == "format" and not has_own_keys and {one, other} & {*_BYTES_FORMATS}:
            if _is_base64(declared) != _is_base64(actual):
                yield join_pointer(pointer, name), "other bytes", f"{other!r}"
            continue
        inside = join_pointer(pointer, name)
        if one is None or other is None:
            yield inside, _presence(declared, name), _presence(actual, name)
        elif name == "required" and not has_own_keys:
            yield from _differences(sorted(one), sorted(other), inside, inner)
        else:
            own_keys = name in ("properties", "default") and not has_own_keys
            yield from _differences(one, other, inside, inner, own_keys)


def _is_same(declared: Any, actual: Any, pointer: str) -> bool:
    """Return whether two different values are the same number, or a default that is a moment.

    FastAPI writes large integers as floats. A moment or a random id is another one in each process;
    what is not set is not sent, so that the service's default applies.
    """
    if isinstance(declared, int | float) and isinstance(actual, int | float):
        return float(declared) == float(actual) and bool not in (type(declared), type(actual))
    texts = [each for each in (declared, actual) if isinstance(each, str)]
    return "/default" in pointer and len(texts) == 2 and all(map(_MOMENT_OR_ID.fullmatch, texts))


def _is_base64(schema: Mapping[str, Any]) -> bool:
    is_encoded = schema.get("contentEncoding") == "base64"
    return is_encoded or schema.get("format") in ("base64", "base64url")


def _presence(schema: Mapping[str, Any], name: str) -> str:
    return f"{schema[name]!r:.80}" if name in schema else "nothing"
