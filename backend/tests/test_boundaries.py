"""Which modules a process imports, checked in real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files

import pytest

from trading_api.shared.utils import MODULES_DIR, class_prefix, discover_modules

MODULES = discover_modules(MODULES_DIR)
SHOW_IMPORTS = (
    "import sys\n"
    "libraries = ('httpx', 'sqlalchemy')\n"
    "print(*(n for n in sys.modules if n.startswith('trading_api') or n in libraries))"
)


def imported_after(code: str, **environment: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{SHOW_IMPORTS}"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return set(result.stdout.split())


def modules_of(imported: set[str]) -> set[str]:
    prefix = "trading_api.modules."
    return {name.removeprefix(prefix).split(".")[0] for name in imported if name.startswith(prefix)}


@pytest.mark.parametrize("module", MODULES)
def test_exporting_a_module_imports_no_other_module_and_no_client(module: str) -> None:
    imported = imported_after(
        f"from trading_api.app_factory import create_app; create_app(['{module}']).openapi()"
    )
    assert modules_of(imported) == {module}
    assert not any(name.startswith("trading_api.clients") for name in imported)
    # It opens no database, and should not wait for the import of one.
    assert "sqlalchemy" not in imported


@pytest.mark.parametrize("module", MODULES)
def test_serving_a_module_imports_no_other_module(module: str) -> None:
    code = (
        "import asyncio\n"
        "from trading_api.main import app\n"
        "async def run():\n"
        "    async with app.router.lifespan_context(app): pass\n"
        "asyncio.run(run())\n"
    )
    assert modules_of(imported_after(code, ENABLED_MODULES=module)) == {module}


@pytest.mark.parametrize("module", MODULES)
def test_client_imports_no_module(module: str) -> None:
    imported = imported_after(f"import trading_api.clients.{module}_client")
    assert not modules_of(imported)
    others = {f"trading_api.clients.{other}_client" for other in MODULES if other != module}
    assert not imported & others


@pytest.mark.parametrize("module", MODULES)
def test_httpx_is_imported_with_the_first_client(module: str) -> None:
    code = f"from trading_api.clients import {class_prefix(module)}Client as Client"
    assert "httpx" not in imported_after(code)
    assert "httpx" in imported_after(f"{code}; Client()")


def test_package_is_marked_as_typed() -> None:
    # Without this file, type checkers treat everything imported from the package as Any (PEP 561).
    assert files("trading_api").joinpath("py.typed").is_file()
