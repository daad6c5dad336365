"""Write the tables of docs/MAKEFILE-GUIDE.md that come from the code: make targets, settings.

Each stands between `<!-- begin NAME -->` and `<!-- end NAME -->`. With --check nothing is written,
and a table that is not up to date is an error.
"""

from __future__ import annotations

import argparse
import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from repository import REPOSITORY
from trading_api.app_factory import module_info
from trading_api.shared.settings import AppSettings
from trading_api.shared.utils import MODULES_DIR, discover_modules

GUIDE = REPOSITORY / "docs/MAKEFILE-GUIDE.md"
KINDS = {str: "text", float: "a number", int: "a whole number", date: "a date", Path: "a folder"}
LIMITS = {
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
    "min_length": "at least {} characters",
    "max_length": "at most {} characters",
}
TARGET = re.compile(r"^(?:## (?P<shown>[a-z%<>-]+): |(?P<name>[\w<>%-]+):.*## )(?P<text>.*)$")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args(argv).check
    before = GUIDE.read_text()
    after = filled(before, {"settings": settings_table, **_target_tables()})
    if before == after:
        return 0
    if check:
        print(
            f"error: {GUIDE.name}: out of date; run: make -f project.mk docs-tables",
            file=sys.stderr,
        )
        return 1
    GUIDE.write_text(after)
    print(f"{GUIDE.name}: written")
    return 0


def filled(text: str, tables: dict[str, Callable[[], str]]) -> str:
    """Return the document with each table between its markers.

    Raises:
        ValueError: a table has no place, or a marker no table.
    """
    places = re.findall(r"<!-- begin (\S+) -->", text)
    if sorted(places) != sorted(tables):
        raise ValueError(f"there are markers of {places}, but tables of {list(tables)}")
    for name, table in tables.items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"the marker {end} is missing")
        text = f"{before}{begin}{table()}{end}{after}"
    return text


def settings_table() -> str:
    """Return the table of every setting that a process of the backend reads."""
    rows = [*_fields(AppSettings)]
    modules = discover_modules(MODULES_DIR)
    for name in modules:
        address = f"`http://127.0.0.1:{module_info(name).port}`"
        meaning = f"where the others find {name}, and where `run-multi` starts it"
        rows.append((f"`{name.upper()}_URL`", address, "an address", meaning))
    for name in modules:
        if (MODULES_DIR / name / "settings.py").is_file():
            for settings in _settings_of(f"trading_api.modules.{name}.settings"):
                rows += _fields(settings)
    return _table(("Setting", "Default", "Accepts", "Meaning"), rows)


def _settings_of(path: str) -> list[type[BaseSettings]]:
    values = vars(importlib.import_module(path)).values()
    return [
        value
        for value in values
        if isinstance(value, type) and issubclass(value, BaseSettings) and value.__module__ == path
    ]


def _fields(settings: type[BaseSettings]) -> Iterator[tuple[str, ...]]:
    prefix = settings.model_config.get("env_prefix", "")
    for name, field in settings.model_fields.items():
        meaning = " ".join((field.description or "").split()).rstrip(".")
        if not meaning:
            raise ValueError(
                f"{settings.__name__}.{name} says nothing of itself; give it a docstring"
            )
        variable = f"`{prefix}{name.upper()}`"
        yield variable, _default(field.default), _accepted(field), meaning[0].lower() + meaning[1:]


def _default(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, type):
        return f"`{value.__module__}.{value.__qualname__}`"
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    if text.startswith(str(REPOSITORY)):
        return f"`{Path(text).relative_to(REPOSITORY)}/`"
    return f"`{text}`"


def _accepted(field: FieldInfo) -> str:
    types = get_args(field.annotation) or (field.annotation,)
    kinds = [words for kind, words in KINDS.items() if kind in types]
    return ", ".join([*(kinds or ["a dotted path"]), *_limits(field)])


def _limits(field: FieldInfo) -> Iterator[str]:
    for limit in field.metadata:
        if getattr(limit, "pattern", None):
            yield f"like `{limit.pattern}`"
        for name, words in LIMITS.items():
            if hasattr(limit, name):
                yield words.format(_number(getattr(limit, name)))


def _number(value: float) -> str:
    if isinstance(value, int) and value > 2**53:
        return f"2^{value.bit_length() - 1}"
    return f"{value:,.10g}"


def _target_tables() -> dict[str, Callable[[], str]]:
    return {f"targets:{path}": partial(targets_table, REPOSITORY / path) for path in makefiles()}


def makefiles() -> list[str]:
    """Return the Makefiles with targets of their own, the whole project's first."""
    listed = ["git", "-C", str(REPOSITORY), "ls-files", "project.mk", "*/Makefile"]
    found = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    return sorted(found, key=lambda path: (path != "project.mk", path))


def targets_table(makefile: Path) -> str:
    """Return the table of the targets that a Makefile describes, in its order."""
    rows = []
    for line in makefile.read_text().splitlines():
        found = TARGET.match(line)
        if found:
            rows.append((f"`{found['shown'] or found['name']}`", found["text"].replace("<", "\\<")))
    return _table(("Target", "What it does"), rows)


def _table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
