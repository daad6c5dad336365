"""Export the AsyncAPI spec of every module with streams, or of one, to specs/asyncapi.json.

Reads the streams that the module's ws.py declares, without starting anything, and checks the
document before it is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from pydantic.errors import PydanticUserError

from client_generator.pointers import resolve_pointer
from export_report import ExportError
from exporter import PACKAGE, SpecError, export, run
from outputs import display_path
from spec_checks import find_undefined_names_in_models, find_untyped_models
from trading_api.app_factory import module_info, module_streams
from trading_api.shared.spec_headers import stamp_version
from trading_api.shared.utils import MODULES_DIR, discover_modules_with_websockets
from trading_api.shared.ws.asyncapi import StreamSchemaError, asyncapi_document

DRAFT_07 = "http://json-schema.org/draft-07/schema#"
"""The JSON Schema of messages (AsyncAPI 3.0, Schema Object)."""


def export_asyncapi_spec(module_name: str | None = None) -> list[ExportError]:
    """Export one module's spec, or every module's; return the errors."""
    return export("asyncapi", build_asyncapi_spec, discover_modules_with_websockets, module_name)


def build_asyncapi_spec(module_name: str) -> dict[str, Any]:
    """Return the checked AsyncAPI document of one module.

    Raises:
        ModuleLoadError: the module cannot be imported.
        SpecError: the document is invalid, or a subscription request has an optional field.
    """
    try:
        document = asyncapi_document(
            module_name, module_info(module_name), module_streams(module_name)
        )
    except StreamSchemaError as error:
        raise SpecError(f"{_streams_file(module_name)}: {error}") from error
    except PydanticUserError as error:
        undefined = "\n".join(find_undefined_names_in_models(PACKAGE))
        raise SpecError(undefined or f"{_streams_file(module_name)}: {error}") from error
    errors = [f"module {module_name}: {error}" for error in _errors(document)]
    errors += find_untyped_models(document["components"]["schemas"])
    if errors:
        raise SpecError("\n".join(errors))
    stamp_version(document)
    return document


def _streams_file(module_name: str) -> str:
    return display_path(MODULES_DIR / module_name / "ws.py")


def _errors(document: dict[str, Any]) -> Iterator[str]:
    for reference in sorted(set(_references(document))):
        try:
            resolve_pointer(document, reference)
        except LookupError:
            yield f"the reference {reference!r} leads nowhere"
    for name, schema in document["components"]["schemas"].items():
        try:
            jsonschema_rs.meta.validate({**schema, "$schema": DRAFT_07})
        except jsonschema_rs.ValidationError as error:
            yield f"#/components/schemas/{name} is not a valid schema: {error.message}"


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


if __name__ == "__main__":
    sys.exit(run("Export the AsyncAPI spec of every module with streams.", export_asyncapi_spec))
