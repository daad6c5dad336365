"""Each linter of the deployment fails for a planted error."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parent.parent
TOOLS = os.environ["DEPLOY_TOOLS"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "deploy"
    shutil.copytree(DEPLOY, folder, ignore=shutil.ignore_patterns("tests"))
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(folder / "lint.sh"), TOOLS, str(folder / "rendered")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_deployment_is_valid(copy: Path) -> None:
    result = lint(copy)
    assert (result.returncode, result.stdout) == (0, "deployment: valid\n")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("rendered/kubernetes/gateway.yaml", "readinessProbe:", "readynessProbe:"),
        ("rendered/kubernetes/gateway.yaml", "replicas: 1", "replicas: one"),
        ("rendered/compose.yaml", "read_only:", "readonly:"),
        ("rendered/compose.yaml", "    ports: [", "    ports: {"),
        ("Containerfile", "WORKDIR /app", "WORKDIR app"),
        ("gateway.Containerfile", "FROM ${CADDY}", "FROM caddy:latest"),
        ("Caddyfile", "encode zstd gzip", "encodes zstd gzip"),
        ("Caddyfile", "\tencode zstd gzip", "encode zstd gzip"),
        ("rendered/routes.caddy", "import containers", "import container"),
    ],
)
def test_planted_error_is_found(copy: Path, file: str, old: str, new: str) -> None:
    path = copy / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert lint(copy).returncode != 0
