"""What the benchmarks share: options, CPU of commands, medians of paired ratios."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

BACKEND = Path(__file__).resolve().parent.parent

Row = dict[str, Any]
"""One line of a table of figures; `contender` says whose."""


def option_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--output", type=Path, required=True, help="where the figures are kept")
    parser.add_argument(
        "--peers",
        type=lambda text: Path(text).absolute(),
        help="the environment that has the other generators; without it, ours alone is measured",
    )
    return parser


def cpu_seconds(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    """Run a command and return the user and system CPU seconds of its whole process tree.

    Raises:
        SystemExit: the command failed; the message holds its output.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command, folder, environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run a command, which must succeed, and return what it printed to stdout.

    Raises:
        SystemExit: the command failed; the message holds its output.
    """
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        said = (result.stdout + result.stderr).strip()
        raise SystemExit(f"error: {' '.join(command)} failed:\n{said}")
    return result.stdout


def paired_ratio(values: Sequence[float], base: Sequence[float]) -> float:
    """Return the median of the ratios of each round: what slows a whole round down cancels out.

    A round whose base is 0 was too short for the system's clock, and does not count.

    Raises:
        SystemExit: no round was long enough.
    """
    ratios = [value / floor for value, floor in zip(values, base, strict=True) if floor]
    if not ratios:
        raise SystemExit("error: the rounds are too short to be measured; give more --calls")
    return median(ratios)


def save(path: Path, rows: Sequence[Row]) -> None:
    """Keep the rows of one benchmark for the report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")
