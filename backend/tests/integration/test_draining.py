"""How a process leaves: it is not ready any more, but serves what still comes, and then stops."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from trading_api.shared.settings import AppSettings


@contextmanager
def start(**environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a process as a container does; yield it, and its address."""
    command = [sys.executable, "-m", "trading_api", "--port", "0"]
    settings = {**os.environ, "ENABLED_MODULES": "datafeed", **environment}
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = re.search(r"http://\S+", process.stdout.readline())
            assert address is not None
            yield process, address[0]
        finally:
            process.kill()


def test_process_that_is_to_stop_still_serves_but_is_not_ready() -> None:
    with start(DRAIN_SECONDS="1.5") as (process, address), httpx.Client(base_url=address) as client:
        assert client.get("/health/ready").status_code == 200
        process.send_signal(signal.SIGTERM)
        while (ready := client.get("/health/ready")).status_code == 200:
            time.sleep(0.01)
        assert (ready.status_code, ready.json()["status"]) == (503, "draining")
        assert client.get("/api/v1/time").status_code == 200
        assert client.get("/health/live").status_code == 200
        client.close()
        assert process.wait(10) in (0, -signal.SIGTERM)


@pytest.mark.parametrize("seconds", ["0", "60"])
def test_second_signal_or_no_time_stops_at_once(seconds: str) -> None:
    with start(DRAIN_SECONDS=seconds) as (process, _):
        process.send_signal(signal.SIGTERM)
        if seconds != "0":
            process.send_signal(signal.SIGINT)
        assert process.wait(10) is not None


def test_processes_stop_at_once_by_default() -> None:
    assert AppSettings().drain_seconds == 0
