"""The location of the repository, copies of it, and the environment of a reader's shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a shell in which backend/.venv of the copy at `root` is active.

    Variables of a calling make are removed, and colours are off so that output can be compared.
    """
    removed = ("MAKE", "MFLAGS", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(removed)}
    path = f"{root / 'backend/.venv/bin'}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "NO_COLOR": "1", "FORCE_COLOR": "0"}


def copy_sources(target: Path, *folders: str) -> None:
    """Copy the files that git tracks or would track, except for tests: all, or those in `folders`.

    The lock files get the oldest time stamp, so that make does not reinstall an environment that
    is linked into the copy.
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
