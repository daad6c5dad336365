"""Check the workflow for what no other tool knows: the rules that this project has for it.

Each job has a time limit and rights of its own, each step calls make with targets that exist,
actions are pinned and of a major that works, and the gate waits for every job.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ci.workflow import GATE, STUBS, WORKFLOW, Workflow, load
from repository import REPOSITORY

# The oldest majors that are known to work; GitHub switches off the Node that older ones run on.
OLDEST_MAJORS = {
    "actions/checkout": 7,
    "actions/setup-python": 7,
    "actions/setup-node": 7,
    "actions/upload-artifact": 7,
    "actions/download-artifact": 8,
}

MAKE_CALL = re.compile(
    r"make (?:-s )?(?:-C (?P<folder>\S+)|-f (?P<file>\S+)) "
    r'(?P<targets>[\w$" -]+?)(?: >> "\$GITHUB_OUTPUT")?'
)
SHELLCHECK = Path(sys.executable).with_name("shellcheck")
TARGET = re.compile(r"^([^\s#:=%.][^\s:=]*):(?!=)", re.MULTILINE)


def main() -> int:
    found = faults(load())
    for fault in found:
        print(f"error: {WORKFLOW}: {fault}", file=sys.stderr)
    return 1 if found else 0


def faults(workflow: Workflow) -> list[str]:
    return [*actions(workflow), *rights(workflow), *gate(workflow), *steps(workflow)]


def actions(workflow: Workflow) -> Iterator[str]:
    for action in workflow.actions():
        place = f"line {action.line}: {action.name}"
        version = re.fullmatch(r"v(\d+)\.\d+\.\d+", action.version)
        if not re.fullmatch(r"[0-9a-f]{40}", action.ref):
            yield f"{place}: pin it by the 40 digits of its commit instead of {action.ref}"
        if not version:
            yield f"{place}: name the release that the commit is, as in `# v7.0.1`"
        elif action.name not in OLDEST_MAJORS:
            yield f"{place}: add it to OLDEST_MAJORS in {Path(__file__).name}"
        elif int(version[1]) < OLDEST_MAJORS[action.name]:
            yield f"{place}: {action.version} is older than v{OLDEST_MAJORS[action.name]}"
        if action.name != "actions/checkout" and not stub(action.name).is_dir():
            yield f"{place}: test-ci needs a stub of it, {stub(action.name)}"
    used = sum(1 for job in workflow.jobs.values() for step in job["steps"] if "uses" in step)
    if used != len(workflow.actions()):
        yield "a `uses:` is not written as `uses: name@ref # version`"


def rights(workflow: Workflow) -> Iterator[str]:
    if workflow.content.get("permissions") != {}:
        yield "the workflow needs `permissions: {}`, so that only jobs have rights"
    if not workflow.content.get("concurrency"):
        yield "the workflow needs `concurrency`, so that a push ends the runs of the one before"
    for name, job in workflow.jobs.items():
        for key in ("permissions", "timeout-minutes"):
            if key not in job:
                yield f"job {name}: `{key}` is missing"


def gate(workflow: Workflow) -> Iterator[str]:
    job = workflow.jobs[GATE]
    for name in workflow.jobs:
        if name not in (GATE, *job["needs"]):
            yield f"job {GATE}: add {name} to `needs`, or it may fail unnoticed"
    if job.get("if") != "always()":
        yield f"job {GATE}: `if: always()` is missing; to GitHub a skipped check has passed"


def steps(workflow: Workflow) -> Iterator[str]:
    for job, text in workflow.runs():
        for line in text.strip().splitlines():
            yield from (f"job {job}: `{line}`: {fault}" for fault in make_call(line))
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
            print(text, file=script, flush=True)
            check = [str(SHELLCHECK), "--shell", "bash", script.name]
            result = subprocess.run(check, capture_output=True, text=True, check=False)
        if result.returncode:
            yield f"job {job}: {result.stdout.strip()}"
    if "continue-on-error" in workflow.text:
        yield "`continue-on-error` hides a failure"


def make_call(line: str) -> Iterator[str]:
    call = MAKE_CALL.fullmatch(line)
    if not call:
        yield "a step only calls make, as in `make -C backend test`"
        return
    makefile = Path(call["file"] or f"{call['folder']}/Makefile")
    if not (REPOSITORY / makefile).is_file():
        yield f"there is no {makefile}"
        return
    known = targets(makefile)
    for word in call["targets"].replace('"', "").split():
        # A variable comes from the matrix, so it stands for whatever make has a target for.
        pattern = re.sub(r"\\\$\w+", ".+", re.escape(word))
        if not any(re.fullmatch(pattern, target) for target in known):
            yield f"{makefile} has no target {word}"


@cache
def targets(makefile: Path) -> set[str]:
    """The targets that make itself knows, those made from lists included."""
    command = ["make", "-C", str((REPOSITORY / makefile).parent), "-f", makefile.name]
    options = ["--print-data-base", "--question", "help"]
    database = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False
    ).stdout
    return set(TARGET.findall(database[database.index("# Files") :]))


def stub(action: str) -> Path:
    return STUBS / action.rsplit("/", maxsplit=1)[-1]


if __name__ == "__main__":
    sys.exit(main())
