"""Export the OpenAPI spec of every module, or of one, to modules/<module>/specs/openapi.json.

Nothing is started and nothing is sent: the application is built with that module alone and asked
for its schema, which is checked before it is written.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from referencing.exceptions import Unresolvable

from exporter import SpecError, export, run
from outputs import displayed
from trading_api.app_factory import create_app
from trading_api.shared.utils import discover_modules


def export_openapi_spec(module_name: str | None = None) -> list[str]:
    """Export one module's spec, or all modules' specs; return the failures."""
    return export("openapi.json", build_openapi_spec, discover_modules, module_name)


def build_openapi_spec(module_name: str) -> dict[str, Any]:
    """Return the checked OpenAPI document of one module.

    Raises:
        ModuleLoadError: the module cannot be imported.
        SpecError: the document is invalid, or lacks what a client generator needs.
    """
    app = create_app([module_name])
    places = dict(_places(app))
    with warnings.catch_warnings():
        # A duplicate operation id is a warning of FastAPI's; below it is an error that says where.
        warnings.simplefilter("ignore", UserWarning)
        try:
            document = app.openapi()
        except Exception as error:  # pydantic and FastAPI raise many kinds for a faulty model
            raise SpecError(
                f"module {module_name}: FastAPI cannot make a schema: {error}"
            ) from error
    faults = [*_faults(document, module_name, places)]
    if faults:
        raise SpecError("\n".join(faults))
    _validate(document, module_name)
    return document


def _places(app: FastAPI) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield for each operation where its function is: (path, method) -> file:line: function."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            continue
        function = inspect.unwrap(route.endpoint)
        file = displayed(Path(function.__code__.co_filename))
        place = f"{file}:{function.__code__.co_firstlineno}: {function.__name__}"
        for method in route.methods or ():
            yield (context.path_format or route.path_format, method.lower()), place


def _faults(
    document: dict[str, Any], module_name: str, places: dict[tuple[str, str], str]
) -> Iterator[str]:
    seen: dict[str, str] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            place = places.get((path, method), f"{method.upper()} {path}")
            operation_id = operation["operationId"]
            if operation_id in seen:
                yield (
                    f"{place}: the operationId {operation_id!r} is already that of"
                    f" {seen[operation_id]}; rename one of the functions"
                )
            seen[operation_id] = place
            if operation.get("tags") != [module_name]:
                yield f"{place}: has tags of its own ({operation.get('tags')}); remove them"
            if _lacks_response_type(operation):
                yield (
                    f"{place}: has no response type; annotate what it returns,"
                    " or give it status_code=204 if it returns nothing"
                )


def _lacks_response_type(operation: dict[str, Any]) -> bool:
    return any(
        status.startswith("2") and media.get("schema") == {}
        for status, response in operation["responses"].items()
        for media in response.get("content", {}).values()
    )


def _validate(document: dict[str, Any], module_name: str) -> None:
    try:
        validate(document)
    except Unresolvable as error:
        raise SpecError(
            f"module {module_name}: the reference {error.ref!r} leads nowhere"
        ) from None
    except OpenAPIValidationError as error:
        place = "/".join(str(part) for part in getattr(error, "absolute_path", ()))
        raise SpecError(f"module {module_name}: invalid at #/{place}: {error.message}") from None


if __name__ == "__main__":
    sys.exit(run("Export the OpenAPI spec of every module, or of one.", export_openapi_spec))
