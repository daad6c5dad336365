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
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.sync.client import connect

from trading_api.shared.settings import AppSettings
from trading_api.shared.utils import stream_path


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


def test_process_that_is_to_stop_closes_each_connection_with_its_next_response() -> None:
    with start(DRAIN_SECONDS="60") as (process, address), httpx.Client(base_url=address) as client:
        response = client.get("/api/v1/time")
        assert "Connection" not in response.headers
        process.send_signal(signal.SIGTERM)
        # The first one is on the connection from before the signal, the others are on new ones.
        while client.get("/health/ready").status_code == 200:
            time.sleep(0.01)
        for _ in range(2):
            assert client.get("/api/v1/time").headers["Connection"] == "close"


def test_streams_end_with_1012() -> None:
    with start(DRAIN_SECONDS="0.1") as (process, address):
        url = address.replace("http", "ws", 1) + stream_path("datafeed")
        with connect(url) as stream:
            process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                stream.recv(20)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == CloseCode.SERVICE_RESTART


@pytest.mark.parametrize("seconds", ["0", "60"])
def test_second_signal_or_no_time_stops_at_once(seconds: str) -> None:
    with start(DRAIN_SECONDS=seconds) as (process, _):
        process.send_signal(signal.SIGTERM)
        if seconds != "0":
            process.send_signal(signal.SIGINT)
        assert process.wait(10) is not None


def test_processes_stop_at_once_by_default() -> None:
    assert AppSettings().drain_seconds == 0
