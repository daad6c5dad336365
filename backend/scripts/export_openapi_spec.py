"""Export the OpenAPI spec of every module, or of one, to modules/<module>/specs/openapi.json.

Nothing is started and nothing is sent: the application is built with that module alone and asked
for its schema, which is checked before it is written.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from referencing.exceptions import Unresolvable

from exporter import PACKAGE, Failure, SpecError, export, run
from spec_checks import (
    find_client_error,
    find_spec_errors,
    find_undefined_names,
    locate_operations,
)
from trading_api.app_factory import create_app
from trading_api.shared.utils import discover_modules


def export_openapi_spec(module_name: str | None = None) -> list[str]:
    """Export one module's spec, or all modules' specs; return the failures, as told."""
    return [failure.message for failure in _export(module_name)]


def _export(module_name: str | None) -> list[Failure]:
    return export("openapi.json", build_openapi_spec, discover_modules, module_name)


def build_openapi_spec(module_name: str) -> dict[str, Any]:
    """Return the checked OpenAPI document of one module.

    Raises:
        ModuleLoadError: the module cannot be imported.
        SpecError: the document is invalid, or lacks what a client generator needs.
    """
    app = create_app([module_name])
    locations = locate_operations(app)
    with warnings.catch_warnings():
        # A duplicate operation id is a warning of FastAPI's; below it is an error that says where.
        warnings.simplefilter("ignore", UserWarning)
        try:
            document = app.openapi()
        except Exception as error:  # pydantic and FastAPI raise many kinds for a faulty model
            undefined = "\n".join(find_undefined_names(app, PACKAGE))
            raise SpecError(
                undefined or f"module {module_name}: FastAPI cannot make a schema: {error}"
            ) from error
    found = [*find_spec_errors(document, module_name, locations)]
    if found:
        raise SpecError("\n".join(found))
    _validate(document, module_name)
    fault = find_client_error(document, module_name, f"{PACKAGE}.models", locations)
    if fault:
        raise SpecError(fault)
    return document


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
    sys.exit(run("Export the OpenAPI spec of every module, or of one.", _export))
