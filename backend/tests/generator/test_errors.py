"""What the generator refuses: each time one line with spec, operation, place and reason."""

from __future__ import annotations

from typing import Any

import pytest

from client_generator.document import parse
from client_generator.errors import GeneratorError
from client_generator.methods import plan
from client_generator.models import ModelIndex
from client_generator.names import argument_name, method_name

MODELS = ModelIndex("shapes.models")


def spec_with(operation: dict[str, Any], path: str = "/a", **components: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "http://127.0.0.1:8000"}],
        "paths": {path: {"get": {"operationId": "get_a", "responses": ANSWER, **operation}}},
        "components": {"schemas": components},
    }


def json_answer(schema: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


ANSWER = json_answer({"type": "integer"})


def refused(spec: dict[str, Any]) -> str:
    with pytest.raises(GeneratorError) as caught:
        plan(parse("t", spec, MODELS), "T")
    return str(caught.value)


SCHEMA_PLACE = "#/paths/~1a/get/responses/200/content/application~1json/schema"


@pytest.mark.parametrize(
    ("schema", "place", "reason"),
    [
        ({"$ref": "#/components/schemas/No"}, "/$ref", "'#/components/schemas/No' leads nowhere"),
        ({"$ref": "other.json#/A"}, "/$ref", "'other.json#/A' is not one to #/components/schemas"),
        ({"type": "object", "properties": {"a": {}}}, "", "an object without a name has no model"),
        ({"allOf": [{}, {}]}, "/allOf", "an intersection has no Python type"),
        ({"type": "array", "items": {"not": {}}}, "/items", "unsupported schema: {'not': {}}"),
        ({"anyOf": []}, "/anyOf", "a union needs at least one alternative"),
        ({"enum": [1.5]}, "", "cannot be a Literal"),
        ({"type": "array", "prefixItems": [{"type": "null"}]}, "", "a tuple needs a fixed length"),
        ("text", "", "not a schema: 'text'"),
    ],
)
def test_schema_without_a_python_type(schema: Any, place: str, reason: str) -> None:
    message = refused(spec_with({"responses": json_answer(schema)}))
    assert message.startswith(f"get_a: {SCHEMA_PLACE}{place}: ")
    assert reason in message


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ({"name": "a", "in": "matrix", "schema": {}}, "a parameter in 'matrix' is not supported"),
        ({"name": "a", "in": "path", "schema": {}}, "the path '/a' has no {a}"),
        ({"name": "a", "in": "query", "content": {}}, "without a schema"),
        ({"name": "a", "in": "query", "schema": {}, "explode": False}, "explode=False"),
        ({"name": "a", "in": "query", "schema": {}, "style": "deepObject"}, "style='deepObject'"),
    ],
)
def test_parameter_that_cannot_be_sent(parameter: dict[str, Any], reason: str) -> None:
    message = refused(spec_with({"parameters": [parameter]}))
    assert message.startswith("get_a: #/paths/~1a/get/parameters/0: ")
    assert reason in message


def test_path_parameter_that_is_not_declared() -> None:
    assert "declares no path parameter 'b'" in refused(spec_with({}, path="/a/{b}"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"application/json": {}}, "has no schema"),
        ({"application/json": {"schema": {}}, "text/csv": {}}, "one media type is supported"),
        ({}, "one media type is supported"),
        ({"text/event-stream": {"itemSchema": {}}}, "a stream is not supported"),
        ({"multipart/form-data": {"schema": {"type": "string"}}}, "made of File and Form"),
    ],
)
def test_content_that_cannot_be_sent(content: dict[str, Any], reason: str) -> None:
    assert reason in refused(spec_with({"requestBody": {"content": content}}))


def test_operation_without_id_or_answer() -> None:
    assert "has no operationId" in refused(spec_with({"operationId": ""}))
    assert "declares no response of success" in refused(spec_with({"responses": {}}))


def test_schema_without_a_model_says_what_to_do() -> None:
    spec = spec_with(
        {"responses": json_answer({"$ref": "#/components/schemas/Unknown"})},
        Unknown={"title": "Unknown", "type": "object"},
    )
    assert "shapes.models has no model 'Unknown'; add it there" in refused(spec)


def test_two_operations_of_one_name() -> None:
    spec = spec_with({"operationId": "getA"})
    spec["paths"]["/b"] = {"get": {"operationId": "get_a", "responses": ANSWER}}
    message = refused(spec)
    assert "'getA' and 'get_a' would both be the method 'get_a'" in message


def test_other_versions_are_refused() -> None:
    assert "'3.0.3' is not OpenAPI 3.1" in refused({"openapi": "3.0.3"})


def test_models_package_that_cannot_be_imported() -> None:
    with pytest.raises(GeneratorError, match=r"no\.such\.package: cannot be imported"):
        ModelIndex("no.such.package")


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("count_back", "count_back"),
        ("orderType", "order_type"),
        ("HTTPStatusCode", "http_status_code"),
        ("x-request-id", "x_request_id"),
        ("from", "from_"),
        ("self", "self_"),
        ("2nd", "_2nd"),
        ("???", "parameter"),
    ],
)
def test_argument_names(wire: str, python: str) -> None:
    assert argument_name(wire) == python


@pytest.mark.parametrize(
    ("operation", "python"),
    [("getA", "get_a"), ("list", "list_"), ("import", "import_"), ("aclose", "aclose_")],
)
def test_method_names(operation: str, python: str) -> None:
    assert method_name(operation) == python


def test_two_parameters_of_one_python_name_are_told_apart() -> None:
    spec = spec_with(
        {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "id", "in": "query", "required": True, "schema": {"type": "string"}},
            ]
        },
        path="/a/{id}",
    )
    (method,) = plan(parse("t", spec, MODELS), "T").methods
    assert [argument.name for argument in method.positional] == ["id", "id_query"]
