"""Errors of the generator: one line with the operation, a JSON pointer and the reason."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from client_generator.errors import GeneratorError
from client_generator.models import ModelIndex
from client_generator.operations import build_operations
from client_generator.parse import parse
from generate_python_clients import Source, generate
from golden.apps import responses

MODELS = ModelIndex("golden.apps.models")


def spec_with(operation: dict[str, Any], path: str = "/a", **components: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "http://127.0.0.1:8000"}],
        "paths": {path: {"get": {"operationId": "get_a", "responses": RESPONSE, **operation}}},
        "components": {"schemas": components},
    }


def json_response(schema: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


def response_schemas() -> dict[str, Any]:
    return copy.deepcopy(responses.app.openapi()["components"]["schemas"])


def item_schema() -> Any:
    return response_schemas()["Item"]


RESPONSE = json_response({"type": "integer"})


def error_of(spec: dict[str, Any]) -> str:
    with pytest.raises(GeneratorError) as caught:
        build_operations(parse("t", spec, MODELS), "T")
    message = str(caught.value)
    # The command puts the spec's file in front.
    assert re.match(r"(\S+: |GET \S+: )?#/", message)
    return message


SCHEMA_POINTER = "#/paths/~1a/get/responses/200/content/application~1json/schema"


@pytest.mark.parametrize(
    ("schema", "pointer", "reason"),
    [
        ({"$ref": "#/components/schemas/No"}, "/$ref", "'#/components/schemas/No' leads nowhere"),
        ({"$ref": "other.json#/A"}, "/$ref", "'other.json#/A' does not lead to #/components"),
        (
            {"allOf": [{"type": "string"}, {"type": "integer"}]},
            "/allOf",
            "Python has no type for an intersection",
        ),
        ({"type": "array", "items": {"not": {}}}, "/items", "unsupported schema: {'not': {}}"),
        ({"anyOf": []}, "/anyOf", "a union needs at least one member"),
        ({"enum": [1.5]}, "", "is not a list of strings, integers"),
        ({"enum": "text"}, "", "is not a list of strings, integers"),
        ({"enum": []}, "", "is not a list of strings, integers"),
        ({"const": 2**63}, "", "9223372036854775808 does not fit into 64 bits"),
        ({"const": "\ud800"}, "", "'\\ud800' is not Unicode text"),
        ({"type": []}, "", "unsupported schema: {'type': []}"),
        (
            {"type": "object", "additionalProperties": False},
            "/additionalProperties",
            "False is not a schema",
        ),
        ("text", "", "'text' is not a schema"),
    ],
)
def test_schema_without_python_type_is_rejected(schema: Any, pointer: str, reason: str) -> None:
    message = error_of(spec_with({"responses": json_response(schema)}))
    assert message.startswith(f"get_a: {SCHEMA_POINTER}{pointer}: ")
    assert reason in message


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ({"name": "a", "in": "matrix", "schema": {}}, "a parameter in 'matrix' is not supported"),
        ({"name": "a", "in": "path", "schema": {}}, "the path '/a' has no {a}"),
        ({"name": "a", "in": "query", "content": {}}, "without a schema"),
        ({"name": "a", "in": "header", "schema": {}, "style": "matrix"}, "style='matrix'"),
        ({"name": "a\r\nb: c", "in": "header", "schema": {}}, "is not a valid name of a header"),
        ({"name": "a;b", "in": "cookie", "schema": {}}, "'a;b' is not a valid name of a cookie"),
        ({"name": "\ud800", "in": "query", "schema": {}}, "'\\ud800' is not Unicode text"),
        ({"name": 7, "in": "query", "schema": {}}, "the name 7 is not a string"),
    ],
)
def test_parameter_that_cannot_be_sent_is_rejected(parameter: dict[str, Any], reason: str) -> None:
    message = error_of(spec_with({"parameters": [parameter]}))
    assert message.startswith("get_a: #/paths/~1a/get/parameters/0: ")
    assert reason in message


@pytest.mark.parametrize(
    ("location", "schema", "reason"),
    [
        ("query", {"type": "object"}, "an object cannot be sent in a query; declare style='deep"),
        ("header", {"$ref": "#/components/schemas/Item"}, "an object cannot be sent in a header"),
        ("query", {"anyOf": [{"type": "null"}, {"type": "object"}]}, "an object cannot be sent"),
        ("cookie", {"type": "array"}, "a list cannot be sent in a cookie"),
        ("path", {"type": "array", "items": {"type": "array"}}, "a list in a path can hold only"),
        (
            "query",
            {"type": "array", "items": {"type": "array"}},
            "a list in a query can hold only strings",
        ),
        (
            "header",
            {"type": "array", "items": {"type": "null"}},
            "a list in a header can hold only strings",
        ),
    ],
)
def test_structure_in_parameter_is_rejected(location: str, schema: Any, reason: str) -> None:
    spec = spec_with(
        {"parameters": [{"name": "a", "in": location, "required": True, "schema": schema}]},
        path="/{a}",
        Item=item_schema(),
    )
    assert reason in error_of(spec)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ({"$ref": "#/components/schemas/Item"}, "an object cannot be sent in a form"),
        ({"type": "array", "items": {"type": "object"}}, "a list in a form can hold only strings"),
    ],
)
@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_structure_in_form_is_rejected(media: str, field: Any, reason: str) -> None:
    form = {"type": "object", "properties": {"a": field}}
    schema = {"$ref": "#/components/schemas/Body_a"}
    content = {"content": {media: {"schema": schema}}}
    spec = spec_with({"requestBody": content}, Body_a=form, Item=item_schema())
    message = error_of(spec)
    assert message.startswith("get_a: #/components/schemas/")
    assert reason in message


def test_form_that_is_not_a_flat_model_is_rejected() -> None:
    def of(schema: Any) -> dict[str, Any]:
        content = {"application/x-www-form-urlencoded": {"schema": schema}}
        return spec_with({"requestBody": {"content": content}}, **response_schemas())

    assert "a form is not an object" in error_of(of({"type": "string"}))
    assert "a list in a form can hold only strings" in error_of(
        of({"$ref": "#/components/schemas/Node"})
    )
    open_form = {"type": "object", "additionalProperties": {"type": "object"}}
    assert "an object cannot be sent in a form" in error_of(of(open_form))


def test_undeclared_path_parameter_is_rejected() -> None:
    assert "the path parameter 'b' is not declared" in error_of(spec_with({}, path="/a/{b}"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, "declares no media type"),
        ({"application/jsonl": {"itemSchema": {}}}, "a stream cannot be sent"),
        ({"multipart/form-data": {}}, "the form has no schema"),
        ({"multipart/form-data": {"schema": {"type": "string"}}}, "a form is not an object"),
        ({"text/plain\r\nevil: 1": {}}, "'text/plain\\r\\nevil: 1' is not a valid media type"),
        ({"text": {}}, "'text' is not a valid media type"),
    ],
)
def test_content_that_cannot_be_sent_is_rejected(content: dict[str, Any], reason: str) -> None:
    assert reason in error_of(spec_with({"requestBody": {"content": content}}))


def test_reference_to_a_string_is_rejected() -> None:
    spec = spec_with({"parameters": [{"$ref": "#/info/title"}]})
    assert "'#/info/title' does not lead to an object" in error_of(spec)


@pytest.mark.parametrize("schema", [True, {}, {"$ref": "#/components/schemas/Ring"}])
def test_untyped_parameter_has_type_json_value(schema: Any) -> None:
    loop = {"title": "Any", "anyOf": [{"$ref": "#/components/schemas/Ring"}]}
    parameter = {"name": "q", "in": "query", "required": True, "schema": schema}
    document = parse("t", spec_with({"parameters": [parameter]}, Ring=loop), MODELS)
    (method,) = build_operations(document, "T").methods
    assert [argument.annotation for argument in method.positional] == ["JsonValue"]


@pytest.mark.parametrize("name", ["operationId", "summary", "description"])
def test_text_that_is_not_a_string_is_rejected(name: str) -> None:
    assert f"#/paths/~1a/get/{name}: 7 is not a string" in error_of(spec_with({name: 7}))


def test_operation_without_id_or_success_is_rejected() -> None:
    message = error_of(spec_with({"operationId": ""}))
    assert message.startswith("GET /a: #/paths/~1a/get: there is no operationId")
    assert "no response has a 2xx or 3xx status" in error_of(spec_with({"responses": {}}))


def test_schema_without_model_is_rejected_with_remedy() -> None:
    spec = spec_with(
        {"responses": json_response({"$ref": "#/components/schemas/Unknown"})},
        Unknown={"title": "Unknown", "type": "object"},
    )
    message = error_of(spec)
    assert (
        "golden.apps.models has no model 'Unknown'; define it there, or import it there" in message
    )


def test_two_operations_of_one_name_are_rejected() -> None:
    spec = spec_with({"operationId": "getA"})
    spec["paths"]["/b"] = {"get": {"operationId": "get_a", "responses": RESPONSE}}
    message = error_of(spec)
    assert "the method 'get_a' would have the name of the operation 'getA'" in message


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("6XX", "'6XX' is not a valid status"),
        ("0200", "'0200' is not a valid status"),
        ("٢٠٠", "is not a valid status"),
        ("ok", "'ok' is not a valid status"),
    ],
)
def test_invalid_status_is_rejected(status: str, reason: str) -> None:
    message = error_of(spec_with({"responses": {status: {"description": ""}}}))
    assert message.startswith("get_a: #/paths/~1a/get/responses/")
    assert reason in message


def test_path_that_would_change_the_host_is_rejected() -> None:
    assert "does not start with /" in error_of(spec_with({}, path="@evil.example/"))
    assert "is not Unicode text" in error_of(spec_with({}, path="/\ud800"))


def test_server_of_one_operation_is_rejected() -> None:
    assert "a server of one operation" in error_of(spec_with({"servers": [{"url": "http://b"}]}))


def test_module_name_with_dash_is_rejected_with_a_valid_name() -> None:
    with pytest.raises(
        GeneratorError, match="my-shop is not a Python name; call the module my_shop"
    ):
        parse("my-shop", spec_with({}), MODELS)


@pytest.mark.parametrize(
    "name", ["lower", "_Private", "TClient", "SyncTClient", "Mapping", "Operation"]
)
def test_class_with_a_name_of_the_client_is_imported_under_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "odd_models.py").write_text(
        f"from pydantic import BaseModel\nclass {name}(BaseModel): ..."
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "odd_models", raising=False)
    response = json_response({"$ref": "#/components/schemas/A"})
    spec = spec_with({"operationId": "lower", "responses": response}, A={"title": name})
    client = build_operations(parse("t", spec, ModelIndex("odd_models")), "T")
    assert client.methods[0].returns == f"odd_models__{name}"
    imports = dict(each for group in client.imports for each in group)
    assert imports["odd_models"] == (f"{name} as odd_models__{name}",)


def test_message_with_control_characters_is_one_printable_line() -> None:
    message = error_of(spec_with({"operationId": "a\nb\x1b[2J\u202e", "responses": {}}))
    assert message.startswith("a\\nb\\x1b[2J\\u202e: #/paths/~1a/get")
    assert message.isprintable()


def test_other_openapi_version_is_rejected() -> None:
    assert "'2.0' is not OpenAPI 3.0, 3.1 or 3.2" in error_of({"openapi": "2.0"})


def test_models_package_that_cannot_be_imported_is_rejected() -> None:
    with pytest.raises(GeneratorError, match=r"no\.such\.package: cannot be imported"):
        ModelIndex("no.such.package")


def test_two_parameters_of_one_name_get_different_arguments() -> None:
    spec = spec_with(
        {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "id", "in": "query", "required": True, "schema": {"type": "string"}},
            ]
        },
        path="/a/{id}",
    )
    (method,) = build_operations(parse("t", spec, MODELS), "T").methods
    assert [argument.name for argument in method.positional] == ["id", "id_query"]


@pytest.mark.parametrize("invalid", [False, True])
def test_document_that_is_nested_too_deeply_is_an_error_of_one_line(invalid: bool) -> None:
    schema: dict[str, Any] = {}
    for _ in range(900):
        schema = {"allOf": [schema]}
    spec = spec_with({"responses": json_response(schema)})
    if invalid:
        spec = {**spec_with({}), "servers": schema}
    source = Source("shop", Path("shop.json"), spec)
    with pytest.raises(GeneratorError) as caught:
        generate([source], ["golden.apps.models"])
    assert str(caught.value) == "shop.json: is nested too deeply to be read"


def test_document_with_half_a_surrogate_pair_is_an_error_with_its_location() -> None:
    source = Source("shop", Path("shop.json"), {**spec_with({}), "info": "\ud800"})
    with pytest.raises(GeneratorError) as caught:
        generate([source], ["golden.apps.models"])
    assert str(caught.value).startswith("shop.json: is not a valid OpenAPI document: #/info: ")
