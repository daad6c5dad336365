"""The client is the same whether the parts of a spec are inline or behind references."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import generate_python_clients
from generate_python_clients import Source
from golden.apps import bodies, parameters, responses

GOLDEN = Path(__file__).parent.parent / "golden"


def client_of(module: str, spec: dict[str, Any]) -> str:
    source = Source(module, Path("openapi.json"), spec)
    files = generate_python_clients.generate([source], ["golden.apps.models"])
    return files[f"{module}_client.py"]


def golden(module: str) -> str:
    return (GOLDEN / f"{module}_client.py").read_text()


def test_parameters_of_path_item_by_reference_make_the_same_client() -> None:
    spec = copy.deepcopy(parameters.app.openapi())
    shared = spec["components"]["parameters"] = {}
    for number, item in enumerate(spec["paths"].values()):
        operation = item["get"]
        for position, parameter in enumerate(operation["parameters"]):
            shared[f"p{number}/{position}"] = parameter
        references = [
            {"$ref": f"#/components/parameters/p{number}~1{position}"}
            for position in range(len(operation["parameters"]))
        ]
        # The first half for all methods of the path, the others for this one.
        half = len(references) // 2
        item["parameters"], operation["parameters"] = references[:half], references[half:]
    assert client_of("parameters", spec) == golden("parameters")


def test_parameter_of_operation_overrides_that_of_path_item() -> None:
    spec = copy.deepcopy(parameters.app.openapi())
    item = spec["paths"]["/optional"]
    item["parameters"] = [
        {"name": each["name"], "in": each["in"], "schema": {"type": "boolean"}}
        for each in item["get"]["parameters"]
    ]
    assert client_of("parameters", spec) == golden("parameters")


def test_bodies_and_responses_by_reference_make_the_same_client() -> None:
    spec = copy.deepcopy(bodies.app.openapi())
    spec["components"]["requestBodies"] = {}
    spec["components"]["responses"] = {}
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            key = f"{method}{path}".replace("/", "_")
            spec["components"]["requestBodies"][key] = operation["requestBody"]
            operation["requestBody"] = {"$ref": f"#/components/requestBodies/{key}"}
            for status, response in operation["responses"].items():
                spec["components"]["responses"][f"{key}.{status}"] = response
                operation["responses"][status] = {"$ref": f"#/components/responses/{key}.{status}"}
    assert client_of("bodies", spec) == golden("bodies")


def test_components_in_another_order_make_the_same_client() -> None:
    spec = copy.deepcopy(responses.app.openapi())
    schemas = spec["components"]["schemas"]
    spec["components"]["schemas"] = dict(sorted(schemas.items(), reverse=True))
    assert client_of("responses", spec) == golden("responses")
