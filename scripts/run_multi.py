"""Serve every module in its own process, and the built page, on loopback until Ctrl-C.

`make run-multi` runs this. A module listens on its `info.port`, or on the port in `<MODULE>_URL`.
A process that ends is restarted without affecting the others, unless it keeps ending.
"""

from __future__ import annotations

import argparse
import asyncio
import codecs
import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from circus.arbiter import Arbiter
from circus.watcher import Watcher
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.ioloop import IOLoop

from addresses import DATA_DIR, HOST, listen, module_port, port_number
from foreign import foreign_notices
from trading_api.app_factory import ModuleLoadError, module_info
from trading_api.shared.settings import select_modules
from trading_api.shared.utils import MODULES_DIR, url_variable

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 5
STARTS = 5
SECONDS_FOR_STARTS = 30


class PrefixedLines:
    """Prints the output of a process with a prefix before every line."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.rest = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def __call__(self, chunk: dict[str, Any]) -> None:
        *lines, self.rest = (self.rest + self.decoder.decode(chunk["data"])).split("\n")
        for line in lines:
            print(self.prefix + line, flush=True)

    def close(self) -> None:
        if self.rest:
            print(self.prefix + self.rest, flush=True)


def module_ports() -> dict[str, int]:
    """Return the port of each module that ENABLED_MODULES selects (default: all)."""
    try:
        names = select_modules(os.environ.get("ENABLED_MODULES", "all"), MODULES_DIR)
        return {name: module_port(name, module_info(name).port) for name in names}
    except (ModuleLoadError, ValueError) as error:
        raise SystemExit(f"error: {error}") from None


def check_ports(ports: dict[str, int], page_port: int | None) -> None:
    """Exit with an error that names the remedy if a port is in use or needed twice."""
    held = []
    for name, port in ports.items():
        held.append(listen(port, f"choose another one: {url_variable(name)}=http://{HOST}:<port>"))
    if page_port is not None:
        remedy = f"use another one: make run-multi PORT={page_port + 10}"
        held.append(listen(page_port, remedy))
    for listener in held:
        listener.close()


def watchers(ports: dict[str, int], page_port: int | None) -> Iterable[Watcher]:
    """Yield a watcher for each process."""
    width = max(map(len, [*ports, "page"]))
    urls = {url_variable(name): f"http://{HOST}:{port}" for name, port in ports.items()}
    for name, port in ports.items():
        serve = ["-m", "trading_api", "--host", HOST, "--port", str(port)]
        environment = {**urls, "ENABLED_MODULES": name, "FRONTEND_DIR": ""}
        yield watcher(name, width, sys.executable, serve, environment)
    if page_port is not None:
        vite = str(FRONTEND / "node_modules/vite/bin/vite.js")
        options = ["preview", "--host", HOST, "--port", str(page_port), "--strictPort"]
        yield watcher("page", width, "node", [vite, *options, "--logLevel", "warn"], urls)


class Starts:
    """Reports restarts of a process, and stops them after STARTS within SECONDS_FOR_STARTS."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.times = deque[float](maxlen=STARTS)

    def allow(self, **_: Any) -> bool:
        """Return whether to start the process, for the first time or again."""
        now = time.monotonic()
        if len(self.times) == STARTS and now - self.times[0] < SECONDS_FOR_STARTS:
            self._print(f"ended {STARTS} times in a row; giving up")
            return False
        self.times.append(now)
        return True

    def report(self, pid: int, **_: Any) -> bool:
        """Report a restart."""
        if len(self.times) > 1:
            self._print(f"ended; restarted with pid {pid}")
        return True

    def _print(self, text: str) -> None:
        print(self.prefix + text, flush=True)


def release_pipes(watcher: Watcher, process_pid: int, **_: Any) -> bool:
    """Print the last output of a process that has ended, and stop to read its pipes.

    Circus would go on to read them. When it starts another process, which may get the same file
    descriptors, that fails, and the new process runs on without being watched.
    """
    process = watcher.processes[process_pid]
    if not process.redirected:
        return True
    for name, pipe in watcher.stream_redirector.get_process_pipes(process):
        os.set_blocking(pipe.fileno(), False)
        with suppress(BlockingIOError):
            while data := os.read(pipe.fileno(), 65_536):
                watcher.stream_redirector.redirect[name]({"data": data})
    watcher.stream_redirector.remove_redirections(process)
    return True


def watcher(name: str, width: int, command: str, args: list[str], env: dict[str, str]) -> Watcher:
    prefix = f"{name:<{width}} | "
    starts = Starts(prefix)
    return Watcher(
        name,
        command,
        args=args,
        working_dir=str(FRONTEND),
        copy_env=True,
        env=env,
        stdout_stream={"stream": PrefixedLines(prefix)},
        stderr_stream={"stream": PrefixedLines(prefix)},
        graceful_timeout=SECONDS_TO_STOP,
        hooks={
            "before_spawn": (starts.allow, False),
            "after_spawn": (starts.report, False),
            "before_reap": (release_pipes, False),
        },
    )


async def announce(ports: dict[str, int], page_port: int | None, notices: Sequence[str]) -> None:
    """Wait until every process responds, then print the addresses, and the notices."""
    checks = {name: f"http://{HOST}:{port}/health/ready" for name, port in ports.items()}
    if page_port is not None:
        checks["page"] = f"http://{HOST}:{page_port}/"
    responses = await asyncio.gather(*map(responds, checks.values()))
    for name, ready in zip(checks, responses, strict=True):
        if not ready:
            print(f"{name} does not respond; see its output above", file=sys.stderr, flush=True)
    lines = [f"{name}: http://{HOST}:{port}/docs" for name, port in ports.items()]
    lines += notices
    if page_port is not None:
        lines.insert(0, f"http://{HOST}:{page_port}")
    print("\n  " + "\n  ".join(lines) + "\n  (Ctrl-C stops every process)\n", flush=True)


async def responds(url: str) -> bool:
    """Return whether `url` responds with success within SECONDS_TO_START."""
    client = AsyncHTTPClient()
    deadline = time.monotonic() + SECONDS_TO_START
    while (left := deadline - time.monotonic()) > 0:
        try:
            await client.fetch(url, request_timeout=left)
            return True
        except (HTTPClientError, OSError):
            await asyncio.sleep(0.1)
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=port_number, default=8000, help="where the page is served")
    parser.add_argument("--no-page", action="store_true", help="serve the modules alone")
    arguments = parser.parse_args()
    page_port = None if arguments.no_page else arguments.port
    ports, notices = module_ports(), [*foreign_notices(MODULES_DIR)]
    check_ports(ports, page_port)
    os.environ.setdefault("DATA_DIR", str(DATA_DIR))
    os.environ.setdefault("LOG_LEVEL", "warning")
    logging.getLogger("circus").setLevel(logging.WARNING)
    # Nothing outside controls these processes, so the control endpoints stay in this process.
    arbiter = Arbiter(list(watchers(ports, page_port)), "inproc://control", "inproc://events")
    # Circus reloads on SIGHUP, but the processes should end when their terminal is closed.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    IOLoop.current().spawn_callback(announce, ports, page_port, notices)
    arbiter.start()


if __name__ == "__main__":
    main()
