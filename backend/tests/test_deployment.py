"""What is rendered for containers follows from the modules, without an edit for a new one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import render_deployment
from render_deployment import Deployed, DeploymentError, pattern_of, read_modules, render, write
from trading_api.__main__ import server_config
from trading_api.shared.module import ModuleInfo
from trading_api.shared.utils import MODULES_DIR, discover_modules

BACKEND = Path(__file__).resolve().parent.parent
OPTIONS = {"image": "image:1", "gateway_image": "gateway:1", "host": "trading.example.com"}
FIRST = discover_modules(MODULES_DIR)[0]
SPEC = {"paths": {"/api/v1/alerts": {}, "/api/v1/alerts/{alert_id}": {}}}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/security-headers.json").write_text('{"X-Frame-Options": "DENY"}')
    monkeypatch.setattr(render_deployment, "PAGE", tmp_path / "dist")


@pytest.fixture
def with_alerts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: None) -> dict[str, str]:
    """The files that are rendered for all modules and one more, which calls the first of them."""
    folder = tmp_path / "modules"
    shutil.copytree(MODULES_DIR, folder)
    (folder / "alerts/specs").mkdir(parents=True)
    (folder / "alerts/api.py").touch()
    (folder / "alerts/specs/openapi.json").write_text(json.dumps(SPEC))
    known, first = render_deployment.module_info, FIRST

    def info_of(name: str) -> ModuleInfo:
        if name != "alerts":
            return known(name)
        return ModuleInfo("Alerts", "Reports prices.", "1.0.0", 8003, (first,), max_replicas=3)

    monkeypatch.setattr(render_deployment, "MODULES_DIR", folder)
    monkeypatch.setattr(render_deployment, "module_info", info_of)
    return dict(render(read_modules({}), OPTIONS))


def resources(text: str) -> dict[str, Any]:
    """Return the resources of a manifest by their kind."""
    return {each["kind"]: each for each in yaml.safe_load_all(text)}


def test_new_module_is_deployed_without_an_edit(with_alerts: dict[str, str]) -> None:
    found = resources(with_alerts["kubernetes/alerts.yaml"])
    assert found["HorizontalPodAutoscaler"]["spec"]["maxReplicas"] == 3
    assert "replicas" not in found["Deployment"]["spec"]
    (container,) = found["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "image:1"
    assert {"name": "ENABLED_MODULES", "value": "alerts"} in container["env"]
    config = resources(with_alerts["kubernetes/config.yaml"])["ConfigMap"]["data"]
    assert config["ALERTS_URL"] == "http://alerts:8000"
    assert config["ALLOWED_HOSTS"] == "localhost,127.0.0.1,trading.example.com"
    assert (
        "alerts.yaml" in yaml.safe_load(with_alerts["kubernetes/kustomization.yaml"])["resources"]
    )
    assert "@alerts path_regexp" in with_alerts["routes.caddy"]
    compose = yaml.safe_load(with_alerts["compose.yaml"])["services"]
    assert compose["alerts"]["deploy"]["replicas"] == 2


def test_only_the_gateway_and_callers_reach_a_module(with_alerts: dict[str, str]) -> None:
    assert "alerts" in callers_of(with_alerts, FIRST)
    assert callers_of(with_alerts, "alerts") == ["gateway"]


def callers_of(files: dict[str, str], module: str) -> list[str]:
    policy = resources(files[f"kubernetes/{module}.yaml"])["NetworkPolicy"]
    (rule,) = policy["spec"]["ingress"]
    return [each["podSelector"]["matchLabels"]["app"] for each in rule["from"]]


def test_module_with_a_database_is_migrated_before_its_only_process(
    with_alerts: dict[str, str],
) -> None:
    for name in discover_modules(MODULES_DIR):
        spec = resources(with_alerts[f"kubernetes/{name}.yaml"])["Deployment"]["spec"]
        has_database = (MODULES_DIR / name / "store/migrate.py").is_file()
        assert ("initContainers" in spec["template"]["spec"]) == has_database
        if has_database:
            assert spec["strategy"] == {"type": "Recreate"}
            (init,) = spec["template"]["spec"]["initContainers"]
            assert init["command"][-1] == f"trading_api.modules.{name}.store.migrate"


def test_containers_have_no_rights(with_alerts: dict[str, str]) -> None:
    for name, text in with_alerts.items():
        if not name.startswith("kubernetes/") or "Deployment" not in text:
            continue
        pod = resources(text)["Deployment"]["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        ("/api/v1/alerts", True),
        ("/api/v1/alerts/a.b", True),
        ("/api/v1/alerts/", False),
        ("/api/v1/alerts/a/b", False),
        ("/api/v1/alertsx", False),
        ("/x/api/v1/alerts", False),
    ],
)
def test_routes_match_the_paths_of_the_spec_alone(path: str, matches: bool) -> None:
    pattern = pattern_of(sorted(SPEC["paths"]))
    assert bool(re.match(f"^(?:{pattern})$", path)) == matches


def test_gateway_ends_idle_connections_before_a_process_does(with_alerts: dict[str, str]) -> None:
    """Otherwise it could send a request on a connection that is being closed."""
    caddyfile = (BACKEND / "deploy/Caddyfile").read_text()
    (seconds,) = (float(each) for each in re.findall(r"\bkeepalive (\d+)s", caddyfile))
    manifests = with_alerts["compose.yaml"] + with_alerts["kubernetes/config.yaml"]
    drain_seconds = [float(each) for each in re.findall(r'DRAIN_SECONDS: "([\d.]+)"', manifests)]
    assert len(drain_seconds) >= 2
    assert seconds < min(*drain_seconds, server_config().timeout_keep_alive)


def test_processes_take_the_place_of_containers(page: None) -> None:
    name = FIRST
    addresses = ["127.0.0.1:9001", "127.0.0.1:9002"]
    files = dict(render(read_modules({name: addresses}), OPTIONS))
    assert "import processes 127.0.0.1:9001 127.0.0.1:9002" in files["routes.caddy"]


def test_files_of_a_deleted_module_are_removed(tmp_path: Path) -> None:
    write(tmp_path, {"kubernetes/a.yaml": "1", "kubernetes/b.yaml": "2"})
    write(tmp_path, {"kubernetes/a.yaml": "1"})
    assert [each.name for each in tmp_path.glob("kubernetes/*")] == ["a.yaml"]


def test_missing_spec_is_an_error_that_names_the_command(with_alerts: dict[str, str]) -> None:
    (render_deployment.MODULES_DIR / "alerts/specs/openapi.json").unlink()
    with pytest.raises(DeploymentError, match="export-specs-all"):
        read_modules({})


def test_page_that_is_not_built_is_an_error_that_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_deployment, "PAGE", tmp_path)
    with pytest.raises(DeploymentError, match="make -C frontend build"):
        dict(render(list[Deployed](), OPTIONS))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nothing=127.0.0.1:1", "unknown module nothing (known: "),
        (FIRST, "write it as <module>=<host>:<port>"),
        (f"{FIRST}=127.0.0.1", "write it as <module>=<host>:<port>"),
        (f"{FIRST}=a:1 {{", "write it as <module>=<host>:<port>"),
    ],
)
def test_invalid_address_is_an_error(tmp_path: Path, address: str, reason: str) -> None:
    script = BACKEND / "deploy/render_deployment.py"
    command = [sys.executable, script, tmp_path / "out", "--address", address]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert reason in result.stderr
    assert not (tmp_path / "out").exists()


def test_packages_of_the_image_are_those_of_the_tests() -> None:
    deployed, tested = (
        pins(BACKEND / each) for each in ("deploy/requirements.lock", "requirements.lock")
    )
    assert deployed.items() <= tested.items()
    assert not {"pytest", "mypy", "jinja2"} & {*deployed}


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock.read_text(), re.MULTILINE))
