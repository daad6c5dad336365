"""The platform behind its gateway: Caddy and processes of each module, on ports of 127.0.0.1."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

import render_deployment
from support.scripts import free_ports
from support.servers import TESTS
from trading_api.shared.utils import url_variable

DEPLOY = TESTS.parent / "deploy"
SECONDS_TO_START = 60
SETTINGS = {"DRAIN_SECONDS": "2", "LOG_LEVEL": "warning", "RATE_LIMIT": "0"}


def find_caddy() -> str | None:
    """Return the Caddy of the deployment's tools, else that of the PATH."""
    tools = os.environ.get("DEPLOY_TOOLS", str(TESTS.parent / ".cache/deploy-tools/bin"))
    return shutil.which("caddy", path=tools) or shutil.which("caddy")


class Module:
    """A process of a module, which can be restarted."""

    def __init__(self, name: str, port: int, environment: Mapping[str, str]) -> None:
        self.name = name
        self.address = f"127.0.0.1:{port}"
        self._command = [sys.executable, "-m", "trading_api", "--port", str(port)]
        self._environment = {**os.environ, "ENABLED_MODULES": name, **environment}
        self.process = self._start()

    def restart(self) -> None:
        """Stop the process as an engine does, and start it again."""
        self.process.terminate()
        self.process.wait(20)
        self.process = self._start()

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=self._environment, stdout=subprocess.DEVNULL)

    async def wait_until_ready(self) -> None:
        """Wait until the process may get requests."""
        await wait_for_status(f"http://{self.address}/health/ready")


@dataclass(frozen=True)
class Platform:
    """The address of the gateway, its process, and the processes of the modules."""

    url: str
    gateway: subprocess.Popen[bytes]
    modules: Sequence[Module]

    async def wait_until_ready(self) -> None:
        """Wait until every process is ready, and the gateway passes requests on."""
        await asyncio.gather(*(each.wait_until_ready() for each in self.modules))
        for path in ("/api/v1/time", "/api/v1/account"):
            await wait_for_status(self.url + path)


async def wait_for_status(url: str, status: int = 200) -> None:
    """Wait until a GET request has this status."""
    async with asyncio.timeout(SECONDS_TO_START), httpx.AsyncClient(timeout=30) as client:
        while True:
            try:
                if (await client.get(url)).status_code == status:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


@contextmanager
def run_platform(
    folder: Path,
    caddy: str,
    *,
    processes: Mapping[str, int] | None = None,
    new_database: Callable[[], str] | None = None,
) -> Iterator[Platform]:
    """Run a gateway with processes of each module; what they write is in `folder`.

    By default, a module that may have several processes has two, and a database is a SQLite file.
    """
    modules = render_deployment.read_modules({})
    counts = {each.name: min(2, each.info.max_replicas) for each in modules} | dict(processes or {})
    gateway_port, *ports = free_ports(1 + sum(counts.values()))
    environment = {**SETTINGS, "DATA_DIR": str(folder)}
    for each in modules:
        environment[url_variable(each.name)] = f"http://127.0.0.1:{gateway_port}"
        if each.has_database and new_database:
            environment[f"{each.name.upper()}_DATABASE_URL"] = new_database()
    with ExitStack() as stack:
        running = []
        for name in (name for name, count in counts.items() for _ in range(count)):
            running.append(Module(name, ports.pop(), environment))
            stack.callback(running[-1].end)
        gateway = start_gateway(folder, caddy, gateway_port, running)
        stack.callback(gateway.wait)
        stack.callback(gateway.kill)
        yield Platform(f"http://127.0.0.1:{gateway_port}", gateway, running)


def start_gateway(
    folder: Path, caddy: str, port: int, modules: Sequence[Module], **environment: str
) -> subprocess.Popen[bytes]:
    """Start Caddy with the routes to these processes, and with a page."""
    page, rendered = folder / "page", folder / "rendered"
    page.mkdir()
    (page / "index.html").write_text("<p>the page</p>")
    headers = render_deployment.PAGE / "security-headers.json"
    (page / headers.name).write_text(headers.read_text() if headers.is_file() else "{}")
    addresses = [f"--address={each.name}={each.address}" for each in modules]
    script = DEPLOY / "render_deployment.py"
    subprocess.run([sys.executable, script, rendered, "--page", page, *addresses], check=True)
    return subprocess.Popen(
        [caddy, "run", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile"],
        env={
            **os.environ,
            "RENDERED": str(rendered),
            "SITE": f":{port}",
            "FRONTEND_DIR": str(page),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            **environment,
        },
        stderr=subprocess.DEVNULL,
    )


def main() -> None:
    """Run the platform until stdin ends; restart the processes of each module that it names."""
    caddy = find_caddy()
    if caddy is None:
        sys.exit("error: caddy is not installed; run: make -C backend deploy-tools")
    with TemporaryDirectory() as folder, run_platform(Path(folder), caddy) as platform:
        asyncio.run(platform.wait_until_ready())
        print(f"serving {platform.url}", flush=True)
        for name in map(str.strip, sys.stdin):
            for module in (each for each in platform.modules if each.name == name):
                module.restart()
                asyncio.run(module.wait_until_ready())
            print(f"restarted {name}", flush=True)


if __name__ == "__main__":
    main()
