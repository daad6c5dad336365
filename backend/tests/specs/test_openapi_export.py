"""The OpenAPI specs that are exported, and what keeps a faulty one from being written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import APIRouter
from openapi_spec_validator import validate

from export_openapi_spec import build_openapi_spec
from exporter import SpecError
from trading_api import app_factory
from trading_api.shared.utils import MODULES_DIR, discover_modules

MODULES = discover_modules(MODULES_DIR)


@pytest.fixture(scope="module", params=MODULES)
def exported(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, build_openapi_spec(request.param)


def operations(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in spec["paths"].values() for operation in item.values()]


def test_is_valid_and_says_what_it_is(exported: tuple[str, dict[str, Any]]) -> None:
    name, spec = exported
    validate(spec)
    info = app_factory.module_info(name)
    assert spec["info"]["title"] == f"{info.title} API"
    assert spec["info"]["version"] == info.version
    assert spec["servers"] == [{"url": f"http://127.0.0.1:{info.port}"}]


def test_holds_this_module_alone(exported: tuple[str, dict[str, Any]]) -> None:
    name, spec = exported
    assert {tag for operation in operations(spec) for tag in operation["tags"]} == {name}
    assert [tag["name"] for tag in spec["tags"]] == [name]
    assert all(path.startswith("/api/v1/") for path in spec["paths"])


def test_holds_only_the_schemas_that_it_uses(exported: tuple[str, dict[str, Any]]) -> None:
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


def test_integer_enums_carry_their_names() -> None:
    for name in MODULES:
        for key, schema in build_openapi_spec(name)["components"]["schemas"].items():
            if schema.get("type") == "integer" and "enum" in schema:
                assert len(schema["x-enum-varnames"]) == len(schema["enum"]), key


def test_is_the_same_again(exported: tuple[str, dict[str, Any]]) -> None:
    name, spec = exported
    assert build_openapi_spec(name) == spec


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> APIRouter:
    """The routes that a module has in the test, in place of its own."""
    router = APIRouter()
    monkeypatch.setattr(app_factory._import_part(MODULES[0], "api"), "router", router)
    return router


def refused() -> str:
    with pytest.raises(SpecError) as caught:
        build_openapi_spec(MODULES[0])
    return str(caught.value)


def test_duplicate_operation_id_names_both_places(routes: APIRouter) -> None:
    def first() -> int: ...

    def second() -> int: ...

    second.__name__ = "first"
    routes.get("/a")(first)
    routes.get("/b")(second)
    assert re.search(
        r"test_openapi_export\.py:\d+: first: the operationId 'first' is already that of"
        r" .*test_openapi_export\.py:\d+: first; rename",
        refused(),
    )


def test_endpoint_without_response_type_is_named(routes: APIRouter) -> None:
    @routes.get("/a")
    def untyped():  # type: ignore[no-untyped-def]
        return 1

    @routes.delete("/b")
    def nothing() -> None: ...

    message = refused()
    assert re.search(r"test_openapi_export\.py:\d+: untyped: has no response type", message)
    assert "status_code=204" in message
    assert "nothing: has no response type" in message


def test_second_tag_is_refused(routes: APIRouter) -> None:
    @routes.get("/a", tags=["mine"])
    def tagged() -> int: ...

    assert "tagged: has tags of its own" in refused()


def test_unknown_module_lists_the_known_ones() -> None:
    from export_openapi_spec import export_openapi_spec

    with pytest.raises(SpecError, match=f"known: {', '.join(MODULES)}"):
        export_openapi_spec("no_such_module")
