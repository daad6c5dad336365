"""The module of docs/ADDING-A-MODULE.md, added to a copy of the repository, runs with Compose.

Only new files are added, so nothing else has to be edited for the deployment of a module.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from docs.examples import copy_repository
from issue_token import DevelopmentIssuer
from repository import REPOSITORY
from support.containers import URL, Podman, run_compose
from support.tokens import all_scopes

FILES = re.compile(
    r"^```python\n# (backend/src/trading_api/(?:models|modules)/alerts\S+)\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
CALLS = """
import asyncio, sys
from trading_api.clients import AlertsClient
from trading_api.models.alerts import AlertsSubscription, NewAlert

async def main(url: str, token: str) -> None:
    async with AlertsClient(base_url=url, token=token) as alerts:
        await alerts.create_alert(NewAlert(symbol="AAPL", price=10))
        async for alert in alerts.triggered_stream(AlertsSubscription(symbol="AAPL")):
            print(alert.symbol, alert.state)
            break

asyncio.run(main(*sys.argv[1:]))
"""

pytestmark = pytest.mark.skipif(
    shutil.which("podman") is None or "CONTAINER_TESTS" not in os.environ,
    reason="podman is not installed, or this is not the namespace of `make test-deploy`",
)


def test_new_module_is_reached_through_the_gateway(tmp_path: Path) -> None:
    copy = copy_repository(tmp_path / "copy")
    for name, text in FILES.findall((REPOSITORY / "docs/ADDING-A-MODULE.md").read_text()):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(copy / "backend/src")}
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        environment.pop(name, None)
    image, gateway = "localhost/trading-api:alerts", "localhost/trading-gateway:alerts"
    images = [f"IMAGE={image}", f"GATEWAY_IMAGE={gateway}"]
    for target in (["generate-clients-all"], ["-C", "backend", "image", *images]):
        run(["make", *target], copy, environment)
    compose = Path(os.environ["DEPLOY_TOOLS"]) / "docker-compose"
    rendered = copy / "backend/deploy/rendered"
    podman = Podman(tmp_path)
    with run_compose(podman, tmp_path, rendered, compose):
        scopes = [*all_scopes(), "alerts:read", "alerts:write"]
        token = DevelopmentIssuer(tmp_path / "issuer").issue(scopes, "trader", 600)
        output = run([sys.executable, "-c", CALLS, URL, token], copy, environment)
        assert output == "AAPL triggered\n"
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{URL}/api/v1/alerts", headers=headers).json()[0]["symbol"] == "AAPL"
        assert "<!doctype html>" in httpx.get(URL).text.lower()
    podman("rmi", image, gateway)


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """Run a command, and return its output."""
    result = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
