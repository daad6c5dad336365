"""Servers on free ports of 127.0.0.1: uvicorn processes, and servers that send given bytes."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent


@contextmanager
def serve(app: str, *, port: int = 0, **environment: str) -> Iterator[str]:
    """Serve `app` (`module:name`) in a separate process; yield its address once it responds.

    By default, on a port that is free.
    """
    with serve_process(app, port=port, stderr=None, **environment) as (address, _):
        yield address


@contextmanager
def serve_process(
    app: str, *, port: int = 0, stderr: int | None = None, **environment: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve `app` as `serve` does, and yield its process, too."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        port = listener.getsockname()[1]
        process = _start(app, listener, environment, stderr)
    try:
        # The socket listens already, so this waits however long a busy machine takes to start.
        with socket.create_connection(("127.0.0.1", port)) as probe:
            probe.sendall(b"GET / HTTP/1.0\r\n\r\n")
            probe.recv(1)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Run a server that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def raw_server(*responses: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Run a server that sends these bytes on each connection and closes it.

    With several responses, each connection gets the next one, and all further ones the last.
    """
    requests: list[bytes] = []
    connections: list[asyncio.Task[None]] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.create_task(handle(reader, writer)))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(responses[min(len(requests), len(responses)) - 1])
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield f"http://127.0.0.1:{port}", requests
    await asyncio.gather(*connections)


def _start(
    app: str,
    listener: socket.socket,
    environment: Mapping[str, str],
    stderr: int | None,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "support.servers", app, str(listener.fileno())],
        pass_fds=[listener.fileno()],
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": str(TESTS), "LOG_LEVEL": "warning", **environment},
    )


def _run(app: str, descriptor: int) -> None:
    """Serve `app` on an inherited socket, in the process that `serve` starts.

    uvicorn's own `--fd` treats the socket as a Unix socket and does not set TCP_NODELAY, so that
    every response takes 40 ms.
    """
    import uvicorn

    from trading_api.__main__ import server_config
    from trading_api.shared.settings import AppSettings
    from trading_api.shared.telemetry.logs import configure_logs

    listener = socket.socket(fileno=descriptor)
    configure_logs(AppSettings().log_level)
    config = server_config(app, timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    _run(sys.argv[1], int(sys.argv[2]))
