"""What the generator refuses: each time one line with spec, operation, place and reason."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from client_generator.document import parse
from client_generator.errors import GeneratorError
from client_generator.methods import plan
from client_generator.models import ModelIndex
from client_generator.names import argument_name, method_name
from shapes import answers

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


def answers_schemas() -> dict[str, Any]:
    return copy.deepcopy(answers.app.openapi()["components"]["schemas"])


def item_schema() -> Any:
    return answers_schemas()["Item"]


ANSWER = json_answer({"type": "integer"})


def refused(spec: dict[str, Any]) -> str:
    with pytest.raises(GeneratorError) as caught:
        plan(parse("t", spec, MODELS), "T")
    message = str(caught.value)
    # The command puts the spec's file in front; the operation and the place are there.
    assert re.match(r"(\S+: |GET \S+: )?#/", message)
    return message


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
        ({"enum": "text"}, "", "cannot be a Literal"),
        ({"enum": []}, "", "cannot be a Literal"),
        ({"const": 2**63}, "", "9223372036854775808 is too long for a Literal: 64 bits"),
        ({"const": "\ud800"}, "", "'\\ud800' is no Unicode text"),
        ({"type": []}, "", "unsupported schema: {'type': []}"),
        (
            {"type": "object", "additionalProperties": False},
            "/additionalProperties",
            "not a schema",
        ),
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
        ({"name": "a\r\nb: c", "in": "header", "schema": {}}, "cannot be the name of a header"),
        ({"name": "a;b", "in": "cookie", "schema": {}}, "'a;b' cannot be the name of a cookie"),
        ({"name": "\ud800", "in": "query", "schema": {}}, "'\\ud800' is no Unicode text"),
        ({"name": 7, "in": "query", "schema": {}}, "the name 7 is no text"),
    ],
)
def test_parameter_that_cannot_be_sent(parameter: dict[str, Any], reason: str) -> None:
    message = refused(spec_with({"parameters": [parameter]}))
    assert message.startswith("get_a: #/paths/~1a/get/parameters/0: ")
    assert reason in message


@pytest.mark.parametrize(
    ("location", "schema", "reason"),
    [
        ("query", {"type": "object"}, "an object cannot be sent in a query"),
        ("header", {"$ref": "#/components/schemas/Item"}, "an object cannot be sent in a header"),
        ("query", {"anyOf": [{"type": "null"}, {"type": "object"}]}, "an object cannot be sent"),
        ("cookie", {"type": "array"}, "a list cannot be sent in a cookie"),
        ("path", {"type": "array"}, "a list cannot be sent in a path"),
        ("query", {"type": "array", "items": {"type": "array"}}, "a list in a query holds texts"),
        ("header", {"type": "array", "items": {"type": "null"}}, "a list in a header holds texts"),
    ],
)
def test_structure_in_a_parameter(location: str, schema: Any, reason: str) -> None:
    spec = spec_with(
        {"parameters": [{"name": "a", "in": location, "required": True, "schema": schema}]},
        path="/{a}",
        Item=item_schema(),
    )
    assert reason in refused(spec)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ({"$ref": "#/components/schemas/Item"}, "an object cannot be sent in a form"),
        ({"type": "array", "items": {"type": "object"}}, "a list in a form holds texts, numbers"),
    ],
)
@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_structure_in_a_form(media: str, field: Any, reason: str) -> None:
    form = {"type": "object", "properties": {"a": field}}
    schema = {"$ref": "#/components/schemas/Body_a"}
    content = {"content": {media: {"schema": schema}}}
    spec = spec_with({"requestBody": content}, Body_a=form, Item=item_schema())
    message = refused(spec)
    assert message.startswith("get_a: #/components/schemas/")
    assert reason in message


def test_form_that_is_no_model_or_holds_one() -> None:
    def of(schema: Any) -> dict[str, Any]:
        content = {"application/x-www-form-urlencoded": {"schema": schema}}
        return spec_with({"requestBody": {"content": content}}, **answers_schemas())

    assert "a form is made of the fields of a model" in refused(of({"type": "string"}))
    assert "a list in a form holds texts" in refused(of({"$ref": "#/components/schemas/Node"}))
    open_form = {"type": "object", "additionalProperties": {"type": "object"}}
    assert "an object cannot be sent in a form" in refused(of(open_form))


def test_path_parameter_that_is_not_declared() -> None:
    assert "declares no path parameter 'b'" in refused(spec_with({}, path="/a/{b}"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"application/json": {}}, "has no schema"),
        ({"application/json": {"schema": {}}, "text/csv": {}}, "one media type is supported"),
        ({}, "one media type is supported"),
        ({"text/event-stream": {"schema": {}}}, "a stream is not supported; declare it in ws.py"),
        ({"application/jsonl": {"itemSchema": {}}}, "a stream is not supported"),
        ({"multipart/form-data": {"schema": {"type": "string"}}}, "made of File and Form"),
        ({"text/plain\r\nevil: 1": {}}, "'text/plain\\r\\nevil: 1' is no media type"),
        ({"text": {}}, "'text' is no media type"),
    ],
)
def test_content_that_cannot_be_sent(content: dict[str, Any], reason: str) -> None:
    assert reason in refused(spec_with({"requestBody": {"content": content}}))


def test_reference_to_what_is_no_object() -> None:
    spec = spec_with({"parameters": [{"$ref": "#/info/title"}]})
    assert "'#/info/title' leads to no object" in refused(spec)


@pytest.mark.parametrize("schema", [True, {}, {"$ref": "#/components/schemas/Ring"}])
def test_parameter_of_any_value(schema: Any) -> None:
    loop = {"title": "Any", "anyOf": [{"$ref": "#/components/schemas/Ring"}]}
    parameter = {"name": "q", "in": "query", "required": True, "schema": schema}
    document = parse("t", spec_with({"parameters": [parameter]}, Ring=loop), MODELS)
    (method,) = plan(document, "T").methods
    assert [argument.source for argument in method.positional] == ["JsonValue"]


def test_operation_without_id_or_answer() -> None:
    message = refused(spec_with({"operationId": ""}))
    assert message.startswith("GET /a: #/paths/~1a/get: has no operationId")
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


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("4XX", "the status range '4XX' is not supported"),
        ("0200", "'0200' is no status"),
        ("٢٠٠", "is no status"),
        ("ok", "'ok' is no status"),
    ],
)
def test_status_that_is_none(status: str, reason: str) -> None:
    message = refused(spec_with({"responses": {status: {"description": ""}}}))
    assert message.startswith("get_a: #/paths/~1a/get/responses/")
    assert reason in message


def test_path_that_would_change_the_host() -> None:
    assert "a path begins with /" in refused(spec_with({}, path="@evil.example/"))
    assert "is no Unicode text" in refused(spec_with({}, path="/\ud800"))


def test_server_of_one_operation() -> None:
    assert "a server of its own" in refused(spec_with({"servers": [{"url": "http://b"}]}))


def test_module_whose_folder_is_no_identifier() -> None:
    with pytest.raises(GeneratorError, match="a module cannot be called 'my-shop'"):
        parse("my-shop", spec_with({}), MODELS)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("lower", "#/paths/~1a/get: the method 'lower' would hide odd_models.lower"),
        ("TClient", "'TClient' stands for both a class of the client and odd_models"),
        ("Mapping", "'Mapping' stands for both collections.abc and odd_models"),
    ],
)
def test_class_of_a_name_that_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reason: str
) -> None:
    (tmp_path / "odd_models.py").write_text(
        f"from pydantic import BaseModel\nclass {name}(BaseModel): ..."
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "odd_models", raising=False)
    answer = json_answer({"$ref": "#/components/schemas/A"})
    spec = spec_with({"operationId": "lower", "responses": answer}, A={"title": name})
    with pytest.raises(GeneratorError) as caught:
        plan(parse("t", spec, ModelIndex("odd_models")), "T")
    assert reason in str(caught.value)


def test_message_is_one_line_whatever_the_spec_says() -> None:
    message = refused(spec_with({"operationId": "a\nb\x1b[2J\u202e", "responses": {}}))
    assert message.startswith("a\\nb\\x1b[2J\\u202e: #/paths/~1a/get")
    assert message.isprintable()


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
