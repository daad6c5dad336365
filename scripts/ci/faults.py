"""Plant a failing step in each job in turn, and see that the job, the gate and the workflow fail.

The workflow is run by act as it stands, with a `make` in front of the real one that does nothing
but fail in the job FAULT; only the gate's own make is real. So it takes a second for each job.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ci.run import act, fresh_clone
from ci.workflow import GATE, load
from repository import environment

MAKE = """#!/usr/bin/env bash
set -euo pipefail
if [[ $GITHUB_JOB == "$FAULT" ]]; then echo "planted fault" >&2; exit 2; fi
case " $* " in
  *" list-modules "*) echo 'modules=["one", "two"]' ;;
  *" export-specs "*)
    for kind in openapi asyncapi; do
      install -D /dev/null "backend/src/trading_api/modules/one/specs/$kind.json"
    done ;;
  *" all-green "*) exec "$REAL_MAKE" "$@" ;;
esac
"""
FAILED = re.compile(r"^\[([\w-]+?)(?:-\d+)? *\].*Job failed$", re.MULTILINE)


def main() -> int:
    jobs = load().jobs
    with tempfile.TemporaryDirectory(prefix="test-ci-faults-") as name:
        folder = Path(name)
        clone = fresh_clone(folder / "clone")
        make = folder / "bin/make"
        make.parent.mkdir()
        make.write_text(MAKE)
        make.chmod(0o755)
        code, failed, log = run(clone, folder / "none", make, "")
        if code or failed:
            print(f"{log}\nerror: the workflow fails without a fault", file=sys.stderr)
            return 1
        for fault in jobs:
            code, failed, log = run(clone, folder / fault, make, fault)
            if not code or not {fault, GATE} <= failed:
                print(f"{log}\nerror: a failing step in {fault} goes unnoticed", file=sys.stderr)
                return 1
            print(f"planted in {fault}: exit code {code}, failed: {', '.join(sorted(failed))}")
    return 0


def run(clone: Path, folder: Path, make: Path, fault: str) -> tuple[int, set[str], str]:
    """Run the workflow with a failing step in `fault`; return exit code, failed jobs and log."""
    folder.mkdir()
    result = subprocess.run(
        act(clone, folder),
        env={
            **environment(),
            "PATH": f"{make.parent}{os.pathsep}{os.environ['PATH']}",
            "REAL_MAKE": str(shutil.which("make")),
            "FAULT": fault,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    log = result.stdout + result.stderr
    return result.returncode, set(FAILED.findall(log)), log


if __name__ == "__main__":
    sys.exit(main())
