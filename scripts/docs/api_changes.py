"""Write the tables of docs/API-CHANGES.md: every kind of change with its level and its remedy.

Run by `make docs-tables`.
"""

from __future__ import annotations

from collections.abc import Iterator

from api_diff.catalogue import KINDS
from api_diff.catalogue_schemas import ROWS
from api_diff.changes import Side
from repository import REPOSITORY

PAGE = REPOSITORY / "docs/API-CHANGES.md"
BEGIN, END = "<!-- begin kinds -->\n", "<!-- end kinds -->"


def main() -> None:
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def with_tables(text: str) -> str:
    """Return the document with up-to-date tables.

    Raises:
        ValueError: a marker is missing.
    """
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{PAGE.name} has no {BEGIN.strip()} followed by {END}")
    return f"{before}{BEGIN}{''.join(_lines())}{END}{after}"


def _lines() -> Iterator[str]:
    yield from ("| Kind | What has changed | Level | What to do |\n", "|---|---|---|---|\n")
    schema_kinds = {f"{side}-{what}" for what in ROWS for side in Side}
    for kind in KINDS.values():
        if kind.id not in schema_kinds:
            yield f"| `{kind.id}` | {kind.meaning} | {kind.level} | {kind.remedy} |\n"
    yield from (
        "\n",
        "Changes of schemas, whose kinds begin with `request-` or `response-`:\n\n",
        "| Kind | What has changed | In requests | In responses |\n",
        "|---|---|---|---|\n",
    )
    for what, row in ROWS.items():
        cells = (_cell(f"{side}-{what}") for side in Side)
        yield f"| `{what}` | {row.meaning} | {' | '.join(cells)} |\n"


def _cell(kind: str) -> str:
    if kind not in KINDS:
        return "does not occur"
    found = KINDS[kind]
    return f"*{found.level}:* {found.remedy}"


if __name__ == "__main__":
    main()
