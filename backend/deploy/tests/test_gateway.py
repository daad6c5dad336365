"""The gateway with two datafeeds and a broker: one address, and restarts that nobody notices."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import websockets

from support.postgresql import create_database, run_postgresql
from support.scripts import free_ports
from trading_api.shared.client.aiohttp_transport import AiohttpTransport
from trading_api.shared.utils import MODULES_DIR, discover_modules, stream_path, url_variable

DEPLOY = Path(__file__).resolve().parent.parent
TOOLS = Path(os.environ["DEPLOY_TOOLS"])
ORDER = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 1}
RESTARTS = int(os.environ.get("RESTARTS", "10"))
REQUESTS = int(os.environ.get("REQUESTS", "20000"))
AT_ONCE = 8


class Module:
    """A process of a module, which can be restarted."""

    def __init__(self, name: str, port: int, environment: dict[str, str]) -> None:
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
        async with httpx.AsyncClient() as client:
            while True:
                try:
                    url = f"http://{self.address}/health/ready"
                    if (await client.get(url)).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)


class Platform:
    def __init__(self, url: str, modules: list[Module]) -> None:
        self.url = url
        self.modules = modules


@contextmanager
def platform(folder: Path) -> Iterator[Platform]:
    """Run a gateway, and two processes of each module that allows it."""
    import render_deployment

    with ExitStack() as stack:
        server = stack.enter_context(run_postgresql(folder))
        modules = render_deployment.read_modules({})
        counts = {each.name: min(2, each.info.max_replicas) for each in modules}
        ports = free_ports(sum(counts.values()) + 1)
        gateway_port = ports.pop()
        environment = {
            "DRAIN_SECONDS": "2",
            "LOG_LEVEL": "warning",
            "RATE_LIMIT": "0",
            "DATA_DIR": "memory:",
        }
        for each in modules:
            environment[url_variable(each.name)] = f"http://127.0.0.1:{gateway_port}"
            if each.has_database:
                environment[f"{each.name.upper()}_DATABASE_URL"] = create_database(server)
        running = []
        for name, count in counts.items():
            for _ in range(count):
                module = Module(name, ports.pop(), environment)
                running.append(module)
                stack.callback(module.end)
        rendered = folder / "rendered"
        addresses = [f"--address={each.name}={each.address}" for each in running]
        script = DEPLOY / "render_deployment.py"
        subprocess.run([sys.executable, script, rendered, *addresses], check=True)
        page = folder / "page"
        page.mkdir()
        (page / "index.html").write_text("<p>the page</p>")
        caddy = subprocess.Popen(
            [TOOLS / "caddy", "run", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile"],
            env={
                **os.environ,
                "RENDERED": str(rendered),
                "SITE": f":{gateway_port}",
                "FRONTEND_DIR": str(page),
                "XDG_DATA_HOME": str(folder),
                "XDG_CONFIG_HOME": str(folder),
            },
            stderr=subprocess.DEVNULL,
        )
        stack.callback(caddy.wait)
        stack.callback(caddy.kill)
        yield Platform(f"http://127.0.0.1:{gateway_port}", running)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("gateway")) as running:
        asyncio.run(wait_until_ready(running))
        yield running


async def wait_until_ready(running: Platform) -> None:
    async with asyncio.timeout(60):
        await asyncio.gather(*(each.wait_until_ready() for each in running.modules))
        async with httpx.AsyncClient(base_url=running.url, timeout=30) as client:
            assert await get_status(client, "/api/v1/time") == 200


async def get_status(client: httpx.AsyncClient, path: str) -> int:
    try:
        return (await client.get(path)).status_code
    except httpx.TransportError:
        return 0


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


async def test_restarts_under_load_fail_no_request(gateway: Platform) -> None:
    """Half of the requests are POST, which nobody may send twice."""
    started = time.monotonic()
    statuses: dict[int | str, int] = {}
    stopping = asyncio.Event()

    async def send(transport: AiohttpTransport, number: int) -> None:
        count = 0
        while not stopping.is_set() or sum(statuses.values()) < REQUESTS:
            count += 1
            method, path, body = (
                ("GET", "/api/v1/time", None)
                if count % 2
                else ("POST", "/api/v1/orders/preview", json.dumps(ORDER).encode())
            )
            headers = {"Content-Type": "application/json"}
            request = httpx.Request(method, gateway.url + path, headers=headers, content=body)
            try:
                response = await transport.handle_async_request(request)
                await response.aread()
                result: int | str = response.status_code
            except httpx.TransportError as error:
                result = type(error).__name__
            statuses[result] = statuses.get(result, 0) + 1

    async def restart_all() -> None:
        for number in range(RESTARTS):
            module = gateway.modules[number % len(gateway.modules)]
            await asyncio.to_thread(module.restart)
            await module.wait_until_ready()
            # The gateway asks each second who is ready.
            await asyncio.sleep(2)
        stopping.set()

    async with AiohttpTransport() as transport:
        await asyncio.gather(restart_all(), *(send(transport, each) for each in range(AT_ONCE)))
    took = time.monotonic() - started
    print(f"\n{RESTARTS} restarts, {sum(statuses.values())} requests in {took:.0f} s: {statuses}")
    assert set(statuses) == {200}
