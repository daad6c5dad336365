"""The clients of the golden applications are the golden files, which pass mypy."""

from __future__ import annotations

import ast
import importlib
import json
import warnings
from pathlib import Path

import pytest

import generate_python_clients
from support.type_checks import type_errors

GOLDEN = Path(__file__).parent.parent / "golden"
APPS = ["bodies", "live", "parameters", "plain", "responses", "variants"]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate the clients of all golden applications with the command; return their folder."""
    folder = tmp_path_factory.mktemp("golden")
    for name in APPS:
        specs = folder / "modules" / name / "specs"
        specs.mkdir(parents=True)
        module = importlib.import_module(f"golden.apps.{name}")
        with warnings.catch_warnings():
            # GET and HEAD of one route have one operationId.
            warnings.filterwarnings("ignore", "Duplicate Operation ID")
            spec = module.app.openapi()
        (specs / "openapi.json").write_text(json.dumps(spec))
        if hasattr(module, "asyncapi"):
            (specs / "asyncapi.json").write_text(json.dumps(module.asyncapi()))
    exit_code = generate_python_clients.main(
        [
            f"--modules-dir={folder / 'modules'}",
            "--models=golden.apps.models",
            "--models=golden.apps.live",
            f"--output-dir={folder / 'clients'}",
        ]
    )
    assert exit_code == 0
    return folder / "clients"


@pytest.mark.parametrize("name", [*(f"{app}_client.py" for app in APPS), "__init__.py"])
def test_generated_source_equals_golden_file(
    generated: Path, name: str, request: pytest.FixtureRequest
) -> None:
    source = (generated / name).read_text()
    if request.config.getoption("--update-golden"):
        (GOLDEN / name).write_text(source)
    assert source == (GOLDEN / name).read_text(), "run: make -C backend update-golden"


def test_golden_clients_and_their_callers_pass_strict_type_check() -> None:
    checked = [*GOLDEN.glob("*.py"), GOLDEN.parent / "static"]
    assert type_errors(*checked, source_path="tests:src") == ""


def test_docstrings_contain_the_texts_of_the_spec() -> None:
    methods = {
        node.name: node
        for app in APPS
        for node in ast.walk(ast.parse((GOLDEN / f"{app}_client.py").read_text()))
        if isinstance(node, ast.AsyncFunctionDef) and len(node.body) > 1
    }
    assert all(ast.get_docstring(method) for method in methods.values())
    text = ast.get_docstring(methods["get_optional"]) or ""
    assert text.startswith("Omit parameters that are not given, and repeat those that are lists.")
    assert "Args:\n    limit: How many to return (the service's default: 50)" in text
    text = ast.get_docstring(methods["put_job"]) or ""
    assert "Returns:\n    201: Successful Response\n    202: Accepted" in text
    text = ast.get_docstring(methods["get_item"]) or ""
    assert "Raises:\n    ApiError: 404: Not Found\n    ApiError: default: Any other error" in text
    text = ast.get_docstring(methods["list_"]) or ""
    assert 'Quotes """ and \\ backslashes stay text, and so does {{ template }} syntax.' in text
    decorated = [name for name, method in methods.items() if method.decorator_list]
    assert decorated == ["list_"]


@pytest.mark.parametrize("app", APPS)
def test_golden_client_never_uses_any(app: str) -> None:
    tree = ast.parse((GOLDEN / f"{app}_client.py").read_text())
    assert "Any" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
