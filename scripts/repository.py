"""Where the repository is, and the environment for commands that a reader would type in it."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def environment(root: Path | None = None) -> dict[str, str]:
    """Return the environment without what the make that called this wants its own parts to know.

    With `root`, backend/.venv of the repository there comes first in the PATH, as activating it
    does. Nothing is printed in colours, for what is printed is read.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS", "VIRTUAL_ENV", "TASK"))
    }
    kept |= {"NO_COLOR": "1", "FORCE_COLOR": "0"}
    if root is not None:
        kept["PATH"] = f"{root / 'backend/.venv/bin'}{os.pathsep}{kept['PATH']}"
    return kept
