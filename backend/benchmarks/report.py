"""The figures of the benchmarks as tables, and as a picture."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from measuring import Row

LABELS = {
    "floor": "httpx + TypeAdapter, `base_url`",
    "floor-absolute": "httpx + TypeAdapter, whole address",
    "ours": "**this generator**",
    "ours-aiohttp": "this generator, aiohttp",
    "openapi-generator-httpx": "openapi-generator, httpx",
    "openapi-generator-asyncio": "openapi-generator, aiohttp",
}
PANELS = {
    "One call": ("CPU of a call, httpx without a generator = 1.00", "ratio to the floor"),
    "Generation": ("CPU seconds to generate a client", "CPU, s"),
    "Import": ("CPU ms to import models and client", "both"),
}
"""What the picture shows of each table: a title, and a column."""

Figures = Mapping[str, Sequence[Row]]
"""The rows of each table, by the heading of its first column; the second one has its groups."""


def tables(figures: Figures) -> str:
    """Return the figures as Markdown tables, and what they depend on."""
    lines = []
    for title, rows in figures.items():
        _, *headings = rows[0]
        lines += [f"| {' | '.join([title, *headings])} |", f"|---{'|--:' * len(headings)}|"]
        lines += [f"| {' | '.join(map(_text, row.values()))} |" for row in rows]
        lines.append("")
    return "\n".join([*lines, _environment()])


def draw(figures: Figures) -> str:
    """Return the figures as an SVG that is readable on light and on dark pages."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
    environment.filters["text"] = lambda value: _text(value).strip("*").replace("`", "")
    template = environment.get_template("report.svg.j2")
    return template.render(panels=[*_panels(figures)], note=_environment())


def _panels(figures: Figures) -> Iterator[dict[str, Any]]:
    for name, table in figures.items():
        title, key = PANELS[name]
        _, column, *_ = table[0]
        for group in dict.fromkeys(row[column] for row in table):
            size = f"{group} operations" if isinstance(group, int) else group
            rows = [row for row in table if row[column] == group]
            yield {"title": f"{title}: {size}", "rows": rows, "key": key}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value >= 10 else f"{value:.2f}"
    return "" if value is None else LABELS.get(value, str(value))


def _environment() -> str:
    versions = [f"{name} {version(name)}" for name in ("httpx", "pydantic", "ruff")]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {', '.join(versions)}; {os.cpu_count()} cores, {platform.machine()}"
