"""`make check-generated` finds stale, missing and left-over files, and writes nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from docs.examples import copy_repository
from repository import environment
from trading_api.shared.utils import MODULES_DIR, discover_modules

MODULE = discover_modules(MODULES_DIR)[0]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with everything generated, which git lists the sources of."""
    root = copy_repository(tmp_path_factory.mktemp("repository") / "copy")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    return root


def check(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [root / "backend/.venv/bin/python", "scripts/check_generated.py"],
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        check=False,
    )


def contents(root: Path) -> dict[Path, bytes]:
    folders = ("backend/src", "backend/.cache", "frontend/src", "docs")
    paths = [path for folder in folders for path in (root / folder).rglob("*")]
    return {path: path.read_bytes() for path in paths if path.is_file() and path.suffix != ".pyc"}


def test_what_is_stale_is_named_with_its_command(copy: Path) -> None:
    run = check(copy)
    assert (run.returncode, run.stdout, run.stderr) == (
        0,
        "check-generated: everything is up to date\n",
        "",
    )

    spec = copy / f"backend/src/trading_api/modules/{MODULE}/specs/openapi.json"
    client = copy / f"backend/src/trading_api/clients/{MODULE}_client.py"
    types = copy / "frontend/src/clients/ws-types-gone/index.ts"
    page = copy / "docs/API-CHANGES.md"
    spec.write_text("{}")
    client.unlink()
    types.parent.mkdir()
    types.write_text("export {};")
    page.write_text(page.read_text().replace("| `module-removed` |", "| `module-gone` |"))
    before = contents(copy)

    run = check(copy)
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        f"error: {spec.relative_to(copy)}: is stale; run: make export-specs-all",
        f"error: {client.relative_to(copy)}: is missing; run: make generate-python-clients",
        f"error: {types.relative_to(copy)}: is not generated any more;"
        " run: make generate-frontend-clients",
        "error: docs/API-CHANGES.md: is stale; run: make docs-tables",
    ]
    assert contents(copy) == before


@pytest.mark.parametrize("name", [f"modules/{MODULE}/api.py", "shared/utils.py"])
def test_source_with_an_error_is_named(name: str, copy: Path) -> None:
    source = copy / "backend/src/trading_api" / name
    source.write_text("def broken(:\n")

    run = check(copy)
    assert run.returncode == 2
    first = run.stderr.splitlines()[0]
    assert f"{source.relative_to(copy)}:1: SyntaxError: " in first
    assert run.stderr.strip().endswith("; run: make generate-clients-all")
