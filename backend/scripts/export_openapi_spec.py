"""Export the OpenAPI spec of every module, or of one, to modules/<module>/specs/openapi.json.

Builds the application with that module alone, without starting it, asks it for its schema and
checks the schema before it is written.
"""

from __future__ import annotations

import json
import sys
import warnings
from contextlib import suppress
from typing import Any

from client_generator.pointers import join_pointer
from export_report import ExportError
from exporter import PACKAGE, Documents, SpecError, export, run, spec_path
from module_checks import conflict_errors
from spec_checks import (
    find_client_errors,
    find_spec_errors,
    find_undefined_names,
    locate_operations,
)
from trading_api.app_factory import create_app
from trading_api.shared.utils import MODULES_DIR, discover_modules


def export_openapi_spec(module_name: str | None = None) -> list[ExportError]:
    """Export one module's spec, or every module's; return the errors."""
    return export("openapi", build_openapi_spec, discover_modules, module_name, _conflicts)


def build_openapi_spec(module_name: str) -> dict[str, Any]:
    """Return the checked OpenAPI document of one module.

    Raises:
        ModuleLoadError: the module cannot be imported.
        SpecError: the document is invalid, or lacks what a client generator needs.
    """
    app = create_app([module_name])
    locations = locate_operations(app)
    with warnings.catch_warnings():
        # A duplicate operation id is only a warning of FastAPI; the checks below report it.
        warnings.simplefilter("ignore", UserWarning)
        try:
            document = app.openapi()
        except Exception as error:  # pydantic and FastAPI raise many kinds for an invalid model
            undefined = "\n".join(find_undefined_names(app, PACKAGE))
            raise SpecError(
                undefined or f"module {module_name}: FastAPI cannot make a schema: {error}"
            ) from error
    found = [*find_spec_errors(document, module_name, locations)]
    if found:
        raise SpecError("\n".join(found))
    if not _is_exported(document, module_name):
        _validate(document, module_name)
    found = [*find_client_errors(document, module_name, f"{PACKAGE}.models", locations)]
    if found:
        raise SpecError("\n".join(found))
    return document


def _conflicts(documents: Documents) -> list[ExportError]:
    return [
        *conflict_errors(documents, lambda name: locate_operations(create_app([name])), MODULES_DIR)
    ]


def _is_exported(document: dict[str, Any], module_name: str) -> bool:
    """Return whether the module's spec is this document, which was valid when it was written."""
    with suppress(OSError, ValueError):
        return bool(json.loads(spec_path(module_name, "openapi").read_bytes()) == document)
    return False


def _validate(document: dict[str, Any], module_name: str) -> None:
    # Imported here because it takes longer to load than an export without it.
    from openapi_spec_validator import validate
    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
    from referencing.exceptions import Unresolvable

    try:
        validate(document)
    except Unresolvable as error:
        raise SpecError(
            f"module {module_name}: the reference {error.ref!r} leads nowhere"
        ) from None
    except OpenAPIValidationError as error:
        location = join_pointer("#", *getattr(error, "absolute_path", ()))
        raise SpecError(f"module {module_name}: invalid at {location}: {error.message}") from None


if __name__ == "__main__":
    sys.exit(run("Export the OpenAPI spec of every module, or of one.", export_openapi_spec))
