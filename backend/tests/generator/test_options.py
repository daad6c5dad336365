"""Options of the command: operations that are left out, and the table in pyproject.toml."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import generate_python_clients
from client_generator.errors import GeneratorError
from generator_options import parse_options, read_table
from golden.apps.responses import app


def spec_with_unsupported_operations() -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(json.dumps(app.openapi()))
    # One is not supported when it is parsed, one has a model that has changed, two have one name.
    spec["paths"]["/pairs"]["get"]["responses"]["200"]["content"]["application/json"] = {
        "schema": {"not": {}}
    }
    spec["components"]["schemas"]["Node"]["properties"]["value"]["type"] = "string"
    spec["paths"]["/again"] = {"get": spec["paths"]["/texts"]["get"]}
    return spec


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    specs = tmp_path / "modules" / "shop" / "specs"
    specs.mkdir(parents=True)
    (specs / "openapi.json").write_text(json.dumps(spec_with_unsupported_operations()))
    return [
        f"--modules-dir={tmp_path / 'modules'}",
        "--models=golden.apps.models",
        f"--output-dir={tmp_path / 'clients'}",
    ]


def test_unsupported_operation_keeps_the_client_from_being_written(
    arguments: list[str], tmp_path: Path
) -> None:
    assert generate_python_clients.main(arguments) == 1
    assert not (tmp_path / "clients").exists()


def test_skipped_operations_are_listed_in_output_and_docstring(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate_python_clients.main([*arguments, "--skip-unsupported"]) == 0
    left_out = [line for line in capsys.readouterr().out.splitlines() if "left out: " in line]
    reasons = {
        "get_pair": "unsupported schema: {'not': {}}",
        "get_map": "the spec and the class Node differ",
        "get_text": "the method 'get_text' would have the name of the operation 'get_text'",
    }
    source = (tmp_path / "clients" / "shop_client.py").read_text()
    docstring = ast.get_docstring(ast.parse(source)) or ""
    for name, reason in reasons.items():
        assert any(f" {name}: #/" in line and reason in line for line in left_out)
        assert any(f"{name}: #/" in line and reason in line for line in docstring.splitlines())
    assert source.count("async def get_text(") == 2  # in the protocol and in the client
    assert "get_pair(" not in source
    assert "async def get_item(" in source


def write_table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pyproject.toml"
    path.write_text(f"[tool.trading-api-clients]\n{text}\n")
    return path


def test_options_of_pyproject_are_defaults_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(
        tmp_path,
        'models = ["a", "b"]\nmodules-dir = "m"\nskip-unsupported = true\ncopy-runtime = true',
    )
    options = parse_options([], "")
    assert options.models == ["a", "b"]
    assert options.modules_dir == Path("m")
    assert options.skip_unsupported
    assert options.copy_runtime
    options = parse_options(["--models=c", "--models=d", "--no-skip-unsupported"], "")
    assert options.models == ["c", "d"]
    assert not options.skip_unsupported


def test_options_without_pyproject_are_those_of_this_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = parse_options([], "")
    assert options.models == ["trading_api.models"]
    assert options.modules_dir.parts[-2:] == ("trading_api", "modules")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("model = 'a'", "model: is not an option; there are models, modules-dir, output-dir"),
        ("models = [1]", r"models: \[1\] is not a valid value"),
        ("output-dir = 1", "output-dir: 1 is not a valid value"),
        ("models = ", "is not TOML"),
    ],
)
def test_invalid_option_in_pyproject_is_an_error(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(GeneratorError, match=reason):
        read_table(write_table(tmp_path, text))


def test_invalid_pyproject_prints_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(tmp_path, "model = 'a'")
    assert generate_python_clients.main([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: pyproject.toml: [tool.trading-api-clients] model: ")
