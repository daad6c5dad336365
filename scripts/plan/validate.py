"""Run the check of each task of the plan and of each line of its checklist.

Prints task, check, result and time, and writes docs/PLAN-STATUS.md. Ends with an error unless every
check has passed; a check that could not be run has not. With --task only some are run, and the file
stays as it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence

from plan.check import Check, Context, Outcome, Result, carry_out
from plan.tasks import CHECKS
from repository import REPOSITORY

STATUS = REPOSITORY / "docs/PLAN-STATUS.md"
HEADER = """\
# Status of the plan

Written by `make -f project.mk validate`, which runs a check of each task of the plan, 0.1 to 5.2,
and of each line of its validation checklist, C.1 to C.7. The steps of each check are in
`scripts/plan/backend_tasks.py` and `scripts/plan/pipeline_tasks.py`.

| Task | Title in the plan | What the check looks for | Result |
|---|---|---|---|
"""


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    if options.check:
        return _check_status()
    wanted = [check for check in CHECKS if not options.task or check.task in options.task]
    outcomes = perform(wanted, Context(REPOSITORY), print)
    if not options.task:
        STATUS.write_text(status(outcomes))
    return 0 if succeeded(outcomes) else 1


def perform(
    checks: Iterable[Check], context: Context, tell: Callable[[str], None]
) -> list[Outcome]:
    """Carry out the checks and tell each outcome, the reason included if it has not passed."""
    outcomes = []
    for check in checks:
        outcome = carry_out(check, context)
        outcomes.append(outcome)
        row = f"{check.task:<4} {_plain(check.title):<84} {outcome.result:<8}"
        tell(f"{row} {outcome.seconds:6.1f} s")
        if outcome.reason:
            tell("     " + outcome.reason.replace("\n", "\n     "))
        sys.stdout.flush()
    count = {result: sum(one.result is result for one in outcomes) for result in Result}
    tell(", ".join(f"{number} {result}" for result, number in count.items()))
    return outcomes


def succeeded(outcomes: Sequence[Outcome]) -> bool:
    return bool(outcomes) and all(outcome.result is Result.PASSED for outcome in outcomes)


def status(outcomes: Iterable[Outcome]) -> str:
    """Return the status as a document, without anything that differs from run to run."""
    rows = (
        f"| {check.task} | {check.title} | {check.what} | {outcome.result} |\n"
        for outcome in outcomes
        for check in (outcome.check,)
    )
    return HEADER + "".join(rows)


def _check_status() -> int:
    expected = status(Outcome(check, Result.PASSED) for check in CHECKS)
    if STATUS.is_file() and STATUS.read_text() == expected:
        return 0
    print(f"error: {STATUS.name} is not that of these checks, all passed; run", file=sys.stderr)
    print("  make -f project.mk validate", file=sys.stderr)
    return 1


def _plain(title: str) -> str:
    return title.replace("`", "")


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = [check.task for check in CHECKS]
    parser.add_argument("--task", nargs="*", choices=known, metavar="TASK", help=", ".join(known))
    parser.add_argument(
        "--check", action="store_true", help="only compare docs/PLAN-STATUS.md with the checks"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
