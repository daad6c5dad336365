"""The kinds of changes of schemas: each on the side of requests, and on that of responses."""

from __future__ import annotations

from dataclasses import dataclass

from api_diff.changes import Side

Verdict = tuple[str, str] | None
"""A level and a remedy; None if there is no such change on this side."""

SERVICE = "Deploy the service before the clients that use it."
TOGETHER = "Deploy the service before clients that expect it."
CLIENTS = "Deploy clients that know it before the service sends it."
NOTHING = "Nothing to do."


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of change of a schema. `opposite` may differ by side: `request|response`."""

    meaning: str
    opposite: str
    request: Verdict
    response: Verdict

    def opposite_of(self, side: Side) -> str:
        first, _, second = self.opposite.partition("|")
        return first if side is Side.REQUEST else second or first


ROWS: dict[str, Row] = {
    "property-added-optional": Row(
        *("a new optional field", "property-removed|optional-property-removed"),
        (
            "service",
            "Deploy the service before the clients that send it: it rejects unknown fields.",
        ),
        ("ok", "Nothing to do: clients ignore unknown fields."),
    ),
    "property-added-required": Row(
        *("a new required field", "property-removed"),
        ("wire", "Make it optional, with a default that does what happened before."),
        ("service", TOGETHER),
    ),
    "property-removed": Row(
        *("a field is gone", "property-added-required"),
        ("wire", "Deprecate the field, and accept it until no client sends it."),
        ("wire", "Deprecate the field, and send it until no client reads it."),
    ),
    "optional-property-removed": Row(
        *("an optional field is gone", "property-added-optional"),
        None,
        ("source", "Deprecate the field, and send it until no client reads it."),
    ),
    "property-renamed": Row(
        *("a field has another name", "property-renamed"),
        (
            "wire",
            "Add the new field, and accept both until no client sends the old one.",
        ),
        (
            "wire",
            "Add the new field, and send both until no client reads the old one.",
        ),
    ),
    "property-became-required": Row(
        *("a field may not be omitted any more", "property-became-optional"),
        ("wire", "Keep it optional, with a default."),
        ("service", TOGETHER),
    ),
    "property-became-optional": Row(
        *("a field may be omitted", "property-became-required"),
        ("service", "Deploy the service before the clients that omit it."),
        ("wire", "Always send the field, if need be with a neutral value."),
    ),
    "type-changed": Row(
        *("another type", "type-changed"),
        ("wire", "Add a field or parameter with the new type, and accept both."),
        ("wire", "Add a field with the new type, and send both."),
    ),
    "type-narrowed": Row(
        *("a narrower type, such as integer for number", "type-widened"),
        ("wire", "Keep accepting the wider type."),
        ("service", TOGETHER),
    ),
    "type-widened": Row(
        *("a wider type, such as number for integer", "type-narrowed"),
        ("service", SERVICE),
        ("wire", "Add a field with the wider type, and send both."),
    ),
    "became-nullable": Row(
        *("may be null", "became-not-nullable"),
        ("service", "Deploy the service before the clients that send null."),
        ("wire", "Send a neutral value instead of null, or add a new field."),
    ),
    "became-not-nullable": Row(
        *("may not be null any more", "became-nullable"),
        ("wire", "Keep accepting null, as if the value were omitted."),
        ("service", TOGETHER),
    ),
    "format-added": Row(
        *("a new format, such as date-time", "format-removed"),
        ("wire", "Keep accepting what had no format."),
        ("service", TOGETHER),
    ),
    "format-removed": Row(
        *("the format is gone", "format-added"),
        ("service", SERVICE),
        ("wire", "Keep the format, or add a new field."),
    ),
    "format-changed": Row(
        *("another format", "format-changed"),
        ("wire", "Add a field or parameter with the new format."),
        ("wire", "Add a field with the new format, and send both."),
    ),
    "enum-member-added": Row(
        *("a new member of an enum", "enum-member-removed"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "enum-member-removed": Row(
        *("a member of an enum is gone", "enum-member-added"),
        ("wire", "Accept the member until no client sends it."),
        ("service", "Deploy the service before clients that do not know the member."),
    ),
    "enum-member-replaced": Row(
        *("members of an enum are gone, and others are new", "enum-member-replaced"),
        ("wire", "Accept the old members, too, until no client sends them."),
        ("wire", "Add the new members in one release, and remove the old ones in a later one."),
    ),
    "enum-closed": Row(
        *("only the members of an enum, instead of any value", "enum-opened"),
        ("wire", "Keep accepting other values."),
        ("service", TOGETHER),
    ),
    "enum-opened": Row(
        *("any value, instead of the members of an enum", "enum-closed"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "enum-name-changed": Row(
        *("a member of an enum has another name in code", "enum-name-changed"),
        ("source", "Keep the name of the member, or rename its users in the same commit."),
        ("source", "Keep the name of the member, or rename its users in the same commit."),
    ),
    "range-narrowed": Row(
        *("a smaller range of numbers", "range-widened"),
        ("wire", "Keep accepting the larger range."),
        ("service", TOGETHER),
    ),
    "range-widened": Row(
        *("a larger range of numbers", "range-narrowed"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "length-narrowed": Row(
        *("a smaller range of lengths", "length-widened"),
        ("wire", "Keep accepting the other lengths."),
        ("service", TOGETHER),
    ),
    "length-widened": Row(
        *("a larger range of lengths", "length-narrowed"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "item-count-narrowed": Row(
        *("a smaller range of list lengths", "item-count-widened"),
        ("wire", "Keep accepting the other lists."),
        ("service", TOGETHER),
    ),
    "item-count-widened": Row(
        *("a larger range of list lengths", "item-count-narrowed"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "property-count-narrowed": Row(
        *("a smaller range of field counts", "property-count-widened"),
        ("wire", "Keep accepting the other objects."),
        ("service", TOGETHER),
    ),
    "property-count-widened": Row(
        *("a larger range of field counts", "property-count-narrowed"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "pattern-added": Row(
        *("a new pattern", "pattern-removed"),
        ("wire", "Keep accepting what does not match, or correct it."),
        ("service", TOGETHER),
    ),
    "pattern-removed": Row(
        *("the pattern is gone", "pattern-added"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "pattern-changed": Row(
        *("another pattern, which may match less", "pattern-changed"),
        ("wire", "If the new pattern matches all that the old one did, allow the change."),
        ("clients", CLIENTS),
    ),
    "multiple-narrowed": Row(
        *("fewer multiples of a number", "multiple-widened"),
        ("wire", "Round other values instead of rejecting them."),
        ("service", TOGETHER),
    ),
    "multiple-widened": Row(
        *("more multiples of a number, or any number", "multiple-narrowed"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "multiple-changed": Row(
        *("multiples of another number", "multiple-changed"),
        ("wire", "Round other values instead of rejecting them."),
        ("clients", CLIENTS),
    ),
    "uniqueness-added": Row(
        *("items may not be equal any more", "uniqueness-removed"),
        ("wire", "Ignore repeated items instead of rejecting them."),
        ("service", TOGETHER),
    ),
    "uniqueness-removed": Row(
        *("items may be equal", "uniqueness-added"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "object-closed": Row(
        *("fields besides the declared ones are not allowed any more", "object-opened"),
        ("wire", "Keep ignoring unknown fields."),
        ("ok", NOTHING),
    ),
    "object-opened": Row(
        *("fields besides the declared ones are allowed", "object-closed"),
        ("service", SERVICE),
        ("ok", "Nothing to do: clients ignore unknown fields."),
    ),
    "union-member-added": Row(
        *("a new member of a union", "union-member-removed"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "union-member-removed": Row(
        *("a member of a union is gone", "union-member-added"),
        ("wire", "Accept the member until no client sends it."),
        ("service", "Deploy the service before clients that do not know the member."),
    ),
    "union-member-replaced": Row(
        *("members of a union are gone, and others are new", "union-member-replaced"),
        ("wire", "Accept the old members, too, until no client sends them."),
        ("wire", "Add the new members in one release, and remove the old ones in a later one."),
    ),
    "discriminator-changed": Row(
        *("another field says which member of a union it is", "discriminator-changed"),
        ("wire", "Keep the field, and make a new union for the new one."),
        ("wire", "Keep the field, and make a new union for the new one."),
    ),
    "tuple-changed": Row(
        *("another number of items at fixed positions", "tuple-changed"),
        ("wire", "Use an object with names instead of positions."),
        ("wire", "Use an object with names instead of positions."),
    ),
    "default-added": Row(
        *("an omitted value has a default", "default-removed"),
        ("ok", "Make sure that it does what happened before without the value."),
        ("ok", NOTHING),
    ),
    "default-removed": Row(
        *("an omitted value has no default any more", "default-added"),
        ("wire", "Keep the default: a client that omits the value relies on it."),
        ("ok", "Send the value: clients may have filled in the default."),
    ),
    "default-changed": Row(
        *("an omitted value has another default", "default-changed"),
        ("wire", "Keep the default: requests of deployed clients would mean something else."),
        ("ok", "Send the value: clients may fill in different defaults."),
    ),
    "value-deprecated": Row(
        *("a field or value is deprecated", "value-deprecation-withdrawn"),
        ("ok", "Tell the callers what to send instead."),
        ("ok", "Tell the callers what to read instead."),
    ),
    "value-deprecation-withdrawn": Row(
        *("a field or value is not deprecated any more", "value-deprecated"),
        ("ok", NOTHING),
        ("ok", NOTHING),
    ),
    "keyword-added": Row(
        *("a new condition, such as `not`, `if` or `dependentRequired`", "keyword-removed"),
        ("wire", "Keep accepting what does not meet the condition."),
        ("service", TOGETHER),
    ),
    "keyword-removed": Row(
        *("a condition such as `not`, `if` or `contains` is gone", "keyword-added"),
        ("service", SERVICE),
        ("clients", CLIENTS),
    ),
    "keyword-changed": Row(
        *("a keyword that api-diff cannot judge has another value", "keyword-changed"),
        ("wire", "Compare both schemas; if no client is concerned, allow the change."),
        ("wire", "Compare both schemas; if no client is concerned, allow the change."),
    ),
}
