"""The report of an export: what it prints, and when downloaded specs are accepted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from export_report import ExportError, main, read_errors, sources_digest, write_report

ERRORS = [
    ExportError("openapi", "alerts", "alerts/api.py:1: broken"),
    ExportError("asyncapi", "alerts", "alerts/api.py:1: broken"),
    ExportError("asyncapi", "prices", "prices/ws.py:2: broken"),
]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "cache/report.json"


def test_written_errors_can_be_read(report: Path) -> None:
    write_report(report, ERRORS)
    assert read_errors(report) == ERRORS


def test_each_message_is_printed_once(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_report(report, ERRORS)
    assert main([str(report)]) == 1
    assert capsys.readouterr().err == (
        "error: alerts/api.py:1: broken\n"
        "error: prices/ws.py:2: broken\n"
        "  not updated: alerts (asyncapi), alerts (openapi), prices (asyncapi)\n"
    )


def test_errors_of_the_other_kind_are_left_out(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_report(report, ERRORS[2:])
    assert main([str(report), "--kind", "openapi"]) == 0
    assert capsys.readouterr().err == ""
    assert main([str(report), "--kind", "asyncapi"]) == 1


def test_report_of_these_sources_is_trusted(report: Path) -> None:
    write_report(report, [])
    os.utime(report, (0, 0))
    assert main([str(report), "--trust"]) == 0
    assert report.stat().st_mtime > 0


def test_digest_depends_on_the_sources_wherever_the_repository_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = tmp_path / "clients/backend"
    monkeypatch.setattr("export_report.BACKEND", backend)
    api = backend / "src/trading_api/modules/alerts/api.py"
    api.parent.mkdir(parents=True)
    api.write_text("router = 1\n")
    (backend / "requirements.lock").touch()
    before = sources_digest()
    (api.parent / ".#api.py").symlink_to("user@host.123")  # Emacs has unsaved changes
    assert sources_digest() == before
    api.write_text("router = 2\n")
    assert sources_digest() != before


@pytest.mark.parametrize("name", ["sources", "specs"])
def test_report_of_other_files_is_not_trusted(
    report: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    write_report(report, [])
    content = json.loads(report.read_text())
    report.write_text(json.dumps({**content, name: "0" * 64}))
    os.utime(report, (0, 0))
    assert main([str(report), "--trust"]) == 1
    error = capsys.readouterr().err
    assert f"this export had other {name}; run: make -C backend export-specs" in error
    assert report.stat().st_mtime == 0


def test_missing_report_is_not_trusted(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(report), "--trust"]) == 1
    assert "there is no report of an export" in capsys.readouterr().err
