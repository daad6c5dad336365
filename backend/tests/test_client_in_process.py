"""Clients that call an application in process: its lifespan, its errors, its state."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from golden.responses_client import ResponsesClient
from trading_api.app_factory import create_app
from trading_api.clients import DatafeedClient
from trading_api.shared.client import ApiError, TransportError


class Service:
    """An application that records its lifespan, with gates that a test opens."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.can_start, self.can_stop, self.can_respond = (asyncio.Event() for _ in range(3))
        self.called = asyncio.Event()
        self.failure: BaseException | None = None
        for gate in (self.can_start, self.can_stop, self.can_respond):
            gate.set()
        self.app = FastAPI(lifespan=self._lifespan)
        self.app.get("/pairs")(self._get_pair)

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[dict[str, str]]:
        self.events.append("starting")
        await self.can_start.wait()
        if self.failure is not None:
            raise self.failure
        yield {"name": "one"}
        self.events.append("stopping")
        await self.can_stop.wait()
        self.events.append("stopped")

    async def _get_pair(self, request: Request) -> tuple[int, str]:
        self.called.set()
        await self.can_respond.wait()
        self.events.append("called")
        return 1, getattr(request.state, "name", "nobody")

    def client(self) -> ResponsesClient:
        return ResponsesClient.in_process(self.app)


async def settled() -> None:
    """Let the other tasks run until they wait for a gate."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_first_call_starts_the_application_and_aclose_stops_it() -> None:
    service = Service()
    client = service.client()
    assert service.events == []
    assert await client.get_pair() == (1, "one")
    assert await client.get_pair() == (1, "one")
    await client.aclose()
    assert service.events == ["starting", "called", "called", "stopping", "stopped"]


async def test_async_with_starts_and_stops_the_application() -> None:
    service = Service()
    async with service.client():
        assert service.events == ["starting"]
    assert service.events == ["starting", "stopping", "stopped"]


async def test_closed_client_starts_the_application_again() -> None:
    service = Service()
    client = service.client()
    for _ in range(2):
        assert await client.get_pair() == (1, "one")
        await client.aclose()
        await client.aclose()
    assert service.events == ["starting", "called", "stopping", "stopped"] * 2


async def test_concurrent_first_calls_start_the_application_once() -> None:
    service = Service()
    async with service.client() as client:
        assert await asyncio.gather(*[client.get_pair() for _ in range(3)]) == [(1, "one")] * 3
    assert service.events.count("starting") == 1


async def test_cancelled_first_call_does_not_cancel_the_start() -> None:
    service = Service()
    service.can_start.clear()
    client = service.client()
    first, second = asyncio.create_task(client.get_pair()), asyncio.create_task(client.get_pair())
    await settled()
    first.cancel()
    await settled()
    service.can_start.set()
    assert await second == (1, "one")
    assert first.cancelled()
    await client.aclose()
    assert service.events == ["starting", "called", "stopping", "stopped"]


async def test_slow_start_counts_towards_the_timeout_of_the_call() -> None:
    service = Service()
    service.can_start.clear()
    client = service.client()
    with pytest.raises(TransportError) as caught:
        await client.get_pair(timeout=0.01)
    assert caught.value.cause == "timeout"
    service.can_start.set()
    assert await client.get_pair() == (1, "one")
    assert service.events.count("starting") == 1


async def test_aclose_waits_for_calls_in_progress() -> None:
    service = Service()
    service.can_respond.clear()
    client = service.client()
    call = asyncio.create_task(client.get_pair())
    await service.called.wait()
    closing = asyncio.create_task(client.aclose())
    await settled()
    assert service.events == ["starting"]
    service.can_respond.set()
    await closing
    assert await call == (1, "one")
    assert service.events == ["starting", "called", "stopping", "stopped"]


async def test_cancelled_aclose_still_stops_the_application() -> None:
    service = Service()
    service.can_respond.clear()
    client = service.client()
    call = asyncio.create_task(client.get_pair())
    await service.called.wait()
    closing = asyncio.create_task(client.aclose())
    await settled()
    closing.cancel()
    await settled()
    assert service.events == ["starting", "stopping", "stopped"]
    service.can_respond.set()
    assert await call == (1, "one")


async def test_call_during_aclose_starts_the_application_after_it_has_stopped() -> None:
    service = Service()
    service.can_stop.clear()
    client = service.client()
    await client.get_pair()
    closing = asyncio.create_task(client.aclose())
    await settled()
    call = asyncio.create_task(client.get_pair())
    await settled()
    assert service.events == ["starting", "called", "stopping"]
    service.can_stop.set()
    await closing
    assert await call == (1, "one")
    assert service.events == ["starting", "called", "stopping", "stopped", "starting", "called"]
    await client.aclose()


async def test_failed_start_raises_transport_error_with_the_cause() -> None:
    service = Service()
    service.failure = ValueError("DATAFEED_SPEED=0: too slow")
    client = service.client()
    with pytest.raises(
        TransportError,
        match=r"GET .*/pairs: connect: the application did not start: DATAFEED_SPEED=0: too slow$",
    ) as caught:
        await client.get_pair()
    assert caught.value.cause == "connect"
    assert caught.value.__cause__ is service.failure
    with pytest.raises(TransportError, match="did not start: DATAFEED_SPEED=0"):
        async with client:
            pass
    service.failure = None
    assert await client.get_pair() == (1, "one")
    await client.aclose()


async def test_startup_failed_message_raises_transport_error() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert await receive() == {"type": "lifespan.startup"}
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(TransportError, match="the application did not start: no database"):
        await ResponsesClient.in_process(app).get_pair()


async def test_application_that_keeps_waiting_after_a_failed_start_is_stopped() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.failed", "message": "no database"})

    async with asyncio.timeout(60):  # fail rather than hang
        with pytest.raises(TransportError, match="the application did not start: no database"):
            await ResponsesClient.in_process(app).__aenter__()


async def test_exit_of_an_application_at_its_start_raises_transport_error() -> None:
    service = Service()
    service.failure = SystemExit("no database")
    with pytest.raises(TransportError, match="the application did not start: no database"):
        await service.client().get_pair()


@pytest.mark.parametrize("raises", [True, False])
async def test_application_without_lifespan_is_called(raises: bool) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await Response('[1, "one"]')(scope, receive, send)
        elif raises:
            raise ValueError(scope["type"])

    async with ResponsesClient.in_process(app) as client:
        assert await client.get_pair() == (1, "one")


async def test_failed_shutdown_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        raise RuntimeError("the disk is full")

    async with ResponsesClient.in_process(FastAPI(lifespan=lifespan)):
        pass
    (record,) = caplog.records
    assert record.message == "the application failed to shut down"
    assert "the disk is full" in caplog.text


async def test_error_of_the_application_is_a_500_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = FastAPI()

    @app.get("/pages")
    async def get_page() -> None:
        raise RuntimeError("boom")

    @app.exception_handler(Exception)
    async def on_error(request: object, error: Exception) -> Response:
        return Response('{"title": "Internal Server Error", "status": 500}', 500)

    with pytest.raises(ApiError, match="500 Internal Server Error"):
        await ResponsesClient.in_process(app).get_page()
    (record,) = caplog.records
    assert (record.levelno, record.message) == (logging.ERROR, "GET /pages failed in process")
    assert "RuntimeError: boom" in caplog.text


async def test_run_lifespan_false_leaves_the_application_alone() -> None:
    service = Service()
    async with service.app.router.lifespan_context(service.app):
        async with ResponsesClient.in_process(service.app, run_lifespan=False) as client:
            assert await client.get_pair() == (1, "nobody")  # the owner keeps the state
        assert service.events == ["starting", "called"]


def test_application_is_started_in_each_event_loop() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        events.append("started")
        try:
            yield
        finally:
            events.append("stopped")

    app = FastAPI(lifespan=lifespan)
    app.get("/pairs")(lambda: (1, "one"))
    client = ResponsesClient.in_process(app)
    # Without aclose, the event loop stops the application when it ends.
    assert [asyncio.run(client.get_pair()) for _ in range(2)] == [(1, "one")] * 2
    assert events == ["started", "stopped"] * 2


def test_client_that_is_not_kept_leaves_nothing_pending(caplog: pytest.LogCaptureFixture) -> None:
    async def call() -> tuple[int, str]:
        pair = await Service().client().get_pair()
        gc.collect()
        await settled()
        return pair

    assert asyncio.run(call()) == (1, "one")
    gc.collect()
    assert not caplog.records


async def test_documented_example_of_a_datafeed_in_process() -> None:
    async with DatafeedClient.in_process(create_app(["datafeed"])) as datafeed:
        assert (await datafeed.get_config()).supports_time
    assert await DatafeedClient.in_process(create_app(["datafeed"])).get_symbols()


async def test_invalid_setting_is_the_reason_of_a_failed_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATAFEED_SPEED", "0")
    client = DatafeedClient.in_process(create_app(["datafeed"]))
    with pytest.raises(
        TransportError, match=r"did not start: DATAFEED_SPEED=0: Input should be greater than 0$"
    ):
        await client.get_config()


async def test_running_application_is_not_started_again() -> None:
    app = create_app()
    async with asyncio.timeout(60), app.router.lifespan_context(app):  # fail rather than hang
        opened = list(app.state.services.values())
        async with DatafeedClient.in_process(app) as datafeed:
            await datafeed.get_config()
            assert list(app.state.services.values()) == opened
        assert list(app.state.services.values()) == opened
    assert not app.state.services


async def test_start_during_a_stop_waits_and_opens_every_service() -> None:
    app = create_app()
    first, second = (DatafeedClient.in_process(app) for _ in range(2))
    await first.get_config()
    await asyncio.gather(first.aclose(), second.get_config())
    assert await second.get_symbols()
    await second.aclose()
    assert not app.state.services


async def test_clients_of_one_application_start_it_once() -> None:
    app = create_app()
    clients = [DatafeedClient.in_process(app) for _ in range(2)]
    await asyncio.gather(*[client.get_config() for client in clients])
    opened = list(app.state.services.values())
    assert await clients[1].get_symbols()
    assert list(app.state.services.values()) == opened
    for client in reversed(clients):
        await client.aclose()
    assert not app.state.services


def test_application_of_two_clients_starts_in_each_event_loop() -> None:
    app = create_app(["datafeed"])
    clients = [DatafeedClient.in_process(app) for _ in range(2)]

    async def call() -> int:
        return len(await asyncio.gather(*[client.get_symbols() for client in clients]))

    assert [asyncio.run(call()) for _ in range(2)] == [2, 2]
