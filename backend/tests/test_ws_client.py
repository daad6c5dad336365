"""The streams of a client over a WebSocket, with a service whose every message the test decides."""

from __future__ import annotations

import asyncio
import gc

import pytest

from golden.apps.live import Price, Trade, Wanted, Weather
from support.live import WANTED, first, live_client
from trading_api.shared.client import (
    ApiError,
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


async def test_unknown_messages_and_fields_are_ignored_and_counted() -> None:
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
        assert client.stream_counts.unknown_fields == {"weather.wind"}


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
