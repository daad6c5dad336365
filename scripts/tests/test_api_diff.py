"""`make api-diff` as its document shows it: a renamed field, its readers, and the ways out."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from docs import api_changes
from docs.documents import Document
from docs.examples import copy_repository
from repository import environment


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository with one commit."""
    root = copy_repository(tmp_path / "copy")
    git = ["git", "-C", str(root), "-c", "user.name=tests", "-c", "user.email=tests"]
    subprocess.run(["git", "init", "--quiet", root], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "all"], check=True)
    return root


def run_api_diff(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "api-diff", "BASE=HEAD"],
        cwd=root,
        env={
            **{key: text for key, text in environment(root).items() if "GITHUB" not in key},
            "PYTHONPATH": str(root / "backend/src"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_renamed_field_is_reported_as_the_document_shows(copy: Path) -> None:
    assert "\napi-diff: no change of the API since " in f"\n{run_api_diff(copy).stdout}"

    model = copy / "backend/src/trading_api/models/market/bars.py"
    text = model.read_text()
    model.write_text(re.sub(r"^    volume: ", "    quantity: ", text, flags=re.MULTILINE))
    run = run_api_diff(copy)

    assert run.returncode != 0
    assert _without_numbers(_sample("quantity")) in _without_numbers(run.stdout)

    # The way out that the document describes: an entry with a reason, and the next major version.
    entry = _sample("[[break]]")
    (copy / "backend/allowed-breaks.toml").write_text(entry)
    module = tomllib.loads(entry)["break"][0]["module"]
    info = copy / f"backend/src/trading_api/modules/{module}/__init__.py"
    raised = re.sub(r'version="(\d+)\.\d+\.\d+"', _next_major, info.read_text())
    info.write_text(raised)
    run = run_api_diff(copy)
    assert run.returncode == 0, run.stdout
    assert "      allowed: The page is the only reader" in run.stdout


def _next_major(version: re.Match[str]) -> str:
    return f'version="{int(version[1]) + 1}.0.0"'


def _sample(text: str) -> str:
    """Return the code block of the document that contains a text."""
    document = Document(api_changes.PAGE, api_changes.PAGE.read_text(encoding="utf-8"))
    blocks = [each.text for each in document.blocks()]
    return next(each for each in reversed(blocks) if text in each)


def _without_numbers(text: str) -> str:
    """Return a text without line numbers and commits, which change with every commit."""
    return re.sub(r":\d+:|since \w+", ":", text)
