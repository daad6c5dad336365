"""`make validate`: what has not been executed, or has failed, is never told as passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from plan import validate
from plan.check import Check, Command, Context, Failed, NotRun, Outcome, Result, Step, carry_out
from plan.facts import exist, printed, some_tests_ran
from plan.tasks import CHECKS
from plan.workflow import jobs_succeeded

TASKS = [
    f"{phase}.{task}"
    for phase, count in enumerate((4, 6, 6, 5, 3, 2))
    for task in range(1, count + 1)
]


def check(*steps: Step) -> Check:
    return Check("9.9", "a title", "what", steps)


def fails(_: Context) -> None:
    raise Failed("no")


def cannot(_: Context) -> None:
    raise NotRun("port 1 is taken")


def holds(_: Context) -> None:
    return


@pytest.mark.parametrize(
    ("steps", "result"),
    [
        ((), Result.NOT_RUN),
        ((holds,), Result.PASSED),
        ((Command("true"), holds), Result.PASSED),
        ((Command("false"), holds), Result.FAILED),
        ((holds, Command("exit 3")), Result.FAILED),
        ((Command("false | true"), holds), Result.FAILED),
        ((holds, fails), Result.FAILED),
        ((holds, cannot), Result.NOT_RUN),
        ((Command("exit 75"), holds), Result.NOT_RUN),
        ((Command("no-such-command-at-all"), holds), Result.NOT_RUN),
        ((Command("sleep 60", limit=0.05), holds), Result.FAILED),
        ((exist("no/such/file"),), Result.FAILED),
        ((Command("echo one"), printed("^two$")), Result.FAILED),
        ((Command("echo '0 passed'"), some_tests_ran), Result.FAILED),
        ((Command("echo '5 passed, 1 failed'"), some_tests_ran), Result.FAILED),
        ((Command("echo '[lint] x Job failed'"), jobs_succeeded("lint")), Result.FAILED),
        ((Command("echo '[test] x Job succeeded'"), jobs_succeeded("lint")), Result.FAILED),
    ],
)
def test_only_a_check_whose_every_step_holds_has_passed(
    tmp_path: Path, steps: tuple[Step, ...], result: Result
) -> None:
    outcome = carry_out(check(*steps), Context(tmp_path))
    assert outcome.result is result
    assert validate.succeeded([outcome]) is (result is Result.PASSED)
    assert f"| {result} |" in validate.status([outcome])


def test_a_failure_ends_the_check_and_is_told_with_its_output(tmp_path: Path) -> None:
    said: list[str] = []
    steps = check(Command("echo the reason; exit 4"), Command("touch reached"))
    outcomes = validate.perform([steps, check(holds)], Context(tmp_path), said.append)
    assert not (tmp_path / "reached").exists()
    assert not validate.succeeded(outcomes)
    told = "\n".join(said)
    assert "the reason" in told
    assert "exit code 4" in told
    assert said[-1] == "1 passed, 1 failed, 0 not run"


def test_a_shared_command_runs_once_and_fails_for_each_that_needs_it(tmp_path: Path) -> None:
    shared = Command("echo x >> runs; exit 1", shared=True)
    context = Context(tmp_path)
    outcomes = [carry_out(check(shared), context) for _ in range(2)]
    assert [outcome.result for outcome in outcomes] == [Result.FAILED, Result.FAILED]
    assert (tmp_path / "runs").read_text() == "x\n"


def test_no_check_at_all_is_no_success() -> None:
    assert not validate.succeeded([])


def test_every_task_of_the_plan_has_a_check_that_does_something() -> None:
    assert [one.task for one in CHECKS] == [*TASKS, *(f"C.{line}" for line in range(1, 8))]
    assert all(one.steps and one.title and one.what for one in CHECKS)


def test_a_status_of_other_checks_or_of_one_that_has_not_passed_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "STATUS.md"
    monkeypatch.setattr(validate, "STATUS", file)
    assert validate.main(["--check"]) == 1
    assert "make -f project.mk validate" in capsys.readouterr().err
    passed = [Outcome(one, Result.PASSED, seconds) for seconds, one in enumerate(CHECKS)]
    file.write_text(validate.status(passed))
    assert validate.main(["--check"]) == 0
    file.write_text(validate.status(passed[1:]))
    assert validate.main(["--check"]) == 1
    file.write_text(validate.status([Outcome(CHECKS[0], Result.NOT_RUN), *passed[1:]]))
    assert validate.main(["--check"]) == 1
