"""A copy of the repository in which tests may break things."""

from __future__ import annotations

import os
import shutil
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from repository import REPOSITORY, copy_sources

PARROT = {
    "__init__.py": """
        from trading_api.shared.module import ModuleInfo

        info = ModuleInfo(title="Parrot", description="Repeats.", version="0.1.0", port=8099)
        """,
    "api.py": """
        from fastapi import APIRouter

        router = APIRouter()


        @router.get("/parrot/{text}")
        async def repeat(text: str) -> str:
            return text
        """,
    "service.py": """
        from collections.abc import AsyncIterator
        from contextlib import asynccontextmanager


        @asynccontextmanager
        async def open_service() -> AsyncIterator[str]:
            yield "parrot"
        """,
    "ws.py": """
        from collections.abc import AsyncIterator

        from trading_api.models import Bar, BarsSubscription
        from trading_api.shared.ws import StreamRouter

        streams = StreamRouter()


        @streams.stream("echoes")
        async def echoes(subscription: BarsSubscription, service: str) -> AsyncIterator[Bar]:
            raise AssertionError("not called by these tests")
        """,
}


@dataclass(frozen=True)
class Copy:
    """A copy of the repository with one module more, `parrot`, that no real one knows of."""

    root: Path

    @property
    def modules(self) -> Path:
        return self.root / "backend/src/trading_api/modules"

    @property
    def clients(self) -> Path:
        return self.root / "backend/src/trading_api/clients"

    @property
    def parrot(self) -> Path:
        return self.modules / "parrot"

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if "MAKE" not in key}
        environment["PYTHONPATH"] = str(self.root / "backend/src")
        return subprocess.run(
            ["make", "-C", str(self.root / "backend"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )

    def outputs(self) -> dict[str, tuple[bytes, int]]:
        """Every generated file with its content and time."""
        paths = [*self.modules.glob("*/specs/*.json"), *self.clients.glob("*.py")]
        return {
            str(path.relative_to(self.root)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in paths
        }


@pytest.fixture
def fresh(tmp_path: Path) -> Copy:
    """A copy as `git clone` would make it, with this environment, and with the parrot."""
    return _copy_repository(tmp_path / "copy")


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = _copy_repository(tmp_path_factory.mktemp("template") / "copy")
    result = copy.make("export-specs", "generate-python-clients")
    assert result.returncode == 0, result.stderr
    return copy


@pytest.fixture
def built(_template: Copy, tmp_path: Path) -> Copy:
    """The copy with everything generated."""
    shutil.copytree(_template.root, tmp_path / "copy", symlinks=True)
    return Copy(tmp_path / "copy")


def _copy_repository(target: Path) -> Copy:
    copy_sources(target, "backend", "scripts")
    (target / "backend/.venv").symlink_to(REPOSITORY / "backend/.venv")
    copy = Copy(target)
    copy.parrot.mkdir()
    for name, source in PARROT.items():
        (copy.parrot / name).write_text(textwrap.dedent(source).lstrip())
    return copy
