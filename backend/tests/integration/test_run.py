"""`make run`: the modules and the page from one process."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from support.scripts import Script, free_ports, start
from trading_api.shared.utils import MODULES_DIR, discover_modules_with_websockets

PAGE = "<!doctype html><title>the page</title>"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def page_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    (folder / "index.html").write_text(PAGE)
    (folder / "assets").mkdir()
    (folder / "assets/main-1.js").write_text("export {};")
    return folder


@pytest.fixture(scope="module")
def address(page_dir: Path) -> Iterator[str]:
    (port,) = free_ports(1)
    with start("run.py", "--port", str(port), FRONTEND_DIR=str(page_dir)) as script:
        yield script.wait_for("http://127.0.0.1")


@pytest.mark.parametrize("path", ["/", "/orders", "/chart/AAPL?resolution=D"])
def test_browser_gets_the_page_at_each_of_its_paths(address: str, path: str) -> None:
    response = httpx.get(address + path, headers=BROWSER)
    assert (response.status_code, response.text) == (200, PAGE)
    assert response.headers["Cache-Control"] == "no-cache"


def test_missing_asset_is_not_found_and_not_the_page(address: str) -> None:
    script = httpx.get(f"{address}/assets/main-1.js")
    assert (script.status_code, script.text) == (200, "export {};")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert httpx.get(f"{address}/assets/main-2.js", headers={"Accept": "*/*"}).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/", "/api", "/health/nothing"])
@pytest.mark.parametrize("headers", [BROWSER, {"Accept": "application/json"}])
def test_unknown_path_of_the_api_is_a_problem(
    address: str, path: str, headers: dict[str, str]
) -> None:
    response = httpx.get(address + path, headers=headers)
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 404


def test_operations_are_served_beside_the_page(address: str) -> None:
    assert httpx.get(f"{address}/api/v1/symbols/AAPL", headers=BROWSER).json()["name"] == "AAPL"
    assert httpx.get(f"{address}/api/v1/orders", headers=BROWSER).json() == []
    assert httpx.put(f"{address}/api/v1/positions").status_code == 405
    assert "swagger" in httpx.get(f"{address}/docs", headers=BROWSER).text


@pytest.mark.parametrize("module", discover_modules_with_websockets(MODULES_DIR))
def test_streams_of_every_module_are_served_beside_the_page(address: str, module: str) -> None:
    url = address.replace("http", "ws", 1)
    with connect(f"{url}/api/v1/{module}/ws", proxy=None) as socket:
        socket.send('{"type": "ping", "ref": "1"}')
        assert json.loads(socket.recv(10)) == {"type": "pong", "ref": "1"}


def test_ctrl_c_ends_without_an_error_while_a_stream_is_open(page_dir: Path) -> None:
    (port,) = free_ports(1)
    with start("run.py", "--port", str(port), FRONTEND_DIR=str(page_dir)) as script:
        script.wait_for("http://127.0.0.1")
        with connect(f"ws://127.0.0.1:{port}/api/v1/datafeed/ws", proxy=None):
            assert script.interrupt() == 0
        assert "Traceback" not in rest(script)


def test_page_that_is_not_built_is_an_error_that_names_the_command(tmp_path: Path) -> None:
    with start("run.py", "--port", "0", FRONTEND_DIR=str(tmp_path)) as script:
        script.wait_for(f"FRONTEND_DIR={tmp_path}: there is no index.html; build the page with: ")
        assert script.process.wait(10) != 0


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ("DATAFEED_SPEED=-1", "DATAFEED_SPEED=-1: Input should be greater than 0"),
        ("DATAFEED_SOURCE_LOCATION=/no", "DATAFEED_SOURCE_LOCATION=/no: [Errno 2] No such file"),
        ("DATAFEED_REPLAY_START=1999-01-01", "is not within 2000-03-01 to 2013-03-01"),
        ("BROKER_DEFAULT_LEVERAGE=900", "LEVERAGE is more than BROKER_MAX_LEVERAGE"),
        ("ENABLED_MODULES=nope", "error: ENABLED_MODULES: unknown module nope (known: "),
    ],
)
def test_invalid_setting_is_one_line_with_its_name(
    page_dir: Path, setting: str, error: str
) -> None:
    name, _, value = setting.partition("=")
    environment = {"FRONTEND_DIR": str(page_dir), name: value}
    with start("run.py", "--port", str(free_ports(1)[0]), **environment) as script:
        script.wait_for(error)
        assert "Traceback" not in rest(script)
        assert script.process.wait(10) != 0


@pytest.mark.parametrize("port", ["80000", "abc"])
def test_invalid_port_is_an_error_that_names_the_valid_ones(port: str) -> None:
    with start("run.py", "--port", port) as script:
        script.wait_for(f"PORT={port} is not a valid port; use 0 to 65535")
        assert script.process.wait(10) != 0


def test_port_in_use_is_an_error_that_suggests_another(page_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start("run.py", "--port", str(port), FRONTEND_DIR=str(page_dir)) as script:
            line = script.wait_for("error: ")
            assert f"port {port} of 127.0.0.1: Address already in use" in line
            assert f"make run PORT={port + 10}" in line
            assert script.process.wait(10) != 0


def rest(script: Script) -> str:
    return script.process.stdout.read() if script.process.stdout else ""
