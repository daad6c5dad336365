"""Streams of a real application, in process and over loopback: a caller cannot tell which."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from golden.apps.live import Price, Source, Trade, Wanted, Weather, make_app
from golden.live_client import LiveApi, LiveClient, SyncLiveClient
from support.live import WANTED, served, until
from trading_api.shared.auth.caller import Caller, TokenError
from trading_api.shared.auth.callers import Authentication
from trading_api.shared.client import (
    ApiError,
    FakeSubscription,
    TransportError,
    UnexpectedResponseError,
    ws_connection,
    ws_network,
)
from trading_api.shared.ws import endpoint

Connect = Callable[..., AbstractAsyncContextManager[LiveClient]]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws_connection, "BACKOFF_SECONDS", 0.001)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture(params=["in process", "over loopback"])
def connect(request: pytest.FixtureRequest, source: Source) -> Connect:
    """Return what opens a client of an application with the streams of `source`."""

    @asynccontextmanager
    async def open_client(app: Any = None, **options: Any) -> AsyncIterator[LiveClient]:
        app = app or make_app(source)
        if request.param == "in process":
            async with LiveClient.in_process(app, **options) as client:
                yield client
        else:
            async with served(app) as address, LiveClient(address, **options) as client:
                yield client

    return open_client


async def test_streams_of_each_kind(connect: Connect, source: Source) -> None:
    async with connect() as client:
        async with (
            client.weather_stream(WANTED) as weather,
            client.prices_stream(WANTED) as prices,
            client.trades_stream(WANTED) as trades,
            client.ticks_stream(WANTED) as ticks,
        ):
            source.send("weather", Weather(text="sun"))
            source.send("prices", Price(shortName="A", value=1), Price(shortName="B", value=2))
            source.trade("one", "two")
            source.send("ticks", Weather(text="tick"))
            assert await anext(weather) == Weather(text="sun")
            assert [(await anext(prices)).value for _ in range(2)] == [1, 2]
            assert [await anext(trades) for _ in range(2)] == [Trade(text="one"), Trade(text="two")]
            assert await anext(ticks) == Weather(text="tick")
        assert client.stream_counts.connections == 1


async def test_rejection_is_the_problem_of_the_service(connect: Connect) -> None:
    async with connect() as client:
        with pytest.raises(ApiError) as caught:
            await anext(client.weather_stream(Wanted(account="unknown")))
        assert caught.value.status == 404
        assert caught.value.problem is not None
        assert caught.value.problem.detail == "There is no such account."


async def test_too_large_message_is_an_error(connect: Connect, source: Source) -> None:
    async with connect(max_response_bytes=1_000) as client, client.ticks_stream(WANTED) as ticks:
        source.send("ticks", Weather(text="x" * 1_000))
        with pytest.raises(UnexpectedResponseError, match="closed with 1009"):
            await anext(ticks)


async def test_topics_that_end_continue_without_gap_or_double(
    connect: Connect, source: Source
) -> None:
    async with connect() as client, client.trades_stream(WANTED) as trades:
        source.trade("1")
        assert await anext(trades) == Trade(text="1")
        source.send("trades", RuntimeError("a bug in the module"))
        source.trade("2", "3")
        assert [(await anext(trades)).text for _ in range(2)] == ["2", "3"]


async def test_path_without_streams_is_rejected(connect: Connect, source: Source) -> None:
    app = make_app(source)
    app.router.routes.clear()
    async with connect(app) as client:
        with pytest.raises(ApiError) as caught:
            await anext(client.weather_stream(WANTED))
        assert caught.value.status == 403


async def test_failing_application_is_an_error(connect: Connect) -> None:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            raise RuntimeError("broken")

    async with connect(fail, timeout=0.2) as client:
        with pytest.raises(TransportError, match="500"):
            await anext(client.weather_stream(WANTED))


class Verifier:
    """Accepts one token."""

    def verify(self, token: str) -> Caller:
        if token != "good":
            raise TokenError("The token is not valid.")
        return Caller("somebody", frozenset({"live:read"}))


async def test_token_of_the_client_authenticates_its_streams(source: Source) -> None:
    app = make_app(source, Authentication(Verifier()))
    async with served(app) as address:
        good = LiveClient(address, token="good")
        async with good, good.ticks_stream(WANTED) as ticks:
            source.send("ticks", Weather(text="tick"))
            assert await anext(ticks) == Weather(text="tick")
        async with LiveClient(address, token="bad") as client:
            with pytest.raises(ApiError, match="401"):
                await anext(client.ticks_stream(WANTED))


async def test_missing_token_is_an_error(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "SECONDS_TO_AUTHENTICATE", 0.05)
    app = make_app(source, Authentication(Verifier()))
    async with served(app) as address, LiveClient(address) as client:
        with pytest.raises(ApiError, match="401"):
            await anext(client.ticks_stream(WANTED))


async def test_closed_connection_of_a_client_ends_its_topics(
    connect: Connect, source: Source
) -> None:
    async with connect() as client:
        async with client.ticks_stream(WANTED):
            assert source.queues["ticks"]
            await client.aclose()
        await until(lambda: not source.queues["ticks"])


async def test_peer_that_does_not_respond_to_a_ping_is_lost(
    monkeypatch: pytest.MonkeyPatch, source: Source
) -> None:
    monkeypatch.setattr(ws_network, "PING_SECONDS", 0.01)
    monkeypatch.setattr(ws_network, "PONG_SECONDS", 0.01)
    handshake = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A process that is stopped: it has accepted, and does nothing any more.
        from websockets.server import ServerProtocol

        protocol = ServerProtocol()
        protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
        (request,) = protocol.events_received()
        protocol.send_response(protocol.accept(request))  # type: ignore[arg-type]
        writer.writelines(protocol.data_to_send())
        handshake.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        socket = await ws_network.open_websocket(
            f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/",
            [],
            lambda message: None,
            max_bytes=1_000,
            timeout=10,
        )
        await handshake.wait()
        closed = await socket.closed
        assert str(closed) == "closed with 1006 no response to a ping within 0.01 s"
        await socket.close()


async def test_peer_that_responds_to_pings_is_kept(
    monkeypatch: pytest.MonkeyPatch, source: Source
) -> None:
    monkeypatch.setattr(ws_network, "PING_SECONDS", 0.001)
    async with served(make_app(source)) as address, LiveClient(address) as client:
        async with client.ticks_stream(WANTED) as ticks:
            await asyncio.sleep(0.1)
            source.send("ticks", Weather(text="tick"))
            assert await anext(ticks) == Weather(text="tick")
        assert client.stream_counts.connections == 1


def test_synchronous_client_iterates_over_a_stream() -> None:
    from trading_api.app_factory import create_app
    from trading_api.clients import SyncDatafeedClient
    from trading_api.models import QuotesSubscription

    request = QuotesSubscription(symbols=[], fast_symbols=["AAPL", "MSFT"])
    with SyncDatafeedClient.in_process(create_app(["datafeed"])) as datafeed:
        names = []
        for quote in datafeed.quotes_stream(request):
            names.append(quote.n)
            if len(names) == 2:
                break
    assert names == ["AAPL", "MSFT"]
    assert SyncLiveClient.ticks_stream.__doc__ == LiveClient.ticks_stream.__doc__


async def follow_weather(live: LiveApi) -> list[str]:
    return [each.text async for each in live.weather_stream(WANTED)]


async def test_double_takes_the_place_of_a_client() -> None:
    class Double:
        async def get_name(self) -> str:
            return "double"

        def weather_stream(self, request: Wanted) -> FakeSubscription[Weather]:
            return FakeSubscription([Weather(text="sun"), Weather(text="rain")])

        def prices_stream(self, request: Wanted) -> FakeSubscription[Price]:
            return FakeSubscription([])

        def trades_stream(self, request: Wanted) -> FakeSubscription[Trade]:
            return FakeSubscription([])

        def ticks_stream(self, request: Wanted) -> FakeSubscription[Weather]:
            return FakeSubscription([])

    assert await follow_weather(Double()) == ["sun", "rain"]
