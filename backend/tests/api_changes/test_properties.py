"""What holds for the comparison of any specs, compared with what clients and services really do.

The examples are the same in each run; `make -C backend fuzz` tries random ones.
"""

from __future__ import annotations

import os
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, given, settings

from api_changes.cases import Modules, compare, with_schema
from api_changes.examples import Schema, add_optional_things, pairs, specs
from api_changes.old_client import Client, values_of
from api_diff.catalogue import level_of
from api_diff.changes import Change, Level, Side

FUZZ = int(os.environ.get("FUZZ", "0"))
CONFIGURATION = settings(
    derandomize=not FUZZ,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def examples(fixed: int) -> settings:
    return settings(CONFIGURATION, max_examples=FUZZ or fixed)


@examples(50)
@given(specs())
def test_spec_is_equal_to_itself(modules: Modules) -> None:
    assert compare(modules, modules) == []


@examples(25)
@given(specs())
def test_optional_addition_is_no_break_and_its_removal_is_none_unseen(modules: Modules) -> None:
    for larger in add_optional_things(modules):
        added, removed = compare(modules, larger), compare(larger, modules)
        assert added
        assert not any(level_of(each).is_break for each in added)
        assert any(level_of(each).is_break for each in removed)


@examples(1000)
@given(pairs())
def test_break_of_a_response_is_one_for_a_client_of_the_base(pair: tuple[Schema, Schema]) -> None:
    old, new = pair
    levels, changes = _compare(old, new, Side.RESPONSE)
    client = Client(old)
    misread = [value for value in values_of(new) if client.misreads(value)]

    if Level.WIRE in levels:
        assert misread or _renames_an_optional_field(changes)
    elif Level.CLIENTS_FIRST not in levels:
        assert misread == []


@examples(300)
@given(pairs())
def test_break_of_a_request_is_one_for_a_client_of_the_base(pair: tuple[Schema, Schema]) -> None:
    old, new = (_closed(each) for each in pair)
    levels, _ = _compare(old, new, Side.REQUEST)
    service = jsonschema_rs.validator_for(new)
    rejected = [value for value in values_of(old) if not service.is_valid(value)]

    assert bool(rejected) is (Level.WIRE in levels)


@examples(150)
@given(pairs())
def test_break_one_way_is_an_addition_the_other_way(pair: tuple[Schema, Schema]) -> None:
    for side in Side:
        forth, changes = _compare(*pair, side)
        back, _ = _compare(*reversed(pair), side)
        if forth == {Level.WIRE} and not any(each.kind.endswith(BOTH_WAYS) for each in changes):
            assert not any(each.is_break for each in back)


BOTH_WAYS = ("changed", "replaced", "renamed", "removed", "added-required")
"""Kinds that are a break in both directions."""


def _compare(old: Schema, new: Schema, side: Side) -> tuple[set[Level], list[Change]]:
    changes = compare(with_schema(old, side), with_schema(new, side))
    return {level_of(each) for each in changes}, changes


def _renames_an_optional_field(changes: list[Change]) -> bool:
    """Return whether a field arrives under another name, which a client takes for left out."""
    return any(each.kind == "response-property-renamed" for each in changes)


def _closed(schema: Any) -> Any:
    """Return a schema whose objects have no other fields, as those of requests."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    return {**closed, "additionalProperties": False} if "properties" in schema else closed
