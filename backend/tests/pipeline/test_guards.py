"""What `make` prints on a machine whose tools are too old."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from repository import REPOSITORY


def make(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if "MAKE" not in key}
    if path:
        environment["PATH"] = f"{path}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["make", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def install(folder: Path, name: str, script: str) -> Path:
    """Put a program called `name` into `folder`, in place of the one in the PATH."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("makefile", ["project.mk", "backend/Makefile", "frontend/Makefile"])
def test_old_make_is_an_error_that_names_the_remedy(makefile: str) -> None:
    folder, _, file = makefile.rpartition("/")
    # GNU make 4.3 is the first that has the feature `grouped-target`.
    result = make("-C", folder or ".", "-f", file, ".FEATURES=target-specific", "help")
    assert result.returncode == 2
    assert "GNU make 4.3 or newer is needed" in result.stderr
    assert "brew install make bash, then use gmake" in result.stderr


def test_old_bash_is_an_error_that_names_the_remedy(tmp_path: Path) -> None:
    result = make("help", path=install(tmp_path, "bash", "echo 3"))
    assert result.returncode == 2
    assert "bash 5 or newer is needed" in result.stderr


def test_old_python_is_an_error_that_names_both_versions(tmp_path: Path) -> None:
    pretend = "import sys; sys.version_info = (3, 9, 1); sys.version = '3.9.1 (main)'; "
    old_python = install(tmp_path, "python3", f'exec {sys.executable} -c "{pretend} $2"')
    result = make("-C", "backend", f"VENV={tmp_path}/venv", "install", path=old_python)
    assert result.returncode == 2
    assert "error: Python 3.11 or newer is needed, but python3 is 3.9.1" in result.stderr
    assert not (tmp_path / "venv").exists()


def test_install_leaves_an_environment_alone_that_is_linked(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "file").touch()
    (tmp_path / "venv").symlink_to(shared)
    # Without pip, so that nothing is installed.
    script = f'[ "$2" != venv ] || exec {sys.executable} "$@" --without-pip'
    python = install(tmp_path, "python3", script)
    make("-C", "backend", f"VENV={tmp_path}/venv", "install", path=python)
    assert (shared / "file").exists()


@pytest.mark.parametrize(
    ("script", "version"),
    [("echo v20.18.3", "v20.18.3"), ("echo v18.20.0", "v18.20.0"), ("exit 127", "")],
)
def test_old_node_is_an_error_that_names_both_versions(
    tmp_path: Path, script: str, version: str
) -> None:
    result = make("-C", "frontend", "generate-clients", path=install(tmp_path, "node", script))
    assert result.returncode == 2
    assert (
        f"Node.js 20.19 or newer and npm are needed; node in the PATH is {version}" in result.stderr
    )


def test_help_lists_the_targets_of_every_makefile() -> None:
    text = make("help").stdout
    for target in ("generate-clients-all", "run-multi", "export-openapi-specs", "build", "lint"):
        assert f"  {target} " in text
    for folder in ("backend", "frontend", "scripts/ci"):
        assert f"make -C {folder} ..." in text


@pytest.mark.parametrize("target", ["run", "run-multi"])
def test_port_can_come_from_the_environment_and_from_the_command_line(target: str) -> None:
    command = ["make", "--dry-run", target]
    for arguments, variables in (([], {"PORT": "18400"}), (["PORT=18400"], {})):
        result = subprocess.run(
            [*command, *arguments],
            cwd=REPOSITORY,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "--port 18400" in result.stdout
