"""Tokens, API keys and hooks of clients, and proxies and certificates of their transports."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from golden.live_client import LiveClient
from support.echo import EchoClient, app
from support.live import WANTED, first, scripted_service
from support.servers import raw_server
from trading_api.shared.client import ApiError, Operation, TransportError
from trading_api.shared.client.aiohttp_transport import AiohttpTransport

Transport = httpx.AsyncBaseTransport


async def test_token_is_sent_unless_the_call_has_another() -> None:
    client = EchoClient.in_process(app, token="t-1")
    seen = await client.get_request()
    assert seen["headers"]["authorization"] == "Bearer t-1"
    seen = await client.get_request(headers={"Authorization": "Basic x"})
    assert seen["headers"]["authorization"] == "Basic x"


async def test_token_function_is_called_before_each_call() -> None:
    tokens = iter(["t-1", "t-2"])

    async def token() -> str:
        return next(tokens)

    client = EchoClient.in_process(app, token=token)
    seen = [(await client.get_request())["headers"]["authorization"] for _ in range(2)]
    assert seen == ["Bearer t-1", "Bearer t-2"]


async def test_token_counts_towards_the_timeout() -> None:
    async def token() -> str:
        await asyncio.Event().wait()
        return ""

    client = EchoClient.in_process(app, token=token, timeout=0.01)
    with pytest.raises(TransportError, match=r"no token or API key within 0\.01 s") as caught:
        await client.get_request()
    assert caught.value.cause == "timeout"


@pytest.mark.parametrize("function", ["token", "api_key", "hook"])
async def test_timeout_of_a_function_of_the_caller_is_not_one_of_the_call(function: str) -> None:
    async def fail(*_: object) -> str:
        raise TimeoutError("the vault is slow")

    options: Any = {function: fail} if function != "hook" else {"event_hooks": {"request": [fail]}}
    client = EchoClient.in_process(app, **options)
    operation: Operation[Any] = Operation("GET", "/", {}, api_keys=(("header", "x-key"),))
    with pytest.raises(TimeoutError, match="the vault is slow"):
        await client._call(operation, "/")


async def test_time_that_the_token_took_is_not_left_for_the_response() -> None:
    async def never(scope: object, receive: object, send: object) -> None:
        await asyncio.Event().wait()

    client = EchoClient.in_process(never, run_lifespan=False, token="t", timeout=600)
    operation: Operation[Any] = Operation("GET", "/", responses={})
    request = await client._authorize(operation, client._request(operation, "/"))
    assert request.spent > 0
    request.spent = 600
    async with asyncio.timeout(60):  # fail rather than hang
        with pytest.raises(TransportError, match="no complete response within 600 s"):
            await client._connections.exchange(request)


def test_token_and_authorization_header_together_raise() -> None:
    with pytest.raises(ValueError, match="token or an Authorization header, not both"):
        EchoClient("http://127.0.0.1:1", token="t", headers={"authorization": "Basic x"})


async def test_api_key_is_sent_where_the_operation_declares_it() -> None:
    async def api_key() -> str:
        return "k&1"

    for key in ("k&1", api_key):
        client = EchoClient.in_process(app, api_key=key, headers={"Cookie": "a=1"})
        seen = await client.get_request([("b", "2")])
        assert seen["query"] == "b=2&key=k%261"
        assert (await client.get_request())["query"] == "key=k%261"
        assert seen["headers"]["x-key"] == "k&1"
        assert seen["cookies"] == {"a": "1", "key": "k&1"}
    assert "x-key" not in (await EchoClient.in_process(app).get_request())["headers"]


async def test_api_key_of_the_call_replaces_the_key_of_the_client() -> None:
    client = EchoClient.in_process(app, api_key="k")
    seen = await client.get_request(headers={"X-KEY": "other"})
    assert seen["headers"]["x-key"] == "other"


async def test_api_key_in_the_query_is_not_in_errors() -> None:
    operation: Operation[Any] = Operation("GET", "/no", responses={}, api_keys=[("query", "key")])
    with pytest.raises(ApiError) as caught:
        await EchoClient.in_process(app, api_key="secret")._call(operation, "/no")
    assert caught.value.url == "http://in-process/no"


async def test_hooks_are_called_with_requests_and_responses() -> None:
    seen: list[str] = []

    async def on_request(request: httpx.Request) -> None:
        request.headers["x-trace"] = "7"
        seen.append(f"{request.method} {request.url.path}")

    async def on_response(response: httpx.Response) -> None:
        await response.aread()
        seen.append(f"{response.status_code} {response.request.url.path} {len(response.content)}")

    client = EchoClient.in_process(
        app, event_hooks={"request": [on_request], "response": [on_response]}
    )
    assert (await client.get_request())["headers"]["x-trace"] == "7"
    assert seen[0] == "GET /requests"
    assert seen[1].startswith("200 /requests ")


async def test_error_of_a_hook_closes_the_response() -> None:
    responses: list[httpx.Response] = []

    async def on_response(response: httpx.Response) -> None:
        responses.append(response)
        raise LookupError("no span")

    client = EchoClient.in_process(app, event_hooks={"response": [on_response]})
    with pytest.raises(LookupError, match="no span"):
        await client.get_request()
    assert responses[0].is_closed


def test_unknown_or_synchronous_hooks_raise() -> None:
    with pytest.raises(ValueError, match="event_hooks has no 'error'; use 'request'"):
        EchoClient("http://127.0.0.1:1", event_hooks={"error": []})
    with pytest.raises(TypeError, match="is not an async function"):
        EchoClient("http://127.0.0.1:1", event_hooks={"request": [print]})  # type: ignore[list-item]


def _http_response(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
    return b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body)


@pytest.mark.parametrize("kind", [httpx.AsyncHTTPTransport, AiohttpTransport])
async def test_proxy_of_a_transport_is_used(kind: Callable[..., Transport]) -> None:
    async with (
        raw_server(_http_response(b'"proxied"')) as (proxy, requests),
        kind(proxy=proxy) as transport,
    ):
        client = EchoClient("http://service.invalid", transport=transport)
        assert await client.get_request() == "proxied"
    assert requests[0].startswith(b"GET http://service.invalid/requests HTTP/1.1\r\n")


async def test_http_proxy_is_used_by_an_http_client_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        raw_server(_http_response(b'"proxied"')) as (proxy, _),
        raw_server(_http_response(b'"direct"')) as (address, _),
    ):
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        async with EchoClient(address) as client, httpx.AsyncClient() as http_client:
            assert await client.get_request() == "direct"
            assert await EchoClient(address, http_client=http_client).get_request() == "proxied"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a certificate of 127.0.0.1 and its key, signed by itself."""
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl command")
    both = folder / "both.pem"
    both.write_text((folder / "certificate.pem").read_text() + (folder / "key.pem").read_text())
    return both


async def test_streams_check_the_certificate_of_the_service(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_context.load_cert_chain(certificate)
    async with scripted_service(ssl=server_context) as service:
        url = f"HTTPS://127.0.0.1:{service.port}"
        async with LiveClient(url, timeout=1) as client:
            with pytest.raises(TransportError, match="certificate"):
                await anext(client.weather_stream(WANTED))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with LiveClient(url) as client:
            reading = await first(client.weather_stream(WANTED))
            peer = await service.accept()
            await peer.begin()
            await peer.update("weather", {"text": "sun"})
            assert (await reading).text == "sun"


@pytest.mark.parametrize("kind", [httpx.AsyncHTTPTransport, AiohttpTransport])
async def test_own_ca_and_client_certificate_of_a_transport_are_used(
    kind: Callable[..., Transport], certificate: Path
) -> None:
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificate)
    server_context.load_cert_chain(certificate)
    server_context.verify_mode = ssl.CERT_REQUIRED

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_http_response(b'"trusted"'))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0, ssl=server_context)
    address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    context = ssl.create_default_context(cafile=certificate)
    context.load_cert_chain(certificate)
    async with server, kind(verify=context) as transport, kind() as other:
        assert await EchoClient(address, transport=transport).get_request() == "trusted"
        with pytest.raises(TransportError) as caught:
            await EchoClient(address, transport=other).get_request()
        assert caught.value.cause == "connect"
        async with EchoClient(address) as client:
            with pytest.raises(TransportError):
                await client.get_request()
