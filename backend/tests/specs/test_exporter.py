"""The loop over modules that the exporters share: what is written, kept, removed and reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import exporter
from export_report import ExportError
from exporter import SpecError, export, run
from trading_api.shared.module import ModuleInfo
from trading_api.shared.utils import discover_modules


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A modules folder with `good` and `zoo`."""
    for name in ("good", "zoo"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "api.py").touch()
    monkeypatch.setattr(exporter, "MODULES_DIR", tmp_path)
    monkeypatch.setattr(exporter, "module_info", info)
    return tmp_path


def info(name: str) -> ModuleInfo:
    return ModuleInfo(title=name, description="", version="1", port=len(name))


def build(name: str) -> dict[str, Any]:
    return {"title": f"größer: {name}"}


def build_all_but_zoo(name: str) -> dict[str, Any]:
    if name == "zoo":
        raise SpecError("zoo/api.py:7: something is wrong")
    return build(name)


def spec_of(modules: Path, name: str) -> Path:
    return modules / name / "specs" / "spec.json"


def test_export_writes_the_spec_of_each_module(
    modules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export("spec", build, discover_modules) == []
    assert spec_of(modules, "good").read_text() == '{\n  "title": "größer: good"\n}\n'
    assert "spec.json: 2 written, 0 unchanged, 0 removed" in capsys.readouterr().out
    export("spec", build, discover_modules)
    assert "spec.json: 0 written, 2 unchanged, 0 removed" in capsys.readouterr().out


def test_export_of_one_module_writes_only_its_spec(modules: Path) -> None:
    assert export("spec", build, discover_modules, "zoo") == []
    assert not spec_of(modules, "good").exists()
    assert spec_of(modules, "zoo").exists()


def test_export_of_an_unknown_module_lists_the_known_ones(modules: Path) -> None:
    with pytest.raises(SpecError, match=r"'owl' is not a module .* \(known: good, zoo\)"):
        export("spec", build, discover_modules, "owl")


def test_module_with_an_error_keeps_its_spec_and_the_others_are_exported(modules: Path) -> None:
    export("spec", build, discover_modules)
    spec_of(modules, "good").unlink()
    before = spec_of(modules, "zoo").read_text()
    errors = export("spec", build_all_but_zoo, discover_modules)
    assert errors == [ExportError("spec", "zoo", "zoo/api.py:7: something is wrong")]
    assert spec_of(modules, "zoo").read_text() == before
    assert json.loads(spec_of(modules, "good").read_text()) == build("good")


def test_module_in_conflict_with_another_keeps_its_spec(modules: Path) -> None:
    conflict = ExportError("spec", "zoo", "zoo is in conflict")
    errors = export("spec", build, discover_modules, find_conflicts=lambda _: [conflict])
    assert errors == [conflict]
    assert spec_of(modules, "good").exists()
    assert not spec_of(modules, "zoo").exists()


def test_spec_of_a_deleted_module_is_removed(modules: Path) -> None:
    export("spec", build, discover_modules)
    (modules / "zoo" / "api.py").unlink()
    assert export("spec", build, discover_modules) == []
    assert not (modules / "zoo").exists()
    assert spec_of(modules, "good").exists()


def test_spec_of_a_module_without_its_api_is_kept_and_reported(modules: Path) -> None:
    export("spec", build, discover_modules)
    (modules / "zoo" / "api.py").rename(modules / "zoo" / "service.py")
    (error,) = export("spec", build, discover_modules)
    assert error.module == "zoo"
    assert error.error == f"{modules / 'zoo'}: a module needs an api.py with a `router`; " + (
        "add it, or remove the folder"
    )
    assert spec_of(modules, "zoo").exists()


def test_command_line_exit_codes(modules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def export_all_but_zoo(name: str | None) -> list[ExportError]:
        return export("spec", build_all_but_zoo, discover_modules, name)

    assert run("Export.", export_all_but_zoo, ["good"]) == 0
    assert run("Export.", export_all_but_zoo, []) == 1
    assert capsys.readouterr().err == "error: zoo/api.py:7: something is wrong\n"
    assert run("Export.", export_all_but_zoo, ["owl"]) == 2
    assert "error: 'owl' is not a module" in capsys.readouterr().err
