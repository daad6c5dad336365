"""Requests of other sites: foreign origins, and host names that lead to the service."""

from __future__ import annotations

import httpx
import pytest
import websockets
from fastapi import FastAPI

from support.servers import serve
from trading_api.app_factory import create_app
from trading_api.shared.settings import AppSettings
from trading_api.shared.utils import (
    API_PREFIX,
    MODULES_DIR,
    discover_modules_with_websockets,
    stream_path,
)

OWN = "http://127.0.0.1"
DEV_SERVER = "http://localhost:5173"
PROBLEM = "application/problem+json"
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.fixture(autouse=True)
def _default_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CORS_ORIGINS", "ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)


def client_of(app: FastAPI, host: str = "127.0.0.1") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}")


def operations(app: FastAPI) -> list[tuple[str, str]]:
    """Return method and path of every operation; the parameters in the path are their names."""
    return [
        (method.upper(), path.replace("{", "").replace("}", ""))
        for path, item in app.openapi()["paths"].items()
        for method in item
    ]


def test_documented_defaults() -> None:
    settings = AppSettings()
    assert settings.allowed_hosts == "localhost,127.0.0.1,[::1]"
    assert settings.cors_origins == "http://localhost:5173,http://127.0.0.1:5173"


@pytest.mark.parametrize(
    "host", ["rebound.example", "in-process", "127.0.0.1.example", "", "[::2]"]
)
async def test_other_hosts_are_rejected_by_every_operation(host: str) -> None:
    app = create_app()
    client = client_of(app)
    for method, path in operations(app):
        response = await client.request(method, path, headers={"host": host})
        assert (response.status_code, response.headers["content-type"]) == (400, PROBLEM)
        assert "example" not in response.text


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "[::1]"]
)
async def test_loopback_is_allowed(host: str) -> None:
    response = await client_of(create_app()).get(f"{API_PREFIX}/nothing", headers={"host": host})
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("allowed", "host", "status"),
    [
        ("api.example.com,*.example.org", "api.example.com", 404),
        ("api.example.com,*.example.org", "API.example.com:8000", 404),
        ("api.example.com,*.example.org", "a.example.org", 404),
        ("api.example.com,*.example.org", "example.org", 400),
        ("api.example.com,*.example.org", "any.example", 400),
        ("*", "any.example", 404),
    ],
)
async def test_allowed_hosts(
    monkeypatch: pytest.MonkeyPatch, allowed: str, host: str, status: int
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", allowed)
    response = await client_of(create_app()).get(f"{API_PREFIX}/nothing", headers={"host": host})
    assert response.status_code == status


@pytest.mark.parametrize("host", ["datafeed-service", "[fd00::1]"])
async def test_host_in_the_url_of_a_served_module_is_allowed(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("DATAFEED_URL", f"http://{host}:8002")
    # The client names the host as the address of the server, too.
    monkeypatch.setenv("AUTH_KEYS", "none")
    path = f"{API_PREFIX}/nothing"
    assert (await client_of(create_app(["datafeed"]), host).get(path)).status_code == 404
    assert (await client_of(create_app(["broker"]), host).get(path)).status_code == 400


async def test_supervisors_may_ask_for_the_health_by_any_address() -> None:
    response = await client_of(create_app(), "10.0.0.7").get("/health/live")
    assert response.status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9", "file://127.0.0.1", "http://["]
)
async def test_changes_by_pages_of_other_origins_are_rejected(origin: str) -> None:
    app = create_app()
    client = client_of(app)
    for method, path in operations(app):
        if method == "GET":
            continue
        response = await client.request(method, path, headers={"origin": origin})
        assert (response.status_code, response.headers["content-type"]) == (403, PROBLEM)
        assert "evil" not in response.text


@pytest.mark.parametrize("origin", [OWN, DEV_SERVER])
async def test_changes_by_own_pages_are_allowed(origin: str) -> None:
    response = await client_of(create_app()).put(
        f"{API_PREFIX}/nothing", headers={"origin": origin}
    )
    assert response.status_code == 404


async def test_refused_preflight_is_a_problem() -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "PUT"}
    response = await client_of(create_app()).options(f"{API_PREFIX}/orders", headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (400, PROBLEM)
    assert response.json()["detail"] == "Disallowed CORS origin"
    assert "access-control-allow-origin" not in response.headers


async def test_streams_are_for_own_pages_and_programs() -> None:
    with serve("trading_api.main:app") as address:
        for module in discover_modules_with_websockets(MODULES_DIR):
            url = address.replace("http", "ws", 1) + stream_path(module)
            for origin in (None, address, DEV_SERVER):
                async with websockets.connect(url, origin=origin) as socket:
                    await socket.send('{"type": "ping"}')
                    assert "pong" in await socket.recv()


def test_streams_are_not_for_pages_of_other_sites() -> None:
    with serve("trading_api.main:app") as address:
        for module in discover_modules_with_websockets(MODULES_DIR):
            for headers in (
                {"Origin": "https://evil.example"},
                {"Origin": "null"},
                {"Host": "rebound.example", "Origin": "http://rebound.example"},
                {"Host": "in-process"},
            ):
                response = httpx.get(f"{address}{stream_path(module)}", headers=HANDSHAKE | headers)
                assert response.status_code == 403
