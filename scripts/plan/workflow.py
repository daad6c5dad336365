"""Facts about the workflow of .github: jobs, what they wait for, what they hand on."""

from __future__ import annotations

import re
from typing import Any

from ci.workflow import load
from plan.check import Context
from plan.facts import Fact, require

EXPORT = "backend-export-specs"
CLIENTS = ("backend-generate-python-clients", "frontend-generate-clients")


def specs_are_handed_on(context: Context) -> None:
    """One job uploads the specs; the jobs of the clients wait for it and download them."""
    jobs = load(context.root).jobs
    for name in (EXPORT, *CLIENTS):
        require(name in jobs, f"the workflow has no job {name}")
    (upload,) = _uses(jobs[EXPORT], "actions/upload-artifact")
    require("specs/*.json" in upload["path"], f"uploaded is {upload['path']}, not the specs")
    for name in CLIENTS:
        needs = jobs[name].get("needs", [])
        require(EXPORT in ([needs] if isinstance(needs, str) else needs), f"{name} waits for none")
        names = [step["name"] for step in _uses(jobs[name], "actions/download-artifact")]
        require(names == [upload["name"]], f"{name} downloads {names}, not {upload['name']}")
    runs = {name: [step.get("run", "") for step in jobs[name]["steps"]] for name in jobs}
    require("make -C backend export-specs" in runs[EXPORT], f"{EXPORT} exports nothing")
    for name, command in zip(
        CLIENTS,
        ("make -C backend generate-python-clients", "make -C frontend generate-clients"),
        strict=True,
    ):
        require(command in runs[name], f"{name} does not run {command}")


def jobs_succeeded(*names: str) -> Fact:
    """Each job is reported as succeeded, by act, whose output the command before has printed."""

    def fact(context: Context) -> None:
        ended = re.findall(
            r"^\[([\w-]+?)(?:-\d+)? *\].*Job (succeeded|failed)$", context.output, re.MULTILINE
        )
        for name in names:
            results = {result for job, result in ended if job == name}
            require(results == {"succeeded"}, f"job {name}: {results or 'did not run'}")

    return fact


def _uses(job: dict[str, Any], action: str) -> list[dict[str, Any]]:
    return [step["with"] for step in job["steps"] if step.get("uses", "").startswith(f"{action}@")]
