"""Serve every module in a process of its own, and the built page, on loopback until Ctrl-C.

Run by `make -f project.mk run-multi`. A module listens where its `info.port` says, or where
`<MODULE>_URL` says. A process that ends is started again; the others do not notice.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from circus.arbiter import Arbiter
from circus.watcher import Watcher
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.ioloop import IOLoop

from addresses import HOST, listen, module_port
from trading_api.app_factory import ModuleLoadError, module_info
from trading_api.shared.settings import select_modules
from trading_api.shared.utils import MODULES_DIR

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 5


class PrefixedLines:
    """Passes the output of a process on, with its name before every line."""

    def __init__(self, name: str, width: int) -> None:
        self.prefix = f"{name:<{width}} | "
        self.rest = ""

    def __call__(self, chunk: dict[str, Any]) -> None:
        *lines, self.rest = (self.rest + chunk["data"].decode(errors="replace")).split("\n")
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


def watcher(name: str, width: int, command: str, args: list[str], env: dict[str, str]) -> Watcher:
    output = PrefixedLines(name, width)
    spawned = Counter[str]()

    def tell_restart(**event: Any) -> bool:
        spawned[name] += 1
        if spawned[name] > 1:
            print(f"{output.prefix}ended, and was started again (pid {event['pid']})", flush=True)
        return True

    return Watcher(
        name,
        command,
        args=args,
        working_dir=str(FRONTEND),
        copy_env=True,
        env=env,
        stdout_stream={"stream": output},
        stderr_stream={"stream": output},
        graceful_timeout=SECONDS_TO_STOP,
        hooks={"after_spawn": (tell_restart, False)},
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
    for _ in range(SECONDS_TO_START * 10):
        try:
            await client.fetch(url)
            return True
        except (HTTPClientError, OSError):
            await asyncio.sleep(0.1)
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=8000, help="where the page is served")
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
