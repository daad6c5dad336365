"""The scripts that serve the project, started as make starts them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from support.servers import TESTS

SCRIPTS = TESTS.parents[1] / "scripts"
SECONDS = 60


@dataclass(frozen=True)
class Script:
    """A running script; its output, errors included, is read line by line."""

    process: subprocess.Popen[str]

    def wait_for(self, text: str) -> str:
        """Return the first line from now on that contains `text`."""
        seen = []
        for line in self.process.stdout or ():
            seen.append(line)
            if text in line:
                return line.strip()
        raise AssertionError(f"{text!r} was not printed; the output was:\n{''.join(seen)}")

    def interrupt(self) -> int:
        """Do what Ctrl-C does; return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(SECONDS)


@contextmanager
def start(name: str, *arguments: str, **environment: str) -> Iterator[Script]:
    """Start a script in a process group of its own, which has ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPTS / name), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, **environment},
    )
    # Whatever a test waits for: it does not wait for ever.
    limit = threading.Timer(SECONDS, process.terminate)
    limit.start()
    try:
        yield Script(process)
    finally:
        limit.cancel()
        process.terminate()
        process.wait(SECONDS)
        if process.stdout:
            process.stdout.close()


def free_ports(count: int) -> list[int]:
    """Return different ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [each.getsockname()[1] for each in sockets]
