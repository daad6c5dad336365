"""Models that have changed since the spec was exported stop the generation."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from client_generator.document import parse
from client_generator.drift import check_drift
from client_generator.errors import GeneratorError
from client_generator.models import ModelIndex
from shapes import answers, bodies, parameters

MODELS = ModelIndex("shapes.models")


@pytest.mark.parametrize("app", [answers.app, bodies.app, parameters.app])
def test_what_was_just_exported_does_not_differ(app: Any) -> None:
    spec = app.openapi()
    check_drift(spec, parse("t", spec, MODELS).components)


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (
            lambda schemas: schemas["Item"]["properties"].pop("note"),
            "Item/properties/note",
            "the spec has nothing, the class {'anyOf'",
        ),
        (
            lambda schemas: schemas["Item"]["required"].remove("price"),
            "Item/required",
            "the spec has ['name'], the class ['name', 'price']",
        ),
        (
            lambda schemas: schemas["Colour"]["enum"].append("green"),
            "Colour/enum",
            "the spec has ['red', 'dark blue', 'green']",
        ),
        (
            lambda schemas: schemas["Node"]["properties"]["value"].update(type="string"),
            "Node/properties/value/type",
            "the spec has 'string', the class 'integer'",
        ),
        (
            lambda schemas: schemas["Page_Item_"]["properties"]["items"].update(
                items={"$ref": "#/components/schemas/Node"}
            ),
            "Node",
            "the class Item differ",
        ),
    ],
)
def test_difference_is_named(change: Callable[[Any], object], place: str, reason: str) -> None:
    spec = copy.deepcopy(answers.app.openapi())
    change(spec["components"]["schemas"])
    with pytest.raises(GeneratorError) as caught:
        check_drift(spec, parse("t", spec, MODELS).components)
    assert caught.value.place.startswith(f"#/components/schemas/{place}")
    assert reason in str(caught.value)
    assert "make -C backend export-specs" in str(caught.value)


def test_a_changed_description_is_no_difference() -> None:
    spec = copy.deepcopy(answers.app.openapi())
    spec["components"]["schemas"]["Item"]["description"] = "Said in other words."
    check_drift(spec, parse("t", spec, MODELS).components)
