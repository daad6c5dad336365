"""What a service says about its spec and its deprecated operations, and what clients log of it."""

from __future__ import annotations

import json
import logging
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from support.servers import serve
from trading_api.app_factory import create_app
from trading_api.clients import DatafeedClient
from trading_api.models import QuotesSubscription
from trading_api.shared.client import Operation, ServiceClient, notices, raw_response
from trading_api.shared.client.wire import read_nothing
from trading_api.shared.spec_headers import describe_deprecations, served_version, stamp_version

SUNSET = "Wed, 30 Jun 2027 00:00:00 GMT"


@pytest.fixture(autouse=True)
def _logged_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_logged", set())


class Client(ServiceClient):
    module = "shop"
    default_url = "http://127.0.0.1:1"
    spec_version = "1.0.0+abc"


async def messages(caplog: pytest.LogCaptureFixture, *headers: tuple[str, str]) -> list[str]:
    """Return what is logged by two clients that call an operation with these headers."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers))
    operation: Operation[None] = Operation("GET", "/items", responses={200: read_nothing})
    for _ in range(2):
        async with Client(transport=transport) as client:
            await client._call(operation, "/items")
    return [record.message for record in caplog.records if record.name == notices.__name__]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            [("Deprecation", "@1795737600"), ("Sunset", SUNSET)],
            f" since 2026-11-27, and may be removed on {SUNSET}",
        ),
        ([("deprecation", "@1795737600")], " since 2026-11-27"),
        ([("Deprecation", "@0")], ""),
        ([("Deprecation", "true")], ""),
        ([("Deprecation", "@999999999999999999999")], ""),
    ],
)
async def test_deprecation_is_logged_once(
    caplog: pytest.LogCaptureFixture, headers: list[tuple[str, str]], expected: str
) -> None:
    assert await messages(caplog, *headers) == [f"shop: GET /items is deprecated{expected}"]


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        ("1.1.0+def", ""),
        ("1.0.0+def", ": the version is the same, its operations, streams or models are not"),
    ],
)
async def test_other_spec_is_logged_once(
    caplog: pytest.LogCaptureFixture, served: str, reason: str
) -> None:
    assert await messages(caplog, ("Spec-Version", served)) == [
        f"shop at http://127.0.0.1:1 serves the spec {served};"
        f" this client was generated from 1.0.0+abc{reason}"
    ]


async def test_own_spec_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert await messages(caplog, ("Spec-Version", "1.0.0+abc")) == []


async def test_modules_serve_the_specs_of_their_clients(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(["datafeed"])
    served = app.openapi()["info"]["x-spec-version"]
    assert served == DatafeedClient.spec_version
    async with DatafeedClient.in_process(app) as datafeed:
        response = await raw_response(datafeed.get_config)()
    assert response.headers["spec-version"] == served
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        live = await client.get("/health/live")
    assert live.json() == {"status": "ok", "specs": {"datafeed": served}}
    assert "spec-version" not in live.headers
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_handshake_has_the_version_of_the_streams(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(["datafeed"])
    subscription = QuotesSubscription(symbols=["AAPL"], fastSymbols=[])
    async with DatafeedClient.in_process(app) as datafeed, datafeed.quotes_stream(subscription):
        pass
    assert not [record for record in caplog.records if record.name == notices.__name__]


@pytest.mark.parametrize("over_network", [False, True])
async def test_stream_of_another_spec_is_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, over_network: bool
) -> None:
    served = DatafeedClient.stream_version
    monkeypatch.setattr(DatafeedClient, "stream_version", "0.9.0+abc")
    async with AsyncExitStack() as stack:
        if over_network:
            url = stack.enter_context(serve("trading_api.main:app", ENABLED_MODULES="datafeed"))
            datafeed = await stack.enter_async_context(DatafeedClient(url))
        else:
            datafeed = await stack.enter_async_context(
                DatafeedClient.in_process(create_app(["datafeed"]))
            )
        for symbol in ("AAPL", "MSFT"):
            async with datafeed.quotes_stream(QuotesSubscription(symbols=[symbol], fastSymbols=[])):
                pass
    (message,) = [each.message for each in caplog.records if each.name == notices.__name__]
    assert f"serves the spec {served}; this client was generated from 0.9.0+abc" in message


async def test_deprecated_operation_declares_and_sends_its_dates() -> None:
    app = create_app(["datafeed"])
    dates = {"x-deprecated": "2026-11-27", "x-sunset": "2027-06-30"}

    for route in _routes(app):
        route.deprecated, route.openapi_extra = True, dates
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        headers = (await client.get("/api/v1/config")).headers
    assert (headers["deprecation"], headers["sunset"]) == ("@1795737600", SUNSET)


def _routes(app: FastAPI) -> list[Any]:
    found = [getattr(each, "route", each) for each in iter_route_contexts(app.routes)]
    return [each for each in found if getattr(each, "name", "") == "get_config"]


def test_headers_are_declared() -> None:
    responses: dict[str, Any] = {"200": {}, "default": {"headers": {"ETag": {}}}}
    operation = {"deprecated": True, "x-sunset": "2027-06-30", "responses": responses}
    spec = {"paths": {"/a": {"get": operation, "post": {"responses": {"200": {}}}}}}
    describe_deprecations(spec)
    assert sorted(responses["200"]["headers"]) == ["Deprecation", "Sunset"]
    assert sorted(responses["default"]["headers"]) == ["Deprecation", "ETag", "Sunset"]
    assert spec["paths"]["/a"]["post"] == {"responses": {"200": {}}}


@pytest.mark.parametrize("wrong", ["soon", "2027-02-30", 2027, None])
def test_invalid_date_is_an_error(wrong: object) -> None:
    operation = {"deprecated": True, "x-sunset": wrong, "responses": {}}
    with pytest.raises(ValueError, match=r"GET /a: x-sunset is .*, which is not a date such as"):
        describe_deprecations({"paths": {"/a": {"get": operation}}})


def _version(**paths: Any) -> str:
    spec: dict[str, Any] = {"info": {"title": "T", "version": "1.0.0"}, "paths": paths}
    stamp_version(spec)
    return str(spec["info"]["x-spec-version"])


def test_hash_follows_the_rules_of_a_spec_and_not_its_words() -> None:
    a = _version(a={"description": "one", "title": {"type": "string", "title": "A"}})
    assert a == _version(a={"description": "two", "title": {"type": "string", "title": "B"}})
    assert a != _version(a={"title": {"type": "integer"}})
    assert a != _version(b={"title": {"type": "string"}})
    assert a.startswith("1.0.0+")


def test_process_without_an_exported_spec_serves_its_version(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    assert served_version(path, "1.0.0") == "1.0.0"
    path.write_text("{")
    assert served_version(path, "1.0.0") == "1.0.0"
    path.write_text(json.dumps({"info": {"version": "1.0.0", "x-spec-version": "1.0.0+abc"}}))
    assert served_version(path, "1.0.0") == "1.0.0+abc"
    assert served_version(path, "1.1.0") == "1.1.0"
