"""All modules in containers, as podman runs the manifests of Kubernetes and the Compose file."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from issue_token import AUDIENCE, ISSUER, DevelopmentIssuer
from support.tokens import all_scopes
from trading_api.shared.utils import MODULES_DIR, discover_modules
from write_settings import write_settings

URL = "http://127.0.0.1:8080"
"""Where the gateway listens, in the network namespace of the test."""
NETWORK = "trading-test"
DATABASE_IMAGE = "docker.io/library/postgres:17"
PASSWORD = "a-password-for-the-test"


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
        self.environment = {**os.environ, "CONTAINERS_CONF": str(conf)}

    def __call__(self, *arguments: str, text: str | None = None, check: bool = True) -> str:
        result = subprocess.run(
            ["podman", *arguments],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert not check or result.returncode == 0, result.stderr
        return result.stdout.strip()

    def create_secret(self, name: str, values: dict[str, str], *, is_mounted: bool) -> None:
        """Create a secret. Podman 4 reads a mounted one as a manifest whose values are plain."""
        document: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "data": values}
        if not is_mounted:
            document = {
                key: base64.b64encode(each.encode()).decode() for key, each in values.items()
            }
        self("secret", "create", name, "-", text=json.dumps(document))


@dataclass(frozen=True)
class Deployment:
    """A gateway with all modules, which runs."""

    podman: Podman
    token: str
    pods: str = ""
    """A format of the names of the pods; empty without pods."""
    containers: str = "{pod}-{module}"
    """A format of the names of the containers."""

    def container(self, module: str) -> str:
        """Return the name of the first container of a module."""
        return self.containers.format(pod=self._pod(module), module=module)

    def kill(self, module: str) -> None:
        """End the first process of a module without a warning."""
        self.podman("kill", "--signal", "KILL", self.container(module))

    def revive(self, module: str) -> None:
        """Start the first process of a module, which was killed."""
        if self.pods:
            # Podman ends a pod with its only container, and cannot start that container alone.
            self.podman("pod", "stop", "--time=10", self._pod(module))
            self.podman("pod", "start", self._pod(module))
        else:
            self.podman("start", self.container(module))

    def restart(self, module: str) -> None:
        """Stop the first process of a module as an engine does, and start it again."""
        self.podman("restart", "--time=10", self.container(module))

    def _pod(self, module: str) -> str:
        return self.pods.format(module=module)


@contextmanager
def play_manifests(podman: Podman, folder: Path, rendered: Path) -> Iterator[Deployment]:
    """Run the manifests, and a PostgreSQL for each module with a database."""
    issuer = DevelopmentIssuer(folder / "issuer")
    names = discover_modules(MODULES_DIR)
    databases = [
        f"{each}-database" for each in names if (MODULES_DIR / each / "store/migrate.py").is_file()
    ]
    configs = [rendered / "kubernetes/config.yaml", folder / "issuer.yaml"]
    configs[1].write_text(_issuer_config())
    token = issuer.issue(all_scopes(), "trader", 3600)
    deployment = Deployment(podman, token, pods="{module}-pod-0")

    def play(name: str, text: str) -> None:
        (folder / f"{name}.yaml").write_text(text)
        options = [
            f"--network={NETWORK}:alias={name}",
            *(f"--configmap={each}" for each in configs),
        ]
        podman("kube", "play", *options, str(folder / f"{name}.yaml"))

    try:
        podman("network", "create", "--subnet", "10.199.7.0/24", NETWORK)
        service_token = issuer.issue(all_scopes(), "services", 3600)
        files = {"keys.json": issuer.keys_file.read_text(), "service-token": service_token}
        podman.create_secret("trading-auth", files, is_mounted=True)
        for each in databases:
            url = f"postgresql://trading:{PASSWORD}@{each}/trading"
            podman.create_secret(each, {"url": url}, is_mounted=False)
            play(each, _database_manifest(each))
            _wait_for_database(podman, deployment.container(each))
        for each in (*names, "gateway"):
            play(each, _manifest_for_podman(rendered / f"kubernetes/{each}.yaml"))
        yield deployment
    finally:
        _remove_all(podman, [*databases, "trading-auth"], [*names, "gateway"])


@contextmanager
def run_compose(
    podman: Podman, folder: Path, rendered: Path, compose: Path
) -> Iterator[Deployment]:
    """Run the Compose file with Docker's program, which podman serves."""
    settings = write_settings(folder)
    socket = f"unix://{folder / 'podman.sock'}"
    command = ["podman", "system", "service", "--time=0", socket]
    service = subprocess.Popen(command, env=podman.environment, stderr=subprocess.DEVNULL)
    options = [str(compose), f"--env-file={settings}", f"--file={rendered / 'compose.yaml'}"]
    environment = {**podman.environment, "DOCKER_HOST": socket}

    def call(*arguments: str) -> None:
        result = subprocess.run(
            [*options, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert result.returncode == 0, result.stderr

    token = DevelopmentIssuer(folder / "issuer").issue(all_scopes(), "trader", 3600)
    try:
        _wait_for_file(folder / "podman.sock")
        with _run_health_checks(podman):
            call("up", "--detach", "--wait")
            yield Deployment(podman, token, containers="trading-{module}-1")
    finally:
        call("down", "--volumes", "--timeout", "5")
        service.terminate()
        service.wait()


def _wait_for_database(podman: Podman, container: str) -> None:
    """Wait until PostgreSQL accepts connections from other containers."""
    deadline = time.monotonic() + 60
    while "accepting" not in podman("exec", container, "pg_isready", check=False):
        assert time.monotonic() < deadline, podman("logs", container)
        time.sleep(0.1)


@contextmanager
def _run_health_checks(podman: Podman) -> Iterator[None]:
    """Do what systemd does for podman; in a container or a namespace there is none."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(0.5):
            for each in podman("ps", "--quiet", check=False).split():
                podman("healthcheck", "run", each, check=False)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _wait_for_file(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} does not appear"
        time.sleep(0.05)


def _remove_all(podman: Podman, secrets: list[str], names: list[str]) -> None:
    for pod in podman("pod", "ps", "--quiet", check=False).split():
        podman("pod", "rm", "--force", "--time", "5", pod, check=False)
    for each in secrets:
        podman("secret", "rm", each, check=False)
    # Podman keeps the volumes of a pod, and would give an old secret to the next one.
    for each in (*secrets, *(f"{name}-tmp" for name in names)):
        podman("volume", "rm", each, check=False)
    podman("network", "rm", NETWORK, check=False)


def _manifest_for_podman(path: Path) -> str:
    """Return a manifest with what Kubernetes does by itself, and podman 4 does not."""
    resources = [*yaml.safe_load_all(path.read_text())]
    deployment = next(each for each in resources if each["kind"] == "Deployment")
    if any(each["kind"] == "HorizontalPodAutoscaler" for each in resources):
        deployment["spec"]["replicas"] = 2
    # Otherwise it removes an init container before that has ended.
    annotations = {"io.podman.annotations.init.container.type": "always"}
    deployment["metadata"]["annotations"] = annotations
    if path.stem == "gateway":
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        container["ports"] = [{"containerPort": 8080, "hostPort": 8080, "hostIP": "127.0.0.1"}]
    return str(yaml.safe_dump_all(resources))


def _database_manifest(name: str) -> str:
    """Return a PostgreSQL, which a cluster has already."""
    values = {"POSTGRES_USER": "trading", "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": "trading"}
    container = {
        "name": name,
        "image": DATABASE_IMAGE,
        "env": [{"name": key, "value": value} for key, value in values.items()],
        "volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql/data"}],
    }
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": name}}
    pod = {"containers": [container], "volumes": [volume]}
    labels = {"app": name}
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    return json.dumps(document)


def _issuer_config() -> str:
    data = {"AUTH_ISSUER": ISSUER, "AUTH_AUDIENCE": AUDIENCE}
    metadata = {"name": "trading-issuer"}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
