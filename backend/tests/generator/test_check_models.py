"""The check of models: it fails if they have changed since the spec was exported."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from client_generator.check_models import check_models
from client_generator.errors import GeneratorError
from client_generator.models import ModelIndex
from client_generator.parse import parse
from golden.apps import bodies, parameters, responses

MODELS = ModelIndex("golden.apps.models")


@pytest.mark.parametrize("app", [responses.app, bodies.app, parameters.app])
def test_freshly_exported_spec_passes(app: Any) -> None:
    spec = app.openapi()
    check_models(spec, parse("t", spec, MODELS).components)


@pytest.mark.parametrize(
    ("change", "pointer", "reason"),
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
def test_changed_model_raises_error_with_pointer_and_both_sides(
    change: Callable[[Any], object], pointer: str, reason: str
) -> None:
    spec = copy.deepcopy(responses.app.openapi())
    change(spec["components"]["schemas"])
    with pytest.raises(GeneratorError) as caught:
        check_models(spec, parse("t", spec, MODELS).components)
    assert caught.value.pointer.startswith(f"#/components/schemas/{pointer}")
    assert reason in str(caught.value)
    assert "make -C backend export-specs" in str(caught.value)


def test_changed_description_passes() -> None:
    spec = copy.deepcopy(responses.app.openapi())
    spec["components"]["schemas"]["Item"]["description"] = "Something that is sold."
    check_models(spec, parse("t", spec, MODELS).components)


class Gadget(BaseModel):
    model_config = ConfigDict(table=True)  # type: ignore[typeddict-unknown-key]

    id: int | None = None
    name: str
    made: date | None = None


def test_table_of_sqlmodel_that_does_not_validate_raises() -> None:
    app = FastAPI()

    @app.get("/gadget")
    def get_gadget() -> Gadget:
        raise NotImplementedError

    spec = app.openapi()
    document = parse("t", spec, ModelIndex(__name__))
    with pytest.raises(GeneratorError, match=r"its field 'made' would be .* without table=True"):
        check_models(spec, document.components)
