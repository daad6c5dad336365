"""Unusual specs: reserved names, loops of references, unusual schemas."""

from __future__ import annotations

import ast
import copy
import json
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

import generate_python_clients
from client_generator.errors import GeneratorError
from generate_python_clients import Source, generate
from golden.apps import bodies, responses
from trading_api.shared.client import ServiceClient

TEXT = {"type": "string"}
RESPONSE = {"200": {"description": "", "content": {"application/json": {"schema": TEXT}}}}


def spec_of(**operations: dict[str, Any]) -> dict[str, Any]:
    """Return a spec with a POST for each of these ids, at the path of the same name."""
    paths = {
        f"/{name}": {"post": {"operationId": name, "responses": RESPONSE, **operation}}
        for name, operation in operations.items()
    }
    info = {"title": "Shop", "version": "1"}
    schemas = copy.deepcopy(responses.app.openapi()["components"]["schemas"])
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": "http://127.0.0.1:1"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def source_of(spec: dict[str, Any]) -> str:
    return generate([Source("shop", Path("shop.json"), spec)], ["golden.apps.models"])[
        "shop_client.py"
    ]


def client_of(spec: dict[str, Any], sent: list[httpx.Request]) -> Any:
    """Return the generated client of a service that responds with "ok" to every request."""
    namespace: dict[str, Any] = {"__name__": "shop_client"}
    exec(compile(source_of(spec), "shop_client.py", "exec"), namespace)

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json="ok")

    kind = cast(type[ServiceClient], namespace["ShopClient"])
    return kind(transport=httpx.MockTransport(respond))


def required(name: str, location: str, schema: Any = TEXT) -> dict[str, Any]:
    return {"name": name, "in": location, "required": True, "schema": schema}


async def test_argument_named_like_a_function_of_the_runtime_is_sent() -> None:
    parameters = [required("path_value", "path"), required("json_body", "query")]
    spec = spec_of(a={"parameters": parameters})
    spec["paths"]["/{path_value}"] = spec["paths"].pop("/a")
    sent: list[httpx.Request] = []
    assert await client_of(spec, sent).a("x/y", "z") == "ok"
    assert sent[0].url.raw_path == b"/x%2Fy?json_body=z"


async def test_method_named_like_a_type_or_the_decorator_gets_an_underscore() -> None:
    day = required("day", "query", {"type": "string", "format": "date"})
    operation = {"deprecated": True, "parameters": [day]}
    source = source_of(spec_of(date=operation, deprecated=operation, other=operation))
    assert "async def date_(" in source
    assert "async def deprecated_(" in source


async def test_operation_named_like_an_adapter_gets_its_own_constant() -> None:
    item = {"schema": {"$ref": "#/components/schemas/Item"}}
    response = {"200": {"description": "", "content": {"application/json": item}}}
    source = source_of(spec_of(item_json={"responses": response}, other={"responses": response}))
    assert source.count("\n_ITEM_JSON:") == 1
    assert "_ITEM_JSON_2.read" in source


async def test_idempotency_key_in_query_is_not_the_header() -> None:
    sent: list[httpx.Request] = []
    client = client_of(spec_of(a={"parameters": [required("idempotency-key", "query")]}), sent)
    await client.a("query", idempotency_key="header")
    assert sent[0].url.query == b"idempotency-key=query"
    assert sent[0].headers["idempotency-key"] == "header"


async def test_header_names_that_differ_by_case_are_one_header() -> None:
    spec = spec_of(a={"parameters": [required("X-Tag", "header")]})
    spec["paths"]["/a"]["parameters"] = [required("x-tag", "header", {"type": "integer"})]
    sent: list[httpx.Request] = []
    await client_of(spec, sent).a("t")
    assert sent[0].headers.get_list("x-tag") == ["t"]


async def test_text_body_with_composed_schema_is_one_argument() -> None:
    body = {"content": {"text/plain": {"schema": {"$ref": "#/components/schemas/Body_a"}}}}
    spec = spec_of(a={"requestBody": {**body, "required": True}})
    spec["components"]["schemas"]["Body_a"] = {"type": "object", "properties": {"x": TEXT}}
    sent: list[httpx.Request] = []
    await client_of(spec, sent).a("words")
    assert sent[0].content == b"words"


async def test_server_variables_and_path_item_reference_are_resolved() -> None:
    spec = spec_of(a={})
    spec["components"]["pathItems"] = {"shared": spec["paths"]["/a"]}
    spec["paths"]["/a"] = {"$ref": "#/components/pathItems/shared"}
    variable = {"default": "127.0.0.1:2"}
    spec["servers"] = [{"url": "http://{host}/v1", "variables": {"host": variable}}]
    sent: list[httpx.Request] = []
    await client_of(spec, sent).a()
    assert str(sent[0].url) == "http://127.0.0.1:2/v1/a"


async def test_model_with_chinese_name_gets_an_ascii_adapter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "word_models.py").write_text(
        "from pydantic import BaseModel\nclass 名(BaseModel):\n    a: int\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    schema = {"title": "名", "type": "object", "required": ["a"]}
    schema["properties"] = {"a": {"type": "integer"}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}
    spec = spec_of(a={"requestBody": {"content": content, "required": True}})
    spec["components"]["schemas"] = {"N": schema}
    source = generate([Source("shop", Path("shop.json"), spec)], ["word_models"])["shop_client.py"]
    assert "json_body(_VALUE_JSON, body)" in source


def test_schemas_with_many_cycles_raise_error() -> None:
    spec = spec_of(a={})
    # Each of these refers to all of them: the number of ways through is astronomic.
    names = [f"Body_{number}" for number in range(30)]
    every = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
    schemas = {name: {"type": "object", "properties": {"x": every}} for name in names}
    spec["components"]["schemas"] |= schemas
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Body_0"}}}
    spec["paths"]["/a"]["post"]["requestBody"] = {"content": content}
    with pytest.raises(GeneratorError, match="has no model 'Body_0'"):
        source_of(spec)


def test_circular_references_raise_error() -> None:
    spec = copy.deepcopy(responses.app.openapi())
    schemas = spec["components"]["schemas"]
    schemas["Item"]["properties"]["colour"] = {"$ref": "#/components/schemas/There"}
    schemas["There"] = {"$ref": "#/components/schemas/Back"}
    schemas["Back"] = {"$ref": "#/components/schemas/There"}
    with pytest.raises(GeneratorError, match="the spec and the class Item differ"):
        source_of(spec)
    schemas["Item"] = {"$ref": "#/components/schemas/There"}
    with pytest.raises(GeneratorError, match="leads back to itself"):
        source_of(spec)


def test_field_named_properties_becomes_an_argument() -> None:
    spec = copy.deepcopy(bodies.app.openapi())
    several = spec["components"]["schemas"]["Body_post_several"]["properties"]
    several["properties"] = {"type": "integer", "minimum": 0}
    assert '("properties", _INT_JSON, properties)' in source_of(spec)


def test_model_without_json_schema_raises_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "odd_schemas.py").write_text(
        "from collections.abc import Callable\nfrom pydantic import BaseModel\n"
        "class Odd(BaseModel):\n    call: Callable[[], int]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Odd"}}}
    spec = spec_of(a={"responses": {"200": {"description": "", "content": content}}})
    spec["components"]["schemas"] = {"Odd": {"title": "Odd", "type": "object"}}
    with pytest.raises(GeneratorError, match="the class Odd has no JSON schema: Cannot generate"):
        generate([Source("shop", Path("shop.json"), spec)], ["odd_schemas"])


@pytest.mark.parametrize("depth", [120, 300, 100_000])
def test_deeply_nested_schema_prints_one_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], depth: int
) -> None:
    text = json.dumps(spec_of(a={}))
    deep = '{"type":"array","items":' * depth + "{}" + "}" * depth
    path = tmp_path / "shop" / "specs" / "openapi.json"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(json.dumps(TEXT), deep))
    code = generate_python_clients.main(
        [
            f"--modules-dir={tmp_path}",
            "--models=golden.apps.models",
            f"--output-dir={tmp_path / 'out'}",
        ]
    )
    assert code == 1
    error, note = capsys.readouterr().err.splitlines()
    assert error.startswith(f"error: {path}: ")
    assert note == "  no client was changed"


def test_docstring_shows_an_unpaired_surrogate_as_an_escape() -> None:
    source = source_of(spec_of(find={"description": 'before \ud800 after, and "quoted"'}))
    (docstring,) = [
        ast.get_docstring(node) or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.AsyncFunctionDef) and ast.get_docstring(node)
    ][:1]
    assert 'before \\ud800 after, and "quoted"' in docstring
