"""The breaks that someone has decided to make, with reason and date: `allowed-breaks.toml`.

[[break]]
module = "datafeed"
kind = "response-property-renamed"
subject = "Bar.volume"
reason = "The page is the only reader, and is deployed with this release."
date = 2026-11-27
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from api_diff.catalogue import KINDS
from api_diff.changes import Change

KEYS = {"module": str, "kind": str, "subject": str, "reason": str, "date": date}
TABLE = re.compile(r"^\s*\[\[\s*break\s*\]\]", re.MULTILINE)


class AllowFileError(ValueError):
    """The file is not as described; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class AllowedBreak:
    """One entry of the file."""

    module: str
    kind: str
    subject: str
    reason: str
    date: date
    location: str

    def covers(self, change: Change) -> bool:
        """Return whether the entry is about this change; `*` in its subject matches any text."""
        same = (self.module, self.kind) == (change.module, change.kind)
        pattern = ".*".join(map(re.escape, self.subject.split("*")))
        return same and re.fullmatch(pattern, change.subject) is not None


def read_allowed_breaks(path: Path, shown: str) -> list[AllowedBreak]:
    """Return the entries of the file, none if it does not exist; `shown` is its name in messages.

    Raises:
        AllowFileError: an entry is invalid.
    """
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AllowFileError(f"{shown}: {error}") from None
    if unknown := document.keys() - {"break"}:
        raise AllowFileError(f"{shown}: unknown {sorted(unknown)[0]!r}; write [[break]]")
    lines = [text.count("\n", 0, found.end()) + 1 for found in TABLE.finditer(text)]
    entries = document.get("break", [])
    return [_read(entry, f"{shown}:{line}") for entry, line in zip(entries, lines, strict=False)]


def _read(entry: dict[str, Any], location: str) -> AllowedBreak:
    for key in entry.keys() - KEYS.keys():
        raise AllowFileError(f"{location}: unknown key {key!r}; the keys are {', '.join(KEYS)}")
    for key, kind in KEYS.items():
        value = entry.get(key)
        if not isinstance(value, kind) or isinstance(value, datetime) or not str(value).strip():
            what = "a date such as 2026-11-27" if kind is date else "a text"
            raise AllowFileError(f"{location}: {key} is missing or is not {what}; add it")
    if entry["kind"] not in KINDS or not KINDS[entry["kind"]].level.is_break:
        raise AllowFileError(
            f"{location}: {entry['kind']!r} is not a kind of break; docs/API-CHANGES.md lists them"
        )
    return AllowedBreak(**entry, location=location)
