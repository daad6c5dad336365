"""The gateway with two datafeeds, a broker and PostgreSQL: one address, and quiet restarts."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import websockets

from restarts import measure_restarts
from support.gateway import Platform, find_caddy, run_platform, start_gateway, wait_for_status
from support.postgresql import create_database, run_postgresql
from support.scripts import free_ports
from trading_api.shared.utils import MODULES_DIR, discover_modules, stream_path

ORDER = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 1}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("gateway")
    caddy = find_caddy()
    assert caddy is not None
    with (
        run_postgresql(folder) as server,
        run_platform(folder, caddy, new_database=lambda: create_database(server)) as running,
    ):
        asyncio.run(running.wait_until_ready())
        yield running


@pytest.fixture
async def client(gateway: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
        yield client


async def test_page_has_the_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/", "/trade/AAPL"):
        response = await client.get(path)
        assert "the page" in response.text
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert "Server" not in response.headers


async def test_order_goes_through_all_modules(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/orders", json=ORDER)
    assert response.status_code == 201
    assert response.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/nothing", 404),
        ("/api/v1/orders/a/b", 404),
        ("/health/ready", 404),
        ("/metrics", 404),
    ],
)
async def test_what_no_spec_has_is_not_passed_on(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    response = await client.get(path)
    assert response.status_code == status
    assert "X-Request-ID" not in response.headers


async def test_large_body_is_a_413_problem(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/orders", content=b"x" * 2_000_000)
    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("encoding", "first_bytes"), [("zstd", b"\x28\xb5\x2f\xfd"), ("gzip", b"\x1f\x8b")]
)
async def test_long_response_is_compressed(
    client: httpx.AsyncClient, encoding: str, first_bytes: bytes
) -> None:
    query = "symbol=AAPL&resolution=1&from_time=0&to_time=2147483648&count_back=100"
    headers = {"Accept-Encoding": encoding}
    async with client.stream("GET", f"/api/v1/bars?{query}", headers=headers) as response:
        assert response.headers["Content-Encoding"] == encoding
        body = b"".join([chunk async for chunk in response.aiter_raw()])
    assert body.startswith(first_bytes)


async def test_site_with_a_name_has_tls(tmp_path: Path) -> None:
    """For the name localhost, Caddy issues the certificate itself."""
    caddy = find_caddy()
    assert caddy is not None
    port, http_port = free_ports(2)
    site, root = f"localhost:{port}", tmp_path / "caddy/pki/authorities/local/root.crt"
    process = start_gateway(tmp_path, caddy, port, [], SITE=site, HTTP_PORT=str(http_port))
    try:
        await wait_for_status(f"http://localhost:{http_port}/", 308)
        async with httpx.AsyncClient() as client:
            redirect = await client.get(f"http://localhost:{http_port}/trade")
        assert redirect.headers["Location"] == f"https://{site}/trade"
        context = ssl.create_default_context(cafile=str(root))
        async with httpx.AsyncClient(verify=context) as client:
            assert "the page" in (await client.get(f"https://{site}/trade")).text
    finally:
        process.kill()
        process.wait()


async def test_streams_of_every_module_work(gateway: Platform) -> None:
    for name in discover_modules(MODULES_DIR):
        url = gateway.url.replace("http", "ws") + stream_path(name)
        async with websockets.connect(url) as socket:
            await socket.send('{"type": "ping"}')
            assert json.loads(await socket.recv())["type"] == "pong"


async def test_processes_of_a_module_agree(client: httpx.AsyncClient, gateway: Platform) -> None:
    quotes = []
    for module in gateway.modules:
        if module.name == "datafeed":
            url = f"http://{module.address}/api/v1/bars"
            query = "symbol=AAPL&resolution=1&from_time=0&to_time=2147483648&count_back=100"
            bars = (await client.get(f"{url}?{query}")).json()["bars"]
            quotes.append(bars[:-1])
    assert len(quotes) == 2
    assert quotes[0][1:] == quotes[1][1:] or quotes[0][:-1] == quotes[1][:-1]


async def test_restarts_under_load_lose_nothing(gateway: Platform) -> None:
    result = await measure_restarts(gateway, len(gateway.modules), 1_000)
    assert result.problems() == []
