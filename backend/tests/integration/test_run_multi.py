"""`make run-multi`: one process per module. The browser tests cover the page."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import httpx
import psutil
import pytest
from circus.stream.redirector import Redirector

from run_multi import release_pipes
from support.scripts import Script, free_ports, start
from trading_api.shared.utils import MODULES_DIR, discover_modules

MODULES = discover_modules(MODULES_DIR)


@dataclass(frozen=True)
class Running:
    script: Script
    ports: dict[str, int]

    def url(self, module: str) -> str:
        return f"http://127.0.0.1:{self.ports[module]}"

    def processes(self) -> list[psutil.Process]:
        return psutil.Process(self.script.process.pid).children(recursive=True)

    def process_of(self, module: str) -> psutil.Process:
        port = str(self.ports[module])
        (found,) = [process for process in self.processes() if port in process.cmdline()]
        return found


def free_urls() -> tuple[dict[str, int], dict[str, str]]:
    """Return a free port for each module, and the settings that name them."""
    ports = dict(zip(MODULES, free_ports(len(MODULES)), strict=True))
    return ports, {
        f"{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()
    }


@pytest.fixture
def running() -> Iterator[Running]:
    ports, urls = free_urls()
    with start("run_multi.py", "--no-page", **urls) as script:
        script.wait_for("Ctrl-C")
        yield Running(script, ports)


def test_killed_module_is_restarted_while_the_others_serve(running: Running) -> None:
    broker = running.process_of("broker").pid
    running.process_of("datafeed").send_signal(signal.SIGKILL)
    assert httpx.get(f"{running.url('broker')}/api/v1/orders").status_code == 200
    assert running.script.wait_for("ended; restarted with pid").startswith("datafeed | ")
    ready(running.url("datafeed"))

    order = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 1}
    placed = httpx.post(f"{running.url('broker')}/api/v1/orders", json=order)
    assert placed.status_code == 201, placed.text
    assert running.process_of("broker").pid == broker


def test_pipes_of_a_process_that_has_ended_are_released_after_its_last_output() -> None:
    printed: list[bytes] = []
    redirector = Redirector(
        lambda chunk: printed.append(chunk["data"]), lambda chunk: printed.append(chunk["data"])
    )
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; print(1); print(2, file=sys.stderr)"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as popen:
        popen.wait()
        process = SimpleNamespace(
            pid=1, pipe_stdout=True, pipe_stderr=True, stdout=popen.stdout, stderr=popen.stderr
        )
        redirector.start()
        redirector.add_redirections(process)
        watcher = SimpleNamespace(processes={1: process}, stream_redirector=redirector)
        assert release_pipes(watcher, process_pid=1)
        assert printed == [b"1\n", b"2\n"]
        assert redirector.pipes == {}
        # The loop would not accept a file descriptor that it still reads.
        for pipe in (popen.stdout, popen.stderr):
            redirector.loop.add_handler(pipe, lambda fd, events: None, redirector.loop.READ)
            redirector.loop.remove_handler(pipe)
        assert release_pipes(watcher, process_pid=1)


@pytest.mark.parametrize("ending", ["Ctrl-C", "SIGTERM", "SIGHUP"])
def test_end_leaves_no_process_and_no_port_in_use(running: Running, ending: str) -> None:
    processes = running.processes()
    assert len(processes) == len(MODULES)
    if ending == "Ctrl-C":
        running.script.interrupt()
    else:
        running.script.process.send_signal(getattr(signal, ending))
    assert running.script.process.wait(30) == 0
    assert not [process for process in processes if process.is_running()]
    for port in running.ports.values():
        socket.create_server(("127.0.0.1", port)).close()


def test_port_in_use_is_an_error_that_names_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        _, urls = free_urls()
        urls["DATAFEED_URL"] = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with start("run_multi.py", "--no-page", **urls) as script:
            line = script.wait_for("error: ")
            assert line.endswith("choose another one: DATAFEED_URL=http://127.0.0.1:<port>")
            assert script.process.wait(10) != 0


def test_url_of_another_machine_is_an_error() -> None:
    with start("run_multi.py", "--no-page", DATAFEED_URL="http://datafeed.example:8002") as script:
        script.wait_for("error: DATAFEED_URL=http://datafeed.example:8002 cannot be served here")
        assert script.process.wait(10) != 0


def test_module_that_cannot_start_is_not_restarted_for_ever_and_the_others_serve() -> None:
    _, urls = free_urls()
    with start("run_multi.py", "--no-page", **urls, DATAFEED_SPEED="-1") as script:
        script.wait_for("DATAFEED_SPEED=-1: Input should be greater than 0")
        line = script.wait_for("giving up")
        assert line.startswith("datafeed | ")
        assert line.endswith("ended 5 times in a row; giving up")
        ready(urls["BROKER_URL"])
        script.interrupt()
    assert script.process.returncode == 0


def ready(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{url} is not ready")
