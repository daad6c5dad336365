"""A copy of the repository, as a clone that has its environments, for examples that add to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from repository import REPOSITORY, copy_sources

# What takes long to install, and by what make knows that it is installed.
ENVIRONMENTS = {
    "backend/.venv": "backend/.venv/.installed",
    "frontend/.venv": "frontend/.cache/venv.stamp",
    "frontend/node_modules": "frontend/.cache/node_modules.stamp",
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    copy_sources(tmp_path)
    for folder, stamp in ENVIRONMENTS.items():
        (tmp_path / folder).symlink_to(REPOSITORY / folder)
        if not (tmp_path / stamp).exists():
            (tmp_path / stamp).parent.mkdir(exist_ok=True)
            (tmp_path / stamp).touch()
    return tmp_path
