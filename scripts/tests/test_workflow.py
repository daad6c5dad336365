"""The CI workflow: what its linters do not check."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
import yaml

from docs.documents import unknown_targets
from repository import REPOSITORY

WORKFLOW = REPOSITORY / ".github/workflows/ci.yml"
JOBS: dict[str, dict[str, Any]] = yaml.safe_load(WORKFLOW.read_text())["jobs"]
GATE = "all-green"
COMMANDS = [
    step["run"]
    for name, job in JOBS.items()
    if name != GATE
    for step in job["steps"]
    if "run" in step
]


def test_gate_needs_every_other_job_and_always_runs() -> None:
    assert set(JOBS[GATE]["needs"]) == set(JOBS) - {GATE}
    assert JOBS[GATE]["if"] == "always()"


@pytest.mark.parametrize("command", COMMANDS)
def test_step_calls_an_existing_make_target(command: str) -> None:
    assert command.startswith("make ")
    assert unknown_targets(command) == []


@pytest.mark.parametrize("name", JOBS)
def test_job_has_a_time_limit(name: str) -> None:
    assert JOBS[name]["timeout-minutes"] <= 60


def test_local_run_of_an_unknown_job_lists_the_jobs() -> None:
    command = ["bash", str(REPOSITORY / "scripts/ci/run-workflow.sh"), "nope"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == (
        f"error: nope is not a job of the workflow: {' '.join(JOBS)}"
    )
