"""`make run-multi`: a process per module, each on its own. The page is in the browser's tests."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import psutil
import pytest

from support.scripts import Script, free_ports, start

MODULES = ("broker", "datafeed")


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


@pytest.fixture
def running() -> Iterator[Running]:
    ports = dict(zip(MODULES, free_ports(len(MODULES)), strict=True))
    urls = {f"{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    with start("run_multi.py", "--no-page", **urls) as script:
        script.wait_for("Ctrl-C")
        yield Running(script, ports)


def test_a_killed_module_comes_back_and_the_other_answers_meanwhile(running: Running) -> None:
    broker = running.process_of("broker").pid
    running.process_of("datafeed").send_signal(signal.SIGKILL)
    assert httpx.get(f"{running.url('broker')}/api/v1/orders").status_code == 200
    assert running.script.wait_for("started again").startswith("datafeed | ")
    ready(running.url("datafeed"))

    order = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 1}
    placed = httpx.post(f"{running.url('broker')}/api/v1/orders", json=order)
    assert placed.status_code == 201, placed.text
    assert running.process_of("broker").pid == broker


@pytest.mark.parametrize("ending", ["Ctrl-C", "SIGTERM", "SIGHUP"])
def test_nothing_is_left_when_it_ends(running: Running, ending: str) -> None:
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


def test_a_port_in_use_is_an_error_that_names_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        (free,) = free_ports(1)
        urls = {"BROKER_URL": f"http://127.0.0.1:{free}", "DATAFEED_URL": url}
        with start("run_multi.py", "--no-page", **urls) as script:
            line = script.wait_for("error: ")
            assert line.endswith("choose where datafeed runs: DATAFEED_URL=http://127.0.0.1:<port>")
            assert script.process.wait(10) != 0


def test_a_module_elsewhere_cannot_be_started_here() -> None:
    with start("run_multi.py", "--no-page", DATAFEED_URL="http://datafeed.example:8002") as script:
        script.wait_for("error: DATAFEED_URL=http://datafeed.example:8002 is no http://127.0.0.1")
        assert script.process.wait(10) != 0


def test_a_module_that_cannot_start_is_given_up_and_the_other_serves() -> None:
    broker, datafeed = (f"http://127.0.0.1:{port}" for port in free_ports(2))
    urls = {"BROKER_URL": broker, "DATAFEED_URL": datafeed}
    with start("run_multi.py", "--no-page", **urls, DATAFEED_SPEED="-1") as script:
        script.wait_for("datafeed | ERROR:    DATAFEED_SPEED=-1: Input should be greater than 0")
        assert script.wait_for("not started again").startswith("datafeed | was started 5 times")
        ready(broker)
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
    raise AssertionError(f"{url} did not come back")
