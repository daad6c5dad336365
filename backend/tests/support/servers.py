"""Real uvicorn processes on free ports of 127.0.0.1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent


@contextmanager
def serve(app: str, **environment: str) -> Iterator[str]:
    """Serve `app` (`module:name`) in a process of its own; yield its address.

    The socket listens before the process starts, so the first request waits for the server instead
    of being refused.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = _start(app, listener, environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(
    app: str, listener: socket.socket, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "support.servers", app, str(listener.fileno())],
        pass_fds=[listener.fileno()],
        env={**os.environ, "PYTHONPATH": str(TESTS), **environment},
    )


def _run(app: str, descriptor: int) -> None:
    """Serve `app` at a socket that is there already, as the process that `serve` starts.

    uvicorn's own `--fd` takes the socket for a local one and leaves out TCP_NODELAY, and then
    every answer takes 40 ms.
    """
    import uvicorn

    listener = socket.socket(fileno=descriptor)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    _run(sys.argv[1], int(sys.argv[2]))
