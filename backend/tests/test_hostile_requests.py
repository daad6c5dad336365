"""Hostile requests to every operation and every stream: no server error, no echo, only problems."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import websockets

from support.servers import serve
from trading_api.app_factory import create_app, module_streams
from trading_api.shared.utils import (
    MODULES_DIR,
    discover_modules_with_websockets,
    stream_path,
)

MARK = "3f9cb1"
"""A text that no response contains, unless it repeats the request."""

DEEP = "[" * 2_000 + "]" * 2_000
BODIES: dict[str, bytes] = {
    "empty": b"",
    "no JSON": f"{{{MARK}".encode(),
    "NaN": b'{"qty": NaN, "symbol": Infinity}',
    "huge number": b'{"qty": 1e999, "side": ' + b"9" * 4_000 + b"}",
    "surrogate": b'{"symbol": "\\ud800' + MARK.encode() + b'"}',
    "invalid UTF-8": b'{"symbol": "\xff\xfe"}',
    "null byte": b'{"symbol": "\\u0000' + MARK.encode() + b'"}',
    "nested": DEEP.encode(),
    "nested member": b'{"symbol": ' + DEEP.encode() + b"}",
    "unknown field": json.dumps({MARK: 1, MARK * 10: {MARK: MARK}}).encode(),
    "long field": json.dumps({MARK * 100_000: 1}).encode(),
    "many fields": json.dumps({f"{MARK}{n}": n for n in range(50_000)}).encode(),
    "duplicate keys": b'{"qty": 1, "qty": "%s"}' % MARK.encode(),
    "wrong types": json.dumps({"symbol": [MARK], "qty": {MARK: MARK}, "type": MARK}).encode(),
    "array": json.dumps([MARK] * 1_000).encode(),
    "text": json.dumps(MARK).encode(),
}
CONTENT_TYPES = ("application/json", f"text/{MARK}", "multipart/form-data", "application/xml")
SEGMENTS = (MARK, f"{MARK}%2F..%2F", "%00", "%ff", "..%2f..%2fetc", "9" * 4_000, "%F0%9F%98%80")
QUERIES = (
    f"{MARK}={MARK}",
    "limit=1e999",
    f"symbol={MARK}",
    "from=99999999999999999999",
    "a=%00&a=%ff",
)
HEADERS: tuple[dict[str, str], ...] = (
    {"Idempotency-Key": f"{MARK} /"},
    {"If-Match": f'"{MARK}'},
    {"X-Request-Timeout": MARK},
    {"Accept": f"{MARK}/*", "Cookie": f"{MARK}={MARK}"},
)
MESSAGES: tuple[str | bytes, ...] = (
    *(body.decode("latin-1") for body in BODIES.values() if len(body) < 60_000),
    MARK.encode(),
    json.dumps({"type": MARK}),
    json.dumps({"type": f"{MARK}.subscribe", "payload": {}}),
    json.dumps({"type": "ping", "ref": MARK * 100}),
    json.dumps({"type": "ping", MARK: 1}),
    "x" * 65_000,
)


def operations() -> Iterator[tuple[str, list[str]]]:
    """Yield method and paths of every operation, with hostile segments if it has parameters."""
    for path, item in create_app().openapi()["paths"].items():
        start, *rest = path.split("{")
        paths = (
            [path] if not rest else [start + each + rest[0].partition("}")[2] for each in SEGMENTS]
        )
        for method in item:
            yield method.upper(), paths


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("trading_api.main:app") as address:
        yield address


@pytest.fixture
async def client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        yield client


def check(response: httpx.Response) -> None:
    request = f"{response.request.method} {response.request.url}"
    assert response.status_code < 500, f"{request}: {response.text[:500]}"
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json", request
        assert MARK not in response.text, f"{request}: {response.text[:500]}"
        assert len(response.content) < 8_000, request


async def test_hostile_requests_are_problems_without_an_echo(client: httpx.AsyncClient) -> None:
    tried = 0
    for method, paths in operations():
        for path in paths:
            check(await client.request(method, path))
            for query in QUERIES:
                check(await client.request(method, f"{path}?{query}"))
            for headers in HEADERS:
                check(await client.request(method, path, headers=headers))
            tried += 1 + len(QUERIES) + len(HEADERS)
        if method in ("GET", "HEAD"):
            continue
        for body in BODIES.values():
            for content_type in CONTENT_TYPES[: None if body == BODIES["no JSON"] else 1]:
                headers = {"Content-Type": content_type}
                check(await client.request(method, paths[0], content=body, headers=headers))
                tried += 1
    assert tried > 200


async def test_hostile_messages_are_errors_without_an_echo(address: str) -> None:
    for module in discover_modules_with_websockets(MODULES_DIR):
        messages = [*MESSAGES, *_subscriptions(module)]
        url = address.replace("http", "ws", 1) + stream_path(module)
        async with websockets.connect(url, max_size=None) as socket:
            for message in messages:
                await socket.send(message)
                received = json.loads(await asyncio.wait_for(socket.recv(), 10))
                assert received["type"] == "error", received
                assert 400 <= received["payload"]["status"] < 500, received
                assert MARK not in json.dumps(received["payload"])
                assert len(json.dumps(received)) < 8_000


def _subscriptions(module: str) -> Iterator[str]:
    """Yield invalid subscriptions of each stream."""
    for stream in module_streams(module):
        payloads: list[Any] = [None, MARK, [], {}, {MARK: MARK}]
        names = [field.alias or name for name, field in stream.request.model_fields.items()]
        payloads += [dict.fromkeys(names, value) for value in (MARK, [MARK], {MARK: 1}, 1e308)]
        for payload in payloads:
            yield json.dumps({"type": f"{stream.name}.subscribe", "payload": payload})


@pytest.mark.parametrize("chunked", [False, True])
async def test_body_that_is_too_large_gets_its_response(
    client: httpx.AsyncClient, chunked: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(320):
            yield b" " * 65_536

    content: Any = chunks() if chunked else b" " * 20_971_520
    headers = {"Content-Type": "application/json"}
    response = await client.post("/api/v1/orders", content=content, headers=headers)
    assert response.status_code == 413
    check(response)
