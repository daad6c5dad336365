"""Clients of FastAPI applications: models that do not read what they write, keys, security."""

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
    package = ModuleType("api_models")
    for kind in (Side, Order, Area, TwoNames, Secret, Nested):
        monkeypatch.setattr(kind, "__module__", package.__name__)
        setattr(package, kind.__name__, kind)
    monkeypatch.setitem(sys.modules, package.__name__, package)


def client_of(spec: dict[str, Any]) -> str:
    return generate([Source("shop", Path("shop.json"), spec)], ["api_models"])["shop_client.py"]


def app_with(response: Any, dependency: Any = None) -> FastAPI:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)
    app.add_api_route(
        "/things",
        lambda: None,
        name="get_thing",
        response_model=response,
        dependencies=[Depends(dependency)] if dependency else None,
    )
    return app


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Area, "Area writes computed fields, which it forbids when it reads"),
        (TwoNames, "TwoNames writes the field 'value' as 'out_x', but reads it as 'in_x'"),
        (Secret, "Secret does not write the field 'secret', which it requires when it reads"),
        (Nested, "TwoNames writes the field"),
    ],
)
def test_model_that_does_not_read_what_it_writes_is_rejected(
    model: type[BaseModel], reason: str
) -> None:
    with pytest.raises(GeneratorError, match=f"{reason}.*; use one model for requests"):
        client_of(app_with(model).openapi())


def test_changed_default_beside_a_reference_is_rejected() -> None:
    spec = app_with(Order).openapi()
    assert "_ORDER_JSON" in client_of(spec)
    side = spec["components"]["schemas"]["Order"]["properties"]["side"]
    assert "$ref" in side
    side["default"] = "sell"
    with pytest.raises(GeneratorError, match=r"Order/properties/side/default.*'sell'.*'buy'"):
        client_of(spec)


@pytest.mark.parametrize(
    ("response", "annotation"),
    [
        (dict[Side, int], "dict[Side, int]"),
        (dict[Annotated[str, StringConstraints(pattern="^a+$")], Order], "dict[str, Order]"),
    ],
)
def test_key_of_dict_keeps_its_type(response: Any, annotation: str) -> None:
    assert f"async def get_thing(\n        self,\n    ) -> {annotation}" in client_of(
        app_with(response).openapi()
    )


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        (APIKeyQuery(name="key"), "(('query', 'key'),)"),
        (APIKeyHeader(name="X-Key"), "(('header', 'X-Key'),)"),
        (APIKeyCookie(name="key"), "(('cookie', 'key'),)"),
    ],
)
def test_operation_declares_where_its_api_key_is_sent(scheme: Any, expected: str) -> None:
    source = client_of(app_with(Order, scheme).openapi())
    assert f"api_keys={expected}".replace("'", '"') in source


def test_component_of_the_other_namesake_is_rejected() -> None:
    spec = app_with(Order).openapi()
    schemas = spec["components"]["schemas"]
    schemas["shop__api__Order"] = schemas.pop("Order")
    content = spec["paths"]["/things"]["get"]["responses"]["200"]["content"]
    content["application/json"]["schema"] = {"$ref": "#/components/schemas/shop__api__Order"}
    with pytest.raises(GeneratorError, match=r"two models named 'Order'.*rename one"):
        client_of(spec)
