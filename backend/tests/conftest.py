"""Which tests there are: those of a module's folder belong to that module."""

from __future__ import annotations

from pathlib import Path

import pytest

from trading_api.shared.settings import AppSettings, select_modules
from trading_api.shared.utils import MODULES_DIR

MODULE_TESTS = Path(__file__).parent / "modules"
PLATFORM_TESTS = Path(__file__).parent / "integration"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the tests of modules that ENABLED_MODULES does not name, or that have gone."""
    if collection_path.parent == MODULE_TESTS and collection_path.is_dir():
        needed = {collection_path.name}
    elif collection_path == PLATFORM_TESTS:
        needed = {"broker", "datafeed"}
    else:
        return None
    enabled = select_modules(AppSettings().enabled_modules, MODULES_DIR)
    return None if needed <= set(enabled) else True


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden from what is generated"
    )
