"""Clients of FastAPI applications: models that do not read what they write, keys, security."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.security import APIKeyCookie, APIKeyHeader, APIKeyQuery
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, computed_field
from typing_extensions import TypedDict

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


class Hidden(BaseModel):
    name: str
    note: str = Field(default="", exclude=True)


class Around(BaseModel):
    inner: list[Hidden] = []


class HiddenIf(BaseModel):
    note: str = Field(default="", exclude_if=lambda value: value == "")


@dataclass
class HiddenInDataclass:
    name: str
    note: str = Field(default="", exclude=True)


class HiddenInDict(TypedDict):
    name: Annotated[str, Field(exclude=True)]


class HalfEncoded(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64")
    content: bytes


class Encoded(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    content: bytes
    name: str = ""


class Pointer(BaseModel):
    ref: str = Field(alias="$ref")
    properties: list[int] = []
    format: str = ""
    required: bool = False


class UserRead(BaseModel):
    model_config = ConfigDict(title="User")
    id: int


class User(BaseModel):
    id: int


MODELS: tuple[type[Any], ...] = (Side, Order, Area, TwoNames, Secret, Nested, Hidden, HiddenIf)
MODELS += (Around, Pointer, HiddenInDataclass, HiddenInDict, HalfEncoded, Encoded, UserRead, User)


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("api_models")
    for kind in MODELS:
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
        (HalfEncoded, "HalfEncoded writes bytes as base64, but reads them as utf8"),
    ],
)
def test_model_that_does_not_read_what_it_writes_is_rejected(
    model: type[BaseModel], reason: str
) -> None:
    with pytest.raises(GeneratorError, match=f"{reason}.*; use one model for requests"):
        client_of(app_with(model).openapi())


def app_that_takes(body: Any) -> FastAPI:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)

    def post_thing(thing: Any) -> None: ...

    post_thing.__annotations__["thing"] = body
    app.post("/things")(post_thing)
    return app


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (Hidden, "Hidden of a request does not write its field 'note'"),
        (list[Around], "Hidden of a request does not write its field 'note'"),
        (HiddenIf, "HiddenIf of a request does not write its field 'note'"),
        (HiddenInDataclass, "HiddenInDataclass of a request does not write its field 'note'"),
        (HiddenInDict, "HiddenInDict of a request does not write its field 'name'"),
    ],
)
def test_field_of_a_request_that_would_not_be_sent_is_rejected(body: Any, reason: str) -> None:
    with pytest.raises(GeneratorError, match=f"{reason}.*use one model for requests"):
        client_of(app_that_takes(body).openapi())


def test_field_named_like_a_keyword_of_json_schema_is_compared() -> None:
    spec = app_with(Pointer).openapi()
    assert "_POINTER_JSON" in client_of(spec)
    spec["components"]["schemas"]["Pointer"]["properties"]["$ref"]["type"] = "integer"
    with pytest.raises(GeneratorError, match=r"Pointer/properties/\$ref/type"):
        client_of(spec)


def test_field_of_a_response_may_be_excluded() -> None:
    assert "_HIDDEN_JSON" in client_of(app_with(Hidden).openapi())


def test_class_whose_title_is_another_class_is_found_by_its_key() -> None:
    app = app_with(UserRead)
    app.add_api_route("/users", lambda: None, name="get_user", response_model=User)
    source = client_of(app.openapi())
    assert "_GET_THING: Operation[UserRead]" in source
    assert "_GET_USER: Operation[User]" in source


def test_two_schemas_of_one_class_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_with(UserRead)
    app.add_api_route("/users", lambda: None, name="get_user", response_model=User)
    monkeypatch.delattr(sys.modules["api_models"], "UserRead")
    with pytest.raises(GeneratorError, match=r"would have the class of .*; define or import the"):
        client_of(app.openapi())


def test_changed_encoding_of_bytes_is_rejected() -> None:
    spec = app_with(Encoded).openapi()
    assert "_ENCODED_JSON" in client_of(spec)
    del spec["components"]["schemas"]["Encoded"]["properties"]["content"]["contentEncoding"]
    with pytest.raises(GeneratorError, match=r"content/format: the spec and the class Encoded"):
        client_of(spec)


def test_error_of_a_default_names_the_remedy_for_computed_ones() -> None:
    spec = app_with(Encoded).openapi()
    spec["components"]["schemas"]["Encoded"]["properties"]["name"]["default"] = "random"
    with pytest.raises(GeneratorError, match=r"computed at import, use default_factory"):
        client_of(spec)


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
