"""Models that do not read what they write, types of keys, and security, of FastAPI applications."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.security import APIKeyCookie, APIKeyHeader, APIKeyQuery
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, computed_field

from client_generator.errors import GeneratorError
from generate_python_clients import Source, generate


class Side(Enum):
    BUY = "buy"
    SELL = "sell"


class Order(BaseModel):
    side: Side = Side.BUY


class Area(BaseModel):
    model_config = ConfigDict(extra="forbid")
    width: int

    @computed_field
    @property
    def area(self) -> int:
        return self.width**2


class TwoNames(BaseModel):
    value: int = Field(validation_alias="in_x", serialization_alias="out_x")


class Secret(BaseModel):
    name: str
    secret: str = Field(exclude=True)


class Nested(BaseModel):
    inner: TwoNames


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("one_way_models")
    for kind in (Side, Order, Area, TwoNames, Secret, Nested):
        monkeypatch.setattr(kind, "__module__", package.__name__)
        setattr(package, kind.__name__, kind)
    monkeypatch.setitem(sys.modules, package.__name__, package)


def client_of(spec: dict[str, Any]) -> str:
    return generate([Source("shop", Path("shop.json"), spec)], "one_way_models")["shop_client.py"]


def app_with(answer: Any, dependency: Any = None) -> FastAPI:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)
    app.add_api_route(
        "/things",
        lambda: None,
        name="get_thing",
        response_model=answer,
        dependencies=[Depends(dependency)] if dependency else None,
    )
    return app


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Area, "Area writes computed fields, and forbids them when it reads"),
        (TwoNames, "TwoNames writes the field 'value' as 'out_x', and reads it as 'in_x'"),
        (Secret, "Secret does not write the field 'secret', which it needs when it reads"),
        (Nested, "TwoNames writes the field"),
    ],
)
def test_a_model_that_does_not_read_what_it_writes_is_refused(
    model: type[BaseModel], reason: str
) -> None:
    with pytest.raises(GeneratorError, match=f"{reason}.*; use a model for each way"):
        client_of(app_with(model).openapi())


def test_a_changed_default_beside_a_reference_is_a_difference() -> None:
    spec = app_with(Order).openapi()
    assert "_ORDER_JSON" in client_of(spec)
    side = spec["components"]["schemas"]["Order"]["properties"]["side"]
    assert "$ref" in side
    side["default"] = "sell"
    with pytest.raises(GeneratorError, match=r"Order/properties/side/default.*'sell'.*'buy'"):
        client_of(spec)


@pytest.mark.parametrize(
    ("answer", "annotation"),
    [
        (dict[Side, int], "dict[Side, int]"),
        (dict[Annotated[str, StringConstraints(pattern="^a+$")], Order], "dict[str, Order]"),
    ],
)
def test_keys_of_dictionaries_keep_their_type(answer: Any, annotation: str) -> None:
    assert f"async def get_thing(\n        self,\n    ) -> {annotation}" in client_of(
        app_with(answer).openapi()
    )


def test_a_key_in_the_query_is_refused_and_others_go_by_headers() -> None:
    query = app_with(Order, APIKeyQuery(name="key")).openapi()
    with pytest.raises(GeneratorError, match=r"get_thing.*sent in the query; take it in a header"):
        client_of(query)
    for scheme in (APIKeyHeader(name="X-Key"), APIKeyCookie(name="key")):
        assert "get_thing" in client_of(app_with(Order, scheme).openapi())


def test_the_class_that_an_extension_names_is_found() -> None:
    spec = app_with(Order).openapi()
    schema = spec["components"]["schemas"]["Order"]
    schema |= {"title": "Anything", "x-python-class": "one_way_models.Order"}
    assert "_ORDER_JSON" in client_of(spec)


def test_two_models_of_one_name_in_a_service_are_told_apart() -> None:
    spec = app_with(Order).openapi()
    schemas = spec["components"]["schemas"]
    schemas["shop__api__Order"] = schemas.pop("Order")
    answer = spec["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"] = {"$ref": "#/components/schemas/shop__api__Order"}
    with pytest.raises(GeneratorError, match=r"two models called 'Order'.*rename one"):
        client_of(spec)
