"""Keeps a connection to the WebSocket of a module open while its streams are needed."""

from __future__ import annotations

import asyncio
import random
from contextvars import Context
from typing import Any, Final, Protocol

from trading_api.shared.client.errors import (
    ApiError,
    ClientError,
    TransportError,
    UnexpectedResponseError,
)
from trading_api.shared.client.options import IDLE_SECONDS, Credential, read_credential
from trading_api.shared.client.ws_messages import (
    authenticate_message,
    problem_error,
    status_of,
)
from trading_api.shared.client.ws_socket import (
    CONNECT,
    TOO_LARGE,
    OpenSocket,
    Socket,
    SocketClosedError,
)

BACKOFF_SECONDS: Final = 0.5
"""The longest pause before the first new attempt; it doubles with each failure."""

MAX_BACKOFF_SECONDS: Final = 10.0
"""The longest pause before an attempt."""

STABLE_SECONDS: Final = 10.0
"""After a connection that lasted this long, the pauses begin small again."""

REJECTED: Final = (401, 403)
"""The statuses of problems when the token is missing or not valid, or lacks a scope."""


def pause(failures: int) -> float:
    """Return the seconds to wait after so many failures.

    They are random, so that many clients do not come back at once.
    """
    longest: float = min(MAX_BACKOFF_SECONDS, BACKOFF_SECONDS * 2 ** min(failures, 16))
    return random.random() * longest


class Owner(Protocol):
    """What a connection carries: the topics of a client."""

    url: str

    def is_needed(self) -> bool: ...

    def opened(self) -> None:
        """Called when a connection is open, and the token was sent."""
        ...

    def received(self, frame: str | bytes) -> None: ...

    def lost(self, error: ClientError) -> None:
        """Called when a connection was lost; the next attempt follows."""
        ...

    def reject(self, error: Exception) -> None:
        """Called when there will be no further attempt."""
        ...


class Connection:
    """A connection that is opened again after a failure, for as long as it is needed.

    A rejection is not a failure: it ends the attempts. So does a message that is too large,
    because the next connection would receive it again.
    """

    def __init__(self, open_socket: OpenSocket, token: Credential | None, owner: Owner) -> None:
        self.last_error: TransportError | None = None
        self._open_socket = open_socket
        self._token = token
        self._owner = owner
        self._task: asyncio.Task[None] | None = None
        self._socket: Socket | None = None
        self._failure: asyncio.Future[Exception] | None = None
        self._is_accepted = False
        self._rejection: Any = None

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._socket is not None

    def open(self) -> None:
        """Connect, unless that is being done."""
        if self._task is None or self._task.done():
            # Without the deadline of the request that is being served: the connection outlives it.
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._run(), name="streams", context=Context())

    def send(self, text: str) -> None:
        """Send a message; drop it if the connection is not open."""
        if self._socket is not None:
            self._socket.send(text)

    def accept(self) -> None:
        """Note that the service has accepted the client, so that a later rejection is temporary."""
        self._is_accepted = True

    def note_rejection(self, problem: Any) -> None:
        """Note the reason for which the service is about to close the connection."""
        self._rejection = problem

    def close_soon(self) -> None:
        """Close the connection in a moment, if it is not needed then."""
        asyncio.get_running_loop().call_later(IDLE_SECONDS, self._close_if_idle)

    async def aclose(self) -> None:
        """Close the connection."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _close_if_idle(self) -> None:
        if self._task is not None and not self._owner.is_needed():
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        try:
            while self._owner.is_needed():
                started = loop.time()
                error = await self._attempt()
                failures = 0 if loop.time() - started > STABLE_SECONDS else failures + 1
                self.last_error = error
                self._owner.lost(error)
                await asyncio.sleep(pause(failures - 1))
        # Also what the function of the token raises, and whatever goes wrong here: a reader must
        # not wait for ever.
        except Exception as error:
            self._owner.reject(error)

    async def _attempt(self) -> TransportError:
        """Connect, and serve the connection until it is lost; return the reason.

        Raises:
            ClientError: another attempt would fail in the same way.
        """
        self._is_accepted, self._rejection = False, None
        self._failure = asyncio.get_running_loop().create_future()
        try:
            socket = await self._open_socket(self._receive)
        except TransportError as error:
            return error
        except ApiError as error:
            if error.status != 429 and error.status < 500:
                raise
            return TransportError(CONNECT, self._owner.url, "connect", str(error))
        try:
            closed = await self._serve(socket)
        finally:
            self._socket = None
            await socket.close()
        self._check_reason(closed)
        return TransportError(CONNECT, self._owner.url, "closed", str(closed))

    async def _serve(self, socket: Socket) -> SocketClosedError:
        """Return when the connection is closed, with the reason."""
        assert self._failure is not None
        await self._authenticate(socket)
        self._socket, self.last_error = socket, None
        self._owner.opened()
        ends: list[asyncio.Future[Any]] = [socket.closed, self._failure]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if self._failure.done():
            raise self._failure.result()
        return socket.closed.result()

    def _receive(self, frame: str | bytes) -> None:
        try:
            self._owner.received(frame)
        except Exception as error:  # the service, which may be in this process, cannot handle it
            if self._failure is not None and not self._failure.done():
                self._failure.set_result(error)

    async def _authenticate(self, socket: Socket) -> None:
        """Send the token, if there is one; nothing else carries it."""
        if self._token is not None:
            socket.send(authenticate_message(await read_credential(self._token)))

    def _check_reason(self, closed: SocketClosedError) -> None:
        """Raise the error of a connection that was closed for good."""
        if closed.code == TOO_LARGE:
            raise UnexpectedResponseError(CONNECT, self._owner.url, 101, [str(closed)], b"")
        if not self._is_accepted and status_of(self._rejection) in REJECTED:
            raise problem_error(CONNECT, self._owner.url, self._rejection)
