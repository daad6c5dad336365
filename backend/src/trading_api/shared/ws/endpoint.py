"""The WebSocket endpoint of a module: reads messages, subscribes to topics, writes frames."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from math import inf
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.websockets import WebSocket, WebSocketDisconnect

from trading_api.models.common import Problem
from trading_api.shared.auth.caller import TokenError
from trading_api.shared.auth.callers import Authentication, forbidden, unauthorized
from trading_api.shared.auth.scopes import stream_scope
from trading_api.shared.problems import ProblemError, ProblemType, plain_problem, stream_problem
from trading_api.shared.rates import TokenBucket
from trading_api.shared.telemetry.metrics import CLOSED, CONNECTIONS
from trading_api.shared.utils import stream_path
from trading_api.shared.ws.hub import Hub, Push, Topic, serialize_update
from trading_api.shared.ws.messages import (
    MAX_REF_CHARACTERS,
    Authenticate,
    Authenticated,
    ErrorMessage,
    Ping,
    Pong,
    inbound_adapter,
    messages_of,
)
from trading_api.shared.ws.outbox import Outbox
from trading_api.shared.ws.router import EventLog, Numbered, Stream, StreamRouter

MAX_MESSAGE_CHARACTERS = 65_536
MAX_SUBSCRIPTIONS = 500

MAX_MISSED_UPDATES = 5_000
"""The updates with which a stream is resumed; after more of them, the client reads anew."""

MESSAGES_AT_ONCE = 1_000
MESSAGES_PER_SECOND = 100
"""The messages that one client may send: a burst, and then at this rate."""

SECONDS_TO_AUTHENTICATE = 5
"""Seconds in which a client has to send a token, if one is needed."""

NO_TOKEN = "The first message must be `authenticate` with a token."

TOKEN_EXPIRED = "The token has expired."

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
CLOSE_SECONDS = 5.0

logger = logging.getLogger(__name__)


def websocket_route(
    module_name: str,
    streams: StreamRouter,
    authentication: Authentication,
    spec_version: str = "",
) -> APIRouter:
    """Return a router with the WebSocket endpoint of a module, which serves `streams`.

    `spec_version` is sent in the response to the handshake.
    """
    router = APIRouter()
    served = _ServedStreams(module_name, streams, authentication)
    headers = [(b"spec-version", spec_version.encode())] if spec_version else None

    @router.websocket(stream_path(module_name), name="streams")
    async def serve(websocket: WebSocket) -> None:
        websocket.scope.setdefault("state", {})["module"] = module_name
        await websocket.accept(headers=headers)
        with CONNECTIONS.labels(module_name).track_inprogress():
            await _Connection(websocket, served).run()

    return router


class _ServedStreams:
    """The state that all connections of one module share."""

    def __init__(
        self, module_name: str, streams: StreamRouter, authentication: Authentication
    ) -> None:
        self.module_name = module_name
        self.authentication = authentication
        self.scope = stream_scope(module_name)
        self.hub = Hub()
        self.by_name = {stream.name: stream for stream in streams}
        self.adapter = inbound_adapter(streams)


class _RejectedClient(Exception):
    """The client may not go on; the problem says why, and the connection is closed with 1008."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class _Connection:
    """One client: its outgoing frames, and the topics that it follows."""

    def __init__(self, websocket: WebSocket, served: _ServedStreams) -> None:
        self._websocket = websocket
        self._served = served
        self._outbox = Outbox(websocket.send)
        self.push: Push = self._outbox.put
        self._topics: dict[str, tuple[Topic, Push]] = {}
        self._allowed = TokenBucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
        self._caller = served.authentication.known_caller(websocket.scope)
        self._until = inf if self._caller else time.time() + SECONDS_TO_AUTHENTICATE

    async def run(self) -> None:
        """Serve until the client disconnects, is too slow, sends too much, or its token expires."""
        loops = (self._read(), self._outbox.run(), self._outbox.overflow.wait())
        tasks = [asyncio.create_task(each) for each in loops]
        try:
            ended = await self._wait(tasks)
        finally:
            for topic, push in self._topics.values():
                topic.leave(push)
            for task in tasks:
                task.cancel()
            # Not `gather`: if this coroutine is cancelled, `gather` raises the CancelledError of a
            # child instead, which the canceller does not recognise as its own.
            await asyncio.wait(tasks)
            for task in tasks:
                _log_error(task)
        if self._outbox.overflow.is_set():
            CLOSED.labels(self._served.module_name, "slow").inc()
            await self._close(TRY_AGAIN_LATER, "too slow for its streams")
        elif not ended:
            await self._reject(_unauthorized(TOKEN_EXPIRED if self._caller else NO_TOKEN))
        elif not tasks[0].cancelled():
            error = tasks[0].exception()
            if isinstance(error, _RejectedClient):
                await self._reject(error)

    async def _wait(self, tasks: Sequence[asyncio.Task[Any]]) -> bool:
        """Wait until a task ends; return false if the client has no valid token before that."""
        while (left := self._until - time.time()) > 0:
            ended, _ = await asyncio.wait(
                tasks, timeout=None if left == inf else left, return_when=asyncio.FIRST_COMPLETED
            )
            if ended:
                return True
            # The client may have sent a new token in the meantime.
        return False

    async def _reject(self, error: _RejectedClient) -> None:
        """Say why the connection is closed, also in a way that programs can read."""
        CLOSED.labels(self._served.module_name, "rejected").inc()
        message = ErrorMessage(type="error", payload=error.problem)
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._websocket.send_text(_error_text(message))
        await self._close(POLICY_VIOLATION, str(error))

    async def _close(self, code: int, reason: str) -> None:
        # If the client has stopped reading, even the close frame cannot be sent.
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._websocket.close(code, reason)

    async def _read(self) -> None:
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            if not self._allowed.take():
                problem = plain_problem(429, "The client sends too many messages.")
                raise _RejectedClient(problem)
            text = event.get("text")
            try:
                await self._handle(self._parse(text))
            except ValidationError as error:
                self._send_error(text, stream_problem(error))
            except ProblemError as error:
                self._send_error(text, error.problem)
            except _RejectedClient:
                raise
            except Exception:  # an error in a module's code must not end the connection
                logger.exception("a stream could not be opened")
                self._send_error(text, Problem(title="Internal Server Error", status=500))
            # While messages have arrived already, `receive` does not let other tasks run.
            await asyncio.sleep(0)

    def _authenticate(self, message: Authenticate) -> None:
        authentication = self._served.authentication
        if authentication.known_caller(self._websocket.scope) is None:
            try:
                caller = authentication.verify(message.payload.token)
            except TokenError as error:
                raise _unauthorized(str(error)) from None
            if not caller.may(self._served.scope):
                raise _RejectedClient(forbidden(self._served.scope).problem)
            self._caller, self._until = caller, caller.expires_at
        self._send(Authenticated, message, type="authenticated")

    def _parse(self, text: str | None) -> Any:
        if text is None:
            raise ProblemError(415, "messages must be JSON text, not binary")
        if len(text) > MAX_MESSAGE_CHARACTERS:
            raise ProblemError(413, f"a message has at most {MAX_MESSAGE_CHARACTERS} characters")
        return self._served.adapter.validate_json(text)

    async def _handle(self, message: Any) -> None:
        if isinstance(message, Authenticate):
            self._authenticate(message)
            return
        if self._caller is None:
            raise _unauthorized(NO_TOKEN)
        if isinstance(message, Ping):
            self._send(Pong, message, type="pong")
            return
        stream_name, _, verb = message.type.partition(".")
        stream = self._served.by_name[stream_name]
        topic = stream.topic_of(message.payload)
        kind = f"{stream_name}.{verb}d"  # subscribed, unsubscribed
        response = {"type": kind, "topic": topic, "payload": message.payload}
        if verb == "unsubscribe":
            self._leave(topic)
            self._send(messages_of(stream).unsubscribed, message, **response)
        elif stream.numbered:
            await self._follow_numbered(stream, topic, message, response)
        else:
            await self._follow(stream, topic, message, response)

    async def _follow(
        self, stream: Stream, name: str, message: Any, response: dict[str, Any]
    ) -> None:
        self._forget_ended()
        topic = None if name in self._topics else await self._open(stream, message.payload)
        self._send(messages_of(stream).subscribed, message, **response)
        if topic is not None:
            self._topics[name] = topic, self.push
            topic.join(self.push)

    async def _follow_numbered(
        self, stream: Stream, name: str, message: Any, response: dict[str, Any]
    ) -> None:
        """Follow a stream from the number `since`, or from now on, without a gap or a double."""
        self._forget_ended()
        self._leave(name)
        topic = await self._open(stream, message.payload)
        log: EventLog = self._websocket.app.state.services[stream.service]
        follower = _Follower(self.push)
        topic.join(follower)
        try:
            # A source that has just been opened starts to listen now.
            await asyncio.sleep(0)
            since, missed = message.since, []
            if since is None:
                since = log.last_sequence
            else:
                missed = [*await _read_missed(log, stream, since)]
        except BaseException:
            topic.leave(follower)
            raise
        self._send(messages_of(stream).subscribed, message, **response, sequence=since)
        frames = [
            (serialize_update(stream, name, each.update, each.sequence), each.sequence)
            for each in missed
        ]
        follower.start(since, frames)
        self._topics[name] = topic, follower

    def _leave(self, name: str) -> None:
        if name in self._topics:
            topic, push = self._topics.pop(name)
            topic.leave(push)

    def _forget_ended(self) -> None:
        ended = [name for name, (topic, _) in self._topics.items() if topic.ended]
        for name in ended:
            del self._topics[name]

    async def _open(self, stream: Stream, subscription: BaseModel) -> Topic:
        if len(self._topics) >= MAX_SUBSCRIPTIONS:
            raise ProblemError(429, f"at most {MAX_SUBSCRIPTIONS} subscriptions per connection")
        service = self._websocket.app.state.services[stream.service]
        return await self._served.hub.open(stream, subscription, service)

    def _send(self, model: type[BaseModel], request: Any, **fields: Any) -> None:
        """Send the response to `request`, with its `ref` if it has one."""
        if request.ref is not None:
            fields["ref"] = request.ref
        self._outbox.put(model(**fields).model_dump_json(by_alias=True, exclude_unset=True))

    def _send_error(self, text: str | None, problem: Problem) -> None:
        message = ErrorMessage(type="error", ref=_ref_of(text), payload=problem)
        self._outbox.put(_error_text(message))


class _Follower:
    """Passes on the updates of one numbered topic, each once and in the order of their numbers.

    Until `start`, live updates wait.
    """

    def __init__(self, push: Push) -> None:
        self._push = push
        self._after = 0
        self._waiting: list[tuple[str, int]] | None = []

    def __call__(self, frame: str, sequence: int) -> None:
        """Take a live update, or with the number 0 the end of the topic."""
        if self._waiting is None:
            self._send(frame, sequence)
        else:
            self._waiting.append((frame, sequence))

    def start(self, after: int, missed: list[tuple[str, int]]) -> None:
        """Send the updates with a number above `after`: those that were missed, then live ones."""
        self._after = after
        waiting, self._waiting = self._waiting or [], None
        for frame, sequence in [*missed, *waiting]:
            self._send(frame, sequence)

    def _send(self, frame: str, sequence: int) -> None:
        if sequence > self._after or sequence == 0:
            self._after = max(self._after, sequence)
            self._push(frame, sequence)


async def _read_missed(log: EventLog, stream: Stream, since: int) -> Sequence[Numbered[Any]]:
    """Return the updates after the number `since`.

    Raises:
        ProblemError: 410, they are no longer kept, or too many, or of another log.
    """
    missed = None
    if since <= log.last_sequence:
        missed = await log.read_updates(stream.name, since, MAX_MISSED_UPDATES)
    if missed is None:
        detail = "These updates are no longer available; read the state, and subscribe again."
        raise ProblemError(410, detail, type=ProblemType.UPDATES_GONE, pointer="#/since")
    return missed


def _log_error(task: asyncio.Task[Any]) -> None:
    """Log the error that ended a task of a connection, unless the client just disconnected."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, WebSocketDisconnect | _RejectedClient):
        logger.error("a connection failed", exc_info=error)


def _unauthorized(detail: str) -> _RejectedClient:
    return _RejectedClient(unauthorized(detail).problem)


def _error_text(message: ErrorMessage) -> str:
    return message.model_dump_json(by_alias=True, exclude_none=True)


def _ref_of(text: str | None) -> str | None:
    """Return the `ref` of a rejected message, if it has a valid one."""
    try:
        data = from_json(text or "")
    except ValueError:
        return None
    ref = data.get("ref") if isinstance(data, dict) else None
    return ref if isinstance(ref, str) and len(ref) <= MAX_REF_CHARACTERS else None
