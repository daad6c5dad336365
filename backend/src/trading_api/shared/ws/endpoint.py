"""The WebSocket endpoint of a module: reads messages, subscribes to topics, writes frames."""

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
from trading_api.shared.utils import stream_path
from trading_api.shared.ws.hub import Hub, Topic
from trading_api.shared.ws.messages import (
    MAX_REF_CHARACTERS,
    ErrorMessage,
    Ping,
    Pong,
    inbound_adapter,
    messages_of,
)
from trading_api.shared.ws.router import Stream, StreamRouter

QUEUE_FRAMES = 1024
"""The frames that may wait for one connection before it is closed as too slow."""

MAX_MESSAGE_CHARACTERS = 65_536
MAX_SUBSCRIPTIONS = 500
TRY_AGAIN_LATER = 1013
CLOSE_SECONDS = 5.0

logger = logging.getLogger(__name__)


def websocket_route(module_name: str, streams: StreamRouter) -> APIRouter:
    """Return a router with the WebSocket endpoint of a module, which serves `streams`."""
    router = APIRouter()
    served = _ServedStreams(streams)

    @router.websocket(stream_path(module_name))
    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        await _Connection(websocket, served).run()

    return router


class _ServedStreams:
    """The state that all connections of one module share."""

    def __init__(self, streams: StreamRouter) -> None:
        self.hub = Hub()
        self.by_name = {stream.name: stream for stream in streams}
        self.adapter = inbound_adapter(streams)


class _Connection:
    """One client: its bounded queue of outgoing frames, and its topics."""

    def __init__(self, websocket: WebSocket, served: _ServedStreams) -> None:
        self._websocket = websocket
        self._served = served
        self._frames: asyncio.Queue[str] = asyncio.Queue(QUEUE_FRAMES)
        self._overflow = asyncio.Event()
        self._topics: dict[str, Topic] = {}

    def push(self, frame: str) -> None:
        """Queue a frame; if the queue is full, the connection is closed."""
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            self._overflow.set()

    async def run(self) -> None:
        """Serve until the client disconnects or is too slow."""
        loops = (self._read(), self._write(), self._overflow.wait())
        tasks = [asyncio.create_task(each) for each in loops]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for topic in self._topics.values():
                topic.leave(self.push)
            for task in tasks:
                task.cancel()
            # Not `gather`: if this coroutine is cancelled, `gather` raises the CancelledError of a
            # child instead, which the canceller does not recognise as its own.
            await asyncio.wait(tasks)
            for task in tasks:
                _log_error(task)
        if self._overflow.is_set():
            # If the client has stopped reading, even the close frame cannot be sent.
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
                self._send_error(text, stream_problem(error))
            except ProblemError as error:
                self._send_error(text, error.problem)
            except Exception:  # an error in a module's code must not end the connection
                logger.exception("a stream could not be opened")
                self._send_error(text, Problem(title="Internal Server Error", status=500))

    def _parse(self, text: str | None) -> Any:
        if text is None:
            raise ProblemError(415, "messages must be JSON text, not binary")
        if len(text) > MAX_MESSAGE_CHARACTERS:
            raise ProblemError(413, f"a message has at most {MAX_MESSAGE_CHARACTERS} characters")
        return self._served.adapter.validate_json(text)

    async def _handle(self, message: Any) -> None:
        if isinstance(message, Ping):
            self._send(Pong, message, type="pong")
            return
        stream_name, _, verb = message.type.partition(".")
        stream = self._served.by_name[stream_name]
        topic = stream.topic_of(message.payload)
        kind = f"{stream_name}.{verb}d"  # subscribed, unsubscribed
        response = {"type": kind, "topic": topic, "payload": message.payload}
        if verb == "unsubscribe":
            if topic in self._topics:
                self._topics.pop(topic).leave(self.push)
            self._send(messages_of(stream).unsubscribed, message, **response)
            return
        self._topics = {name: joined for name, joined in self._topics.items() if not joined.ended}
        opened = None if topic in self._topics else await self._open(stream, message.payload)
        self._send(messages_of(stream).subscribed, message, **response)
        if opened is not None:
            self._topics[topic] = opened
            opened.join(self.push)

    async def _open(self, stream: Stream, subscription: BaseModel) -> Topic:
        if len(self._topics) >= MAX_SUBSCRIPTIONS:
            raise ProblemError(429, f"at most {MAX_SUBSCRIPTIONS} subscriptions per connection")
        service = self._websocket.app.state.services[stream.service]
        return await self._served.hub.open(stream, subscription, service)

    def _send(self, model: type[BaseModel], request: Any, **fields: Any) -> None:
        """Send the response to `request`, with its `ref` if it has one."""
        if request.ref is not None:
            fields["ref"] = request.ref
        self.push(model(**fields).model_dump_json(by_alias=True, exclude_unset=True))

    def _send_error(self, text: str | None, problem: Problem) -> None:
        message = ErrorMessage(type="error", ref=_ref_of(text), payload=problem)
        self.push(message.model_dump_json(by_alias=True, exclude_none=True))


def _log_error(task: asyncio.Task[Any]) -> None:
    """Log the error that ended a task of a connection, unless the client just disconnected."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, WebSocketDisconnect):
        logger.error("a connection failed", exc_info=error)


def _ref_of(text: str | None) -> str | None:
    """Return the `ref` of a rejected message, if it has a valid one."""
    try:
        data = from_json(text or "")
    except ValueError:
        return None
    ref = data.get("ref") if isinstance(data, dict) else None
    return ref if isinstance(ref, str) and len(ref) <= MAX_REF_CHARACTERS else None
