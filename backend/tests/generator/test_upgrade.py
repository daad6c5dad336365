"""Specs of OpenAPI 3.0 make the clients that those of 3.1 make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from client_generator.upgrade import upgrade
from generate_python_clients import Source, generate


def upgraded(schema: dict[str, Any]) -> Any:
    spec = upgrade({"openapi": "3.0.3", "components": {"schemas": {"A": schema}}})
    assert spec["openapi"] == "3.1.0"
    return spec["components"]["schemas"]["A"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"$ref": "#/x", "nullable": True, "description": "d"},
            {"anyOf": [{"$ref": "#/x"}, {"type": "null"}], "description": "d"},
        ),
        (
            {"type": "string", "enum": ["a"], "nullable": True},
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
        ),
        (
            {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            {"type": "integer", "exclusiveMinimum": 0},
        ),
        (
            {"type": "integer", "maximum": 9, "exclusiveMaximum": False},
            {"type": "integer", "maximum": 9},
        ),
        (
            {"type": "array", "items": {"type": "integer", "nullable": True}},
            {"type": "array", "items": {"type": ["integer", "null"]}},
        ),
        (
            {"properties": {"nullable": {"type": "boolean"}}, "example": {"nullable": True}},
            {"properties": {"nullable": {"type": "boolean"}}, "example": {"nullable": True}},
        ),
    ],
)
def test_schema_of_3_0_becomes_one_of_3_1(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert upgraded(old) == new


def test_spec_of_3_1_is_unchanged() -> None:
    spec = {"openapi": "3.1.0", "components": {"schemas": {"A": {"nullable": True}}}}
    assert upgrade(spec) is spec


def test_client_of_a_spec_of_3_0_has_optional_arguments_and_results() -> None:
    schema = {"type": "string", "nullable": True}
    response = {"description": "", "content": {"application/json": {"schema": schema}}}
    spec = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "http://a"}],
        "paths": {"/a": {"get": {"operationId": "get_a", "responses": {"200": response}}}},
    }
    source = Source("t", Path("t.json"), upgrade(spec))
    text = generate([source], ["golden.apps.models"])["t_client.py"]
    assert "Operation[str | None]" in text
