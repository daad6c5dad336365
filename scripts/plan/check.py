"""What a check of the plan is made of, and how one is carried out.

A check is a list of steps: commands, run by bash as the plan writes them, and facts, functions that
look at files or at what the command before them has printed. It has passed only if every step was
carried out and none has failed. A check of which a step could not be carried out was not run.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from repository import environment

CANNOT_BE_RUN = (75, 127)
"""Exit codes of a command that could not do its work: EX_TEMPFAIL, and "command not found"."""


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


class Failed(Exception):
    """Something does not hold; the message says what."""


class NotRun(Exception):
    """A step cannot be carried out here; the message says why."""


@dataclass(frozen=True)
class Command:
    """A command line for bash, run in `folder` of the repository; it must end with exit code 0.

    `venv` puts backend/.venv first in the PATH, as activating it does. A `shared` command is run
    once, however many checks need it. After `limit` seconds it has failed.
    """

    text: str
    folder: str = "."
    venv: bool = False
    shared: bool = False
    limit: float = 1800


@dataclass
class Context:
    """The repository, and what the command before has printed (errors included)."""

    root: Path
    output: str = ""
    shared: dict[Command, str | Failed | NotRun] = field(default_factory=dict)


Step = Command | Callable[[Context], None]


@dataclass(frozen=True)
class Check:
    """The check of one task of the plan, or of one line of its checklist."""

    task: str
    title: str
    what: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Outcome:
    check: Check
    result: Result
    seconds: float = 0
    reason: str = ""


def carry_out(check: Check, context: Context) -> Outcome:
    """Carry out the steps up to the first that fails; a check without steps was not run."""
    started = time.monotonic()
    result, reason = Result.NOT_RUN, "it has no steps"
    for step in check.steps:
        try:
            _do(step, context)
            result, reason = Result.PASSED, ""
        except Failed as error:
            result, reason = Result.FAILED, str(error)
        except NotRun as error:
            result, reason = Result.NOT_RUN, str(error)
        if result is not Result.PASSED:
            break
    return Outcome(check, result, time.monotonic() - started, reason)


def _do(step: Step, context: Context) -> None:
    if not isinstance(step, Command):
        try:
            step(context)
        except (OSError, KeyError, ValueError) as error:
            # A fact reads files that the plan promises; a missing or odd one is what it looks for.
            raise Failed(f"{type(error).__name__}: {error}") from error
        return
    known = context.shared.get(step)
    if known is None:
        known = _attempt(step, context.root)
        if step.shared:
            context.shared[step] = known
    if not isinstance(known, str):
        raise known
    context.output = known


def _attempt(command: Command, root: Path) -> str | Failed | NotRun:
    try:
        return run(command, root)
    except (Failed, NotRun) as error:
        return error


def run(command: Command, root: Path) -> str:
    """Run a command and return its output.

    Raises:
        Failed: it ended with an error, or not in time; the message has the end of its output.
        NotRun: it could not do its work.
    """
    process = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", command.text],
        cwd=root / command.folder,
        env=environment(root if command.venv else None),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=command.limit)
    except subprocess.TimeoutExpired:
        raise Failed(f"`{command.text}` has not ended after {command.limit:.0f} s") from None
    finally:
        _end(process)
        if process.stdout:
            process.stdout.close()
    if process.returncode == 0:
        return output
    place = f"`{command.text}` in {command.folder}: exit code {process.returncode}"
    message = "\n".join([place, *output.splitlines()[-20:]])
    raise NotRun(message) if process.returncode in CANNOT_BE_RUN else Failed(message)


def _end(process: subprocess.Popen[str]) -> None:
    """End whatever a command leaves behind in its process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait()
