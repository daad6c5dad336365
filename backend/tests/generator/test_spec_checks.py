"""The checks at export report the source location of the function that declares an operation."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, JsonValue

from golden.apps.models import Item
from spec_checks import find_client_errors, find_untyped_models, locate_operations


class Unknown(BaseModel):
    """A model outside of the models package."""


class Other(BaseModel):
    """Another one."""


def test_errors_in_components_have_the_locations_of_their_operations() -> None:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)

    @app.get("/items/{name}")
    async def get_item(name: str) -> Item: ...

    @app.get("/unknown")
    async def get_unknown() -> Unknown: ...

    @app.get("/others")
    async def get_others() -> list[Other]: ...

    @app.get("/other")
    async def get_other() -> Other: ...

    locations = locate_operations(app)
    errors = [*find_client_errors(app.openapi(), "shop", "golden.apps.models", locations)]
    expected = {"get_unknown": "Unknown", "get_others": "Other"}
    for error, (function, model) in zip(errors, expected.items(), strict=True):
        assert re.fullmatch(
            rf"\S*test_spec_checks\.py:\d+: {function}: golden\.apps\.models has no model"
            rf" '{model}'; define it there, .* --models \(at #/components/schemas/{model}\);"
            r" change what the function declares",
            error,
        )


def test_spec_that_can_become_a_client_has_no_error() -> None:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)

    @app.get("/items/{name}")
    async def get_item(name: str) -> Item: ...

    locations = locate_operations(app)
    assert not [*find_client_errors(app.openapi(), "shop", "golden.apps.models", locations)]


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
