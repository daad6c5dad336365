"""Export the AsyncAPI spec of every module with streams, or of one, to specs/asyncapi.json.

Nothing is started and nothing is sent: the streams are read from the module's ws.py, and the
document is checked before it is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError
from pydantic.errors import PydanticUserError

from client_generator.pointers import resolve_pointer
from exporter import PACKAGE, Failure, SpecError, export, run
from spec_checks import find_undefined_names_in_models, find_untyped_models
from trading_api.app_factory import API_PREFIX, module_info, module_streams
from trading_api.shared.utils import discover_modules_with_websockets
from trading_api.shared.ws.asyncapi import StreamSchemaError, asyncapi_document


def export_asyncapi_spec(module_name: str | None = None) -> list[str]:
    """Export one module's spec, or all modules' specs; return the failures, as told."""
    return [failure.message for failure in _export(module_name)]


def _export(module_name: str | None) -> list[Failure]:
    return export(
        "asyncapi.json", build_asyncapi_spec, discover_modules_with_websockets, module_name
    )


def build_asyncapi_spec(module_name: str) -> dict[str, Any]:
    """Return the checked AsyncAPI document of one module.

    Raises:
        ModuleLoadError: the module cannot be imported.
        SpecError: the document is invalid, or a subscription request has an optional field.
    """
    try:
        document = asyncapi_document(
            module_name,
            module_info(module_name),
            module_streams(module_name),
            f"{API_PREFIX}/{module_name}/ws",
        )
    except StreamSchemaError as error:
        raise SpecError(f"modules/{module_name}/ws.py: {error}") from error
    except PydanticUserError as error:
        undefined = "\n".join(find_undefined_names_in_models(PACKAGE))
        raise SpecError(undefined or f"modules/{module_name}/ws.py: {error}") from error
    faults = [f"module {module_name}: {fault}" for fault in _faults(document)]
    faults += find_untyped_models(document["components"]["schemas"])
    if faults:
        raise SpecError("\n".join(faults))
    return document


def _faults(document: dict[str, Any]) -> Iterator[str]:
    for reference in sorted(set(_references(document))):
        try:
            resolve_pointer(document, reference)
        except LookupError:
            yield f"the reference {reference!r} leads nowhere"
    for name, schema in document["components"]["schemas"].items():
        try:
            Draft7Validator.check_schema(schema)
        except SchemaError as error:
            yield f"#/components/schemas/{name} is no valid schema: {error.message}"


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
    sys.exit(run("Export the AsyncAPI spec of every module with streams.", _export))
