"""The loop over modules that the exporters share: what is written, kept, removed and reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import exporter
from exporter import Failure, SpecError, export, failed_modules_file, run
from trading_api.shared.utils import discover_modules


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A modules folder with `good` and `zoo`."""
    for name in ("good", "zoo"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "api.py").touch()
    monkeypatch.setattr(exporter, "MODULES_DIR", tmp_path)
    return tmp_path


def build(name: str) -> dict[str, Any]:
    return {"title": f"größer: {name}"}


def build_all_but_zoo(name: str) -> dict[str, Any]:
    if name == "zoo":
        raise SpecError("zoo/api.py:7: no such thing")
    return build(name)


def spec_of(modules: Path, name: str) -> Path:
    return modules / name / "specs" / "spec.json"


def test_each_module_gets_its_spec(modules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export("spec.json", build, discover_modules) == []
    assert spec_of(modules, "good").read_text() == '{\n  "title": "größer: good"\n}\n'
    assert "spec.json: 2 written, 0 unchanged, 0 removed" in capsys.readouterr().out
    export("spec.json", build, discover_modules)
    assert "spec.json: 0 written, 2 unchanged, 0 removed" in capsys.readouterr().out


def test_one_module_alone(modules: Path) -> None:
    assert export("spec.json", build, discover_modules, "zoo") == []
    assert not spec_of(modules, "good").exists()
    with pytest.raises(SpecError, match=r"no module 'owl' with spec.json \(known: good, zoo\)"):
        export("spec.json", build, discover_modules, "owl")


def test_module_that_fails_keeps_what_it_had(
    modules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export("spec.json", build, discover_modules)
    spec_of(modules, "good").unlink()
    before = spec_of(modules, "zoo").read_text()
    (failure,) = export("spec.json", build_all_but_zoo, discover_modules)
    assert failure.module == "zoo"
    assert failure.message.startswith("zoo/api.py:7: no such thing\n  zoo keeps the spec.json")
    assert f"error: {failure.message}" in capsys.readouterr().err
    assert spec_of(modules, "zoo").read_text() == before
    assert json.loads(spec_of(modules, "good").read_text()) == build("good")


def test_specs_of_a_removed_module_go(modules: Path) -> None:
    export("spec.json", build, discover_modules)
    (modules / "zoo" / "api.py").unlink()
    export("spec.json", build, discover_modules)
    assert not (modules / "zoo").exists()
    assert spec_of(modules, "good").exists()


def test_folder_that_cannot_be_a_module_is_named(modules: Path) -> None:
    (modules / "my-shop").mkdir()
    (modules / "my-shop" / "api.py").touch()
    (failure,) = export("spec.json", build, discover_modules)
    assert "my-shop/api.py: a module cannot be called 'my-shop'" in failure.message


def test_exit_codes(modules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def exporter(name: str | None) -> list[Failure]:
        return export("spec.json", build_all_but_zoo, discover_modules, name)

    assert run("Export.", exporter, ["good"]) == 0
    assert run("Export.", exporter, []) == 1
    assert run("Export.", exporter, ["owl"]) == 2
    assert "error: no module 'owl'" in capsys.readouterr().err


def test_failures_go_to_a_file_for_a_build_that_goes_on(modules: Path) -> None:
    def exporter(name: str | None) -> list[Failure]:
        return export("spec.json", build_all_but_zoo, discover_modules, name)

    report = modules / "failures"
    assert run("Export.", exporter, ["--failures", str(report)]) == 0
    assert report.read_text().startswith("error: zoo/api.py:7: no such thing\n")
    assert failed_modules_file(report).read_text() == "zoo\n"
    assert run("Export.", exporter, ["--failures", str(report), "good"]) == 0
    assert report.read_text() == failed_modules_file(report).read_text() == ""
