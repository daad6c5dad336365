"""Strict type checks of generated sources."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BACKEND = Path(__file__).resolve().parents[2]


def type_errors(*paths: Path, source_path: str, options: Sequence[str] = ()) -> str:
    """Return what `mypy --strict` reports of files or folders, "" for nothing.

    Each check finds the types of the installed packages in the cache of the one before.

    Args:
        source_path: the folders that modules are imported from, as in MYPYPATH.
        options: further options of mypy.
    """
    result = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-error-summary"),
            *("--config-file=", "--explicit-package-bases", "--follow-imports=silent"),
            *("--cache-dir", BACKEND / ".cache/mypy-tests", *options, *paths),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=BACKEND,
        env={"MYPYPATH": source_path},
        timeout=300,
    )
    return "" if result.returncode == 0 else result.stdout + result.stderr
