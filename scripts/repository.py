"""Where the repository is, copies of it, and the environment for what a reader would type in it."""

from __future__ import annotations

import os
import shutil
import subprocess
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


def copy_sources(target: Path, *folders: str) -> None:
    """Copy what git has, or would take, to `target`: all of it, or these folders; not the tests.

    The lists of what is installed are as old as can be, so that an environment which is linked into
    the copy is not installed anew.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (REPOSITORY / name).is_file() and "/tests/" not in name:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)
    for name in ("pyproject.toml", "requirements.lock"):
        os.utime(target / "backend" / name, (0, 0))
