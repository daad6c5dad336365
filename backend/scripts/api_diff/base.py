"""The specs of the base commit: exported in a worktree, with the packages of this environment."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MODULES = Path("backend/src/trading_api/modules")
# Those of older commits, too.
EXPORTERS = ("export_openapi_spec.py", "export_asyncapi_spec.py")


class BaseError(RuntimeError):
    """The specs of the base cannot be had; the message says what to do."""


def base_commit(root: Path, ref: str) -> str:
    """Return the commit at which HEAD and `ref` parted: later changes of `ref` do not count.

    Raises:
        BaseError: git does not know `ref`.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        raise BaseError(
            f"BASE={ref} is not a commit that git knows here; fetch it (a shallow clone: git fetch"
            " --unshallow), or use another one, such as BASE=HEAD~1"
        )
    return _git(root, "merge-base", "HEAD", commit) or commit


def export_base(root: Path, commit: str, cache: Path) -> Path:
    """Return a folder with the specs of a commit, which `cache` keeps by commit and packages.

    Raises:
        BaseError: the commit cannot be exported.
    """
    lock = hashlib.sha256((root / "backend/requirements.lock").read_bytes()).hexdigest()
    target = cache / f"{commit}-{lock[:12]}"
    if not target.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with _worktree(root, commit, cache) as tree, _temporary(cache) as folder:
            _export(tree, commit)
            _copy_specs(tree / MODULES, folder)
            if not target.is_dir():
                folder.rename(target)
    return target


def _export(tree: Path, commit: str) -> None:
    # The packages of this environment, the sources of the worktree: PYTHONPATH comes first.
    path = os.pathsep.join(str(tree / "backend" / name) for name in ("src", "scripts"))
    for exporter in EXPORTERS:
        run = subprocess.run(
            [sys.executable, f"backend/scripts/{exporter}"],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            lines = run.stderr.strip().splitlines() or [f"exit code {run.returncode}"]
            raise BaseError(
                f"the specs of {commit[:12]} cannot be exported: {lines[-1]};"
                " use a BASE whose `make export-specs-all` works"
            )


def _copy_specs(modules: Path, target: Path) -> None:
    for path in modules.glob("*/specs/*.json"):
        copy = target / path.relative_to(modules)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


@contextmanager
def _worktree(root: Path, commit: str, cache: Path) -> Iterator[Path]:
    """Check a commit out beside the cache, and remove it afterwards."""
    with _temporary(cache) as folder:
        tree = folder / "tree"
        run = subprocess.run(
            ["git", "-C", root, "worktree", "add", "--quiet", "--detach", tree, commit],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            raise BaseError(f"git worktree add: {run.stderr.strip()}; run: git worktree prune")
        try:
            yield tree
        finally:
            _git(root, "worktree", "remove", "--force", str(tree))


@contextmanager
def _temporary(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=".new-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _git(root: Path, *arguments: str) -> str | None:
    run = subprocess.run(
        ["git", "-C", root, *arguments], capture_output=True, text=True, check=False
    )
    return run.stdout.strip() if run.returncode == 0 else None
