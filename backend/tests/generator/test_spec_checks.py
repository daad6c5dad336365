"""The checks at export report the source location of the function that declares an operation."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, JsonValue

from golden.apps.models import Item
from spec_checks import find_client_error, find_untyped_models, locate_operations


class Unknown(BaseModel):
    """A model outside of the models package."""


def test_error_in_component_has_the_location_of_its_operation() -> None:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)

    @app.get("/items/{name}")
    async def get_item(name: str) -> Item: ...

    @app.get("/unknown")
    async def get_unknown() -> Unknown: ...

    error = find_client_error(app.openapi(), "shop", "golden.apps.models", locate_operations(app))
    assert error is not None
    assert re.fullmatch(
        r"\S*test_spec_checks\.py:\d+: get_unknown: golden\.apps\.models has no model 'Unknown';"
        r" define it there, .* --models \(at #/components/schemas/Unknown\);"
        r" change what the function declares",
        error,
    )


def test_spec_that_can_become_a_client_has_no_error() -> None:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)

    @app.get("/items/{name}")
    async def get_item(name: str) -> Item: ...

    locations = locate_operations(app)
    assert find_client_error(app.openapi(), "shop", "golden.apps.models", locations) is None


class Preferences(BaseModel):
    """A model with JSON of any kind, once meant and once not."""

    meant: JsonValue
    details: dict[str, JsonValue] = {}
    loose: dict[str, Any] = {}


def test_alias_of_any_json_is_a_type_and_any_is_not() -> None:
    app = FastAPI()

    @app.put("/preferences", responses={422: {}})
    async def put_preferences(preferences: Preferences) -> None: ...

    (error,) = find_untyped_models(
        {
            name: app.openapi()["components"]["schemas"][name]
            for name in ("JsonValue", "Preferences")
        }
    )
    assert re.match(r"\S*test_spec_checks\.py:\d+: Preferences: the field 'loose' has no", error)
    assert error.endswith("or pydantic.JsonValue if it can be any JSON")
