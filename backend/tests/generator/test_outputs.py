"""Generated files are replaced completely, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from outputs import Outputs


def test_failing_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_text("old")

    def fail_to_replace(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", fail_to_replace)
    with pytest.raises(OSError, match="no space left"):
        Outputs("files").write(path, "new")
    assert [each.name for each in tmp_path.iterdir()] == ["a.py"]
    assert path.read_text() == "old"


def test_check_removes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.py"
    path.write_text("old")
    outputs = Outputs("files", check=True)
    outputs.remove(path)
    assert path.exists()
    assert outputs.differences == 1
    assert "a.py: would be removed" in capsys.readouterr().out


def test_removal_of_the_last_file_removes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "module" / "specs" / "a.json"
    path.parent.mkdir(parents=True)
    path.touch()
    (tmp_path / "other").touch()
    Outputs("files").remove(path)
    assert [each.name for each in tmp_path.iterdir()] == ["other"]
