"""A service that is started by the command line that a reader would type."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SECONDS_TO_START = 60
SECONDS_TO_STOP = 10


@contextmanager
def serving(command: str, folder: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """Run uvicorn by `command` in a process group of its own until the block ends.

    Raises:
        RuntimeError: it ended before it served, or did not serve in time.
    """
    print(command, flush=True)
    process = subprocess.Popen(
        ["bash", "-c", f"exec env {command}"],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    limit = threading.Timer(SECONDS_TO_START, process.kill)
    limit.start()
    try:
        said = []
        for line in process.stdout or ():
            said.append(line)
            if "Uvicorn running on" in line:
                break
        else:
            raise RuntimeError(f"`{command}` does not serve:\n{''.join(said)}")
        limit.cancel()
        # Whatever it says from now on must not fill the pipe.
        reader = threading.Thread(target=process.stdout.read if process.stdout else None)
        reader.start()
        yield
    finally:
        limit.cancel()
        _end(process)
    reader.join()
    if process.stdout:
        process.stdout.close()


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
