"""An application in process goes on after its responses, as it would behind a server."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import BackgroundTasks, FastAPI, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from golden.responses_client import ResponsesClient
from trading_api.shared.client import ApiError, TransportError, raw_response
from trading_api.shared.client.asgi import AppRequest


class Service:
    """An application whose handlers and tasks wait for gates that a test opens."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.called, self.can_respond, self.can_finish = (asyncio.Event() for _ in range(3))
        self.can_respond.set()
        self.app = FastAPI(lifespan=self._lifespan)
        self.app.get("/pairs")(self._get_pair)
        self.app.get("/bytes")(self._get_bytes)

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        self.events.append("started")
        yield
        self.events.append("stopped")

    async def _get_pair(self, tasks: BackgroundTasks) -> tuple[int, str]:
        self.called.set()
        try:
            await self.can_respond.wait()
        except asyncio.CancelledError:
            self.events.append("cancelled")
            raise
        tasks.add_task(self._finish)
        return 1, "one"

    async def _get_bytes(self, request: Request) -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"1"
            await self.can_finish.wait()
            yield b"2"

        return StreamingResponse(chunks(), media_type="application/octet-stream")

    async def _finish(self) -> None:
        await self.can_finish.wait()
        self.events.append("finished")

    def client(self, *, run_lifespan: bool = True) -> ResponsesClient:
        return ResponsesClient.in_process(self.app, run_lifespan=run_lifespan)


async def settled() -> None:
    """Let the other tasks run until they wait for a gate."""
    for _ in range(50):
        await asyncio.sleep(0)


async def give_up(service: Service, client: ResponsesClient) -> None:
    """Cancel a call while its handler runs, as a deadline would."""
    call = asyncio.create_task(client.get_pair())
    await service.called.wait()
    call.cancel()
    await asyncio.wait([call])


async def test_response_returns_before_the_background_task_ends() -> None:
    service = Service()
    client = service.client()
    async with asyncio.timeout(60):  # fail rather than hang
        assert await client.get_pair(timeout=math.inf) == (1, "one")
    assert service.events == ["started"]
    service.can_finish.set()
    await client.aclose()
    assert service.events == ["started", "finished", "stopped"]


@pytest.mark.parametrize("run_lifespan", [True, False])
async def test_aclose_waits_for_background_tasks(run_lifespan: bool) -> None:
    service = Service()
    client = service.client(run_lifespan=run_lifespan)
    await client.get_pair()
    closing = asyncio.create_task(client.aclose())
    await settled()
    assert not closing.done()
    service.can_finish.set()
    await closing
    assert "finished" in service.events


async def test_handler_goes_on_after_its_caller_gave_up() -> None:
    service = Service()
    service.can_respond.clear()
    service.can_finish.set()
    client = service.client()
    await give_up(service, client)
    service.can_respond.set()
    await settled()
    assert service.events == ["started", "finished"]
    await client.aclose()


async def test_aclose_cancels_a_handler_that_nobody_waits_for() -> None:
    service = Service()
    service.can_respond.clear()
    client = service.client()
    await give_up(service, client)
    async with asyncio.timeout(60):  # fail rather than hang
        await client.aclose()
    assert service.events == ["started", "cancelled", "stopped"]


async def test_application_stops_with_its_last_client() -> None:
    service = Service()
    service.can_finish.set()
    first, second = service.client(), service.client()
    await first.get_pair()
    await second.get_pair()
    await first.aclose()
    assert service.events == ["started", "finished", "finished"]
    assert await second.get_pair() == (1, "one")
    await second.aclose()
    assert service.events == ["started", *["finished"] * 3, "stopped"]


async def test_application_sees_a_disconnection_after_its_response() -> None:
    received: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        received.append((await receive())["type"])
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b'[1, "one"]'})
        received.append((await receive())["type"])

    async with asyncio.timeout(60):  # fail rather than hang
        client = ResponsesClient.in_process(app, run_lifespan=False)
        assert await client.get_pair() == (1, "one")
        await client.aclose()
    assert received == ["http.request", "http.disconnect"]


async def test_response_is_received_while_it_is_made() -> None:
    service = Service()
    async with service.client() as client, raw_response(client.get_bytes)() as response:
        chunks = response.iter_bytes()
        assert await anext(chunks) == b"1"
        service.can_finish.set()
        assert await anext(chunks) == b"2"


async def test_response_that_the_application_does_not_complete_raises(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"[1", "more_body": True})
        raise RuntimeError("boom")

    client = ResponsesClient.in_process(app, run_lifespan=False)
    with pytest.raises(TransportError) as caught:
        await client.get_pair()
    assert caught.value.cause == "closed"
    assert [record.message for record in caplog.records] == ["GET /pairs failed in process"] * 2


@pytest.mark.parametrize("error", [RuntimeError("boom"), SystemExit("boom"), None])
async def test_application_without_a_response_is_a_500(
    error: BaseException | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if error is not None:
            raise error

    with pytest.raises(ApiError) as caught:
        await ResponsesClient.in_process(app, run_lifespan=False).get_pair()
    assert (caught.value.status, caught.value.content) == (500, b"Internal Server Error")
    reason = "failed in process" if error else "has no response"
    assert [record.message for record in caplog.records] == [f"GET /pairs {reason}"]


async def test_application_is_64_kib_ahead_of_its_caller_at_most() -> None:
    made: list[int] = []

    async def respond(scope: object, receive: object, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for size in (1, 1, 65_535, 65_536, 65_536):
            made.append(size)
            await send({"type": "http.response.body", "body": b"x" * size, "more_body": True})

    request = AppRequest(respond, {"method": "GET", "path": "/"}, b"")
    await request.start()
    chunks = request.chunks()
    for taken, expected in enumerate([3, 4, 4, 5]):
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(made) == expected, taken
        assert await anext(chunks)
    request.disconnect()
    await request.task


async def test_body_of_a_head_response_is_not_sent() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body"})

    response = await raw_response(ResponsesClient.in_process(app, run_lifespan=False).head_item)(
        "a"
    )
    assert (response.status, response.content) == (200, b"")
