"""Runs the documented commands, from the root of the repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from support.servers import TESTS

REPOSITORY = TESTS.parents[1]


def run(*command: str | Path, **environment: str) -> str:
    """Return what a command prints; one that fails is an error with its output."""
    done = subprocess.run(
        [str(each) for each in command],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
