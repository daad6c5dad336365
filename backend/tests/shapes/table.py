"""Print the table of shapes, and write it in docs/CLIENT-GENERATION.md. Run by `make shapes`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from shapes.harness import Table, run
from shapes.shape import SHAPES

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/CLIENT-GENERATION.md"
BEGIN, END = "<!-- begin shapes -->\n", "<!-- end shapes -->"
HEADER = "| Shape | Python | TypeScript |\n|---|---|---|\n"


def main(names: list[str]) -> int:
    """Print the table of these shapes, or of all; return 1 if an outcome is not expected."""
    if unknown := [name for name in names if name not in SHAPES]:
        print(
            f"error: unknown shape {', '.join(unknown)}; see the functions in tests/shapes/rows",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory() as folder:
        table = run(Path(folder), names)
    print(render(table), end="")
    if not names:
        text = with_table(DOCUMENT.read_text(encoding="utf-8"), render(table))
        DOCUMENT.write_text(text, encoding="utf-8")
    unexpected = [
        f"{name} ({side}): {outcome}"
        for name, pair in table.items()
        for side, outcome in zip(("Python", "TypeScript"), pair, strict=True)
        if not outcome.expected
    ]
    for line in unexpected:
        print(line, file=sys.stderr)
    count = 2 * len(table)
    print(f"{count - len(unexpected)} of {count} results are as expected")
    return 1 if unexpected else 0


def render(table: Table) -> str:
    """Return the table in Markdown: what has one heading (`query: ...`) stands together."""
    rows = [(SHAPES[name].title, *map(str, pair)) for name, pair in table.items()]
    headings = [*dict.fromkeys(_heading(title) for title, *_ in rows)]
    rows.sort(key=lambda row: headings.index(_heading(row[0])))
    return HEADER + "".join(f"| {' | '.join(map(_cell, row))} |\n" for row in rows)


def with_table(text: str, table: str) -> str:
    """Return the document with this table between its two markers.

    Raises:
        ValueError: a marker is missing.
    """
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{DOCUMENT.name} has no {BEGIN.strip()} followed by {END}")
    return f"{before}{BEGIN}{table}{END}{after}"


def _heading(title: str) -> str:
    return title.partition(":")[0]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
