"""Stage 1, parse: an OpenAPI 3.1 document becomes frozen dataclasses, or an error with place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from client_generator.errors import GeneratorError, pointer
from client_generator.limits import (
    STYLES,
    check_flat,
    check_form,
    check_media_type,
    check_name,
    check_status,
    check_style,
    check_text,
)
from client_generator.models import ModelIndex
from client_generator.pytypes import BYTES, STR, UPLOAD, PyType, TypeResolver

Location = Literal["path", "query", "header", "cookie", "body"]
Media = Literal["json", "form", "multipart", "text", "bytes"]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_SCHEMAS = "#/components/schemas/"
_FORMS: dict[str, Media] = {
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, by its name on the wire; `default` is the service's, as Python source.

    In the location `body` it is a field of a body that has no model of its own.
    """

    name: str
    location: Location
    required: bool
    type: PyType
    description: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: one value of a type, or fields if the spec has no model of it.

    `tagged` tells that models in it are told apart by fields with one possible value.
    """

    media: Media
    content_type: str
    type: PyType | None
    fields: tuple[Parameter, ...]
    required: bool
    description: str
    tagged: bool


@dataclass(frozen=True, slots=True)
class Response:
    """One declared response; `media` and `type` are None if it has no body."""

    status: int | Literal["default"]
    media: Media | None
    type: PyType | None
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `answers` are its responses of success, `errors` the others."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    answers: tuple[Response, ...]
    errors: tuple[Response, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Component:
    """A schema at `place` that operations refer to, with the class that it stands for."""

    place: str
    name: str
    python: Any


@dataclass(frozen=True, slots=True)
class Document:
    """The spec of one module."""

    module: str
    title: str
    version: str
    description: str
    server: str
    operations: tuple[Operation, ...]
    components: tuple[Component, ...]


def parse(module: str, spec: Mapping[str, Any], models: ModelIndex) -> Document:
    """Return the document of `module`.

    Raises:
        GeneratorError: something in the spec has no equivalent in the client.
    """
    return _Parser(spec, models).document(module)


class _Parser:
    def __init__(self, spec: Mapping[str, Any], models: ModelIndex) -> None:
        self._spec = spec
        self._models = models
        self._types = TypeResolver(self._component_type)
        self.components: dict[str, Component] = {}
        self._referred: dict[str, PyType] = {}
        self._untagged: set[str] = set()
        self._uploads = TypeResolver(self._component_type, binary=UPLOAD)

    def document(self, module: str) -> Document:
        version = self._spec.get("openapi")
        if not isinstance(version, str) or not version.startswith("3.1"):
            raise GeneratorError("#/openapi", f"{version!r} is not OpenAPI 3.1")
        if not (module.isascii() and module.isidentifier()):
            raise GeneratorError("#", f"a module cannot be called {module!r}; use letters and _")
        info = self._spec.get("info", {})
        return Document(
            module=module,
            title=str(info.get("title", module)),
            version=str(info.get("version", "")),
            description=str(info.get("description", "")),
            server=self._server(),
            operations=tuple(self._operations()),
            components=tuple(self.components[place] for place in sorted(self.components)),
        )

    def _server(self) -> str:
        """Return the address of the first server, with its variables at their defaults."""
        server = (self._spec.get("servers") or [{}])[0]
        url = str(server.get("url", ""))
        for name, variable in server.get("variables", {}).items():
            url = url.replace(f"{{{name}}}", str(variable["default"]))
        return url

    def _operations(self) -> Iterator[Operation]:
        paths = self._spec.get("paths")
        if not isinstance(paths, dict):
            raise GeneratorError("#/paths", "is missing")
        for path, given in paths.items():
            item, item_place = self._follow(given, pointer("#/paths", path))
            check_text(path, item_place)
            if not path.startswith("/"):
                raise GeneratorError(item_place, "a path begins with /")
            for method in METHODS:
                if method not in item:
                    continue
                place = pointer(item_place, method)
                name = f"{method.upper()} {path}"
                try:
                    yield self._operation(path, method, item, place)
                except GeneratorError as error:
                    raise error.within(f"{item[method].get('operationId') or name}:") from None

    def _operation(self, path: str, method: str, item: Mapping[str, Any], place: str) -> Operation:
        raw = item[method]
        if not raw.get("operationId"):
            raise GeneratorError(place, "has no operationId, which names the method")
        if "servers" in raw or "servers" in item:
            raise GeneratorError(place, "a server of its own is not supported")
        responses = [*self._responses(raw, place)]
        return Operation(
            id=raw["operationId"],
            method=method.upper(),
            path=path,
            summary=raw.get("summary", ""),
            description=raw.get("description", ""),
            deprecated=bool(raw.get("deprecated")),
            parameters=tuple(self._parameters(path, item, raw, place)),
            body=self._body(raw, place),
            answers=tuple(each for each in responses if _is_success(each.status)),
            errors=tuple(
                sorted(
                    (each for each in responses if not _is_success(each.status)),
                    key=lambda each: (each.status == "default", str(each.status)),
                )
            ),
            place=place,
        )

    def _parameters(
        self, path: str, item: Mapping[str, Any], raw: Mapping[str, Any], place: str
    ) -> Iterator[Parameter]:
        item_place = place.rpartition("/")[0]
        merged: dict[tuple[str, str], tuple[Mapping[str, Any], str]] = {}
        for owner, owner_place in ((item, item_place), (raw, place)):
            for i, given in enumerate(owner.get("parameters", ())):
                at = pointer(owner_place, "parameters", i)
                found, at = self._follow(given, at)
                name = found["name"]
                check_name(name, found["in"], at)
                # Case does not tell headers apart.
                merged[found["in"], name.lower() if found["in"] == "header" else name] = (found, at)
        for found, at in merged.values():
            yield self._parameter(found, at, path)

    def _parameter(self, raw: Mapping[str, Any], place: str, path: str) -> Parameter:
        if raw["in"] not in STYLES:
            raise GeneratorError(place, f"a parameter in {raw['in']!r} is not supported")
        if raw["in"] == "path" and f"{{{raw['name']}}}" not in path:
            raise GeneratorError(place, f"the path {path!r} has no {{{raw['name']}}}")
        if "schema" not in raw:
            raise GeneratorError(place, "a parameter without a schema is not supported")
        check_style(raw, place)
        schema = raw["schema"]
        check_flat(schema, pointer(place, "schema"), raw["in"], self._follow)
        default = schema.get("default") if isinstance(schema, dict) else None
        return Parameter(
            name=raw["name"],
            location=cast(Location, raw["in"]),
            required=bool(raw.get("required")),
            type=self._types.resolve(schema, pointer(place, "schema")).without_none(),
            description=raw.get("description", ""),
            default=None if default is None else ascii(default),
        )

    def _body(self, raw: Mapping[str, Any], place: str) -> Body | None:
        if "requestBody" not in raw:
            return None
        body, at = self._follow(raw["requestBody"], pointer(place, "requestBody"))
        content_type = next(iter(body.get("content", {})), "")
        media, schema, at = self._content(body, at)
        fields = self._fields(schema, at, media)
        plain = {"text": STR, "bytes": BYTES}.get(media)
        if media == "form" and not fields:
            check_form(schema, at, self._follow)
        return Body(
            media=media,
            content_type=content_type if "*" not in content_type else "application/octet-stream",
            type=None if fields else plain or self._types.resolve(schema, at),
            fields=fields,
            required=bool(body.get("required")),
            description=body.get("description", ""),
            tagged=self._has_tags(schema),
        )

    def _fields(self, schema: Any, place: str, media: Media) -> tuple[Parameter, ...]:
        """Return the fields of a body that FastAPI put together from several parameters."""
        found, at = self._follow(schema, place) if isinstance(schema, dict) else ({}, place)
        is_composed = at.startswith(_SCHEMAS) and _is_composed(at.removeprefix(_SCHEMAS))
        if not is_composed or media in ("text", "bytes"):
            return ()
        for name, field in found.get("properties", {}).items():
            check_name(name, "body", at)
            if media in ("form", "multipart"):
                check_flat(field, pointer(at, "properties", name), "form", self._follow)
        types = self._uploads if media == "multipart" else self._types
        return tuple(
            Parameter(
                name=name,
                location="body",
                required=name in found.get("required", ()),
                type=types.resolve(field, pointer(at, "properties", name)),
                description=field.get("description", ""),
                default=None if field.get("default") is None else ascii(field["default"]),
            )
            for name, field in found.get("properties", {}).items()
        )

    def _has_tags(self, schema: Any) -> bool:
        """Tell whether a schema leads to an optional property with one possible value."""
        seen = {*self._untagged}
        pending = [schema]
        while pending:
            node = pending.pop()
            if isinstance(node, list):
                pending += node
            if not isinstance(node, dict):
                continue
            reference = node.get("$ref")
            if isinstance(reference, str):
                if reference not in seen:
                    seen.add(reference)
                    pending.append(self._at(reference, reference))
                continue
            required = node.get("required", ())
            properties = node.get("properties")
            # A field may be called `properties` too.
            fields = properties.items() if isinstance(properties, dict) else ()
            for name, field in fields:
                if isinstance(field, dict) and "const" in field and name not in required:
                    return True
            pending += node.values()
        self._untagged = seen
        return False

    def _responses(self, raw: Mapping[str, Any], place: str) -> Iterator[Response]:
        for status, given in raw.get("responses", {}).items():
            found, at = self._follow(given, pointer(place, "responses", status))
            check_status(status, at)
            media, kind = None, None
            if found.get("content"):
                media, schema, at = self._content(found, at)
                kind = {"text": STR, "bytes": BYTES}.get(media) or self._types.resolve(schema, at)
            yield Response(
                status="default" if status == "default" else int(status),
                media=media,
                type=kind,
                description=found.get("description", ""),
            )

    def _content(self, owner: Mapping[str, Any], place: str) -> tuple[Media, Any, str]:
        """Return the medium of a body, its schema, and where that is."""
        content = owner.get("content", {})
        (media_type, media), *others = content.items() or [("", {})]
        at = pointer(place, "content", media_type)
        if others or not media_type:
            raise GeneratorError(at, f"one media type is supported, not {list(content)}")
        check_media_type(media_type, at)
        if "itemSchema" in media or "event-stream" in media_type:
            raise GeneratorError(at, "a stream is not supported; declare it in ws.py")
        medium = _media_of(media_type)
        if "schema" not in media and medium not in ("text", "bytes"):
            raise GeneratorError(at, "has no schema")
        return medium, media.get("schema", {}), pointer(at, "schema")

    def _component_type(self, reference: str, place: str) -> PyType:
        if not reference.startswith(_SCHEMAS):
            raise GeneratorError(place, f"the reference {reference!r} is not one to {_SCHEMAS}")
        if reference not in self._referred:
            schema, at = self._follow({"$ref": reference}, place)
            model = self._models.resolve(schema, reference.removeprefix(_SCHEMAS), at)
            self.components[at] = Component(at, model.type.annotation, model.python)
            self._referred[reference] = model.type
        return self._referred[reference]

    def _follow(self, node: Mapping[str, Any], place: str) -> tuple[Mapping[str, Any], str]:
        """Return what `node` refers to, and where that is; `node` itself if it is no reference."""
        seen: set[str] = set()
        while "$ref" in node:
            reference = node["$ref"]
            if reference in seen:
                raise GeneratorError(place, f"the reference {reference!r} leads back to itself")
            seen.add(reference)
            node = self._at(reference, place)
            place = reference
        return node, place

    def _at(self, reference: str, place: str) -> Mapping[str, Any]:
        node: Any = self._spec
        for part in reference.removeprefix("#/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                raise GeneratorError(place, f"the reference {reference!r} leads nowhere")
            node = node[key]
        if not isinstance(node, dict):
            raise GeneratorError(place, f"the reference {reference!r} leads to no object")
        return node


def _is_success(status: int | Literal["default"]) -> bool:
    return status != "default" and 200 <= status < 300


def _media_of(media_type: str) -> Media:
    kind = media_type.partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return "json"
    if kind in _FORMS:
        return _FORMS[kind]
    return "text" if kind.startswith("text/") else "bytes"


def _is_composed(key: str) -> bool:
    """Tell whether a component is one that FastAPI made for several body parameters."""
    return key.startswith("Body_")
