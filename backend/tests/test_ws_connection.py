"""The connection of a client's streams: attempts, limits, tokens, and its end."""

from __future__ import annotations

import asyncio
import random
from http import HTTPStatus
from typing import Any

import pytest

from golden.apps.live import Weather
from golden.live_client import LiveClient
from support.live import WANTED, first, live_client, scripted_service
from trading_api.shared.client import (
    ApiError,
    ClientError,
    TransportError,
    UnexpectedResponseError,
    ws_buffer,
    ws_connection,
    ws_network,
    ws_socket,
)
from trading_api.shared.telemetry.metrics import UpstreamCalls

DEFAULT_BACKOFF = ws_connection.BACKOFF_SECONDS


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws_connection, "BACKOFF_SECONDS", 0.001)


async def test_too_large_message_ends_all_subscriptions_without_another_attempt() -> None:
    async with live_client(max_response_bytes=1_000) as (client, service):
        reading = await first(client.weather_stream(WANTED))
        peer = await service.accept()
        await peer.begin()
        await peer.update("weather", {"text": "x" * 1_001})
        with pytest.raises(UnexpectedResponseError, match="closed with 1009"):
            await reading
        assert client.stream_counts.connections == 1


async def test_service_that_comes_late_is_found_within_the_timeout() -> None:
    async with scripted_service() as service:
        port = service.port
    async with LiveClient(f"http://127.0.0.1:{port}") as client:
        reading = await first(client.weather_stream(WANTED))
        await asyncio.sleep(0.05)
        assert not reading.done()
        async with scripted_service(reuse_address=True, port=port) as service:
            peer = await service.accept()
            await peer.begin()
            await peer.update("weather", {"text": "sun"})
            assert await reading == Weather(text="sun")


async def test_no_service_raises_transport_error_with_its_cause() -> None:
    async with scripted_service() as service:
        url = service.url
    async with LiveClient(url, timeout=0.2) as client:
        with pytest.raises(TransportError, match=r"not begun within 0.2 s") as caught:
            await anext(client.weather_stream(WANTED))
        assert caught.value.cause == "connect"


async def test_silent_service_raises_timeout() -> None:
    async with live_client(timeout=0.1) as (client, _service):
        with pytest.raises(TransportError) as caught:
            await anext(client.weather_stream(WANTED))
        assert caught.value.cause == "timeout"


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, ApiError), (404, ApiError), (301, TransportError), (503, TransportError)],
)
async def test_rejected_handshake_raises(status: int, error: type[ClientError]) -> None:
    def respond(connection: Any, request: Any) -> Any:
        response = connection.respond(HTTPStatus(status), "no")
        response.headers["Location"] = "http://127.0.0.1:1/"
        return response

    async with (
        scripted_service(process_request=respond) as service,
        LiveClient(service.url, timeout=0.2) as client,
    ):
        with pytest.raises(error, match=str(status)):
            await anext(client.weather_stream(WANTED))


async def test_token_is_the_first_message_of_each_connection() -> None:
    tokens = iter(["one", "two"])

    async def current_token() -> str:
        return next(tokens)

    async with live_client(token=current_token) as (client, service):
        reading = await first(client.weather_stream(WANTED))
        for token in ("one", "two"):
            peer = await service.accept()
            message = await peer.receive()
            assert message == {"type": "authenticate", "payload": {"token": token}}
            await peer.send(type="authenticated")
            await peer.begin()
            if token == "one":
                # The token has expired, so the next connection sends the next one.
                await peer.send(type="error", payload={"title": "Unauthorized", "status": 401})
                await peer.connection.close(1008)
        await peer.update("weather", {"text": "sun"})
        assert await reading == Weather(text="sun")


async def test_rejected_token_ends_all_subscriptions_without_another_attempt() -> None:
    async with live_client(token="wrong") as (client, service):
        reading = await first(client.weather_stream(WANTED))
        peer = await service.accept()
        await peer.send(type="error", payload={"title": "Unauthorized", "status": 401})
        await peer.connection.close(1008)
        with pytest.raises(ApiError, match="401 Unauthorized"):
            await reading
        assert client.stream_counts.connections == 1


async def test_error_of_the_function_of_the_token_reaches_the_reader() -> None:
    async def current_token() -> str:
        raise LookupError("no token")

    async with live_client(token=current_token) as (client, _service):
        with pytest.raises(LookupError, match="no token"):
            await anext(client.weather_stream(WANTED))


async def test_headers_of_the_client_are_sent_with_the_handshake() -> None:
    async with live_client(headers={"x-team": "blue"}) as (client, service):
        reading = await first(client.weather_stream(WANTED))
        peer = await service.accept()
        assert peer.connection.request is not None
        assert peer.connection.request.headers["x-team"] == "blue"
        assert "accept" not in peer.connection.request.headers
        reading.cancel()


async def test_closed_client_ends_its_subscriptions_and_can_be_used_again() -> None:
    async with live_client() as (client, service):
        reading = await first(client.weather_stream(WANTED))
        peer = await service.accept()
        await peer.begin()
        await client.aclose()
        with pytest.raises(TransportError, match="the client was closed"):
            await reading
        await peer.is_closed.wait()
        reading = await first(client.weather_stream(WANTED))
        peer = await service.accept()
        await peer.begin()
        await peer.update("weather", {"text": "sun"})
        assert await reading == Weather(text="sun")


async def test_connection_closes_when_nothing_is_subscribed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ws_connection, "IDLE_SECONDS", 0)
    async with live_client() as (client, service):
        subscription = client.weather_stream(WANTED)
        reading = await first(subscription)
        peer = await service.accept()
        await peer.begin()
        reading.cancel()
        await subscription.aclose()
        await peer.is_closed.wait()


def test_limits_are_the_documented_ones() -> None:
    assert ws_buffer.MAX_WAITING_UPDATES == 1_024
    assert (ws_network.PING_SECONDS, ws_network.PONG_SECONDS) == (15, 5)
    assert ws_socket.CLOSE_SECONDS == 1
    assert ws_connection.MAX_BACKOFF_SECONDS == 10
    assert ws_connection.STABLE_SECONDS == 10
    assert ws_connection.IDLE_SECONDS == 3


def test_pauses_are_random_and_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws_connection, "BACKOFF_SECONDS", DEFAULT_BACKOFF)
    monkeypatch.setattr(random, "random", lambda: 1.0)
    assert [ws_connection.pause(failures) for failures in (0, 1, 2, 100)] == [0.5, 1, 2, 10]
    monkeypatch.undo()
    assert len({ws_connection.pause(9) for _ in range(10)}) > 1


async def test_metrics_count_connections_and_unknown_messages() -> None:
    async with live_client() as (client, service):
        reading = await first(client.weather_stream(WANTED))
        peer = await service.accept()
        await peer.begin()
        await peer.send(type="forecast")
        await peer.update("weather", {"text": "sun"})
        await reading
        found = {
            metric.name: [(each.labels, each.value) for each in metric.samples]
            for metric in UpstreamCalls(lambda: {"live": client}).collect()
        }
    assert found["upstream_stream_connections"] == [({"module": "live"}, 1)]
    assert found["upstream_stream_unknown_messages"] == [({"module": "live"}, 1)]
