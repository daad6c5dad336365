"""The streams of a client over a WebSocket, with a service whose every message the test decides."""

from __future__ import annotations

import asyncio
import gc
from http import HTTPStatus
from typing import Any

import pytest

from golden.apps.live import Price, Trade, Wanted, Weather
from golden.live_client import LiveClient
from support.live import WANTED, live_client, scripted_service
from trading_api.shared.client import (
    ApiError,
    ClientError,
    FakeSubscription,
    SlowReaderError,
    TransportError,
    UnexpectedResponseError,
    ws_buffer,
    ws_connection,
)

NOT_FOUND = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No account."}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws_connection, "BACKOFF_SECONDS", 0.001)


async def first(subscription: Any) -> asyncio.Task[Any]:
    """Start to wait for an update."""
    task = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    return task


async def test_subscription_sends_request_and_returns_typed_updates() -> None:
    async with live_client() as (client, service):
        reading = await first(client.prices_stream(WANTED))
        peer = await service.accept()
        message = await peer.begin()
        assert message == {"type": "prices.subscribe", "ref": "1", "payload": {"account": "a"}}
        await peer.update("prices", {"shortName": "A", "value": 1.5})
        assert await reading == Price(shortName="A", value=1.5)


async def test_equal_requests_share_a_subscription_and_all_share_the_connection() -> None:
    async with live_client() as (client, service):
        one = await first(client.weather_stream(WANTED))
        two = await first(client.weather_stream(Wanted(account="a")))
        other = await first(client.ticks_stream(WANTED))
        peer = await service.accept()
        await peer.begin()
        await peer.begin()
        await peer.update("weather", {"text": "sun"})
        await peer.update("ticks", {"text": "tick"})
        assert await one == await two == Weather(text="sun")
        assert await other == Weather(text="tick")
        # One that comes later gets the latest state, without a word to the service.
        late = client.weather_stream(WANTED)
        assert await anext(late) == Weather(text="sun")
        assert peer.received.empty()
        assert client.stream_counts.connections == 1


async def test_last_reader_that_leaves_ends_the_subscription() -> None:
    async with live_client() as (client, service):
        stays = client.weather_stream(WANTED)
        reading = await first(stays)
        peer = await service.accept()
        await peer.begin()
        await peer.update("weather", {"text": "sun"})
        assert await reading == Weather(text="sun")
        async for update in client.weather_stream(WANTED):
            assert update == Weather(text="sun")
            break
        assert stays.is_live
        await stays.aclose()
        assert await peer.receive() == {"type": "weather.unsubscribe", "payload": {"account": "a"}}
        assert not stays.is_live
        assert [update async for update in stays] == []


async def test_dropped_and_cancelled_readers_end_their_subscriptions() -> None:
    async with live_client() as (client, service):

        async def follow() -> None:
            async for update in client.weather_stream(WANTED):
                assert update == Weather(text="sun")

        following = asyncio.create_task(follow())
        peer = await service.accept()
        await peer.begin()
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
        assert (await peer.receive())["type"] == "weather.unsubscribe"

        dropped = client.ticks_stream(WANTED)
        reading = await first(dropped)
        await peer.begin()
        await peer.update("ticks", {"text": "tick"})
        await reading
        del dropped, reading
        gc.collect()
        assert (await peer.receive())["type"] == "ticks.unsubscribe"


async def test_cancelled_wait_for_an_update_keeps_the_subscription() -> None:
    async with live_client() as (client, service):
        subscription = client.trades_stream(WANTED)
        reading = await first(subscription)
        peer = await service.accept()
        await peer.begin(sequence=0)
        await peer.update("trades", {"text": "1"}, sequence=1)
        assert await reading == Trade(text="1")
        waiting = await first(subscription)
        waiting.cancel()
        await asyncio.wait([waiting])
        await peer.update("trades", {"text": "2"}, sequence=2)
        assert await anext(subscription) == Trade(text="2")


async def test_entered_subscription_has_begun() -> None:
    async with live_client() as (client, service):
        subscription = client.trades_stream(WANTED)
        entering = asyncio.ensure_future(subscription.__aenter__())
        peer = await service.accept()
        message = await peer.receive()
        assert not entering.done()
        assert not subscription.is_live
        await peer.send(
            type="trades.subscribed", ref=message["ref"], topic="trades", payload={}, sequence=7
        )
        async with await entering:
            assert subscription.is_live
        assert (await peer.receive())["type"] == "trades.unsubscribe"


async def test_rejected_subscription_raises_the_problem() -> None:
    async with live_client() as (client, service):
        reading = await first(client.weather_stream(WANTED))
        peer = await service.accept()
        message = await peer.receive()
        await peer.send(type="error", ref=message["ref"], payload=NOT_FOUND)
        with pytest.raises(ApiError) as caught:
            await reading
        assert caught.value.status == 404
        assert caught.value.problem is not None
        assert caught.value.problem.detail == "No account."
        url = service.url.replace("http", "ws", 1)
        assert str(caught.value) == (
            f"weather.subscribe {url}/api/v1/live/ws: 404 Not Found: No account."
        )
        # The connection is still there for others.
        other = await first(client.ticks_stream(WANTED))
        await peer.begin()
        await peer.update("ticks", {"text": "tick"})
        assert await other == Weather(text="tick")


async def test_numbered_stream_resumes_after_the_last_update_once_and_in_order() -> None:
    async with live_client() as (client, service):
        subscription = client.trades_stream(WANTED)
        reading = await first(subscription)
        peer = await service.accept()
        assert "since" not in await peer.begin(sequence=4)
        await peer.update("trades", {"text": "5"}, sequence=5)
        assert await reading == Trade(text="5")
        peer.abort()
        peer = await service.accept()
        assert (await peer.begin(sequence=5))["since"] == 5
        for number in (5, 6, 6, 7):
            await peer.update("trades", {"text": str(number)}, sequence=number)
        assert [await anext(subscription) for _ in range(2)] == [Trade(text="6"), Trade(text="7")]
        assert client.stream_counts.connections == 2


async def test_numbered_stream_whose_updates_are_gone_raises_the_problem() -> None:
    async with live_client() as (client, service):
        subscription = client.trades_stream(WANTED)
        reading = await first(subscription)
        peer = await service.accept()
        await peer.begin(sequence=4)
        peer.abort()
        peer = await service.accept()
        message = await peer.receive()
        problem = {"type": "urn:problem-type:updates-gone", "title": "Gone", "status": 410}
        await peer.send(type="error", ref=message["ref"], payload=problem)
        with pytest.raises(ApiError, match="410 Gone"):
            await reading


async def test_state_comes_again_after_a_lost_connection() -> None:
    async with live_client() as (client, service):
        subscription = client.weather_stream(WANTED)
        reading = await first(subscription)
        peer = await service.accept()
        await peer.begin()
        await peer.update("weather", {"text": "sun"})
        assert await reading == Weather(text="sun")
        await peer.connection.close(1012)
        peer = await service.accept()
        assert not subscription.is_live
        assert "since" not in await peer.begin()
        await peer.update("weather", {"text": "rain"})
        assert await anext(subscription) == Weather(text="rain")
        assert subscription.is_live


async def test_stream_that_cannot_continue_ends_with_its_connection() -> None:
    async with live_client() as (client, service):
        subscription = client.ticks_stream(WANTED)
        reading = await first(subscription)
        peer = await service.accept()
        await peer.begin()
        await peer.update("ticks", {"text": "1"})
        assert await reading == Weather(text="1")
        peer.abort()
        with pytest.raises(TransportError) as caught:
            await anext(subscription)
        assert caught.value.cause == "closed"


async def test_topic_that_the_service_ends_begins_again_if_it_can_continue() -> None:
    async with live_client() as (client, service):
        numbered = await first(client.trades_stream(WANTED))
        plain = await first(client.ticks_stream(WANTED))
        peer = await service.accept()
        await peer.begin(sequence=3)
        await peer.begin()
        for topic in ("trades", "ticks"):
            await peer.send(type="error", topic=topic, payload={"title": "Gone", "status": 410})
        with pytest.raises(ApiError, match="410 Gone"):
            await plain
        while (message := await peer.receive())["type"] != "trades.subscribe":
            pass
        assert message["since"] == 3
        unavailable = {"title": "Service Unavailable", "status": 503}
        await peer.send(type="error", ref=message["ref"], payload=unavailable)
        assert (await peer.begin(sequence=3))["since"] == 3
        await peer.update("trades", {"text": "4"}, sequence=4)
        assert await numbered == Trade(text="4")


async def test_slow_reader_of_events_gets_all_that_waited_and_then_an_error() -> None:
    count = ws_buffer.MAX_WAITING_UPDATES
    async with live_client() as (client, service):
        fast, slow = client.ticks_stream(WANTED), client.ticks_stream(WANTED)
        reading = await first(fast)
        peer = await service.accept()
        await peer.begin()
        async with slow:
            for number in range(count + 1):
                await peer.update("ticks", {"text": str(number)})
            received = [await reading, *[await anext(fast) for _ in range(count)]]
            assert [each.text for each in received] == [str(each) for each in range(count + 1)]
            kept = [await anext(slow) for _ in range(count)]
            assert kept == received[:count]
            with pytest.raises(SlowReaderError, match=r"too slow: 1,024 updates are waiting"):
                await anext(slow)
        assert fast.is_live


async def test_slow_reader_of_states_gets_the_latest_of_each_key() -> None:
    async with live_client() as (client, service):
        fast, slow = client.prices_stream(WANTED), client.prices_stream(WANTED)
        reading = await first(fast)
        peer = await service.accept()
        await peer.begin()
        async with slow:
            for number in range(5_000):
                await peer.update("prices", {"shortName": "AB"[number % 2], "value": number})
            await reading
            while (await anext(fast)).value < 4_999:
                pass
            latest = [await anext(slow), await anext(slow)]
        assert latest == [Price(shortName="A", value=4998), Price(shortName="B", value=4999)]
        assert client.stream_counts.replaced_updates >= 4_998


async def test_unknown_messages_and_fields_are_ignored_and_messages_counted() -> None:
    async with live_client() as (client, service):
        reading = await first(client.weather_stream(WANTED))
        peer = await service.accept()
        await peer.begin()
        for text in ("{", "[]", '{"type": 1}', '{"type": "weather.forecast", "topic": "weather"}'):
            await peer.connection.send(text)
        await peer.connection.send(b"\xff\x00")
        await peer.send(type="pong")
        await peer.update("weather", {"text": "sun", "wind": 3}, trace="x")
        assert await reading == Weather(text="sun")
        assert client.stream_counts.unknown_messages == 5


async def test_malformed_update_ends_its_subscription_alone() -> None:
    async with live_client() as (client, service):
        reading = await first(client.prices_stream(WANTED))
        other = await first(client.ticks_stream(WANTED))
        peer = await service.accept()
        await peer.begin()
        await peer.begin()
        await peer.update("prices", {"shortName": "A", "value": "much"})
        with pytest.raises(UnexpectedResponseError) as caught:
            await reading
        (reason,) = caught.value.reasons
        assert "payload.value" in reason
        assert b"much" in caught.value.content
        await peer.update("ticks", {"text": "tick"})
        assert await other == Weather(text="tick")


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


async def test_two_waiting_tasks_are_an_error() -> None:
    async with live_client() as (client, service):
        subscription = client.weather_stream(WANTED)
        reading = await first(subscription)
        peer = await service.accept()
        await peer.begin()
        await peer.update("weather", {"text": "sun"})
        await reading
        waiting = await first(subscription)
        with pytest.raises(RuntimeError, match="another task"):
            await anext(subscription)
        waiting.cancel()


async def test_fake_subscription_has_the_given_updates() -> None:
    async with FakeSubscription([1, 2, ValueError("end")]) as fake:
        assert fake.is_live
        assert [await anext(fake), await anext(fake)] == [1, 2]
        with pytest.raises(ValueError, match="end"):
            await anext(fake)
    assert not fake.is_live
    assert [each async for each in fake] == []
