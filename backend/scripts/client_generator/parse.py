"""Stage 1, parse: an OpenAPI 3.1 spec becomes frozen dataclasses, or an error with a pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, cast

from client_generator import limits
from client_generator.document import (
    METHODS,
    Body,
    Document,
    Location,
    Media,
    Operation,
    Parameter,
    Response,
)
from client_generator.errors import GeneratorError
from client_generator.models import Model, ModelIndex
from client_generator.pointers import SCHEMAS, follow_references, join_pointer
from client_generator.pytypes import BYTES, STR, UPLOAD, PyType
from client_generator.schemas import TypeResolver
from trading_api.shared.utils import suggest_module_name

COMPOSED_BODY = f"{SCHEMAS}Body_"
"""How the pointer of a schema starts that FastAPI composes of several body parameters."""

_WITHOUT_SCHEMA = {"text": STR, "bytes": BYTES}


def parse(module: str, spec: Mapping[str, Any], models: ModelIndex) -> Document:
    """Return the document of `module`.

    Raises:
        GeneratorError: something in the spec has no equivalent in the client.
    """
    version = spec.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.1"):
        raise GeneratorError("#/openapi", f"{version!r} is not OpenAPI 3.1")
    if not (module.isascii() and module.isidentifier()):
        reason = f"{module} is not a Python name; call the module {suggest_module_name(module)}"
        raise GeneratorError("#", reason)
    if not isinstance(spec.get("paths"), dict):
        raise GeneratorError("#/paths", "the spec has no object of this name")
    info = spec.get("info", {})
    parser = _Parser(spec, models)
    operations = tuple(parser.operations())
    return Document(
        module=module,
        title=str(info.get("title", module)),
        version=str(info.get("version", "")),
        description=str(info.get("description", "")),
        server=_server(spec),
        operations=operations,
        components=dict(sorted(parser.components.items())),
    )


def _server(spec: Mapping[str, Any]) -> str:
    """Return the URL of the first server, with its variables at their defaults."""
    server = (spec.get("servers") or [{}])[0]
    url = str(server.get("url", ""))
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    return url


def media_of(media_type: str) -> Media:
    """Return how a body of this media type is written and read."""
    match media_type.partition(";")[0].strip().lower():
        case "application/x-www-form-urlencoded":
            return "form"
        case "multipart/form-data":
            return "multipart"
        case kind if kind == "application/json" or kind.endswith("+json"):
            return "json"
        case kind:
            return "text" if kind.startswith("text/") else "bytes"


class _Parser:
    def __init__(self, spec: Mapping[str, Any], models: ModelIndex) -> None:
        self._spec = spec
        self._models = models
        self._follow = partial(follow_references, spec)
        self._types = TypeResolver(self._component_type)
        self._upload_types = TypeResolver(self._component_type, binary=UPLOAD)
        self.components: dict[str, Model] = {}
        self._component_types: dict[str, PyType] = {}

    def operations(self) -> Iterator[Operation]:
        for path, given in self._spec["paths"].items():
            item, item_pointer = self._follow(given, join_pointer("#/paths", path))
            limits.check_text(path, item_pointer)
            if not path.startswith("/"):
                raise GeneratorError(item_pointer, f"the path {path!r} does not start with /")
            for method in METHODS:
                if method not in item:
                    continue
                name = item[method].get("operationId") or f"{method.upper()} {path}"
                try:
                    yield self._operation(path, method, item, item_pointer)
                except GeneratorError as error:
                    raise error.within(f"{name}:", (path, method)) from None

    def _operation(
        self, path: str, method: str, item: Mapping[str, Any], item_pointer: str
    ) -> Operation:
        raw, pointer = item[method], join_pointer(item_pointer, method)
        operation_id = _text(raw, "operationId", pointer)
        if not operation_id:
            raise GeneratorError(pointer, "there is no operationId, which names the method; add it")
        if "servers" in raw or "servers" in item:
            raise GeneratorError(pointer, "a server of one operation is not supported; remove it")
        schemes = self._spec.get("components", {}).get("securitySchemes", {})
        security = raw.get("security", self._spec.get("security", ()))
        limits.check_security(security, schemes, join_pointer(pointer, "security"))
        responses = [*self._responses(raw, pointer, has_body=method != "head")]
        return Operation(
            id=operation_id,
            method=method.upper(),
            path=path,
            summary=_text(raw, "summary", pointer),
            description=_text(raw, "description", pointer),
            deprecated=bool(raw.get("deprecated")),
            parameters=tuple(self._parameters(path, (item, item_pointer), (raw, pointer))),
            body=self._body(raw, pointer),
            responses=tuple(each for each in responses if _is_success(each)),
            errors=tuple(
                sorted(
                    (each for each in responses if not _is_success(each)),
                    key=lambda each: (each.status == "default", str(each.status)),
                )
            ),
            pointer=pointer,
        )

    def _parameters(self, path: str, *owners: tuple[Mapping[str, Any], str]) -> Iterator[Parameter]:
        """Yield the parameters of the path item, replaced and completed by the operation's."""
        merged: dict[tuple[str, str], tuple[Mapping[str, Any], str]] = {}
        for owner, owner_pointer in owners:
            for i, given in enumerate(owner.get("parameters", ())):
                raw, pointer = self._follow(given, join_pointer(owner_pointer, "parameters", i))
                limits.check_name(raw["name"], raw["in"], pointer)
                # The names of headers do not differ by case.
                name = raw["name"].lower() if raw["in"] == "header" else raw["name"]
                merged[raw["in"], name] = raw, pointer
        for raw, pointer in merged.values():
            yield self._parameter(raw, pointer, path)

    def _parameter(self, raw: Mapping[str, Any], pointer: str, path: str) -> Parameter:
        if raw["in"] not in limits.STYLES:
            raise GeneratorError(pointer, f"a parameter in {raw['in']!r} is not supported")
        if raw["in"] == "path" and f"{{{raw['name']}}}" not in path:
            raise GeneratorError(pointer, f"the path {path!r} has no {{{raw['name']}}}")
        if "schema" not in raw:
            raise GeneratorError(pointer, "a parameter without a schema is not supported")
        limits.check_style(raw, pointer)
        schema, schema_pointer = raw["schema"], join_pointer(pointer, "schema")
        limits.check_flat(schema, schema_pointer, raw["in"], self._follow)
        return Parameter(
            name=raw["name"],
            location=cast(Location, raw["in"]),
            required=bool(raw.get("required")),
            type=self._types.resolve(schema, schema_pointer).without_none(),
            description=_text(raw, "description", pointer),
            default=_default(schema),
        )

    def _body(self, raw: Mapping[str, Any], pointer: str) -> Body | None:
        if "requestBody" not in raw:
            return None
        body, body_pointer = self._follow(raw["requestBody"], join_pointer(pointer, "requestBody"))
        content_type = next(iter(body.get("content", {})), "")
        media, schema, at = self._content(body, body_pointer)
        fields = self._fields(schema, at, media)
        if media == "form" and not fields:
            limits.check_form(schema, at, self._follow)
        return Body(
            media=media,
            content_type=content_type if "*" not in content_type else "application/octet-stream",
            type=None if fields else self._content_type(media, schema, at),
            fields=fields,
            required=bool(body.get("required")),
            description=_text(body, "description", body_pointer),
            has_discriminators=self._has_discriminators(schema),
        )

    def _fields(self, schema: Any, pointer: str, media: Media) -> tuple[Parameter, ...]:
        """Return the fields of a body that FastAPI composes of several parameters."""
        if not isinstance(schema, dict) or media in _WITHOUT_SCHEMA:
            return ()
        found, at = self._follow(schema, pointer)
        if not at.startswith(COMPOSED_BODY):
            return ()
        types = self._upload_types if media == "multipart" else self._types
        fields = []
        for name, field in found.get("properties", {}).items():
            field_pointer = join_pointer(at, "properties", name)
            limits.check_name(name, "body", at)
            if media in ("form", "multipart"):
                limits.check_flat(field, field_pointer, "form", self._follow)
            fields.append(
                Parameter(
                    name=name,
                    location="body",
                    required=name in found.get("required", ()),
                    type=types.resolve(field, field_pointer),
                    description=_text(field, "description", field_pointer),
                    default=_default(field),
                )
            )
        return tuple(fields)

    def _has_discriminators(self, schema: Any) -> bool:
        """Return whether a schema leads to an optional property with one possible value."""
        pending, seen = [schema], set[str]()
        while pending:
            node = pending.pop()
            if isinstance(node, list):
                pending += node
            if not isinstance(node, dict):
                continue
            if isinstance(node.get("$ref"), str):
                if node["$ref"] not in seen:
                    seen.add(node["$ref"])
                    pending.append(self._follow(node, node["$ref"])[0])
                continue
            properties = node.get("properties")
            # A field may be named `properties`, too.
            for name, field in properties.items() if isinstance(properties, dict) else ():
                is_optional = name not in node.get("required", ())
                if isinstance(field, dict) and "const" in field and is_optional:
                    return True
            pending += node.values()
        return False

    def _responses(
        self, raw: Mapping[str, Any], pointer: str, *, has_body: bool
    ) -> Iterator[Response]:
        for status, given in raw.get("responses", {}).items():
            found, at = self._follow(given, join_pointer(pointer, "responses", status))
            limits.check_status(status, at)
            description = _text(found, "description", at)
            media, kind = None, None
            # The responses of HEAD have no body, whatever they declare.
            if found.get("content") and has_body:
                media, schema, at = self._content(found, at)
                kind = self._content_type(media, schema, at)
            yield Response(
                status="default" if status == "default" else int(status),
                media=media,
                type=kind,
                description=description,
            )

    def _content(self, owner: Mapping[str, Any], pointer: str) -> tuple[Media, Any, str]:
        """Return the medium of a body, its schema, and the schema's pointer."""
        content = owner.get("content", {})
        (media_type, declared), *others = content.items() or [("", {})]
        at = join_pointer(pointer, "content", media_type)
        if others or not media_type:
            raise GeneratorError(at, f"exactly one media type is supported, not {list(content)}")
        limits.check_media_type(media_type, at)
        if "itemSchema" in declared or "event-stream" in media_type:
            raise GeneratorError(at, "a stream is not supported; declare it in ws.py")
        media = media_of(media_type)
        if "schema" not in declared and media not in _WITHOUT_SCHEMA:
            raise GeneratorError(at, "the content has no schema; add it")
        return media, declared.get("schema", {}), join_pointer(at, "schema")

    def _content_type(self, media: Media, schema: Any, pointer: str) -> PyType:
        return _WITHOUT_SCHEMA.get(media) or self._types.resolve(schema, pointer)

    def _component_type(self, reference: str, pointer: str) -> PyType:
        if not reference.startswith(SCHEMAS):
            raise GeneratorError(pointer, f"the reference {reference!r} does not lead to {SCHEMAS}")
        if reference not in self._component_types:
            schema, at = self._follow({"$ref": reference}, pointer)
            model = self._models.resolve(schema, reference.removeprefix(SCHEMAS), at)
            self.components[at] = model
            self._component_types[reference] = model.type
        return self._component_types[reference]


def _is_success(response: Response) -> bool:
    return response.status != "default" and 200 <= response.status < 300


def _text(owner: Any, name: str, pointer: str) -> str:
    """Return the text `name` of the object or schema at `pointer`, which is empty by default."""
    text = owner.get(name, "") if isinstance(owner, dict) else ""
    if not isinstance(text, str):
        raise GeneratorError(join_pointer(pointer, name), f"{text!r:.80} is not a string")
    return text


def _default(schema: Any) -> str | None:
    """Return the default of a schema as Python source."""
    default = schema.get("default") if isinstance(schema, dict) else None
    return None if default is None else ascii(default)
