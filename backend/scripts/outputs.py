"""Generated files: written atomically and only if they change, each reported in one line."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

WHAT = ("written", "unchanged", "removed")


class Outputs:
    """Writes the outputs of one run of a script and reports each of them.

    With `check`, nothing is written or removed; the changes are only reported and counted.
    """

    def __init__(self, label: str, *, check: bool = False) -> None:
        self._label = label
        self._check = check
        self._counts: Counter[str] = Counter()
        self._start = time.perf_counter()

    @property
    def differences(self) -> int:
        """How many files were, or with `check` would be, written or removed."""
        return self._counts["written"] + self._counts["removed"]

    def write(self, path: Path, text: str) -> None:
        """Write `text` to `path` atomically: a reader sees the old file or the new one."""
        encoded = text.encode("utf-8")
        if path.is_file() and path.read_bytes() == encoded:
            self._report(path, "unchanged")
            return
        if not self._check:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, encoded)
        self._report(path, "written")

    def remove(self, path: Path) -> None:
        """Remove the file of a module that is gone, and its folder once that is empty."""
        if not self._check:
            path.unlink()
            # The error means that a folder is not empty, so it stays.
            with suppress(OSError):
                path.parent.rmdir()
                path.parent.parent.rmdir()
        self._report(path, "removed")

    def close(self) -> None:
        """Print the closing line."""
        counts = ", ".join(f"{self._counts[what]} {self._word(what)}" for what in WHAT)
        print(f"{self._label}: {counts} ({time.perf_counter() - self._start:.1f} s)")

    def _report(self, path: Path, what: str) -> None:
        self._counts[what] += 1
        print(f"  {display_path(path)}: {self._word(what)}")

    def _word(self, what: str) -> str:
        return f"would be {what}" if self._check and what != "unchanged" else what


def display_path(path: Path) -> str:
    """Return `path` relative to the current folder, if it is below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def fail(message: str) -> None:
    """Print one error to stderr."""
    print(f"error: {message}", file=sys.stderr)


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
