"""The limits of a schema: enum members, ranges, lengths, patterns, formats, and the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from api_diff.changes import Node, show

Difference = tuple[str, str, str]
"""What has changed (a kind without its side), before and after."""

# Limits by their keyword: what they limit, and whether a higher value allows less.
LIMITS = {
    "minimum": ("range", True),
    "maximum": ("range", False),
    "minLength": ("length", True),
    "maxLength": ("length", False),
    "minItems": ("item-count", True),
    "maxItems": ("item-count", False),
    "minProperties": ("property-count", True),
    "maxProperties": ("property-count", False),
}
EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
EXACT = {"pattern": "pattern", "format": "format"}
# Each of these, if it is new, allows less than before.
NARROWING = {
    *("not", "if", "then", "else", "contains", "maxContains", "dependentRequired"),
    *("dependentSchemas", "propertyNames", "unevaluatedItems", "unevaluatedProperties"),
    *("contentEncoding", "contentMediaType", "contentSchema"),
}
# Keywords that other functions compare, and those that say nothing about values.
COMPARED = {
    *(
        *LIMITS,
        *EXCLUSIVE.values(),
        *EXACT,
        "multipleOf",
        "type",
        "nullable",
        "enum",
        "const",
        "uniqueItems",
        "default",
    ),
    *("properties", "required", "additionalProperties", "items", "prefixItems", "deprecated"),
    *("discriminator", "readOnly", "writeOnly", "anyOf", "oneOf", "allOf", "$ref"),
}
WORDS = {"title", "description", "example", "examples", "externalDocs", "xml", "$comment"}


def compare_constraints(old: Node, new: Node) -> Iterator[Difference]:
    """Yield how the limits of two schemas of one type differ."""
    yield from _enum(old, new)
    for keyword, (what, is_lower_limit) in LIMITS.items():
        yield from _limit(keyword, what, is_lower_limit, old, new)
    for keyword, what in EXACT.items():
        yield from _exact(keyword, what, old, new)
    if old.get("uniqueItems", False) != new.get("uniqueItems", False):
        verb = "added" if new.get("uniqueItems") else "removed"
        yield f"uniqueness-{verb}", "", ""
    yield from _multiple(old.get("multipleOf"), new.get("multipleOf"))
    yield from _others(old, new)


def compare_defaults(old: Node, new: Node) -> Iterator[Difference]:
    """Yield how the values differ that stand for an omitted one."""
    before, after = old.get("default"), new.get("default")
    if canonical(before) == canonical(after):
        return
    # An optional value without a default and one whose default is null mean the same.
    verb = "added" if before is None else "removed" if after is None else "changed"
    yield f"default-{verb}", show(before), show(after)


def canonical(value: Any) -> str:
    """Return a text that equal values share: 1 and 1.0 are the same, 1 and true are not."""
    return json.dumps(_with_whole_numbers(value), sort_keys=True)


def _with_whole_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_whole_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def enum_of(node: Node) -> list[Any] | None:
    """Return the values that a schema allows, except for null, or None if it allows any."""
    values = node.get("enum") or ([node["const"]] if "const" in node else None)
    return None if values is None else [each for each in values if each is not None]


def _enum(old: Node, new: Node) -> Iterator[Difference]:
    before, after = enum_of(old), enum_of(new)
    if before is None or after is None:
        if before is not after:
            verb = "closed" if before is None else "opened"
            yield f"enum-{verb}", show(before or "any value"), show(after or "any value")
        return
    removed = _missing(before, after)
    added = _missing(after, before)
    if removed and added:
        yield "enum-member-replaced", show(removed), show(added)
    elif removed:
        yield "enum-member-removed", show(removed), ""
    elif added:
        yield "enum-member-added", "", show(added)
    names = (_names(old), _names(new))
    common = [each for each in map(canonical, before) if each in names[0] and each in names[1]]
    renamed = [each for each in common if names[0][each] != names[1][each]]
    if renamed:
        before_names, after_names = (show([each[key] for key in renamed]) for each in names)
        yield "enum-name-changed", before_names, after_names


def _missing(values: list[Any], others: list[Any]) -> list[Any]:
    known = {canonical(each) for each in others}
    return [each for each in values if canonical(each) not in known]


def _names(node: Node) -> dict[str, str]:
    """Return the names of the members in generated code, by member."""
    values = map(canonical, node.get("enum", ()))
    return dict(zip(values, node.get("x-enum-varnames", ()), strict=False))


def _limit(
    keyword: str, what: str, is_lower_limit: bool, old: Node, new: Node
) -> Iterator[Difference]:
    before, after = (_bound(each, keyword, is_lower_limit) for each in (old, new))
    if before == after:
        return
    if before is None or after is None:
        narrows = before is None
    else:
        narrows = (after > before) == is_lower_limit
    verb = "narrowed" if narrows else "widened"
    yield f"{what}-{verb}", _show_bound(before, keyword), _show_bound(after, keyword)


def _bound(node: Node, keyword: str, is_lower_limit: bool) -> tuple[float, int] | None:
    """Return a limit and where the allowed values begin: 0 at the limit, 1 above, -1 below it."""
    value, exclusive = node.get(keyword), node.get(EXCLUSIVE.get(keyword, ""))
    bounds = [] if value is None else [(value, 0)]
    if isinstance(exclusive, int | float) and not isinstance(exclusive, bool):
        bounds.append((exclusive, 1 if is_lower_limit else -1))
    if keyword.startswith("min") and keyword != "minimum":
        bounds = [each for each in bounds if each[0]]  # every length and count is at least 0
    return (max if is_lower_limit else min)(bounds, default=None)


def _show_bound(bound: tuple[float, int] | None, keyword: str) -> str:
    if bound is None:
        return f"{keyword} none"
    return f"{EXCLUSIVE[keyword] if bound[1] else keyword} {show(bound[0])}"


def _multiple(before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    if before is None or (after is not None and _divides(before, after)):
        verb = "narrowed"
    else:
        verb = "widened" if after is None or _divides(after, before) else "changed"
    texts = ["any" if each is None else show(each) for each in (before, after)]
    yield f"multiple-{verb}", texts[0], texts[1]


def _divides(number: float, multiple: float) -> bool:
    return Decimal(str(multiple)) % Decimal(str(number)) == 0


def _others(old: Node, new: Node) -> Iterator[Difference]:
    """Compare the keywords that are not understood: whether there are more, fewer, or others."""
    keys = {key for key in old.keys() | new.keys() if not key.startswith("x-")}
    changed = sorted(key for key in keys - COMPARED - WORDS if old.get(key) != new.get(key))
    if not changed:
        return
    verb = "changed"
    for first, second, word in ((old, new, "added"), (new, old, "removed")):
        if NARROWING.issuperset(changed) and not any(key in first for key in changed):
            verb = word if all(key in second for key in changed) else verb
    yield f"keyword-{verb}", show(changed), ""


def _exact(keyword: str, what: str, old: Node, new: Node) -> Iterator[Difference]:
    before, after = old.get(keyword), new.get(keyword)
    if before != after:
        verb = "added" if before is None else "removed" if after is None else "changed"
        yield f"{what}-{verb}", show(before or ""), show(after or "")
