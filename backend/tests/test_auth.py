"""Every operation and every stream needs a token with its scope, once keys are configured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from support.tokens import DevelopmentIssuer, all_scopes
from trading_api.app_factory import create_app
from trading_api.shared.auth import tokens
from trading_api.shared.auth.callers import check_listening_host
from trading_api.shared.auth.scopes import (
    SCHEME_NAME,
    describe_security,
    needs_scope,
    scopes_of,
    stream_scope,
)
from trading_api.shared.auth.tokens import TokenVerifier
from trading_api.shared.settings import AuthSettings, InvalidSettingError
from trading_api.shared.utils import (
    API_PREFIX,
    MODULES_DIR,
    discover_modules_with_websockets,
    stream_path,
)
from trading_api.shared.ws import endpoint

ISSUE_TOKEN = Path(__file__).resolve().parents[2] / "scripts/issue_token.py"
STREAM_MODULES = discover_modules_with_websockets(MODULES_DIR)


def operations() -> list[tuple[str, str, str]]:
    """Return method, path and scope of every operation of every module."""
    return [
        (method.upper(), path.replace("{", "").replace("}", ""), operation["security"][0])
        for path, path_item in create_app().openapi()["paths"].items()
        for method, operation in path_item.items()
    ]


OPERATIONS = [(method, path, scopes[SCHEME_NAME][0]) for method, path, scopes in operations()]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentIssuer:
    return DevelopmentIssuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentIssuer:
    """An issuer with the same names, and another key."""
    return DevelopmentIssuer(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def client(issuer: DevelopmentIssuer) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in issuer.settings.items():
            patch.setenv(name, value)
        app = create_app()
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def call(client: TestClient, method: str, path: str, token: str | None) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return client.request(method, path, headers=headers)


@pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)
def test_operation_needs_a_token_with_its_scope(
    client: TestClient,
    issuer: DevelopmentIssuer,
    stranger: DevelopmentIssuer,
    method: str,
    path: str,
    scope: str,
) -> None:
    others = [each for each in all_scopes() if each != scope]
    rejected = {
        "no token": (None, 401, "Bearer"),
        "wrong key": (stranger.issue([scope], "a", 60), 401, 'Bearer error="invalid_token"'),
        "expired": (issuer.issue([scope], "a", -60), 401, 'Bearer error="invalid_token"'),
        "wrong scope": (
            issuer.issue(others, "a", 60),
            403,
            f'Bearer error="insufficient_scope", scope="{scope}"',
        ),
    }
    for reason, (token, status, challenge) in rejected.items():
        response = call(client, method, path, token)
        assert response.status_code == status, reason
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["WWW-Authenticate"] == challenge
        assert token is None or token not in response.text
    accepted = call(client, method, path, issuer.issue([scope], "a", 60))
    assert accepted.status_code not in (401, 403)


@pytest.mark.parametrize(
    "authorization", ["Basic YTpi", "Bearer", "Bearer a b", "Bearer " + "[" * 20_000, "\xff"]
)
def test_header_that_is_not_a_token_is_a_401(client: TestClient, authorization: str) -> None:
    headers = {"Authorization": authorization.encode("latin-1")}
    response = client.get(f"{API_PREFIX}/nothing", headers=headers)
    assert response.status_code == 401
    assert response.json()["type"] == "urn:problem-type:unauthenticated"


def test_large_body_without_a_token_is_a_401(client: TestClient) -> None:
    assert client.post(f"{API_PREFIX}/nothing", content=b"x" * 1_000_000).status_code == 401


def test_health_and_documentation_need_no_token(client: TestClient) -> None:
    for path in ("/health/live", "/health/ready", "/openapi.json", "/docs"):
        assert client.get(path).status_code == 200


def connect(client: TestClient, module_name: str) -> Any:
    return client.websocket_connect(f"ws://localhost{stream_path(module_name)}")


def close_of(socket: Any) -> WebSocketDisconnect:
    with pytest.raises(WebSocketDisconnect) as caught:
        socket.receive_json()
    return caught.value


def authenticate(token: str) -> dict[str, Any]:
    return {"type": "authenticate", "ref": "1", "payload": {"token": token}}


@pytest.mark.parametrize("module_name", STREAM_MODULES)
def test_stream_needs_a_token_with_its_scope(
    client: TestClient, issuer: DevelopmentIssuer, stranger: DevelopmentIssuer, module_name: str
) -> None:
    scope = stream_scope(module_name)
    others = [each for each in all_scopes() if each != scope]
    rejected = {
        "The first message must be `authenticate` with a token.": {"type": "ping"},
        "The token is not valid.": authenticate(stranger.issue([scope], "a", 60)),
        "The token has expired.": authenticate(issuer.issue([scope], "a", -60)),
        f"The token lacks the scope {scope}.": authenticate(issuer.issue(others, "a", 60)),
    }
    for reason, message in rejected.items():
        with connect(client, module_name) as socket:
            socket.send_json(message)
            problem = socket.receive_json()["payload"]
            assert (problem["status"], problem["detail"]) == (
                403 if "scope" in reason else 401,
                reason,
            )
            closed = close_of(socket)
            assert (closed.code, closed.reason) == (1008, reason)
    with connect(client, module_name) as socket:
        socket.send_json(authenticate(issuer.issue([scope], "a", 60)))
        assert socket.receive_json() == {"type": "authenticated", "ref": "1"}
        socket.send_json({"type": "ping"})
        assert socket.receive_json()["type"] == "pong"


def test_client_of_a_stream_that_sends_no_token_is_disconnected(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert endpoint.SECONDS_TO_AUTHENTICATE == 5
    monkeypatch.setattr(endpoint, "SECONDS_TO_AUTHENTICATE", 0.05)
    with connect(client, STREAM_MODULES[0]) as socket:
        assert socket.receive_json()["payload"]["status"] == 401
        assert close_of(socket).code == 1008


def test_stream_ends_when_its_token_expires_unless_a_new_one_came(
    client: TestClient, issuer: DevelopmentIssuer
) -> None:
    scopes, soon = all_scopes(), 1.2 - tokens.LEEWAY
    with connect(client, STREAM_MODULES[0]) as socket:
        socket.send_json(authenticate(issuer.issue(scopes, "a", soon)))
        socket.receive_json()
        socket.send_json(authenticate(issuer.issue(scopes, "a", soon + 0.5)))
        socket.receive_json()
        started = time.time()
        assert socket.receive_json()["payload"]["status"] == 401
        closed = close_of(socket)
        assert (closed.code, closed.reason) == (1008, "The token has expired.")
        assert time.time() - started > 1.2


def test_call_between_modules_of_one_process_needs_no_token(client: TestClient) -> None:
    assert client.get("/health/ready").json()["status"] == "ok"


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"AUTH_KEYS": "/nowhere.json"}, "AUTH_ISSUER and AUTH_AUDIENCE"),
        (
            {"AUTH_KEYS": "/nowhere.json", "AUTH_ISSUER": "a", "AUTH_AUDIENCE": "b"},
            "AUTH_KEYS: /nowhere.json: No such file",
        ),
    ],
)
def test_incomplete_settings_are_an_error(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], reason: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettingError, match=reason):
        create_app()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.com", ""])
def test_process_without_keys_may_not_listen_for_other_machines(host: str) -> None:
    with pytest.raises(InvalidSettingError, match="AUTH_KEYS=none"):
        check_listening_host(host, AuthSettings())
    check_listening_host(host, AuthSettings(keys="none"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost", "::ffff:127.0.0.1"])
def test_process_without_keys_may_listen_on_loopback(host: str) -> None:
    check_listening_host(host, AuthSettings())


async def test_process_without_keys_serves_loopback_only(
    issuer: DevelopmentIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may have been started in a way that does not show where it listens."""
    monkeypatch.setenv("ALLOWED_HOSTS", "*")
    path = f"{API_PREFIX}/nothing"
    assert await status_at("http://127.0.0.1", path) == 404
    assert await status_at("http://192.0.2.7", path) == 403
    assert await status_at("http://192.0.2.7", "/health/live") == 200
    monkeypatch.setenv("AUTH_KEYS", "none")
    assert await status_at("http://192.0.2.7", path) == 404


async def status_at(address: str, path: str) -> int:
    """Return the status of a GET to a server that listens at `address`."""
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url=address) as client:
        return (await client.get(path)).status_code


def test_issued_token_is_accepted_by_the_settings_that_are_printed(tmp_path: Path) -> None:
    scope = all_scopes()[0]
    result = issue_token(scope, "--subject", "me", "--seconds", "60", data_dir=tmp_path)
    settings = dict(each.split("=") for each in result.stderr.split(": ")[1].split())
    verifier = TokenVerifier(
        Path(settings["AUTH_KEYS"]), settings["AUTH_ISSUER"], settings["AUTH_AUDIENCE"]
    )
    caller = verifier.verify(result.stdout.strip())
    assert (caller.subject, caller.scopes) == ("me", {scope})
    assert abs(caller.expires_at - time.time() - 60 - tokens.LEEWAY) < 30
    assert (tmp_path / "issuer/private-key.pem").stat().st_mode & 0o077 == 0
    everything = issue_token(data_dir=tmp_path)
    assert verifier.verify(everything.stdout.strip()).scopes == {*all_scopes()}


def test_token_for_an_unknown_scope_is_an_error(tmp_path: Path) -> None:
    result = issue_token("nothing:read", data_dir=tmp_path)
    assert result.returncode == 1
    known = ", ".join(all_scopes())
    assert result.stderr == f"error: unknown scope nothing:read (known: {known})\n"


def issue_token(*arguments: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ISSUE_TOKEN, *arguments],
        env={**os.environ, "DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_operation_can_name_its_scope() -> None:
    router = APIRouter(tags=["alerts"])

    @router.post("/search", openapi_extra=needs_scope("read"))
    def search() -> None: ...

    @router.get("/all", openapi_extra=needs_scope("audit"))
    def get_all() -> None: ...

    @router.delete("/all")
    def delete_all() -> None: ...

    app = FastAPI()
    app.include_router(router)
    spec = app.openapi()
    describe_security(spec, {"alerts": "manage"})
    assert scopes_of(spec) == {"alerts:read", "alerts:audit", "alerts:manage"}
    assert "x-scope" not in json.dumps(spec)
    assert spec["components"]["securitySchemes"][SCHEME_NAME]["scheme"] == "bearer"
