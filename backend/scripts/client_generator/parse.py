"""Stage 1, parse: an OpenAPI spec becomes frozen dataclasses, or an error with a pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from client_generator import limits
from client_generator.components import Components
from client_generator.contents import (
    UNDECLARED,
    ContentParser,
    default_of,
    is_success,
    needs_items,
    text,
)
from client_generator.document import (
    METHODS,
    ApiKey,
    Document,
    Location,
    Operation,
    Parameter,
    Response,
    Style,
)
from client_generator.errors import GeneratorError, raise_all
from client_generator.models import ModelIndex
from client_generator.names import class_names
from client_generator.pagination import parse_pagination
from client_generator.pointers import follow_references, join_pointer
from client_generator.project import suggest_module_name
from client_generator.pytypes import NONE, UPLOAD
from client_generator.schemas import TypeResolver

_JSON = "application/json"


def parse(
    module: str,
    spec: Mapping[str, Any],
    models: ModelIndex,
    skipped: list[GeneratorError] | None = None,
) -> Document:
    """Return the document of `module`.

    Args:
        module: the name of the module.
        spec: an OpenAPI document, of version 3.1 or upgraded to it.
        models: the classes of its schemas.
        skipped: collects the errors of operations, which are then left out.

    Raises:
        GeneratorError: something in the spec has no equivalent in the client.
    """
    limits.check_version(spec)
    if not (module.isascii() and module.isidentifier()):
        reason = f"{module} is not a Python name; call the module {suggest_module_name(module)}"
        raise GeneratorError("#", reason)
    if not isinstance(spec.get("paths"), dict):
        raise GeneratorError("#/paths", "the spec has no object of this name")
    info = spec.get("info", {})
    errors: list[GeneratorError] = [] if skipped is None else skipped
    parser = _Parser(spec, Components(spec, models, class_names(module)), errors)
    operations = tuple(parser.operations())
    if skipped is None:
        raise_all(errors)
    return Document(
        module=module,
        title=str(info.get("title", module)),
        version=str(info.get("version", "")),
        spec_version=str(info.get("x-spec-version", "")),
        description=str(info.get("description", "")),
        server=_server(spec),
        operations=operations,
        components=dict(sorted(parser.components.models.items())),
    )


def _server(spec: Mapping[str, Any]) -> str:
    """Return the URL of the first server, with its variables at their defaults."""
    server = (spec.get("servers") or [{}])[0]
    url = str(server.get("url", ""))
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    return url


class _Parser:
    def __init__(
        self,
        spec: Mapping[str, Any],
        components: Components,
        errors: list[GeneratorError],
    ) -> None:
        self._spec = spec
        self._errors = errors
        self._follow = partial(follow_references, spec)
        self.components = components
        self._types = TypeResolver(components.type)
        upload_types = TypeResolver(components.type, binary=UPLOAD)
        self._contents = ContentParser(
            self._follow, self._types, upload_types, components.has_class
        )

    def operations(self) -> Iterator[Operation]:
        for path, given in self._spec["paths"].items():
            item, item_pointer = self._follow(given, join_pointer("#/paths", path))
            limits.check_path(path, item, item_pointer)
            for method in METHODS:
                if method not in item:
                    continue
                name = item[method].get("operationId") or f"{method.upper()} {path}"
                try:
                    yield self._operation(path, method, item, item_pointer)
                except GeneratorError as error:
                    self._errors.append(error.within(f"{name}:", (path, method)))

    def _operation(
        self, path: str, method: str, item: Mapping[str, Any], item_pointer: str
    ) -> Operation:
        raw, pointer = item[method], join_pointer(item_pointer, method)
        operation_id = text(raw, "operationId", pointer)
        if not operation_id:
            raise GeneratorError(pointer, "there is no operationId, which names the method; add it")
        if "servers" in raw or "servers" in item:
            raise GeneratorError(pointer, "a server of one operation is not supported; remove it")
        self.components.used.clear()
        parameters = tuple(self._parameters(path, (item, item_pointer), (raw, pointer)))
        body = self._contents.body(raw, pointer)
        sent = frozenset(self.components.used)
        responses = [*self._contents.responses(raw, pointer, has_body=method != "head")]
        return Operation(
            id=operation_id,
            method=method.upper(),
            path=path,
            summary=text(raw, "summary", pointer),
            description=text(raw, "description", pointer),
            deprecated=bool(raw.get("deprecated")),
            parameters=parameters,
            body=body,
            responses=_successes(responses, pointer),
            errors=_errors(responses),
            api_keys=tuple(dict.fromkeys(self._api_keys(raw, pointer))),
            pagination=parse_pagination(raw, pointer, parameters, self.components, self._types),
            pointer=pointer,
            components=frozenset(self.components.used),
            sent_components=sent,
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
        schema, schema_pointer, style = self._schema_and_style(raw, pointer)
        kind, default = self._types.resolve(schema, schema_pointer), default_of(schema)
        return Parameter(
            name=raw["name"],
            location=cast(Location, raw["in"]),
            required=bool(raw.get("required")),
            type=kind.without_none(),
            description=text(raw, "description", pointer),
            default=default,
            style=style,
            hides_null=NONE in kind.members and default is not None and style != "json",
            needs_items=style not in ("json", "deepObject")
            and raw["in"] != "path"
            and not raw.get("required")
            and needs_items(schema, schema_pointer, self._follow),
        )

    def _schema_and_style(self, raw: Mapping[str, Any], pointer: str) -> tuple[Any, str, Style]:
        """Return the schema of a parameter, its pointer, and how the value is sent."""
        if "schema" not in raw:
            content = raw.get("content")
            if raw["in"] != "query" or not isinstance(content, dict) or [*content] != [_JSON]:
                raise GeneratorError(pointer, "a parameter without a schema is not supported")
            return content[_JSON].get("schema", {}), join_pointer(pointer, "content", _JSON), "json"
        schema, at = raw["schema"], join_pointer(pointer, "schema")
        style = limits.find_style(raw, pointer, self._follow)
        if style == "deepObject":
            limits.check_deep_object(schema, at, self._follow)
        else:
            limits.check_flat(schema, at, raw["in"], self._follow)
        return schema, at, style

    def _api_keys(self, raw: Mapping[str, Any], pointer: str) -> Iterator[ApiKey]:
        """Yield where the keys of the operation's security are sent."""
        schemes = self._spec.get("components", {}).get("securitySchemes", {})
        for requirement in raw.get("security", self._spec.get("security", ())):
            for name in requirement:
                at = join_pointer("#/components/securitySchemes", name)
                scheme, at = self._follow(schemes.get(name, {}), at)
                if scheme.get("type") == "apiKey":
                    limits.check_name(scheme["name"], scheme["in"], at)
                    yield scheme["in"], scheme["name"]


def _errors(responses: list[Response]) -> tuple[Response, ...]:
    """Return the responses of errors by status, `default` last."""
    found = (each for each in responses if not is_success(each.status))
    return tuple(sorted(found, key=lambda each: (each.status == "default", str(each.status))))


def _successes(responses: list[Response], pointer: str) -> tuple[Response, ...]:
    """Return the responses of a success; if none is declared, that is `default`."""
    found = tuple(each for each in responses if is_success(each.status))
    if not found:
        found = tuple(
            replace(each, contents=each.contents or (UNDECLARED,))
            for each in responses
            if each.status == "default"
        )
    if not found:
        raise GeneratorError(pointer, "no response has a 2xx or 3xx status; declare one")
    streams = {each.stream for each in found if each.contents}
    if len(streams) > 1:
        reason = "has a status with a stream and one without; split it into two operations"
        raise GeneratorError(pointer, reason)
    return found
