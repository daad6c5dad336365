"""The scope that each operation and each stream of a module needs, and how the specs declare it.

A token has the scopes of its caller, such as `broker:read`. Reading a module needs `<module>:read`;
this includes its streams. Other methods than GET and HEAD need `<module>:<info.change_scope>`,
unless the operation names its scope with `needs_scope`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SCHEME_NAME: Final = "bearerToken"
SCHEME: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A JSON Web Token whose claim `scope` has the scopes that are needed."
    " A service that is reached on loopback only may be configured to need no token.",
}

READ: Final = "read"
READING_METHODS: Final = ("GET", "HEAD")
_EXTENSION: Final = "x-scope"


def needs_scope(name: str) -> dict[str, Any]:
    """Return the `openapi_extra` of an operation that needs the scope `<module>:<name>`.

    For example, a POST that only reads:

        @router.post("/quotes", openapi_extra=needs_scope("read"))
    """
    return {_EXTENSION: name}


def scope_of(
    module_name: str, change_scope: str, method: str, extra: Mapping[str, Any] | None
) -> str:
    """Return the scope that an operation with this `openapi_extra` needs: `broker:trade`."""
    default = READ if method in READING_METHODS else change_scope
    return f"{module_name}:{(extra or {}).get(_EXTENSION, default)}"


def stream_scope(module_name: str) -> str:
    """Return the scope that the streams of a module need."""
    return f"{module_name}:{READ}"


def scopes_of(spec: Mapping[str, Any]) -> set[str]:
    """Return the scopes that the operations of an OpenAPI document need."""
    return {
        scope
        for path_item in spec["paths"].values()
        for operation in path_item.values()
        for requirement in operation["security"]
        for scope in requirement[SCHEME_NAME]
    }


def describe_security(spec: dict[str, Any], change_scopes: Mapping[str, str]) -> None:
    """Declare the scope of each operation of an OpenAPI document, in place.

    `change_scopes` has the `change_scope` of each module; the first tag of an operation names its
    module.
    """
    for path_item in spec["paths"].values():
        for method, operation in path_item.items():
            module_name = operation["tags"][0]
            scope = scope_of(module_name, change_scopes[module_name], method.upper(), operation)
            operation.pop(_EXTENSION, None)
            operation["security"] = [{SCHEME_NAME: [scope]}]
    spec.setdefault("components", {})["securitySchemes"] = {SCHEME_NAME: SCHEME}
