"""The rendered manifests, run by podman in a network namespace that `make test-deploy` makes."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from support.tokens import AUDIENCE, ISSUER, DevelopmentIssuer, all_scopes
from trading_api.shared.utils import MODULES_DIR, discover_modules

RENDERED = Path(__file__).resolve().parent.parent / "rendered"
NETWORK = "trading-test"
ORDER = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 1}

pytestmark = pytest.mark.skipif(
    shutil.which("podman") is None or "CONTAINER_TESTS" not in os.environ,
    reason="podman is not installed, or this is not the namespace of `make test-deploy`",
)


class Podman:
    """Runs podman with a configuration for the test."""

    def __init__(self, folder: Path) -> None:
        conf = folder / "containers.conf"
        runtime = 'runtime = "runc"' if shutil.which("runc") else ""
        conf.write_text(
            "[containers]\n"
            'default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]\n'
            f"[engine]\n{runtime}\n"
            "[network]\n"
            'network_backend = "netavark"\n'
            f'network_config_dir = "{folder / "networks"}"\n'
        )
        self._environment = {**os.environ, "CONTAINERS_CONF": str(conf)}

    def __call__(self, *arguments: str, text: str | None = None, check: bool = True) -> str:
        result = subprocess.run(
            ["podman", *arguments],
            env=self._environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert not check or result.returncode == 0, result.stderr
        return result.stdout.strip()

    def secret(self, name: str, values: dict[str, str], *, is_mounted: bool) -> None:
        """Create a secret. Podman 4 reads a mounted one as a manifest whose values are plain."""
        document: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "data": values}
        if not is_mounted:
            document = {
                key: base64.b64encode(each.encode()).decode() for key, each in values.items()
            }
        self("secret", "create", name, "-", text=json.dumps(document))


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentIssuer:
    return DevelopmentIssuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory, issuer: DevelopmentIssuer) -> Iterator[Podman]:
    """Run all modules and the gateway; a module that may have several processes has two."""
    folder = tmp_path_factory.mktemp("podman")
    podman = Podman(folder)
    names = discover_modules(MODULES_DIR)
    with_database = [each for each in names if (MODULES_DIR / each / "store/migrate.py").is_file()]
    secrets = ["trading-auth", *(f"{each}-database" for each in with_database)]
    try:
        podman("network", "create", "--subnet", "10.199.7.0/24", NETWORK)
        service_token = issuer.issue(all_scopes(), "services", 3600)
        files = {"keys.json": issuer.keys_file.read_text(), "service-token": service_token}
        podman.secret("trading-auth", files, is_mounted=True)
        for each in with_database:
            url = f"sqlite:////tmp/{each}.sqlite3"
            podman.secret(f"{each}-database", {"url": url}, is_mounted=False)
        issuer_config = folder / "issuer.json"
        document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "trading-issuer"}}
        data = {"AUTH_ISSUER": ISSUER, "AUTH_AUDIENCE": AUDIENCE}
        issuer_config.write_text(json.dumps({**document, "data": data}))
        for name in (*names, "gateway"):
            copy = folder / f"{name}.yaml"
            copy.write_text(manifest_for_podman(RENDERED / f"kubernetes/{name}.yaml"))
            podman(
                "kube",
                "play",
                f"--network={NETWORK}:alias={name}",
                f"--configmap={RENDERED / 'kubernetes/config.yaml'}",
                f"--configmap={issuer_config}",
                str(copy),
            )
        yield podman
    finally:
        for pod in podman("pod", "ps", "--quiet", check=False).split():
            podman("pod", "rm", "--force", "--time", "5", pod, check=False)
        for each in secrets:
            podman("secret", "rm", each, check=False)
        # Podman keeps the volumes of a pod, and would give an old secret to the next one.
        for each in (*secrets, *(f"{name}-tmp" for name in (*names, "gateway"))):
            podman("volume", "rm", each, check=False)
        podman("network", "rm", NETWORK, check=False)


def manifest_for_podman(path: Path) -> str:
    """Return a manifest with what Kubernetes does by itself, and podman 4 does not."""
    resources = [*yaml.safe_load_all(path.read_text())]
    deployment = next(each for each in resources if each["kind"] == "Deployment")
    if any(each["kind"] == "HorizontalPodAutoscaler" for each in resources):
        deployment["spec"]["replicas"] = 2
    # Otherwise it removes an init container before that has ended.
    annotations = {"io.podman.annotations.init.container.type": "always"}
    deployment["metadata"]["annotations"] = annotations
    return str(yaml.safe_dump_all(resources))


@pytest.fixture(scope="module")
def client(podman: Podman, issuer: DevelopmentIssuer) -> Iterator[httpx.Client]:
    """A client of the gateway with a token for everything."""
    pod = json.loads(podman("pod", "inspect", "gateway-pod-0"))
    container = json.loads(podman("inspect", pod["InfraContainerID"]))[0]
    address = container["NetworkSettings"]["Networks"][NETWORK]["IPAddress"]
    token = issuer.issue(all_scopes(), "trader", 3600)
    headers = {"Authorization": f"Bearer {token}", "Host": "localhost"}
    with httpx.Client(base_url=f"http://{address}:8080", headers=headers, timeout=20) as client:
        wait_for_order(client)
        yield client


def wait_for_order(client: httpx.Client) -> dict[str, Any]:
    """Place an order as soon as that works."""
    deadline = time.monotonic() + 60
    while True:
        try:
            response = client.post("/api/v1/orders", json=ORDER)
            if response.status_code == 201:
                placed: dict[str, Any] = response.json()
                return placed
            reason = response.text
        except httpx.TransportError as error:
            reason = str(error)
        assert time.monotonic() < deadline, reason
        time.sleep(0.2)


def test_page_and_modules_have_one_address(client: httpx.Client) -> None:
    assert "<!doctype html>" in client.get("/").text.lower()
    assert client.get("/api/v1/positions").status_code == 200
    headers = {"Authorization": ""}
    assert client.get("/api/v1/positions", headers=headers).status_code == 401


def test_killed_process_is_left_out(client: httpx.Client, podman: Podman) -> None:
    podman("kill", "--signal", "KILL", "datafeed-pod-0-datafeed")
    for _ in range(20):
        assert client.get("/api/v1/time").status_code == 200
    wait_for_order(client)
    podman("start", "datafeed-pod-0-datafeed")


def test_restarted_broker_has_its_orders(client: httpx.Client, podman: Podman) -> None:
    order = wait_for_order(client)["orderId"]
    podman("restart", "--time", "10", "broker-pod-0-broker")
    wait_for_order(client)
    assert client.get(f"/api/v1/orders/{order}").status_code == 200


def test_processes_have_no_rights(podman: Podman) -> None:
    assert podman("exec", "broker-pod-0-broker", "id", "-u") == "10001"
    written = podman("exec", "broker-pod-0-broker", "touch", "/app/x", check=False)
    assert written == ""
    assert podman("exec", "broker-pod-0-broker", "ls", "/app") == "trading_api"
