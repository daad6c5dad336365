"""Serve every module in a process of its own, and the built page, on loopback until Ctrl-C.

Run by `make -f project.mk run-multi`. A module listens where its `info.port` says, or where
`<MODULE>_URL` says. A process that ends is started again; the others do not notice. One that ends
again and again is given up.
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
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from circus.arbiter import Arbiter
from circus.watcher import Watcher
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.ioloop import IOLoop

from addresses import HOST, listen, module_port, port_number
from trading_api.app_factory import ModuleLoadError, module_info
from trading_api.shared.settings import select_modules
from trading_api.shared.utils import MODULES_DIR

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 5
STARTS = 5
SECONDS_FOR_STARTS = 30


class PrefixedLines:
    """Passes a stream of a process's output on, with a prefix before every line."""

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
    """Return the modules, or those of ENABLED_MODULES, each with the port where it is to listen."""
    try:
        names = select_modules(os.environ.get("ENABLED_MODULES", "all"), MODULES_DIR)
        return {name: module_port(name, module_info(name).port) for name in names}
    except (ModuleLoadError, ValueError) as error:
        raise SystemExit(f"error: {error}") from None


def check_ports(ports: dict[str, int], page_port: int | None) -> None:
    """End with an error that names the remedy if a port is taken, by another or within the set."""
    held = []
    for name, port in ports.items():
        held.append(
            listen(port, f"choose where {name} runs: {name.upper()}_URL=http://{HOST}:<port>")
        )
    if page_port is not None:
        remedy = f"take another one: make -f project.mk run-multi PORT={page_port + 10}"
        held.append(listen(page_port, remedy))
    for listener in held:
        listener.close()


def watchers(ports: dict[str, int], page_port: int | None) -> Iterable[Watcher]:
    """Yield what is to be kept alive."""
    width = max(map(len, [*ports, "page"]))
    urls = {f"{name.upper()}_URL": f"http://{HOST}:{port}" for name, port in ports.items()}
    for name, port in ports.items():
        serve = ["-m", "uvicorn", "trading_api.main:app", "--host", HOST, "--port", str(port)]
        options = ["--log-level", "warning", "--timeout-graceful-shutdown", "3"]
        environment = {**urls, "ENABLED_MODULES": name, "FRONTEND_DIR": ""}
        yield watcher(name, width, sys.executable, [*serve, *options], environment)
    if page_port is not None:
        vite = str(FRONTEND / "node_modules/vite/bin/vite.js")
        options = ["preview", "--host", HOST, "--port", str(page_port), "--strictPort"]
        yield watcher("page", width, "node", [vite, *options, "--logLevel", "warn"], urls)


class Starts:
    """Says when a process is started again, and gives it up after STARTS in SECONDS_FOR_STARTS."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.times = deque[float](maxlen=STARTS)

    def allow(self, **_: Any) -> bool:
        """Tell whether to start the process, the first time or again."""
        now = time.monotonic()
        if len(self.times) == STARTS and now - self.times[0] < SECONDS_FOR_STARTS:
            self._say(f"was started {STARTS} times and ended each time; it is not started again")
            return False
        self.times.append(now)
        return True

    def tell(self, pid: int, **_: Any) -> bool:
        """Say that the process was started again."""
        if len(self.times) > 1:
            self._say(f"ended, and was started again (pid {pid})")
        return True

    def _say(self, text: str) -> None:
        print(self.prefix + text, flush=True)


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
        hooks={"before_spawn": (starts.allow, False), "after_spawn": (starts.tell, False)},
    )


async def announce(ports: dict[str, int], page_port: int | None) -> None:
    """Wait until everything answers, then print where."""
    checks = {name: f"http://{HOST}:{port}/health/ready" for name, port in ports.items()}
    if page_port is not None:
        checks["page"] = f"http://{HOST}:{page_port}/"
    answered = await asyncio.gather(*map(answers_soon, checks.values()))
    for name, ready in zip(checks, answered, strict=True):
        if not ready:
            print(f"{name} does not answer; see its lines above", file=sys.stderr, flush=True)
    lines = [f"{name}: http://{HOST}:{port}/docs" for name, port in ports.items()]
    if page_port is not None:
        lines.insert(0, f"http://{HOST}:{page_port}")
    print("\n  " + "\n  ".join(lines) + "\n  (Ctrl-C ends every process)\n", flush=True)


async def answers_soon(url: str) -> bool:
    """Tell whether `url` answers with success within SECONDS_TO_START."""
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
    ports = module_ports()
    check_ports(ports, page_port)
    logging.getLogger("circus").setLevel(logging.WARNING)
    # Nobody outside gives orders to this set, so its endpoints are inside this process.
    arbiter = Arbiter(list(watchers(ports, page_port)), "inproc://control", "inproc://events")
    # Circus takes a hang-up for "reload"; when a terminal is closed, its processes are to end.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    IOLoop.current().spawn_callback(announce, ports, page_port)
    arbiter.start()


if __name__ == "__main__":
    main()
