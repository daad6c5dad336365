"""Print the figures of the benchmarks as tables, and draw them."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from drawing import Bar, Panel, draw
from measuring import Row

LABELS = {
    "floor": "httpx + TypeAdapter, `base_url`",
    "floor-absolute": "httpx + TypeAdapter, whole address",
    "ours": "**this generator**",
    "openapi-generator-httpx": "openapi-generator, httpx",
    "openapi-generator-asyncio": "openapi-generator, aiohttp",
}
SIZES = {"one": "1 model", "many": "100 models"}


def main(argv: list[str] | None = None) -> int:
    """Print the tables and, if asked to, draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the benchmarks keep their figures")
    parser.add_argument("--picture", type=Path, help="where to draw them (SVG)")
    options = parser.parse_args(argv)
    calls, generation, imports = (
        _load(options.folder / f"{name}.json") for name in ("calls", "generation", "imports")
    )
    print("\n".join([*_calls(calls), "", *_generation(generation), "", *_imports(imports), ""]))
    print(_surroundings())
    if options.picture:
        options.picture.parent.mkdir(parents=True, exist_ok=True)
        panels = _panels(calls, generation, imports)
        options.picture.write_text(draw(panels, _surroundings()), encoding="utf-8")
    return 0


def _load(path: Path) -> list[Row]:
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _calls(rows: Sequence[Row]) -> Iterable[str]:
    yield "| One call | answer | user CPU, µs | ratio to the floor | the same with system CPU |"
    yield "|---|---|--:|--:|--:|"
    for row in rows:
        ratios = f"{row['ratio']:.2f} | {row['ratio_with_system']:.2f}"
        yield f"| {_label(row)} | {SIZES[row['size']]} | {row['user']:.0f} | {ratios} |"


def _generation(rows: Sequence[Row]) -> Iterable[str]:
    yield "| Generation | operations | CPU, s | ratio to openapi-python-client |"
    yield "|---|--:|--:|--:|"
    for row in rows:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        yield f"| {_label(row)} | {row['operations']} | {row['seconds']:.2f} | {ratio} |"


def _imports(rows: Sequence[Row]) -> Iterable[str]:
    yield "| Import | operations | models, CPU ms | client on top, CPU ms | both |"
    yield "|---|--:|--:|--:|--:|"
    for row in rows:
        parts = [f"{row[part]:.0f}" if row[part] is not None else "" for part in PARTS]
        yield f"| {_label(row)} | {row['operations']} | {' | '.join(parts)} |"


PARTS = ("models", "added", "sum")


def _label(row: Row) -> str:
    name = str(row["contender"])
    return LABELS.get(name, name)


def _surroundings() -> str:
    """Return what the figures depend on."""
    versions = [f"{name} {version(name)}" for name in ("httpx", "pydantic", "ruff")]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {', '.join(versions)}; {os.cpu_count()} cores, {platform.machine()}"


def _panels(
    calls: Sequence[Row], generation: Sequence[Row], imports: Sequence[Row]
) -> Iterable[Panel]:
    for size, label in SIZES.items():
        rows = [row for row in calls if row["size"] == size]
        title = f"CPU of a call that returns {label}, httpx by hand = 1.00"
        yield _panel(title, rows, "ratio", "{:.2f}", mark=1.0)
    for operations in sorted({row["operations"] for row in generation}):
        rows = [row for row in generation if row["operations"] == operations]
        title = f"CPU seconds to generate a client of {operations} operations"
        yield _panel(title, rows, "seconds", "{:.2f}")
    most = max(row["operations"] for row in generation)
    rows = [row for row in imports if row["operations"] == most]
    yield _panel(f"CPU ms to import models and client, {most} operations", rows, "sum", "{:.0f}")


def _panel(
    title: str, rows: Sequence[Row], key: str, form: str, mark: float | None = None
) -> Panel:
    bars = [
        Bar(_label(row).strip("*").replace("`", ""), row[key], form, row["contender"] == "ours")
        for row in rows
    ]
    return Panel(title, bars, mark)


if __name__ == "__main__":
    sys.exit(main())
