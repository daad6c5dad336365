"""Response headers that say which spec a module serves, and which operations are deprecated.

`Spec-Version` is the version of the module and a hash of its OpenAPI spec, such as
`1.2.0+9f86d081884c`. A deprecated operation has `Deprecation` (RFC 9745), and `Sunset` (RFC 8594)
if it has a date for its removal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final

from starlette.types import Scope

VERSION_KEY: Final = "x-spec-version"
"""Where the `info` of a spec has its version with its hash."""

DEPRECATED_KEY: Final = "x-deprecated"
"""Where a deprecated operation has the date since which it is, as YYYY-MM-DD."""

SUNSET_KEY: Final = "x-sunset"
"""Where a deprecated operation has the date on which it may be removed."""

_WORDS: Final = {"description", "summary", "title", "examples", "example"}
_CHARACTERS: Final = 12


def stamp_version(spec: dict[str, Any]) -> None:
    """Put the version and the hash of a spec into its `info`; descriptions do not count."""
    rules = {key: value for key, value in spec.items() if key != "info"}
    content = json.dumps(_without_words(rules), sort_keys=True).encode()
    digest = hashlib.sha256(content).hexdigest()[:_CHARACTERS]
    spec["info"][VERSION_KEY] = f"{spec['info']['version']}+{digest}"


def served_version(path: Path, version: str) -> str:
    """Return what a module serves: `version`, with the hash in the exported spec at `path`.

    Without the hash if the spec is not exported, or is one of another version.
    """
    with suppress(OSError, ValueError, KeyError):
        found = json.loads(path.read_bytes())["info"][VERSION_KEY]
        if found.startswith(f"{version}+"):
            return str(found)
    return version


def describe_deprecations(spec: dict[str, Any]) -> None:
    """Declare the headers of deprecated operations, in place.

    Raises:
        ValueError: a date is not one.
    """
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and operation.get("deprecated"):
                try:
                    names = [name for name, _ in _deprecation(operation)]
                except ValueError as error:
                    raise ValueError(f"{method.upper()} {path}: {error}") from None
                for response in operation["responses"].values():
                    declared = response.setdefault("headers", {})
                    declared |= {name: {"schema": {"type": "string"}} for name in names}


def spec_headers(scope: Scope) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers of a response to a request, if it has reached a module."""
    module = scope["state"].get("module")
    if module is None:
        return
    yield b"spec-version", scope["app"].state.spec_versions[module]
    route = scope.get("route")
    if getattr(route, "deprecated", None):
        for name, value in _deprecation(getattr(route, "openapi_extra", None) or {}):
            yield name.lower().encode(), value.encode()


def _deprecation(operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    # Since when is not known: then since ever.
    yield "Deprecation", f"@{int(_midnight(operation, DEPRECATED_KEY, '1970-01-01').timestamp())}"
    if SUNSET_KEY in operation:
        yield "Sunset", format_datetime(_midnight(operation, SUNSET_KEY), usegmt=True)


def _midnight(operation: dict[str, Any], key: str, default: str = "") -> datetime:
    value = operation.get(key, default)
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{key} is {value!r}, which is not a date such as 2027-06-30") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _without_words(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_words(each) for each in node]
    if not isinstance(node, dict):
        return node
    # A field may have the name `title`; its schema is not a text.
    return {
        key: _without_words(value)
        for key, value in node.items()
        if key not in _WORDS or (isinstance(value, dict) and key not in ("example", "examples"))
    }
