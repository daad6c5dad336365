"""Versions of a resource as entity tags, so that no change overwrites another one unseen.

A response has the version as `ETag`; a change that names it in `If-Match` is rejected with a 412 if
the resource has changed since (RFC 9110, sections 8.8.3 and 13.1.1).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import Header

from trading_api.shared.problems import ProblemError, ProblemType

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        pattern=r'^(\*|(W/)?"[0-9.]*"(, ?(W/)?"[0-9.]*")*)$',
        description="The version that the change is based on, as in `ETag`, or `*` for any.",
    ),
]

ETAG_HEADER: dict[str, Any] = {
    "headers": {
        "ETag": {"description": "The version, for `If-Match`.", "schema": {"type": "string"}}
    }
}
"""The `responses` entry of an operation that returns a version."""


def entity_tag(version: float | Decimal) -> str:
    """Return the entity tag of a version: 3 -> `"3"`."""
    return f'"{Decimal(version).normalize():f}"'


def check_version(if_match: str | None, version: float | Decimal) -> None:
    """Check that the current version is one that `if_match` names; None and `*` name every one.

    Raises:
        ProblemError: 412, the resource has changed.
    """
    # A weak tag (W/"3") never matches.
    accepted = [] if if_match is None else [tag.strip() for tag in if_match.split(",")]
    if if_match in (None, "*") or entity_tag(version) in accepted:
        return
    detail = f"It has changed since it was read; its version is now {entity_tag(version)}."
    raise ProblemError(412, detail, type=ProblemType.VERSION_CHANGED, parameter="If-Match")
