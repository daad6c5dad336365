"""What the benchmarks share: running commands, CPU seconds, medians of paired ratios."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

BACKEND = Path(__file__).resolve().parent.parent

Row = dict[str, Any]
"""A row of a table of figures; `contender` names whose figures they are."""


def python_of(environment: Path | None) -> str:
    """Return the interpreter of a virtual environment; by default, the running one."""
    return str(environment / "bin" / "python") if environment else sys.executable


def run(command: Sequence[str], folder: Path, **variables: str) -> str:
    """Run a command with these environment variables; return its stdout, or exit if it fails."""
    environment = {**os.environ, **variables}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        output = (result.stdout + result.stderr).strip()
        raise SystemExit(f"error: {' '.join(command)} failed:\n{output}")
    return result.stdout


def cpu_seconds(command: Sequence[str], folder: Path, **variables: str) -> float:
    """Run a command and return the user and system CPU seconds of its process tree."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command, folder, **variables)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def paired_ratio(values: Sequence[float], base: Sequence[float]) -> float:
    """Return the median of the ratios of each round, which cancels what slows down a whole round.

    A round with a base of 0 is too short for the system's clock, and does not count.
    """
    ratios = [value / floor for value, floor in zip(values, base, strict=True) if floor]
    if not ratios:
        raise SystemExit("error: the rounds are too short to be measured; give more --calls")
    return median(ratios)


def print_table(rows: Sequence[Row]) -> None:
    """Print rows as a Markdown table; a row may lack the last columns."""
    headings = max(rows, key=len)
    print(f"| {' | '.join(headings)} |\n|---{'|--:' * (len(headings) - 1)}|")
    for row in rows:
        cells = [row.get(heading, "") for heading in headings]
        print(f"| {' | '.join(f'{c:.2f}' if isinstance(c, float) else str(c) for c in cells)} |")
    print()
