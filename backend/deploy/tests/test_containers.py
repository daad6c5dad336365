"""All modules in containers, with the manifests and with Compose, driven through the gateway.

They run in a network namespace, which `make test-deploy` makes.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.containers import (
    URL,
    Deployment,
    Podman,
    play_manifests,
    run_compose,
)
from trading_api.clients import BrokerClient
from trading_api.models.broker import AccountSubscription, Execution, PreOrder

RENDERED = Path(__file__).resolve().parent.parent / "rendered"
ORDER = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 1}
DATABASE = "broker-database"

pytestmark = pytest.mark.skipif(
    shutil.which("podman") is None or "CONTAINER_TESTS" not in os.environ,
    reason="podman is not installed, or this is not the namespace of `make test-deploy`",
)


@pytest.fixture(scope="module", params=["manifests", "compose"])
def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp(request.param)
    podman = Podman(folder)
    started = time.monotonic()
    if request.param == "manifests":
        running = play_manifests(podman, folder, RENDERED)
    else:
        compose = Path(os.environ["DEPLOY_TOOLS"]) / "docker-compose"
        running = run_compose(podman, folder, RENDERED, compose)
    with running as deployment:
        with client_of(deployment) as client:
            wait_for_order(client)
        print(f"\n{request.param}: the first order after {time.monotonic() - started:.1f} s")
        yield deployment


@pytest.fixture
def client(deployment: Deployment) -> Iterator[httpx.Client]:
    with client_of(deployment) as client:
        yield client


def client_of(deployment: Deployment) -> httpx.Client:
    """Return a client of the gateway with a token for everything."""
    headers = {"Authorization": f"Bearer {deployment.token}"}
    return httpx.Client(base_url=URL, headers=headers, timeout=20)


def wait_for_order(client: httpx.Client) -> str:
    """Place an order as soon as that works, and return its id."""
    response = wait_for_status(client, 201, "POST", "/api/v1/orders", json=ORDER)
    return str(response.json()["orderId"])


def wait_for_status(
    client: httpx.Client, status: int, method: str, path: str, **options: Any
) -> httpx.Response:
    """Send a request until it has this status."""
    deadline = time.monotonic() + 60
    while True:
        try:
            response = client.request(method, path, **options)
            if response.status_code == status:
                return response
            reason = response.text
        except httpx.TransportError as error:
            reason = str(error)
        assert time.monotonic() < deadline, reason
        time.sleep(0.2)


def trade(deployment: Deployment) -> Execution:
    """Place orders until the stream sends an execution, and return it."""
    return asyncio.run(_trade(deployment))


async def _trade(deployment: Deployment) -> Execution:
    async with BrokerClient(base_url=URL, token=deployment.token) as broker:
        executions = aiter(broker.executions_stream(AccountSubscription(account_id="demo")))
        execution = asyncio.ensure_future(anext(executions))
        async with asyncio.timeout(60):
            while not execution.done():
                await broker.place_order(PreOrder.model_validate(ORDER))
                await asyncio.wait([execution], timeout=1)
        return execution.result()


def test_page_and_modules_have_one_address(client: httpx.Client) -> None:
    assert "<!doctype html>" in client.get("/").text.lower()
    assert client.get("/api/v1/positions").status_code == 200
    headers = {"Authorization": ""}
    assert client.get("/api/v1/positions", headers=headers).status_code == 401


def test_order_executes_on_the_stream(deployment: Deployment) -> None:
    assert trade(deployment).symbol == "AAPL"


def test_killed_datafeed_is_left_out(client: httpx.Client, deployment: Deployment) -> None:
    deployment.kill("datafeed")
    for _ in range(20):
        assert client.get("/api/v1/time").status_code == 200
    assert trade(deployment).symbol == "AAPL"
    deployment.revive("datafeed")


@pytest.mark.parametrize("module", ["broker", DATABASE])
def test_restart_keeps_orders_and_streams(
    client: httpx.Client, deployment: Deployment, module: str
) -> None:
    order = wait_for_order(client)
    if module == DATABASE and deployment.pods:
        pytest.skip("podman 4 cannot restart the only container of this pod")
    deployment.restart(module)
    wait_for_order(client)
    assert client.get(f"/api/v1/orders/{order}").status_code == 200
    assert trade(deployment).symbol == "AAPL"


def test_backup_is_restored(client: httpx.Client, deployment: Deployment) -> None:
    """The commands are those of docs/DEPLOYMENT.md."""
    if deployment.pods:
        pytest.skip("podman 4 cannot stop the broker alone, without its pod")
    podman, database = deployment.podman, deployment.container(DATABASE)
    kept = wait_for_order(client)
    dump = ["pg_dump", "--username=trading", "--clean", "--if-exists", "trading"]
    backup = podman("exec", database, *dump)
    lost = wait_for_order(client)
    podman("stop", "--time=10", deployment.container("broker"))
    load = ["psql", "--username=trading", "--quiet", "--single-transaction"]
    stop = ["--set=ON_ERROR_STOP=1", "trading"]
    podman("exec", "--interactive", database, *load, *stop, text=backup)
    podman("start", deployment.container("broker"))
    wait_for_status(client, 200, "GET", f"/api/v1/orders/{kept}")
    assert client.get(f"/api/v1/orders/{lost}").status_code == 404
    wait_for_order(client)


def test_processes_have_no_rights(deployment: Deployment) -> None:
    podman, broker = deployment.podman, deployment.container("broker")
    assert podman("exec", broker, "id", "-u") == "10001"
    podman("exec", broker, "touch", "/app/x", check=False)
    assert podman("exec", broker, "ls", "/app") == "trading_api"
