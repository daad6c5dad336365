"""One WebSocket endpoint per module: reads messages, joins topics, writes frames."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.websockets import WebSocket, WebSocketDisconnect

from trading_api.models.common import Problem
from trading_api.shared.problems import ProblemError, stream_problem
from trading_api.shared.ws.hub import Hub
from trading_api.shared.ws.messages import ErrorMessage, Ping, Pong, inbound_adapter, messages_of
from trading_api.shared.ws.router import StreamRouter

QUEUE_FRAMES = 1024
"""Frames that may wait for one connection before it is closed as too slow."""

MAX_MESSAGE_CHARACTERS = 65_536
MAX_SUBSCRIPTIONS = 500
TRY_AGAIN_LATER = 1013
CLOSE_SECONDS = 5.0

logger = logging.getLogger(__name__)


def websocket_route(module_name: str, streams: StreamRouter) -> APIRouter:
    """Return a router with the endpoint `/<module_name>/ws` that serves `streams`."""
    router = APIRouter()
    served = _ServedStreams(streams)

    @router.websocket(f"/{module_name}/ws")
    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        await _Connection(websocket, served).run()

    return router


class _ServedStreams:
    """What all connections of one module share."""

    def __init__(self, streams: StreamRouter) -> None:
        self.hub = Hub()
        self.by_name = {stream.name: (stream, messages_of(stream)) for stream in streams}
        self.adapter = inbound_adapter(messages for _, messages in self.by_name.values())


class _Connection:
    """One client: its bounded queue of outgoing frames, and the topics it has joined."""

    def __init__(self, websocket: WebSocket, served: _ServedStreams) -> None:
        self._websocket = websocket
        self._served = served
        self._frames: asyncio.Queue[str] = asyncio.Queue(QUEUE_FRAMES)
        self._overflow = asyncio.Event()
        self._topics: set[str] = set()

    def push(self, frame: str) -> None:
        """Queue a frame; a full queue ends the connection."""
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            self._overflow.set()

    async def run(self) -> None:
        """Serve until the client leaves or is too slow."""
        tasks = [
            asyncio.create_task(self._read()),
            asyncio.create_task(self._write()),
            asyncio.create_task(self._overflow.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for topic in self._topics:
                self._served.hub.leave(topic, self)
            for task in tasks:
                task.cancel()
            # Not `gather`: cancelled itself, it raises the cancellation of a child in its place,
            # and whoever cancelled this connection does not recognise that as its own.
            await asyncio.wait(tasks)
            for task in tasks:
                _log_fault(task)
        if self._overflow.is_set():
            # The client may have stopped reading: then even the close cannot be sent.
            with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._websocket.close(TRY_AGAIN_LATER, "too slow for its streams")

    async def _write(self) -> None:
        while True:
            await self._websocket.send_text(await self._frames.get())

    async def _read(self) -> None:
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            text = event.get("text")
            try:
                await self._handle(self._parse(text))
            except ValidationError as error:
                self._refuse(_ref_of(text), stream_problem(error))
            except ProblemError as error:
                self._refuse(_ref_of(text), error.problem)
            except Exception:  # the boundary to a module's code: the connection survives its faults
                logger.exception("a stream could not be opened")
                problem = Problem(title="Internal Server Error", status=500)
                self._refuse(_ref_of(text), problem)

    def _parse(self, text: str | None) -> Any:
        if text is None:
            raise ProblemError(415, "messages are JSON text, not binary")
        if len(text) > MAX_MESSAGE_CHARACTERS:
            raise ProblemError(413, f"a message has at most {MAX_MESSAGE_CHARACTERS} characters")
        return self._served.adapter.validate_json(text)

    async def _handle(self, message: Any) -> None:
        if isinstance(message, Ping):
            self._send(Pong(type="pong", **_ref(message)))
            return
        name, _, verb = message.type.partition(".")
        if verb == "subscribe":
            await self._subscribe(name, message)
        else:
            self._unsubscribe(name, message)

    async def _subscribe(self, name: str, message: Any) -> None:
        stream, messages = self._served.by_name[name]
        hub = self._served.hub
        topic = stream.topic_of(message.payload)
        accepted = messages.subscribed(
            type=f"{name}.subscribed", topic=topic, payload=message.payload, **_ref(message)
        )
        if hub.has(topic, self):
            self._send(accepted)
            return
        self._topics = {joined for joined in self._topics if hub.has(joined, self)}
        if len(self._topics) >= MAX_SUBSCRIPTIONS:
            raise ProblemError(429, f"at most {MAX_SUBSCRIPTIONS} subscriptions a connection")
        service = self._websocket.app.state.services[stream.service]
        await hub.open(topic, stream, messages, message.payload, service)
        self._send(accepted)
        self._topics.add(topic)
        hub.join(topic, self)

    def _unsubscribe(self, name: str, message: Any) -> None:
        stream, messages = self._served.by_name[name]
        topic = stream.topic_of(message.payload)
        self._served.hub.leave(topic, self)
        self._topics.discard(topic)
        self._send(
            messages.unsubscribed(
                type=f"{name}.unsubscribed", topic=topic, payload=message.payload, **_ref(message)
            )
        )

    def _send(self, message: BaseModel) -> None:
        self.push(message.model_dump_json(by_alias=True, exclude_unset=True))

    def _refuse(self, ref: str | None, problem: Problem) -> None:
        message = ErrorMessage(type="error", ref=ref, payload=problem)
        self.push(message.model_dump_json(by_alias=True, exclude_none=True))


def _log_fault(task: asyncio.Task[Any]) -> None:
    """Log what ended a task of a connection, unless it is just that the client has gone."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, WebSocketDisconnect):
        logger.error("a connection failed", exc_info=error)


def _ref(message: Any) -> dict[str, str]:
    return {} if message.ref is None else {"ref": message.ref}


def _ref_of(text: str | None) -> str | None:
    """Return the `ref` of a message that did not validate, if it has a usable one."""
    try:
        data = from_json(text or "")
    except ValueError:
        return None
    ref = data.get("ref") if isinstance(data, dict) else None
    return ref if isinstance(ref, str) and len(ref) <= 64 else None
