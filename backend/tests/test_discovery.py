"""Discovery of modules, selection by ENABLED_MODULES, and names derived from a module's name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trading_api.shared.settings import select_modules
from trading_api.shared.utils import (
    MODULES_DIR,
    class_prefix,
    discover_modules,
    discover_modules_with_websockets,
    stream_path,
    url_variable,
)


@pytest.fixture
def modules_dir(tmp_path: Path) -> Path:
    for name in ("zeta", "alpha", "market_data", "_private", "not-a-name", "class"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "api.py").touch()
    (tmp_path / "alpha" / "ws.py").touch()
    (tmp_path / "leftover" / "specs").mkdir(parents=True)
    (tmp_path / "leftover" / "ws.py").touch()
    (tmp_path / "api.py").touch()
    return tmp_path


def test_modules_are_folders_with_api_and_valid_name(modules_dir: Path) -> None:
    assert discover_modules(modules_dir) == ["alpha", "market_data", "zeta"]


def test_modules_with_websockets_also_have_ws(modules_dir: Path) -> None:
    assert discover_modules_with_websockets(modules_dir) == ["alpha"]


def test_discovery_imports_nothing(modules_dir: Path) -> None:
    (modules_dir / "alpha" / "api.py").write_text("not valid Python (")
    assert "alpha" in discover_modules(modules_dir)


def test_missing_folder_raises(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="absent"):
        discover_modules(tmp_path / "absent")


@pytest.mark.parametrize(
    ("enabled", "selected"),
    [
        ("all", ["alpha", "market_data", "zeta"]),
        ("", ["alpha", "market_data", "zeta"]),
        ("zeta", ["zeta"]),
        (" zeta , alpha,zeta", ["alpha", "zeta"]),
    ],
)
def test_enabled_modules(modules_dir: Path, enabled: str, selected: list[str]) -> None:
    assert select_modules(enabled, modules_dir) == selected


def test_unknown_enabled_module_raises_with_known_modules(modules_dir: Path) -> None:
    with pytest.raises(ValueError, match=r"unknown module omega \(known: alpha, market_data, zeta"):
        select_modules("alpha,omega", modules_dir)


def test_names_derived_from_a_module_name() -> None:
    assert class_prefix("market_data") == "MarketData"
    assert url_variable("market_data") == "MARKET_DATA_URL"
    assert stream_path("market_data") == "/api/v1/market_data/ws"


def test_make_finds_the_same_modules() -> None:
    backend = MODULES_DIR.parent.parent.parent
    result = subprocess.run(
        ["make", "-C", str(backend), "test-module-no_such_module"],
        capture_output=True,
        text=True,
        check=False,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
    )
    assert f"(known: {' '.join(discover_modules(MODULES_DIR))})" in result.stderr


def test_tests_of_an_unknown_module_are_one_error() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", Path(__file__).parent],
        env={**os.environ, "ENABLED_MODULES": "nope"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert run.stderr.startswith("ERROR: ENABLED_MODULES: unknown module nope (known: ")
