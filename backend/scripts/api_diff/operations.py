"""Compare the operations of two OpenAPI specs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from api_diff.changes import Change, Node, User, show
from api_diff.constraints import canonical
from api_diff.requests import compare_bodies, compare_requests
from api_diff.responses import compare_responses
from api_diff.security import compare_security, security_of
from api_diff.specs import Spec

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """An operation with the parameters that its path declares for all methods."""

    path: str
    method: str
    node: Node
    parameters: tuple[Node, ...]

    @property
    def id(self) -> str:
        return str(self.node.get("operationId") or f"{self.method} {self.path}")

    @property
    def route(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def key(self) -> tuple[str, str]:
        """The method and the path; the names of path parameters do not travel."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)


def operations_of(spec: Spec) -> list[Operation]:
    """Return the operations of an OpenAPI spec."""
    return [
        Operation(path, method, item[method], _parameters(spec, item, item[method]))
        for path, node in spec.document.get("paths", {}).items()
        for item in [spec.resolve(node)]
        for method in METHODS
        if method in item
    ]


def compare_other_parts(subject: str, old: Node, new: Node) -> Iterator[Change]:
    """Yield the parts that are not understood, and differ."""
    for part in ("webhooks", "callbacks", "links"):
        if canonical(old.get(part)) != canonical(new.get(part)):
            yield Change("other-part-changed", f"{subject}: {part}")


def compare_operations(old: Spec, new: Spec, today: date) -> Iterator[Change]:
    """Yield the changes of all operations; `today` decides whether a sunset has passed."""
    before = {each.key: each for each in operations_of(old)}
    after = {each.key: each for each in operations_of(new)}
    pairs = [(before[key], after[key]) for key in before if key in after]
    added = {each.id: each for key, each in after.items() if key not in before}
    for removed in (each for key, each in before.items() if key not in after):
        moved = added.pop(removed.id, None)
        if moved is None:
            yield _used(_removal(removed, today), removed.id)
        else:
            change = Change("operation-moved", removed.id, removed.route, moved.route)
            yield _used(change, removed.id)
            pairs.append((removed, moved))
    for each in added.values():
        yield _used(Change("operation-added", each.id, after=each.route), each.id)
    for pair in pairs:
        for change in _compare(old, new, *pair):
            yield _used(change, pair[0].id)


def _compare(old: Spec, new: Spec, before: Operation, after: Operation) -> Iterator[Change]:
    if before.id != after.id:
        yield Change("operation-renamed", before.id, before.id, after.id)
    deprecated = [each.node.get("deprecated") is True for each in (before, after)]
    if deprecated[0] != deprecated[1]:
        verb = "deprecated" if deprecated[1] else "deprecation-withdrawn"
        yield Change(f"operation-{verb}", before.id)
    yield from _pagination(before, after)
    yield from compare_other_parts(before.id, before.node, after.node)
    yield from _servers(before, after)
    parameters = before.parameters, after.parameters
    yield from compare_requests(old, new, (before.id, before.path, after.path), *parameters)
    yield from _bodies_and_responses(old, new, before, after)
    yield from compare_security(
        before.id,
        security_of(old, before.node.get("security")),
        security_of(new, after.node.get("security")),
    )


def _bodies_and_responses(
    old: Spec, new: Spec, before: Operation, after: Operation
) -> Iterator[Change]:
    bodies = before.node.get("requestBody"), after.node.get("requestBody")
    yield from compare_bodies(old, new, before.id, *bodies)
    responses = before.node.get("responses", {}), after.node.get("responses", {})
    yield from compare_responses(old, new, before.id, *responses)


def _removal(operation: Operation, today: date) -> Change:
    """Return the removal of an operation; after its sunset nobody may call it any more."""
    sunset = str(operation.node.get("x-sunset", ""))[:10]
    if operation.node.get("deprecated") is True and re.fullmatch(r"\d{4}-\d\d-\d\d", sunset):
        kind = "operation-removed-after-sunset" if sunset <= today.isoformat() else ""
        return Change(kind or "operation-removed", operation.id, operation.route, "")
    return Change("operation-removed", operation.id, operation.route)


def _pagination(before: Operation, after: Operation) -> Iterator[Change]:
    pages = [each.node.get("x-pagination") for each in (before, after)]
    if pages[0] == pages[1]:
        return
    verb = "added" if pages[0] is None else "removed" if pages[1] is None else "changed"
    yield Change(f"pagination-{verb}", before.id)


def _servers(before: Operation, after: Operation) -> Iterator[Change]:
    urls = [
        [server.get("url") for server in each.node.get("servers", ())] for each in (before, after)
    ]
    if urls[0] != urls[1]:
        yield Change("server-changed", before.id, show(urls[0]), show(urls[1]))


def _parameters(spec: Spec, item: Node, operation: Node) -> tuple[Node, ...]:
    """Return the parameters of an operation; its own replace those of the path."""
    nodes = [*item.get("parameters", ()), *operation.get("parameters", ())]
    resolved = [spec.resolve(each) for each in nodes]
    return tuple({(each["in"], each["name"]): each for each in resolved}.values())


def _used(change: Change, operation_id: str) -> Change:
    return replace(change, users=frozenset({User("operation", operation_id)}))
