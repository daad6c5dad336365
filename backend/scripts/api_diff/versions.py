"""How far the version of a module has to rise, by semantic versioning (semver.org)."""

from __future__ import annotations

import re
from collections.abc import Collection

from api_diff.changes import Level

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def check_version(before: str, after: str, levels: Collection[Level]) -> str | None:
    """Return what is wrong with the version `after` of a module with changes of these levels.

    A break needs the next major version, anything else the next minor one; below 1.0.0 these are
    the next minor version and the next patch. None means that nothing is wrong.
    """
    parsed = _parse(before), _parse(after)
    if parsed[1] is None:
        return f'version "{after}" is not of the form 1.2.3; correct it'
    if parsed[0] is None:
        return None
    if parsed[1] < parsed[0]:
        return f'version "{after}" is lower than "{before}" of the base; raise it'
    if not levels:
        return None
    needed = _next(parsed[0], is_break=any(each.is_break for each in levels))
    if parsed[1] >= needed:
        return None
    what = "a break" if any(each.is_break for each in levels) else "a change of the API"
    wanted = ".".join(map(str, needed))
    return f'version "{after}" does not announce {what}; set it to "{wanted}" (base: "{before}")'


def _parse(version: str) -> tuple[int, ...] | None:
    found = VERSION.fullmatch(version)
    return tuple(map(int, found.groups())) if found else None


def _next(version: tuple[int, ...], *, is_break: bool) -> tuple[int, ...]:
    major, minor, patch = version
    if major == 0:
        return (0, minor + 1, 0) if is_break else (0, minor, patch + 1)
    return (major + 1, 0, 0) if is_break else (major, minor + 1, 0)
