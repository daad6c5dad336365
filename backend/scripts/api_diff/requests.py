"""Compare what the requests of an operation contain: parameters and body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from api_diff.changes import Change, Node, Side, show
from api_diff.schemas import Place, SchemaComparer
from api_diff.specs import Spec
from trading_api.shared.parameters import without_null

STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


def compare_requests(
    old: Spec,
    new: Spec,
    names: tuple[str, str, str],
    before: Sequence[Node],
    after: Sequence[Node],
) -> Iterator[Change]:
    """Yield the changes of the parameters; `names` are the operation and its path in both specs."""
    operation, old_path, new_path = names
    renamed = {
        ("path", first): ("path", second)
        for first, second in zip(_placeholders(old_path), _placeholders(new_path), strict=False)
    }
    old_parameters = {_key(each): each for each in before}
    new_parameters = {_key(each): each for each in after}
    pairs = [(key, renamed.get(key, key)) for key in old_parameters]
    matched = {second for _, second in pairs if second in new_parameters}
    for key, new_key in pairs:
        if new_key not in new_parameters:
            yield from _removed(operation, key, new_parameters)
            continue
        if key[1] != new_key[1] and key[0] == "path":
            yield Change("path-parameter-renamed", f"{operation}: {key[1]}", key[1], new_key[1])
        pair = old_parameters[key], new_parameters[new_key]
        yield from _compare(old, new, _place(operation, key), *pair)
    moved = {key[1] for key, new_key in pairs if new_key not in new_parameters}
    for key in new_parameters.keys() - matched:
        if key[1] not in moved:
            how = "required" if new_parameters[key].get("required") else "optional"
            yield Change(f"request-parameter-added-{how}", _place(operation, key).subject)
    yield from _order(operation, old_parameters, new_parameters)


def compare_bodies(
    old: Spec, new: Spec, operation: str, before: Node | None, after: Node | None
) -> Iterator[Change]:
    """Yield the changes of the body of a request."""
    place = Place(f"{operation}: body")
    if before is None or after is None:
        if after is not None:
            how = "required" if new.resolve(after).get("required") else "optional"
            yield Change(f"request-body-added-{how}", place.subject)
        elif before is not None:
            yield Change("request-body-removed", place.subject)
        return
    before, after = old.resolve(before), new.resolve(after)
    required = [each.get("required") is True for each in (before, after)]
    if required[0] != required[1]:
        how = "required" if required[1] else "optional"
        yield Change(f"request-body-became-{how}", place.subject)
    contents = before.get("content", {}), after.get("content", {})
    yield from compare_contents(SchemaComparer(old, new, Side.REQUEST), place, *contents)


def compare_contents(
    comparer: SchemaComparer, place: Place, before: Node, after: Node
) -> Iterator[Change]:
    """Yield the changes of the media types, and of the schemas of those that both specs have."""
    for media in before.keys() - after.keys():
        yield comparer.change("media-type-removed", place, media)
    for media in after.keys() - before.keys():
        yield comparer.change("media-type-added", place, after=media)
    for media in before.keys() & after.keys():
        for keyword in ("schema", "itemSchema"):
            schemas = [each[media].get(keyword) for each in (before, after)]
            if schemas != [None, None]:
                yield from comparer.compare(schemas[0] or {}, schemas[1] or {}, place)


def _compare(old: Spec, new: Spec, place: Place, before: Node, after: Node) -> Iterator[Change]:
    required = [each.get("required") is True for each in (before, after)]
    if required[0] != required[1]:
        how = "required" if required[1] else "optional"
        yield Change(f"request-parameter-became-{how}", place.subject)
    deprecated = [each.get("deprecated") is True for each in (before, after)]
    if deprecated[0] != deprecated[1]:
        how = "deprecated" if deprecated[1] else "deprecation-withdrawn"
        yield Change(f"request-parameter-{how}", place.subject)
    styles = [_style(each) for each in (before, after)]
    if styles[0] != styles[1]:
        yield Change(
            "request-parameter-style-changed", place.subject, show(styles[0]), show(styles[1])
        )
    comparer = SchemaComparer(old, new, Side.REQUEST)
    schemas = [_schema(each) for each in (before, after)]
    yield from comparer.compare(schemas[0], schemas[1], place)
    if not any(required):
        yield from comparer.compare_defaults(schemas[0], schemas[1], place)


def _removed(
    operation: str, key: tuple[str, str], new: dict[tuple[str, str], Node]
) -> Iterator[Change]:
    subject = _place(operation, key).subject
    elsewhere = [where for where, name in new if name == key[1]]
    if elsewhere:
        yield Change("request-parameter-moved", subject, key[0], elsewhere[0])
    else:
        yield Change("request-parameter-removed", subject)


def _order(operation: str, old: dict[Any, Node], new: dict[Any, Node]) -> Iterator[Change]:
    """Compare the order of the parameters that are arguments by position: the required ones."""
    orders = [
        [key[1] for key in each if key[0] != "path" and _is_required(key, old, new)]
        for each in (old, new)
    ]
    if orders[0] != orders[1]:
        yield Change("parameter-order-changed", operation, show(orders[0]), show(orders[1]))


def _is_required(key: Any, *parameters: dict[Any, Node]) -> bool:
    return all(each.get(key, {}).get("required") is True for each in parameters)


def _key(parameter: Node) -> tuple[str, str]:
    where, name = parameter["in"], parameter["name"]
    return where, name.lower() if where == "header" else name


def _place(operation: str, key: tuple[str, str]) -> Place:
    return Place(f"{operation}: {key[0]} {key[1]}")


def _placeholders(path: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", path)


def _style(parameter: Node) -> list[str]:
    style = parameter.get("style", STYLES[parameter["in"]])
    explode = parameter.get("explode", style == "form")
    return [style, f"explode {str(explode).lower()}", *parameter.get("content", {})]


def _schema(parameter: Node) -> Any:
    for media in parameter.get("content", {}).values():
        return media.get("schema", {})
    # Whether or not a spec says that a parameter can be null, it never is.
    return without_null(parameter.get("schema", {}))
