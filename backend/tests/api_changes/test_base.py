"""The specs of a base commit are exported from a worktree, once."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from api_diff.base import BaseError, base_commit, export_base
from api_diff.specs import read_modules

EXPORTER = """import pathlib, trading_api
folder = pathlib.Path(trading_api.__file__).parent / "modules/alerts/specs"
folder.mkdir(parents=True)
(folder / "openapi.json").write_text('{"info": {"version": "%s"}}')
"""


class Git:
    """A repository whose exporter writes the version of the commit into a spec."""

    def __init__(self, root: Path) -> None:
        self.root, self.cache = root, root / "cache"
        self("init", "--quiet", "--initial-branch", "main")
        (root / ".gitignore").write_text("cache\n")

    def __call__(self, *arguments: str) -> str:
        names = ("AUTHOR", "COMMITTER")
        author = {f"GIT_{each}_{key}": "tests" for each in names for key in ("NAME", "EMAIL")}
        command = ["git", "-C", str(self.root), *arguments]
        run = subprocess.run(
            command, env={**os.environ, **author}, capture_output=True, text=True, check=True
        )
        return run.stdout.strip()

    def commit(self, version: str, exporter: str = EXPORTER) -> str:
        for name in ("scripts/export_openapi_spec.py", "scripts/export_asyncapi_spec.py"):
            self.write(name, exporter % version if "openapi" in name else "")
        self.write("src/trading_api/__init__.py", "")
        self.write("requirements.lock", "one==1\n")
        self("add", "--all")
        self("commit", "--quiet", "--message", version)
        return self("rev-parse", "HEAD")

    def write(self, name: str, text: str) -> None:
        path = self.root / "backend" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def export(self, commit: str) -> Path:
        return export_base(self.root, commit, self.cache)


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(tmp_path)


def test_specs_of_the_commit_are_exported_and_the_tree_stays(git: Git) -> None:
    first = git.commit("1.0.0")
    git.commit("2.0.0")

    assert read_modules(git.export(first))["alerts"].version == "1.0.0"
    assert git("status", "--porcelain") == ""
    assert len(git("worktree", "list").splitlines()) == 1
    assert [each.name for each in git.cache.iterdir()] == [git.export(first).name]


def test_export_is_kept_until_the_packages_change(git: Git) -> None:
    first = git.export(git.commit("1.0.0"))
    (first / "mark").touch()

    assert (git.export(git("rev-parse", "HEAD")) / "mark").exists()
    git.write("requirements.lock", "one==2\n")
    assert git.export(git("rev-parse", "HEAD")) != first


def test_later_commits_of_the_base_do_not_count(git: Git) -> None:
    parted = git.commit("1.0.0")
    git("switch", "--quiet", "--create", "feature")
    git.commit("1.1.0")
    git("switch", "--quiet", "main")
    git.commit("1.2.0")
    git("switch", "--quiet", "feature")

    assert base_commit(git.root, "main") == parted
    assert base_commit(git.root, "HEAD") == git("rev-parse", "HEAD")


@pytest.mark.parametrize("ref", ["no-such-branch", "--all", ""])
def test_unknown_base_is_one_error(ref: str, git: Git) -> None:
    git.commit("1.0.0")
    with pytest.raises(BaseError, match=f"^BASE={ref} is not a commit that git knows here; fetch"):
        base_commit(git.root, ref)


def test_base_that_cannot_be_exported_is_one_error(git: Git) -> None:
    commit = git.commit("1.0.0", "raise SystemExit('%s: broken')")

    with pytest.raises(BaseError, match=rf"{commit[:12]} cannot be exported: 1.0.0: broken; use"):
        git.export(commit)
    assert len(git("worktree", "list").splitlines()) == 1
    assert list(git.cache.iterdir()) == []
