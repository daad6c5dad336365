"""The OpenAPI specs that are exported, and what keeps an invalid one from being written."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, Header
from openapi_spec_validator import validate
from pydantic import BaseModel

from export_openapi_spec import build_openapi_spec
from exporter import SpecError
from spec_checks import find_undefined_names_in_models
from trading_api import app_factory
from trading_api.shared.parameters import NULL, without_null
from trading_api.shared.problems import ProblemType
from trading_api.shared.utils import MODULES_DIR, discover_modules

MODULES = discover_modules(MODULES_DIR)


@pytest.fixture(scope="module", params=MODULES)
def exported(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, build_openapi_spec(request.param)


def operations(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in spec["paths"].values() for operation in item.values()]


def test_spec_is_valid_and_names_the_module(exported: tuple[str, dict[str, Any]]) -> None:
    name, spec = exported
    validate(spec)
    info = app_factory.module_info(name)
    assert spec["info"]["title"] == f"{info.title} API"
    assert spec["info"]["version"] == info.version
    assert spec["servers"] == [{"url": f"http://127.0.0.1:{info.port}"}]


def test_spec_contains_this_module_alone(exported: tuple[str, dict[str, Any]]) -> None:
    name, spec = exported
    assert {tag for operation in operations(spec) for tag in operation["tags"]} == {name}
    assert [tag["name"] for tag in spec["tags"]] == [name]
    assert all(path.startswith("/api/v1/") for path in spec["paths"])


def test_spec_contains_only_the_schemas_that_it_uses(exported: tuple[str, dict[str, Any]]) -> None:
    _, spec = exported
    schemas = spec["components"]["schemas"]
    used: set[str] = set()
    pending = set(re.findall(r"#/components/schemas/(\w+)", str(spec["paths"])))
    while pending:
        used |= pending
        found = {
            key for name in pending for key in re.findall(r"schemas/(\w+)", str(schemas[name]))
        }
        pending = found - used
    assert used == set(schemas)


def test_every_error_is_declared_as_a_problem(exported: tuple[str, dict[str, Any]]) -> None:
    _, spec = exported
    for operation in operations(spec):
        errors = {key: value for key, value in operation["responses"].items() if key[0] != "2"}
        assert "default" in errors
        for response in errors.values():
            assert response["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }


def test_problem_types_are_listed_in_the_spec(exported: tuple[str, dict[str, Any]]) -> None:
    _, spec = exported
    described = spec["components"]["schemas"]["Problem"]["properties"]["type"]["description"]
    assert [f"- `{each}`: {each.meaning}" for each in ProblemType] == described.splitlines()[2:]


def test_no_parameter_can_be_null(exported: tuple[str, dict[str, Any]]) -> None:
    _, spec = exported
    parameters = [
        each
        for path in spec["paths"].values()
        for operation in path.values()
        for each in operation.get("parameters", ())
    ]
    assert parameters
    assert "null" not in json.dumps(parameters)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, {"type": "string"}),
        ({"anyOf": [{"$ref": "#/x"}, NULL], "title": "X"}, {"$ref": "#/x", "title": "X"}),
        ({"anyOf": [{"type": "string"}, NULL], "default": None}, {"type": "string"}),
        ({"anyOf": [{"type": "string"}, NULL], "default": ""}, {"type": "string", "default": ""}),
        (
            {"anyOf": [{"type": "array", "items": {}, "maxItems": 3}, NULL]},
            {"type": "array", "items": {}, "maxItems": 3, "minItems": 1},
        ),
        (
            {"anyOf": [{"type": "array", "minItems": 2}, NULL, {"type": "string"}]},
            {"anyOf": [{"type": "array", "minItems": 2}, {"type": "string"}]},
        ),
    ],
)
def test_null_of_a_parameter_is_not_declared(schema: Any, expected: Any) -> None:
    assert without_null(schema) == expected


def test_integer_enums_carry_their_names() -> None:
    for name in MODULES:
        for key, schema in build_openapi_spec(name)["components"]["schemas"].items():
            if schema.get("type") == "integer" and "enum" in schema:
                assert len(schema["x-enum-varnames"]) == len(schema["enum"]), key


def test_second_export_gives_the_same_spec(exported: tuple[str, dict[str, Any]]) -> None:
    name, spec = exported
    assert build_openapi_spec(name) == spec


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> APIRouter:
    """The routes that a module has in the test, in place of its own."""
    router = APIRouter()
    monkeypatch.setattr(app_factory._import_part(MODULES[0], "api"), "router", router)
    return router


def export_error() -> str:
    with pytest.raises(SpecError) as caught:
        build_openapi_spec(MODULES[0])
    return str(caught.value)


def test_duplicate_operation_id_names_both_functions(routes: APIRouter) -> None:
    def first() -> int: ...

    def second() -> int: ...

    second.__name__ = "first"
    routes.get("/a")(first)
    routes.get("/b")(second)
    assert re.search(
        r"test_openapi_export\.py:\d+: first: the operationId 'first' is already used by"
        r" .*test_openapi_export\.py:\d+: first; rename",
        export_error(),
    )


def test_endpoint_without_response_type_is_named(routes: APIRouter) -> None:
    @routes.get("/a")
    def untyped():
        return 1

    @routes.delete("/b")
    def nothing() -> None: ...

    message = export_error()
    assert re.search(r"test_openapi_export\.py:\d+: untyped: the response has no type", message)
    assert "status_code=204" in message
    assert "nothing: the response has no type" in message


def test_tags_of_an_operation_are_rejected(routes: APIRouter) -> None:
    @routes.get("/a", tags=["mine"])
    def tagged() -> int: ...

    assert "tagged: has tags of its own" in export_error()


class Loose(BaseModel):
    anything: dict


@pytest.mark.parametrize("annotation", ["dict", "list", "Any", "dict[str, Any]", "list[dict]"])
def test_untyped_response_is_rejected(routes: APIRouter, annotation: str) -> None:
    def loose() -> None: ...

    loose.__annotations__["return"] = annotation
    routes.get("/a")(loose)
    assert re.search(
        r"test_openapi_export\.py:\d+: loose: the response has no type", export_error()
    )


def test_untyped_parameter_body_and_field_are_rejected(
    routes: APIRouter,
) -> None:
    @routes.post("/a")
    def loose(body: dict, value=None) -> Loose: ...

    message = export_error()
    assert re.search(r"test_openapi_export\.py:\d+: loose: the parameter 'value' has", message)
    assert re.search(r"test_openapi_export\.py:\d+: loose: the body has no type", message)
    assert re.search(r"test_openapi_export\.py:\d+: Loose: the field 'anything' has", message)


def test_parameter_that_no_client_can_send_is_rejected(routes: APIRouter) -> None:
    @routes.get("/a/{b}")
    def unsendable(b: int, x: Annotated[dict[str, int], Header()]) -> int: ...

    assert re.search(
        r"test_openapi_export\.py:\d+: unsendable: an object cannot be sent in a header"
        r" \(at #/paths/~1api~1v1~1a~1\{b\}/get/parameters/1/schema\); change",
        export_error(),
    )


def needed(x: Missing) -> int: ...  # noqa: F821


def test_undefined_name_is_reported_with_its_function(routes: APIRouter) -> None:
    @routes.get("/a")
    def listing() -> list[Lost]: ...  # noqa: F821

    @routes.get("/b")
    def needs(x: Annotated[int, Depends(needed)]) -> int: ...

    message = export_error()
    location = r"test_openapi_export\.py:\d+"
    assert re.search(location + r": listing: the name 'Lost' in its annotations is not", message)
    assert re.search(location + r": needed: the name 'Missing' in its annotations is not", message)


def test_undefined_name_is_reported_with_its_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, routes: APIRouter
) -> None:
    lines = ["from pydantic import BaseModel", "", "class Torn(BaseModel):", "    a: 'Gone'"]
    (tmp_path / "torn_models.py").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    torn = importlib.import_module("torn_models").Torn

    def broken() -> None: ...

    broken.__annotations__["return"] = torn
    routes.get("/a")(broken)
    with pytest.raises(SpecError):
        build_openapi_spec(MODULES[0])
    (message,) = find_undefined_names_in_models("torn_models")
    assert message.endswith(
        "torn_models.py:3: Torn: the name 'Gone' " + message.partition("Gone' ")[2]
    )


def test_unknown_module_lists_the_known_ones() -> None:
    from export_openapi_spec import export_openapi_spec

    with pytest.raises(SpecError, match=f"known: {', '.join(MODULES)}"):
        export_openapi_spec("no_such_module")
