"""What a module must have so that clients can be generated of it, told by the place in its code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.errors import PydanticUndefinedAnnotation

from client_generator.document import parse
from client_generator.errors import GeneratorError, pointer
from client_generator.methods import plan
from client_generator.models import ModelIndex
from outputs import displayed
from trading_api.shared.utils import class_prefix

Operations = Mapping[tuple[str, str], str]
"""Where the function of each operation is: (path, method) -> file:line: function."""

_TYPING_KEYWORDS = frozenset({"$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf"})
_OPERATION = re.compile(r"#/paths/(?P<path>[^/]*)/(?P<method>[a-z]+)(?:/|$)")
_ANNOTATE = "annotate it, and say what is in it: Any, dict and list alone do not"
_UNDEFINED = "in its annotations is not defined; correct its spelling, or import it"


def operations_of(app: FastAPI) -> dict[tuple[str, str], str]:
    """Return where the functions of the application's operations are."""
    return {
        (path, method.lower()): _place(route.endpoint)
        for path, route in _routes(app)
        for method in route.methods or ()
    }


def undefined_names(app: FastAPI, package: str) -> Iterator[str]:
    """Yield the names in annotations that keep FastAPI from making schemas.

    Searched are the functions of operations, what they depend on, and the models of `package`.
    """
    for _, route in _routes(app):
        for function in _functions(route.dependant):
            try:
                get_type_hints(function, include_extras=True)
            except NameError as error:
                yield f"{_place(function)}: the name {error.name!r} {_UNDEFINED}"
            except Exception:  # FastAPI reads some annotations that typing cannot
                continue
    yield from undefined_names_of_models(package)


def undefined_names_of_models(package: str) -> Iterator[str]:
    """Yield the names in the annotations of fields that keep pydantic from making schemas."""
    for model in _subclasses(BaseModel):
        if model.__module__.partition(".")[0] != package or model.__pydantic_complete__:
            continue
        try:
            model.model_rebuild()
        except PydanticUndefinedAnnotation as error:
            own = vars(model).get("__annotations__", {}).values()
            if any(str(error.name) in str(annotation) for annotation in own):
                yield f"{_place(model)}: the name {error.name!r} {_UNDEFINED}"


def faults(document: dict[str, Any], module_name: str, operations: Operations) -> Iterator[str]:
    """Yield what is wrong with a module's operations and schemas, each with place and remedy."""
    seen: dict[str, str] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            place = operations.get((path, method), f"{method.upper()} {path}")
            operation_id = operation["operationId"]
            if operation_id in seen:
                yield (
                    f"{place}: the operationId {operation_id!r} is already that of"
                    f" {seen[operation_id]}; rename one of the functions"
                )
            seen[operation_id] = place
            if operation.get("tags") != [module_name]:
                yield f"{place}: has tags of its own ({operation.get('tags')}); remove them"
            for fault in _untyped_parts(operation):
                yield f"{place}: {fault}"
    yield from untyped_models(document.get("components", {}).get("schemas", {}))


def untyped_models(schemas: Mapping[str, object]) -> Iterator[str]:
    """Yield the places in the schemas of models that may hold anything."""
    for name, schema in schemas.items():
        for inside in _untyped(schema, ""):
            place = next((_place(m) for m in _subclasses(BaseModel) if m.__name__ == name), name)
            yield f"{place}: {inside.removeprefix('/') or 'it'} has no type; {_ANNOTATE}"


def client_fault(
    document: dict[str, Any], module_name: str, models_package: str, operations: Operations
) -> str | None:
    """Return why no Python client can be generated of `document`, with the place, or None."""
    try:
        parsed = parse(module_name, document, ModelIndex(models_package))
        plan(parsed, class_prefix(module_name))
    except GeneratorError as error:
        found = _OPERATION.search(error.place)
        if not found:
            return f"module {module_name}: {error}"
        path = found["path"].replace("~1", "/").replace("~0", "~")
        place = operations.get((path, found["method"]), f"module {module_name}")
        at = error.place[found.start() :]
        return f"{place}: {error.reason} (at {at}); change what the function declares"
    return None


def _untyped_parts(operation: dict[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        if [*_untyped(parameter.get("schema", {}), "")]:
            yield f"the parameter {parameter['name']!r} has no type; {_ANNOTATE}"
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if [*_untyped(media.get("schema", {}), "")]:
            yield f"the body has no type; {_ANNOTATE}"
    for status, response in operation["responses"].items():
        for media in response.get("content", {}).values():
            schema = media.get("schema")
            if not status.startswith("2") or schema is None:
                continue
            if schema == {}:
                yield (
                    "has no response type; annotate what it returns,"
                    " or give it status_code=204 if it returns nothing"
                )
            elif [*_untyped(schema, "")]:
                yield f"what it returns has no type; {_ANNOTATE}"


def _untyped(schema: object, place: str) -> Iterator[str]:
    """Yield the places below `schema` that may hold anything, as JSON pointers."""
    if isinstance(schema, bool):
        if schema:
            yield place
        return
    if not isinstance(schema, dict):
        return
    if not _TYPING_KEYWORDS & schema.keys():
        yield place
    for key in ("properties", "patternProperties"):
        for name, child in schema.get(key, {}).items():
            yield from _untyped(child, pointer(place, name))
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for child in schema.get(key, ()):
            yield from _untyped(child, place)
    for key in ("items", "additionalProperties"):
        if key in schema:
            yield from _untyped(schema[key], pointer(place, key))


def _routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            yield context.path_format or route.path_format, route


def _functions(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Yield the function of an operation, and those that it depends on."""
    if inspect.isfunction(dependant.call):
        yield dependant.call
    for each in dependant.dependencies:
        yield from _functions(each)


def _subclasses(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def _place(code: Callable[..., Any] | type) -> str:
    """Return `file:line: name` of a function or a class; its module's name if it has no source."""
    source = inspect.unwrap(code)
    if inspect.isfunction(source):
        file, line = source.__code__.co_filename, source.__code__.co_firstlineno
    else:
        try:
            file, line = inspect.getfile(source), inspect.getsourcelines(source)[1]
        except (OSError, TypeError):
            return f"{source.__module__}: {source.__name__}"
    return f"{displayed(Path(file))}:{line}: {source.__name__}"
