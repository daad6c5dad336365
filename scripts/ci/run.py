"""Run the workflow on this machine: its own steps, job by job, from a fresh clone.

act executes what the workflow says, with `needs`, matrix and outputs; each job starts in a folder
of its own that holds nothing before its checkout. The other actions are replaced by those in
stubs/, which hand artifacts on through a folder. What is not committed does not take part.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ci.lint import stub
from ci.workflow import WORKFLOW, load
from repository import REPOSITORY, environment


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--job", choices=load().jobs, help="run this job and those that it needs")
    job = parser.parse_args().job
    with tempfile.TemporaryDirectory(prefix="test-ci-") as name:
        folder = Path(name).resolve()
        clone = fresh_clone(folder / "clone")
        command = act(clone, folder, ["--job", job] if job else [])
        try:
            return subprocess.run(
                command, env=environment(), stdin=subprocess.DEVNULL, check=False
            ).returncode
        except KeyboardInterrupt:
            return 130
        finally:
            end_strays(folder)


def fresh_clone(target: Path) -> Path:
    """Clone what is committed here, and say what is not."""
    changed = subprocess.run(
        ["git", "-C", REPOSITORY, "status", "--porcelain"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if changed:
        print(f"test-ci: not committed, so not tested:\n{changed}", file=sys.stderr)
    # Without history, as the real checkout makes it.
    shallow = ["--no-local", "--depth", "1"]
    subprocess.run(["git", "clone", "--quiet", *shallow, REPOSITORY, target], check=True)
    return target


def act(clone: Path, folder: Path, options: Sequence[str] = ()) -> list[str]:
    """The command that runs the workflow of `clone`; workspaces and artifacts go to `folder`."""
    (folder / "artifacts").mkdir()
    replaced = {
        f"{action.name}@{action.ref}": stub(action.name)
        for action in load(clone).actions()
        # act has a checkout of its own: it copies the clone.
        if action.name != "actions/checkout"
    }
    program = Path(sys.executable).with_name("act")
    return [
        *(str(program), "push", "--directory", str(clone), "--workflows", str(clone / WORKFLOW)),
        *("--platform", "ubuntu-latest=-self-hosted", "--no-cache-server", "--log-prefix-job-id"),
        *("--concurrent-jobs", "1", "--action-cache-path", str(folder / "act")),
        *("--env", f"STUB_ARTIFACTS={folder / 'artifacts'}", "--env", "TERM=dumb"),
        *(f"--local-repository={action}={path}" for action, path in replaced.items()),
        *options,
    ]


def end_strays(folder: Path) -> None:
    """End what jobs have started in `folder` and not ended, as GitHub does; Ctrl-C leaves some."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        # It may have ended meanwhile, or be another user's.
        with suppress(OSError):
            if link.readlink().is_relative_to(folder):
                os.kill(int(link.parent.name), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
