"""Checks of a module's code and spec at export; each error starts with `file:line: function`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.errors import PydanticUndefinedAnnotation

from client_generator.errors import GeneratorError, GeneratorErrors, OperationKey
from client_generator.models import ModelIndex
from client_generator.operations import build_operations
from client_generator.parse import parse
from client_generator.schemas import has_untyped_part, is_untyped
from outputs import display_path
from trading_api.shared.utils import class_prefix

Locations = Mapping[OperationKey, str]
"""The source location of each operation: `file:line: function`."""

_UNDEFINED = "in its annotations is not defined; correct its spelling, or import it"
_UNTYPED = (
    "has no type; use a more specific annotation than Any, dict or list, or pydantic.JsonValue if"
    " it can be any JSON"
)


def locate_operations(app: FastAPI) -> dict[OperationKey, str]:
    """Return the source locations of the application's operations."""
    return {
        (path, method.lower()): _source_location(route.endpoint)
        for path, route in _routes(app)
        for method in route.methods or ()
    }


def find_undefined_names(app: FastAPI, package: str) -> Iterator[str]:
    """Yield an error for each undefined name that keeps FastAPI from making schemas.

    The annotations of operations, of their dependencies, and of the models of `package` are read.
    """
    for _, route in _routes(app):
        for function in _functions(route.dependant):
            try:
                get_type_hints(function, include_extras=True)
            except NameError as error:
                yield f"{_source_location(function)}: the name {error.name!r} {_UNDEFINED}"
            except Exception:  # FastAPI reads some annotations that typing cannot
                continue
    yield from find_undefined_names_in_models(package)


def find_undefined_names_in_models(package: str) -> Iterator[str]:
    """Yield an error for each undefined name in the annotations of the fields of models."""
    for model in _subclasses(BaseModel):
        if model.__module__.partition(".")[0] != package or model.__pydantic_complete__:
            continue
        try:
            model.model_rebuild()
        except PydanticUndefinedAnnotation as error:
            own = vars(model).get("__annotations__", {}).values()
            if any(str(error.name) in str(annotation) for annotation in own):
                yield f"{_source_location(model)}: the name {error.name!r} {_UNDEFINED}"


def find_spec_errors(
    document: Mapping[str, Any], module_name: str, locations: Locations
) -> Iterator[str]:
    """Yield errors of operations and schemas that the validation of specs does not find."""
    seen: dict[str, str] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            location = locations.get((path, method), f"{method.upper()} {path}")
            operation_id = operation["operationId"]
            if operation_id in seen:
                yield (
                    f"{location}: the operationId {operation_id!r} is already used by"
                    f" {seen[operation_id]}; rename one of the functions"
                )
            seen[operation_id] = location
            if operation.get("tags") != [module_name]:
                yield f"{location}: has tags of its own ({operation.get('tags')}); remove them"
            for error in _untyped_parts(operation):
                yield f"{location}: {error}"
    yield from find_untyped_models(document.get("components", {}).get("schemas", {}))


def find_untyped_models(schemas: Mapping[str, Any]) -> Iterator[str]:
    """Yield an error for each model, or field of a model, that has no type.

    An alias that stands for any JSON, such as `JsonValue`, is accepted.
    """
    for name, schema in schemas.items():
        if is_untyped(schema) or not has_untyped_part(schema):
            continue
        location = _location_of_model(name, schema)
        fields = schema.get("properties", {}).items()
        parts = [f"the field {field!r}" for field, inside in fields if has_untyped_part(inside)]
        for part in parts or ["the model"]:
            yield f"{location}: {part} {_UNTYPED}"


def find_client_errors(
    document: Mapping[str, Any], module_name: str, models_package: str, locations: Locations
) -> Iterator[str]:
    """Yield the reasons why no Python client can be generated from `document`."""
    errors: list[GeneratorError] = []
    try:
        parsed = parse(module_name, document, ModelIndex(models_package), errors)
        build_operations(parsed, class_prefix(module_name), errors)
    except GeneratorError as error:
        errors.append(error)
    for each in GeneratorErrors(errors).each if errors else ():
        if each.operation is None:
            yield f"module {module_name}: {each}"
        else:
            location = locations.get(each.operation, f"module {module_name}")
            yield (
                f"{location}: {each.reason} (at {each.pointer}); change what the function declares"
            )


def _untyped_parts(operation: Mapping[str, Any]) -> Iterator[str]:
    """Yield an error for each parameter, body and response of an operation that has no type."""
    for parameter in operation.get("parameters", ()):
        if has_untyped_part(parameter.get("schema", {})):
            yield f"the parameter {parameter['name']!r} {_UNTYPED}"
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if has_untyped_part(media.get("schema", {})):
            yield f"the body {_UNTYPED}"
    for status, response in operation["responses"].items():
        for media in response.get("content", {}).values() if status.startswith("2") else ():
            if has_untyped_part(media.get("schema")):
                yield f"the response {_UNTYPED}, or set status_code=204 if it returns nothing"


def _location_of_model(name: str, schema: Mapping[str, Any]) -> str:
    """Return the source location of the class that a schema is named for, or else its name."""
    properties = {*schema.get("properties", ())}
    namesakes = [each for each in _subclasses(BaseModel) if each.__name__ == name]
    namesakes.sort(key=lambda each: {*each.model_fields} != properties)
    return _source_location(namesakes[0]) if namesakes else name


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


def _source_location(code: Callable[..., Any] | type) -> str:
    """Return `file:line: name` of a function or a class, or its module if it has no source."""
    source = inspect.unwrap(code)
    if inspect.isfunction(source):
        file, line = source.__code__.co_filename, source.__code__.co_firstlineno
    else:
        try:
            file, line = inspect.getfile(source), inspect.getsourcelines(source)[1]
        except (OSError, TypeError):
            return f"{source.__module__}: {source.__name__}"
    return f"{display_path(Path(file))}:{line}: {source.__name__}"
