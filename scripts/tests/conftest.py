"""A copy of the repository, as a clone that has its environments, for examples that add to it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from repository import REPOSITORY

# What takes long to install, and by what make knows that it is installed.
ENVIRONMENTS = {
    "backend/.venv": "backend/.venv/.installed",
    "frontend/.venv": "frontend/.cache/venv.stamp",
    "frontend/node_modules": "frontend/.cache/node_modules.stamp",
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    listed = ["git", "-C", str(REPOSITORY), "ls-files", "--cached", "--others"]
    result = subprocess.run(
        [*listed, "--exclude-standard"], capture_output=True, text=True, check=True
    )
    for name in result.stdout.splitlines():
        if (REPOSITORY / name).is_file() and "/tests/" not in name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, tmp_path / name)
    for folder, stamp in ENVIRONMENTS.items():
        (tmp_path / folder).symlink_to(REPOSITORY / folder)
        if not (tmp_path / stamp).exists():
            (tmp_path / stamp).parent.mkdir(exist_ok=True)
            (tmp_path / stamp).touch()
    # The environments are those that run the tests, so they are never older than their lists.
    for name in ("backend/pyproject.toml", "backend/requirements.lock"):
        os.utime(tmp_path / name, (0, 0))
    return tmp_path
