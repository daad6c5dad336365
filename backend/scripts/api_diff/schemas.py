"""Compare two JSON schemas, and all that they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from api_diff.changes import Change, Node, Side, show
from api_diff.constraints import (
    WORDS,
    canonical,
    compare_constraints,
    compare_defaults,
    enum_of,
)
from api_diff.shapes import Shape, component_name, flatten, shape_of, visible
from api_diff.specs import Spec


@dataclass(frozen=True)
class Place:
    """Where a schema is: what a report calls it, and the properties that lead to it."""

    subject: str
    fields: tuple[str, ...] = ()

    def property(self, name: str) -> Place:
        return Place(f"{self.subject}.{name}", (name,))

    def inside(self, mark: str) -> Place:
        return replace(self, subject=f"{self.subject}{mark}")


@dataclass(frozen=True)
class SchemaComparer:
    """Compares schemas of a base (`old`) with schemas of this tree (`new`), on one side."""

    old: Spec
    new: Spec
    side: Side
    # Pairs of components that are being compared: a schema may contain itself.
    _open: set[tuple[str, str, str]] = field(default_factory=set)

    def compare(self, old: Any, new: Any, place: Place) -> Iterator[Change]:
        """Yield the changes from one schema to another, each with its subject."""
        with self._opened("schema", component_name(old), component_name(new)) as is_new:
            if is_new:
                shapes = shape_of(self.old, old), shape_of(self.new, new)
                yield from self._compare_shapes(*shapes, place)

    @contextmanager
    def _opened(self, what: str, old: str, new: str) -> Iterator[bool]:
        """Remember a pair of components; yield False if the pair is being compared already."""
        pair = (what, old, new)
        is_new = not (old and new) or pair not in self._open
        added = {pair} if is_new and old and new else set[tuple[str, str, str]]()
        self._open.update(added)
        yield is_new
        self._open.difference_update(added)

    def change(self, what: str, place: Place, before: str = "", after: str = "") -> Change:
        """Return a change of this side."""
        return Change(f"{self.side}-{what}", place.subject, before, after, place.fields)

    def _compare_shapes(self, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
        if old.nullable != new.nullable:
            yield self.change(f"became-{'' if new.nullable else 'not-'}nullable", place)
        if is_deprecated(old.node) != is_deprecated(new.node):
            yield self.change(_deprecation(new.node), place)
        if old.name and new.name and old.name != new.name:
            yield Change("schema-renamed", old.name, old.name, new.name)
        named = Place(old.name, place.fields) if old.name else place
        if old.only is not None and new.only is not None:
            yield from self._compare_members(old.only, new.only, named)
        else:
            yield from self._compare_unions(old, new, named)

    def _compare_unions(self, old: Shape, new: Shape, place: Place) -> Iterator[Change]:
        removed, added = list(old.members), list(new.members)
        for before in old.members:
            after = next((each for each in added if _key(each) == _key(before)), None)
            if after is not None:
                removed.remove(before)
                added.remove(after)
                yield from self._compare_members(before, after, place)
        if removed and added:
            yield self.change("union-member-replaced", place, _keys(removed), _keys(added))
        elif removed:
            yield self.change("union-member-removed", place, _keys(removed))
        elif added:
            yield self.change("union-member-added", place, after=_keys(added))
        tags = [shape.node.get("discriminator", {}) for shape in (old, new)]
        names = [each.get("propertyName") for each in tags]
        if names[0] != names[1] or _is_mapped_anew(*tags):
            yield self.change("discriminator-changed", place, show(names[0]), show(names[1]))

    def _compare_members(self, old: Node, new: Node, place: Place) -> Iterator[Change]:
        names = [each.get("x-name", "") for each in (old, new)]
        place = Place(names[0], place.fields) if names[0] else place
        with self._opened("member", *names) as is_new:
            if is_new:
                yield from self._compare_types(old, new, place)

    def _compare_types(self, old: Node, new: Node, place: Place) -> Iterator[Change]:
        before, after = old.get("type"), new.get("type")
        if before != after:
            yield self.change(_type_change(before, after), place, show(before), show(after))
            if {before, after} != {"integer", "number"}:
                return
        for what, *values in compare_constraints(old, new):
            yield self.change(what, place, *values)
        if before == "object":
            yield from self._compare_objects(old, new, place)
        elif before == "array":
            yield from self._compare_arrays(old, new, place)

    def _compare_objects(self, old: Node, new: Node, place: Place) -> Iterator[Change]:
        before = visible(old, self.side, self.old)
        after = visible(new, self.side, self.new)
        renamed = dict(self._renamed(before, after, old, new))
        for name in before.keys() - after.keys():
            yield self._removal(name, renamed.get(name), old, place)
        for name in after.keys() - before.keys() - set(renamed.values()):
            how = "required" if name in new.get("required", ()) else "optional"
            yield self.change(f"property-added-{how}", place.property(name))
        for name in before.keys() & after.keys():
            yield from self._compare_properties(name, old, new, place.property(name))
        yield from self._compare_others(old, new, place)

    def _removal(self, name: str, new_name: str | None, old: Node, place: Place) -> Change:
        inner = place.property(name)
        if new_name is not None:
            return self.change("property-renamed", inner, name, new_name)
        optional = name not in old.get("required", ()) and self.side is Side.RESPONSE
        return self.change(f"{'optional-' if optional else ''}property-removed", inner)

    def _compare_properties(
        self, name: str, old: Node, new: Node, place: Place
    ) -> Iterator[Change]:
        required = [name in each.get("required", ()) for each in (old, new)]
        if required[0] != required[1]:
            yield self.change(f"property-became-{'required' if required[1] else 'optional'}", place)
        before, after = old["properties"][name], new["properties"][name]
        yield from self.compare(before, after, place)
        if not any(required):
            yield from self.compare_defaults(before, after, place)

    def compare_defaults(self, old: Any, new: Any, place: Place) -> Iterator[Change]:
        """Yield how the values differ that stand for an omitted property or parameter."""
        for what, *values in compare_defaults(flatten(self.old, old), flatten(self.new, new)):
            yield self.change(what, place, *values)

    def _compare_others(self, old: Node, new: Node, place: Place) -> Iterator[Change]:
        """Compare what objects may have besides their properties."""
        before, after = (each.get("additionalProperties", True) for each in (old, new))
        if (before is False) != (after is False):
            yield self.change(f"object-{'closed' if after is False else 'opened'}", place)
        elif before is not False:
            before, after = ({} if each is True else each for each in (before, after))
            yield from self.compare(before, after, place.inside("{}"))

    def _compare_arrays(self, old: Node, new: Node, place: Place) -> Iterator[Change]:
        before, after = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(before) != len(after):
            yield self.change("tuple-changed", place, f"{len(before)} items", f"{len(after)} items")
        for index, pair in enumerate(zip(before, after, strict=False)):
            yield from self.compare(*pair, place.inside(f"[{index}]"))
        items = [each.get("items", {}) for each in (old, new)]
        yield from self.compare(items[0], items[1], place.inside("[]"))

    def _renamed(
        self, before: Node, after: Node, old: Node, new: Node
    ) -> Iterator[tuple[str, str]]:
        """Yield removed properties whose schema one added property has, and no other."""
        removed = {name: _essence(before[name]) for name in before.keys() - after.keys()}
        added = {name: _essence(after[name]) for name in after.keys() - before.keys()}
        for name, essence in removed.items():
            same = [each for each in added if added[each] == essence]
            rivals = [each for each in removed.values() if each == essence]
            if len(same) == 1 and len(rivals) == 1:
                required = [name in old.get("required", ()), same[0] in new.get("required", ())]
                if required[0] == required[1]:
                    yield name, same[0]


def is_deprecated(node: Node) -> bool:
    """Return whether a schema is deprecated."""
    return node.get("deprecated") is True


def _deprecation(new: Node) -> str:
    return "value-deprecated" if is_deprecated(new) else "value-deprecation-withdrawn"


def _is_mapped_anew(old: Node, new: Node) -> bool:
    """Return whether a member of a union that stays has another value of the discriminator."""
    tags = [{member: tag for tag, member in each.get("mapping", {}).items()} for each in (old, new)]
    return any(tags[0][member] != tags[1][member] for member in tags[0].keys() & tags[1].keys())


def _type_change(before: Any, after: Any) -> str:
    if after is None or (before, after) == ("integer", "number"):
        return "type-widened"
    if before is None or (before, after) == ("number", "integer"):
        return "type-narrowed"
    return "type-changed"


def _key(member: Node) -> tuple[Any, ...]:
    """Return what makes a member of a union the same one: its component, or else its type."""
    values = enum_of(member) or []
    tags = [
        (name, canonical(schema["const"]))
        for name, schema in member.get("properties", {}).items()
        if "const" in schema
    ]
    if member.get("x-name") or tags:
        return (member.get("x-name"), *tags)
    return (member.get("type"), member.get("format"), bool(values))


def _keys(members: list[Node]) -> str:
    return ", ".join(
        each.get("x-name") or each.get("title") or show(each.get("type", "any value"))
        for each in members
    )


def _essence(schema: Any) -> str:
    """Return a schema as text, without its words."""
    if isinstance(schema, dict):
        schema = {key: value for key, value in schema.items() if key not in WORDS}
    return canonical(schema)
