"""`python -m api_diff` on a small repository: what it prints, writes and returns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api_diff.command import main

OPERATION = '''"""The alerts."""

async def get_alert() -> None: ...
'''
INFO = 'from x import ModuleInfo\n\ninfo = ModuleInfo(version="{version}")\n'
MODELS = '"""The models."""\n\nclass Alert:\n    limit: float\n    text: str\n'
CALLER = """from typing import Protocol

class Alerts(Protocol):
    async def get_alert(self) -> None: ...

class News:
    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    async def limit(self) -> float:
        alert = await self._alerts.get_alert()
        return alert.limit
"""
ENTRY = """[[break]]
module = "alerts"
kind = "response-property-renamed"
subject = "Alert.limit"
reason = "Nothing reads it."
date = 2026-11-27
"""


class Repository:
    """A folder with the sources and specs of two modules, and one with specs of its base."""

    def __init__(self, root: Path) -> None:
        self.root, self.base = root, root / "base"
        self.write("models/alerts.py", MODELS)
        self.write("modules/alerts/api.py", OPERATION)
        self.write("modules/news/service.py", CALLER)
        self.set_version("1.0.0")
        self.specs(self.base, "limit", "1.0.0")
        self.specs(root / "backend/src/trading_api/modules", "limit", "1.0.0")

    def write(self, name: str, text: str) -> None:
        path = self.root / "backend/src/trading_api" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def set_version(self, version: str) -> None:
        self.write("modules/alerts/__init__.py", INFO.format(version=version))

    def rename_field(self, version: str = "2.0.0") -> None:
        self.set_version(version)
        self.specs(self.root / "backend/src/trading_api/modules", "ceiling", version)

    def allow(self, text: str) -> None:
        (self.root / "backend/allowed-breaks.toml").write_text(text)

    def specs(self, folder: Path, field: str, version: str) -> None:
        reference = {"$ref": "#/components/schemas/Alert"}
        content = {"application/json": {"schema": reference}}
        responses = {"200": {"content": content}}
        schema = {"type": "object", "properties": {field: {"type": "number"}}}
        document = {
            "info": {"version": version},
            "paths": {"/alert": {"get": {"operationId": "get_alert", "responses": responses}}},
            "components": {"schemas": {"Alert": schema}},
        }
        path = folder / "alerts/specs/openapi.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))

    def run(self, *arguments: str) -> int:
        options = ["--root", str(self.root), "--base-specs", str(self.base), *arguments]
        return main(["HEAD~1", *options])


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return Repository(tmp_path)


def test_unchanged_specs_are_no_error(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert repository.run() == 0
    assert capsys.readouterr().out == "api-diff: no change of the API since HEAD~1\n"


def test_break_names_definition_callers_and_ways_out(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.rename_field()

    assert repository.run() == 1
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    package = "backend/src/trading_api"
    assert lines[:8] == [
        "breaks the wire: 1",
        f"error: {package}/models/alerts.py:4: alerts: Alert.limit: response: a field has another"
        " name (limit -> ceiling)",
        f"{package}/modules/news/service.py:4: get_alert",
        f"{package}/modules/news/service.py:11: get_alert",
        f"{package}/modules/news/service.py:12: .limit",
        "Add the new field, and send both until no client reads the old one.",
        'Or break it: add [[break]] to backend/allowed-breaks.toml with module = "alerts",'
        ' kind = "response-property-renamed", subject = "Alert.limit", reason and date,'
        " and raise the major version.",
        "order of deployment, alerts: no order works for deployed clients: see the breaks",
    ]


def test_allowed_break_shows_its_reason(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.rename_field()
    repository.allow(ENTRY)

    assert repository.run() == 0
    assert "allowed: Nothing reads it. (2026-11-27)" in capsys.readouterr().out


def test_allowed_break_without_a_major_version_is_an_error(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.rename_field(version="1.1.0")
    repository.allow(ENTRY)

    assert repository.run() == 1
    assert (
        "error: backend/src/trading_api/modules/alerts/__init__.py:3: alerts: version"
        ' "1.1.0" does not announce a break; set it to "2.0.0" (base: "1.0.0")'
    ) in capsys.readouterr().out


def test_entry_that_no_change_needs_is_reported(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.rename_field()
    repository.allow(ENTRY + ENTRY.replace("Alert.limit", "Alert.text"))

    assert repository.run() == 0
    assert "note: backend/allowed-breaks.toml:7: no change" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[break]", "backend/allowed-breaks.toml: "),
        ("[[brake]]\n", "backend/allowed-breaks.toml: unknown 'brake'; write [[break]]"),
        (ENTRY.replace("reason =", "because ="), "allowed-breaks.toml:1: unknown key 'because'"),
        (ENTRY.replace("2026-11-27", '"soon"'), "allowed-breaks.toml:1: date is missing or is not"),
        (ENTRY.replace('"Nothing reads it."', '" "'), "allowed-breaks.toml:1: reason is missing"),
        (ENTRY.replace("renamed", "rewritten"), "'response-property-rewritten' is not a kind of"),
        (
            ENTRY.replace("response-property-renamed", "operation-added"),
            "'operation-added' is not a kind of break; docs/API-CHANGES.md lists them",
        ),
    ],
)
def test_invalid_allow_file_is_one_error(
    text: str, message: str, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.allow(text)

    assert repository.run() == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_json_has_every_change(repository: Repository, tmp_path: Path) -> None:
    repository.rename_field()
    file = tmp_path / "changes.json"

    assert repository.run("--json", str(file)) == 1
    result = json.loads(file.read_text())
    assert result["ok"] is False
    [change] = result["changes"]
    assert change["kind"] == "response-property-renamed"
    assert change["level"] == "wire"
    assert change["users"] == ["operation get_alert"]
    assert [each["line"] for each in change["consumers"]] == [4, 11, 12]


def test_workflow_gets_annotations_and_a_summary(
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    repository.rename_field(version="1.0.0")

    assert repository.run() == 1
    output = capsys.readouterr().out.splitlines()
    package = "backend/src/trading_api"
    assert [line.partition(",title")[0] for line in output if line.startswith("::")] == [
        f"::error file={package}/modules/alerts/__init__.py,line=3",
        f"::error file={package}/models/alerts.py,line=4",
        f"::warning file={package}/modules/news/service.py,line=4",
        f"::warning file={package}/modules/news/service.py,line=11",
        f"::warning file={package}/modules/news/service.py,line=12",
    ]
    text = summary.read_text()
    assert "| ❌ alerts: Alert.limit: response: a field has another name" in text
    assert f"`{package}/modules/news/service.py:12` .limit" in text


def test_missing_and_invalid_specs_are_errors(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository.root / "backend/src/trading_api/modules/alerts/specs/openapi.json"
    path.write_text("[]")
    assert repository.run() == 2
    assert "openapi.json: is not a JSON object; run: make" in capsys.readouterr().err
    path.unlink()
    assert repository.run() == 2
    assert "there are no specs; run: make export-specs-all" in capsys.readouterr().err
