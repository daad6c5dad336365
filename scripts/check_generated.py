"""Generate everything in a copy of the sources, and report which generated files are stale.

Run by `make check-generated`. Nothing is written: the copy is in a temporary folder, and the
environments are only linked into it. Exit code 1: files are stale; 2: some cannot be generated.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from repository import REPOSITORY, copy_sources

INSTALLED = ("backend/.venv", "frontend/.venv", "frontend/node_modules")
PYTHON = "backend/.venv/bin/python"
REPORT = "backend/.cache/export-report.json"


@dataclass(frozen=True)
class Step:
    """Commands that generate files, the files, and the make target that does it in place."""

    commands: tuple[tuple[str, ...], ...]
    outputs: str
    remedy: str


STEPS = (
    Step(
        (
            (PYTHON, "backend/scripts/export_specs.py", REPORT),
            (PYTHON, "backend/scripts/export_report.py", REPORT),
        ),
        "backend/src/trading_api/modules/*/specs/*.json",
        "make export-specs-all",
    ),
    Step(
        ((PYTHON, "backend/scripts/generate_python_clients.py"),),
        "backend/src/trading_api/clients/*.py",
        "make generate-python-clients",
    ),
    Step(
        (
            ("frontend/scripts/generate-openapi-client.sh",),
            ("frontend/scripts/generate-asyncapi-types.sh",),
        ),
        "frontend/src/clients/**/*",
        "make generate-frontend-clients",
    ),
    Step(
        ((PYTHON, "-m", "docs.settings"), (PYTHON, "-m", "docs.api_changes")),
        "docs/*.md",
        "make docs-tables",
    ),
)


class GenerationError(RuntimeError):
    """A command failed; the message is its output."""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        copy_sources(copy)
        for name in INSTALLED:
            (copy / name).symlink_to(REPOSITORY / name)
        try:
            lines = [line for step in STEPS for line in check(step, copy, REPOSITORY)]
        except GenerationError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    for line in lines:
        print(f"error: {line}", file=sys.stderr)
    if not lines:
        print("check-generated: everything is up to date")
    return 1 if lines else 0


def check(step: Step, copy: Path, tree: Path) -> Iterator[str]:
    """Run a step in the copy, and yield a line for each file of the tree that differs.

    Raises:
        GenerationError: a command failed.
    """
    for command in step.commands:
        run_command(command, copy)
    fresh, present = (files(root, step.outputs) for root in (copy, tree))
    for name in sorted(fresh.keys() | present.keys()):
        if name not in present:
            state = "is missing"
        elif name not in fresh:
            state = "is not generated any more"
        elif fresh[name] != present[name]:
            state = "is stale"
        else:
            continue
        yield f"{name}: {state}; run: {step.remedy}"


def files(root: Path, pattern: str) -> dict[str, bytes]:
    """Return the files of a pattern with their contents, by their path below `root`."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.glob(pattern)
        if path.is_file()
    }


def run_command(command: tuple[str, ...], copy: Path) -> None:
    """Run a command in the copy, with the copy's sources.

    Raises:
        GenerationError: it failed.
    """
    folders = ("backend/src", "scripts", "backend/scripts")
    path = os.pathsep.join(str(copy / folder) for folder in folders)
    run = subprocess.run(
        command,
        cwd=copy,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        reason = (run.stderr or run.stdout).strip().removeprefix("error: ")
        raise GenerationError(f"{reason}; run: make generate-clients-all")


if __name__ == "__main__":
    sys.exit(main())
