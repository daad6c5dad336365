"""Modules that other programs serve."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foreign import foreign_notices
from trading_api.shared.utils import FOREIGN_FILE, discover_foreign_modules, discover_modules


def add(modules_dir: Path, name: str, text: str = "", servers: object = None) -> Path:
    folder = modules_dir / name
    (folder / "specs").mkdir(parents=True)
    (folder / FOREIGN_FILE).write_text(text)
    (folder / "specs/openapi.json").write_text(json.dumps({"servers": servers or []}))
    return folder


def test_folder_with_the_file_is_a_foreign_module_unless_it_has_an_api(tmp_path: Path) -> None:
    for name in ("rates", "not-a-name", "own"):
        add(tmp_path, name)
    (tmp_path / "own/api.py").touch()
    assert discover_foreign_modules(tmp_path) == ["rates"]
    assert discover_modules(tmp_path) == ["own"]


def test_notice_says_where_the_module_is_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(tmp_path, "news")
    add(tmp_path, "rates", 'start = "node rates.mjs"', [{"url": "http://127.0.0.1:8003"}])
    assert [*foreign_notices(tmp_path)] == [
        "news: another program serves it; set NEWS_URL to its address",
        "rates: another program serves it, at http://127.0.0.1:8003 (RATES_URL);"
        " `node rates.mjs` starts it",
    ]
    monkeypatch.setenv("RATES_URL", "http://rates:80")
    assert ", at http://rates:80 (RATES_URL)" in [*foreign_notices(tmp_path)][1]


@pytest.mark.parametrize(
    ("text", "message"),
    [("start =", "is not TOML: "), ("run = 1", "run is not a key; there is `start`, a command")],
)
def test_invalid_file_is_one_error(tmp_path: Path, text: str, message: str) -> None:
    folder = add(tmp_path, "rates", text)
    with pytest.raises(SystemExit) as caught:
        [*foreign_notices(tmp_path)]
    assert str(caught.value).startswith(f"error: {folder / FOREIGN_FILE}: {message}")
