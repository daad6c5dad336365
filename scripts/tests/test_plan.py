"""`make validate`: the results of tasks, and when the status document is written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from repository import REPOSITORY

TABLE = REPOSITORY / "scripts/plan.txt"
TASKS = [
    *("0.1", "0.2", "0.3", "0.4"),
    *("1.1", "1.2", "1.3", "1.4", "1.5", "1.6"),
    *("2.1", "2.2", "2.3", "2.4", "2.5", "2.6"),
    *("3.1", "3.2", "3.3", "3.4", "3.5"),
    *("4.1", "4.2", "4.3"),
    *("5.1", "5.2"),
    *(f"C.{line}" for line in range(1, 8)),
]


def validate(folder: Path, table: str, *tasks: str) -> subprocess.CompletedProcess[str]:
    (folder / "plan.txt").write_text(table)
    return subprocess.run(
        [
            REPOSITORY / "scripts/validate-plan.sh",
            folder / "plan.txt",
            folder / "STATUS.md",
            *tasks,
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )


@pytest.mark.parametrize(
    ("commands", "result", "code"),
    [
        (["true", "true"], "passed", 0),
        (["true", "false"], "failed", 1),
        (["false", "true"], "failed", 1),
        (["false | true"], "failed", 1),
        (["false; true"], "failed", 1),
        (["no-such-command"], "failed", 1),
        (["true", "poetry run mypy", "true"], "not run", 0),
        ([], "not run", 0),
    ],
)
def test_task_passes_only_if_all_its_commands_succeed(
    tmp_path: Path, commands: list[str], result: str, code: int
) -> None:
    lines = [f"     .$ {command}\n" for command in commands]
    run = validate(tmp_path, f"2.1  A title\n{''.join(lines)}")
    assert run.stdout.splitlines()[0] == f"2.1  {result:<8} A title"
    assert run.returncode == code
    status = tmp_path / "STATUS.md"
    assert status.exists() is (result != "not run")
    if status.exists():
        assert f"| 2.1 | A title | {result} |\n" in status.read_text()


def test_failed_command_is_printed_with_its_output_and_ends_the_task(tmp_path: Path) -> None:
    table = f"""
        2.1  One
             docs$ pwd; echo the reason; exit 4
             .$ touch {tmp_path}/reached
        2.2  Two
             .$ true
        """
    run = validate(tmp_path, table)
    assert "docs$ pwd; echo the reason; exit 4\n" in run.stdout
    assert f"     {REPOSITORY}/docs\n     the reason\n" in run.stdout
    assert not (tmp_path / "reached").exists()
    assert "2.2  passed" in run.stdout


def test_one_task_runs_alone_and_leaves_the_status_unchanged(tmp_path: Path) -> None:
    run = validate(tmp_path, "2.1  One\n .$ false\n2.2  Two\n .$ true\n", "2.2")
    assert (run.returncode, run.stdout) == (0, "2.2  passed   Two\n")
    assert not (tmp_path / "STATUS.md").exists()


def test_unknown_task_is_an_error(tmp_path: Path) -> None:
    run = validate(tmp_path, "2.1  One\n .$ true\n", "2.9")
    assert run.returncode == 1
    assert run.stderr == f"error: {tmp_path}/plan.txt has no task 2.9\n"


def test_every_task_of_the_plan_has_a_command() -> None:
    commands: dict[str, list[str]] = {}
    for line in TABLE.read_text().splitlines():
        first, _, rest = line.strip().partition(" ")
        if first.endswith("$"):
            commands[list(commands)[-1]].append(rest)
        elif first and first != "#":
            commands[first] = []
    assert list(commands) == TASKS
    assert all(commands.values())
