"""Compare the credentials that an operation or a subscription needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api_diff.changes import Change, show
from api_diff.constraints import canonical
from api_diff.specs import Spec

Alternative = tuple[tuple[str, tuple[str, ...]], ...]
"""Schemes that are needed together, each with its scopes."""

IGNORED = {"description", "bearerFormat"}


def security_of(spec: Spec, requirements: Any) -> list[Alternative]:
    """Return the alternatives of an operation, or else those of the document."""
    if requirements is None:
        requirements = spec.document.get("security", [])
    return [
        tuple(sorted((name, tuple(sorted(scopes))) for name, scopes in each.items()))
        for each in requirements
    ]


def compare_security(
    subject: str, before: list[Alternative], after: list[Alternative]
) -> Iterator[Change]:
    """Yield the changes of the alternatives and their scopes."""
    if not before or not after:
        if after and () not in after:
            yield Change("security-added", subject, after=_show(after))
        elif before and () not in before:
            yield Change("security-removed", subject, _show(before))
        return
    old = {_schemes(each): _scopes(each) for each in before}
    new = {_schemes(each): _scopes(each) for each in after}
    for schemes in old.keys() - new.keys():
        yield Change("security-alternative-removed", subject, show(schemes) or "no credentials")
    for schemes in new.keys() - old.keys():
        after_text = show(schemes) or "no credentials"
        yield Change("security-alternative-added", subject, after=after_text)
    for schemes in old.keys() & new.keys():
        yield from compare_scopes(subject, old[schemes], new[schemes])


def compare_scopes(subject: str, before: set[str], after: set[str]) -> Iterator[Change]:
    """Yield the scopes that a token needs no more, or needs in addition."""
    if after - before:
        yield Change("scope-added", subject, after=show(sorted(after - before)))
    if before - after:
        yield Change("scope-removed", subject, show(sorted(before - after)))


def compare_schemes(old: Spec, new: Spec) -> Iterator[Change]:
    """Yield the schemes whose credentials are sent in another way."""
    schemes = [
        {
            name: {key: value for key, value in node.items() if key not in IGNORED}
            for name, node in spec.document.get("components", {}).get("securitySchemes", {}).items()
        }
        for spec in (old, new)
    ]
    for name in sorted(schemes[0].keys() & schemes[1].keys()):
        before, after = schemes[0][name], schemes[1][name]
        if canonical(before) != canonical(after):
            keys = sorted(
                key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
            )
            texts = [show([str(each.get(key)) for key in keys]) for each in (before, after)]
            yield Change("security-scheme-changed", name, texts[0], texts[1])


def _schemes(alternative: Alternative) -> tuple[str, ...]:
    return tuple(name for name, _ in alternative)


def _scopes(alternative: Alternative) -> set[str]:
    return {scope for _, scopes in alternative for scope in scopes}


def _show(alternatives: list[Alternative]) -> str:
    return " or ".join(show(_schemes(each)) for each in alternatives)
