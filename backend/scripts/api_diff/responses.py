"""Compare the responses of an operation: statuses, bodies, headers."""

from __future__ import annotations

from collections.abc import Iterator

from api_diff.changes import Change, Node, Side
from api_diff.requests import compare_contents
from api_diff.schemas import Place, SchemaComparer
from api_diff.specs import Spec


def compare_responses(
    old: Spec, new: Spec, operation: str, before: Node, after: Node
) -> Iterator[Change]:
    """Yield the changes of all responses of an operation."""
    yield from _statuses(operation, before, after)
    for status in sorted(before.keys() & after.keys()):
        place = Place(f"{operation}: response {status}")
        yield from _compare(
            old, new, place, old.resolve(before[status]), new.resolve(after[status])
        )


def _statuses(operation: str, before: Node, after: Node) -> Iterator[Change]:
    removed, added = before.keys() - after.keys(), after.keys() - before.keys()
    success = [sorted(filter(_is_success, each)) for each in (removed, added)]
    replaced = all(success) and not any(map(_is_success, before.keys() & after.keys()))
    if replaced:
        texts = [", ".join(each) for each in success]
        yield Change(
            "response-success-status-replaced", f"{operation}: response", texts[0], texts[1]
        )
    for statuses, verb in ((removed, "removed"), (added, "added")):
        for status in sorted(statuses):
            if not _is_success(status):
                yield Change(f"response-error-status-{verb}", f"{operation}: response {status}")
            elif not replaced:
                yield Change(f"response-success-status-{verb}", f"{operation}: response {status}")


def _compare(old: Spec, new: Spec, place: Place, before: Node, after: Node) -> Iterator[Change]:
    comparer = SchemaComparer(old, new, Side.RESPONSE)
    contents = before.get("content", {}), after.get("content", {})
    if bool(contents[0]) != bool(contents[1]):
        yield comparer.change(f"body-{'added' if contents[1] else 'removed'}", place)
    else:
        yield from compare_contents(comparer, place, *contents)
    yield from _headers(comparer, place, before.get("headers", {}), after.get("headers", {}))


def _headers(comparer: SchemaComparer, place: Place, before: Node, after: Node) -> Iterator[Change]:
    old = {name.lower(): (name, comparer.old.resolve(node)) for name, node in before.items()}
    new = {name.lower(): (name, comparer.new.resolve(node)) for name, node in after.items()}
    for key in sorted(old.keys() | new.keys()):
        name = (old.get(key) or new[key])[0]
        header = Place(f"{place.subject}, header {name}")
        if key not in new:
            yield comparer.change("header-removed", header)
        elif key not in old:
            how = "required" if new[key][1].get("required") else "optional"
            yield comparer.change(f"header-added-{how}", header)
        else:
            required = [each[key][1].get("required") is True for each in (old, new)]
            if required[0] != required[1]:
                how = "required" if required[1] else "optional"
                yield comparer.change(f"header-became-{how}", header)
            schemas = [each[key][1].get("schema", {}) for each in (old, new)]
            yield from comparer.compare(schemas[0], schemas[1], header)


def _is_success(status: str) -> bool:
    return status[0] in "123"
