"""Which tests there are: those of a module's folder belong to that module."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trading_api.shared.settings import MEMORY, AppSettings, select_modules
from trading_api.shared.utils import MODULES_DIR

# The processes and applications of the tests keep nothing, unless a test says where.
os.environ["DATA_DIR"] = MEMORY

MODULE_TESTS = Path(__file__).parent / "modules"
PLATFORM_TESTS = Path(__file__).parent / "integration"


def pytest_configure() -> None:
    """Report an invalid ENABLED_MODULES before the tests are collected."""
    _enabled_modules()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the tests of modules that ENABLED_MODULES does not name, or that have gone."""
    if collection_path.parent == MODULE_TESTS and collection_path.is_dir():
        needed = {collection_path.name}
    elif collection_path == PLATFORM_TESTS:
        needed = {"broker", "datafeed"}
    else:
        return None
    return None if needed <= _enabled_modules() else True


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden from what is generated"
    )


def _enabled_modules() -> set[str]:
    try:
        return {*select_modules(AppSettings().enabled_modules, MODULES_DIR)}
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
