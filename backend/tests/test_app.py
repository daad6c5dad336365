"""The application around the modules: its settings, limits, health checks and page."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from trading_api.app_factory import create_app
from trading_api.shared.settings import InvalidSettingError
from trading_api.shared.utils import API_PREFIX, MODULES_DIR, discover_modules

MAX_BODY = 1_048_576
SETTINGS = ("ENABLED_MODULES", "CORS_ORIGINS", "ALLOWED_HOSTS", "FRONTEND_DIR")


@pytest.fixture(autouse=True)
def _default_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


async def allowed_origin(origin: str) -> str | None:
    """Return the origin that a preflight request from `origin` is allowed for."""
    headers = {"origin": origin, "access-control-request-method": "PUT"}
    response = await client_of(create_app()).options("/health/live", headers=headers)
    return response.headers.get("access-control-allow-origin")


async def test_all_modules_are_enabled_by_default() -> None:
    tags = {tag["name"] for tag in create_app().openapi()["tags"]}
    assert tags == set(discover_modules(MODULES_DIR))


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://127.0.0.1:5173"])
async def test_pages_of_the_dev_server_may_call_the_api_by_default(origin: str) -> None:
    assert await allowed_origin(origin) == origin
    assert await allowed_origin("http://localhost:9999") is None


async def test_cors_origins_replaces_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://a.example, https://b.example")
    assert await allowed_origin("https://b.example") == "https://b.example"
    assert await allowed_origin("http://localhost:5173") is None


async def test_bodies_of_more_than_one_mebibyte_are_rejected_by_every_operation() -> None:
    app = create_app()
    client = client_of(app)
    operations = [
        (method, path)
        for path, item in app.openapi()["paths"].items()
        for method, operation in item.items()
        if "requestBody" in operation
    ]
    assert operations
    async with app.router.lifespan_context(app):
        for method, path in operations:
            statuses = [
                (await client.request(method, path, content=b"x" * size)).status_code
                for size in (MAX_BODY, MAX_BODY + 1)
            ]
            assert statuses == [422, 413]


async def test_process_is_ready_while_its_services_are_open() -> None:
    app = create_app()
    client = client_of(app)
    modules = discover_modules(MODULES_DIR)

    async def ready() -> tuple[int, object]:
        response = await client.get("/health/ready")
        return response.status_code, response.json()

    state = {"modules": modules, "required": {}}
    assert await ready() == (503, {"status": "starting", **state})
    assert (await client.get("/health/live")).json()["status"] == "ok"
    async with app.router.lifespan_context(app):
        assert await ready() == (200, {"status": "ok", **state})
    assert (await ready())[0] == 503


async def test_page_is_served_beside_the_api(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("<title>page</title>")
    (tmp_path / "page.js").write_text("start()")
    (tmp_path / "security-headers.json").write_text('{"X-Frame-Options": "DENY"}')
    monkeypatch.setenv("FRONTEND_DIR", str(tmp_path))
    client = client_of(create_app())
    browser = {"accept": "text/html"}
    for path in ("/", "/trade"):
        page = await client.get(path, headers=browser)
        assert (page.text, page.headers["cache-control"]) == ("<title>page</title>", "no-cache")
        assert page.headers["x-frame-options"] == "DENY"
    script = await client.get("/page.js")
    assert script.text == "start()"
    assert "no-cache" not in script.headers.get("cache-control", "")
    for path in (f"{API_PREFIX}/nothing", "/api", "/health/nothing"):
        missing = await client.get(path, headers=browser)
        assert missing.status_code == 404
        assert missing.headers["content-type"] == "application/problem+json"


def test_page_that_is_not_built_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FRONTEND_DIR", str(tmp_path))
    with pytest.raises(InvalidSettingError, match=f"^FRONTEND_DIR={tmp_path}: there is no index"):
        create_app()
