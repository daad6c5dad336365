"""The command: the files that it writes, and the errors that it prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import generate_python_clients
from export_report import ExportError, write_report
from golden.apps.responses import app


class Workspace:
    """A folder of modules and a folder of clients outside the repository."""

    def __init__(self, root: Path) -> None:
        self.modules = root / "modules"
        self.clients = root / "clients"

    def add(self, module: str) -> Path:
        spec = self.modules / module / "specs" / "openapi.json"
        spec.parent.mkdir(parents=True)
        spec.write_text(json.dumps(app.openapi()))
        return spec

    def run(self, *arguments: str) -> int:
        return generate_python_clients.main(
            [
                f"--modules-dir={self.modules}",
                "--models=golden.apps.models",
                f"--output-dir={self.clients}",
                *arguments,
            ]
        )

    def files(self) -> dict[str, tuple[str, int]]:
        return {
            path.name: (path.read_text(), path.stat().st_mtime_ns)
            for path in self.clients.glob("*")
            if path.is_file()
        }


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_class_is_named_after_its_module(workspace: Workspace) -> None:
    workspace.add("market_data")
    assert workspace.run() == 0
    assert "class MarketDataClient(" in workspace.files()["market_data_client.py"][0]
    assert "import MarketDataApi, MarketDataClient" in workspace.files()["__init__.py"][0]


def test_second_run_writes_nothing(workspace: Workspace) -> None:
    workspace.add("shop")
    workspace.run()
    before = workspace.files()
    assert workspace.run() == 0
    assert workspace.files() == before


def test_client_of_removed_module_is_removed(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.add("shop")
    gone = workspace.add("gone")
    workspace.run()
    gone.unlink()
    assert workspace.run() == 0
    assert sorted(workspace.files()) == ["__init__.py", "shop_client.py"]
    assert "gone_client.py: removed" in capsys.readouterr().out


def test_file_that_was_not_generated_is_kept(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.add("shop")
    workspace.clients.mkdir()
    other = workspace.clients / "http_client.py"
    other.write_text("MINE = 1\n")
    assert workspace.run() == 0
    assert other.read_text() == "MINE = 1\n"
    init = workspace.clients / "__init__.py"
    init.write_text("MINE = 2\n")
    assert workspace.run() == 1
    assert init.read_text() == "MINE = 2\n"
    assert f"{init}: was not written by this script" in capsys.readouterr().err


def test_invalid_spec_keeps_every_client(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.add("shop")
    broken = workspace.add("zoo")
    workspace.run()
    before = workspace.files()
    spec = json.loads(broken.read_text())
    spec["paths"]["/pairs"]["get"]["responses"]["200"]["content"]["application/json"] = {
        "schema": {"not": {}}
    }
    broken.write_text(json.dumps(spec))
    assert workspace.run() == 1
    assert workspace.files() == before
    error = capsys.readouterr().err
    assert f"{broken}: get_pair: #/paths/~1pairs/get/responses/200" in error
    assert "no client was changed" in error


def test_errors_of_all_operations_and_modules_are_printed_once(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = ["#/components/schemas/Missing: ", "#/components/schemas/Absent: "]
    for name in ("shop", "zoo"):
        path = workspace.add(name)
        spec = json.loads(path.read_text())
        schemas = spec["components"]["schemas"]
        for model in ("Missing", "Absent"):
            schemas[model] = {"title": model, "type": "object"}
        for number, model in enumerate(["Missing", "Absent", "Missing"]):
            content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}}}
            responses = {"200": {"description": "", "content": content}}
            spec["paths"][f"/{number}"] = {
                "get": {"operationId": f"get{number}", "responses": responses}
            }
        path.write_text(json.dumps(spec))
    assert workspace.run() == 1
    *errors, note = capsys.readouterr().err.splitlines()
    assert note == "  no client was changed"
    assert len(errors) == len(expected)
    assert all(pointer in error for pointer, error in zip(expected, errors, strict=True))


def test_model_changed_since_the_export_raises_error(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    path = workspace.add("shop")
    spec = json.loads(path.read_text())
    del spec["components"]["schemas"]["Item"]["properties"]["note"]
    path.write_text(json.dumps(spec))
    assert workspace.run() == 1
    error = capsys.readouterr().err
    assert f"{path}: #/components/schemas/Item/properties/note: the spec and the class" in error
    assert not workspace.clients.exists()


def test_module_whose_export_failed_keeps_its_client_while_others_are_written(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shop, zoo = workspace.add("shop"), workspace.add("zoo")
    workspace.run()
    before = workspace.files()
    stale = json.loads(shop.read_text())
    del stale["components"]["schemas"]["Item"]["properties"]["note"]
    shop.write_text(json.dumps(stale))
    changed = json.loads(zoo.read_text())
    changed["info"]["version"] = "9.9.9"
    zoo.write_text(json.dumps(changed))
    report = tmp_path / "report.json"
    write_report(report, [ExportError("openapi", "shop", "broken")])
    assert workspace.run(f"--export-report={report}") == 0
    assert capsys.readouterr().err == ""
    after = workspace.files()
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {"zoo_client.py"}

    assert workspace.run() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"paths": []},
        {"paths": {"/a": None}},
        {"paths": {"/a": {"get": []}}},
        {"paths": {"/a": {"get": {"operationId": "a", "parameters": "text"}}}},
        {"paths": {"/a": {"get": {"operationId": "a", "responses": {"200": None}}}}},
        {"paths": {"/a": {"get": {"operationId": 7, "responses": {"200": {"description": ""}}}}}},
        {"info": [], "servers": 7},
        {"components": None},
    ],
)
def test_spec_of_wrong_types_prints_one_error(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], change: dict[str, object]
) -> None:
    path = workspace.add("shop")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert workspace.run() == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {path}")
    assert "no client was changed" in error


def test_spec_that_is_not_json_prints_error_with_its_path(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = workspace.add("shop")
    spec.write_text("{")
    assert workspace.run() == 1
    assert f"{spec}: is not JSON" in capsys.readouterr().err


def test_missing_specs_print_the_command_that_exports_them(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workspace.run() == 1
    assert "make -C backend export-specs" in capsys.readouterr().err


def test_check_option_prints_differences_and_writes_nothing(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.add("shop")
    assert workspace.run("--check") == 1
    assert not workspace.clients.exists()
    captured = capsys.readouterr()
    assert "shop_client.py: would be written" in captured.out
    assert "python clients: 2 would be written, 0 unchanged, 0 would be removed" in captured.out
    assert "stale; run: make -f project.mk generate-python-clients" in captured.err
    workspace.run()
    assert workspace.run("--check") == 0


def test_module_argument_writes_only_that_client(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.add("shop")
    workspace.add("zoo")
    assert workspace.run("zoo") == 0
    assert sorted(workspace.files()) == ["__init__.py", "zoo_client.py"]
    init = workspace.files()["__init__.py"][0]
    assert "zoo_client" in init
    assert "shop_client" not in init
    assert workspace.run("shop") == 0
    assert "zoo_client" in workspace.files()["__init__.py"][0]
    assert workspace.run("circus") == 1
    assert "there is no spec of circus" in capsys.readouterr().err


def test_modules_with_the_same_class_name_are_an_error(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = workspace.add("a__b"), workspace.add("a_b")
    assert workspace.run() == 1
    message = f"{second}: the client of {first.parents[1].name} is also named 'ABClient'"
    assert message in capsys.readouterr().err
    assert not workspace.clients.exists()


def test_output_does_not_depend_on_hash_seed(workspace: Workspace) -> None:
    workspace.add("shop")
    outputs = []
    for seed in ("0", "1"):
        folder = workspace.clients / seed
        subprocess.run(
            [
                sys.executable,
                generate_python_clients.__file__,
                f"--modules-dir={workspace.modules}",
                "--models=golden.apps.models",
                f"--output-dir={folder}",
            ],
            check=True,
            capture_output=True,
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(Path(__file__).parent.parent),
            },
        )
        outputs.append((folder / "shop_client.py").read_bytes())
    assert outputs[0] == outputs[1]
