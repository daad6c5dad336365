"""The streams of a client: what its generated methods return, and where they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from math import isinf
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from trading_api.shared.client.errors import TransportError
from trading_api.shared.client.notices import log_spec_version
from trading_api.shared.client.options import Credential
from trading_api.shared.client.ws_buffer import Buffer
from trading_api.shared.client.ws_messages import encode_request
from trading_api.shared.client.ws_socket import OpenSocket, Receive, Socket
from trading_api.shared.client.ws_stream import Stream, StreamCounts
from trading_api.shared.client.ws_topic import Topic
from trading_api.shared.client.ws_topics import Topics

if TYPE_CHECKING:
    from trading_api.shared.client.base import ServiceClient
    from trading_api.shared.client.http import Connections
    from trading_api.shared.client.values import Headers

RequestT = TypeVar("RequestT")
UpdateT = TypeVar("UpdateT")

# Collecting the connections of the parent process would close them.
_of_parent: list[Topics] = []


class ClientStreams:
    """The streams of one client, over one connection per event loop.

    Args:
        url: the address of the WebSocket, for messages.
        open_socket: connects.
        token: sent with the first message.
        timeout: seconds in which a subscription begins.
    """

    def __init__(
        self, url: str, open_socket: OpenSocket, token: Credential | None, timeout: float
    ) -> None:
        self.url = url
        self.timeout = timeout
        self.counts = StreamCounts()
        self._open_socket = open_socket
        self._token = token
        self._topics: Topics | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def of(
        cls,
        client: ServiceClient,
        connections: Connections,
        headers: Headers,
        token: Credential | None,
    ) -> Self:
        """Return the streams of `client`; `headers` are those of its calls."""
        sent = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in headers.items()
            for value in values
            if name not in (b"accept", b"host")
        ]
        scheme, _, address = client.base_url.partition("://")
        scheme = "wss" if scheme.lower() == "https" else "ws"
        url = f"{scheme}://{address}{client.stream_path}"

        async def open_socket(receive: Receive) -> Socket:
            socket = await connections.open_socket(url, sent, client.timeout, receive)
            log_spec_version(client.module, url, client.stream_version, socket.spec_version)
            return socket

        return cls(url, open_socket, token, client.timeout)

    def topics(self) -> Topics:
        """Return the topics in the running event loop."""
        loop = asyncio.get_running_loop()
        if self._topics is None or self._loop is not loop:
            self._topics = Topics(self.url, self._open_socket, self._token, self.counts)
            self._loop = loop
        return self._topics

    async def aclose(self) -> None:
        """End all subscriptions, and close the connection."""
        topics, self._topics = self._topics, None
        # A connection of another event loop cannot be closed here; the garbage collector does it.
        if topics is not None and self._loop is asyncio.get_running_loop():
            await topics.aclose()

    def forget(self) -> None:
        """Leave the connection to the parent process, after a fork."""
        if self._topics is not None:
            _of_parent.append(self._topics)
        self._topics = self._loop = None


class StreamReader(Generic[UpdateT]):
    """A `Subscription` over the connection of a client.

    Raises:
        ValueError: the request has a value that JSON does not have.
    """

    def __init__(
        self, streams: ClientStreams, stream: Stream[RequestT, UpdateT], request: RequestT
    ) -> None:
        self._streams = streams
        self._stream: Stream[Any, UpdateT] = stream
        self._request = encode_request(stream, request)
        self._buffer: Buffer[UpdateT] = Buffer(stream.key, streams.counts)
        self._leave: Callable[[], None] | None = None
        self._topic: Topic | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_live(self) -> bool:
        """Whether updates can arrive; False before it begins and while the connection is lost."""
        return self._topic is not None and self._topic.name is not None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> UpdateT:
        if self._loop is None:
            await self._begin()
        return await self._buffer.take()

    async def __aenter__(self) -> Self:
        """Begin the subscription: no update is missed from now on.

        Raises:
            ApiError: the service rejects it.
            TransportError: it has not begun within the timeout of the client.
        """
        if self._loop is None:
            await self._begin()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the subscription; the next update is then `StopAsyncIteration`."""
        self._loop = self._loop or asyncio.get_running_loop()
        self._buffer.close()
        self._end()

    def __del__(self) -> None:
        # The iterator was dropped, such as by `break`; the garbage collector may be in any thread.
        if self._leave is not None and self._loop is not None:
            with suppress(RuntimeError):  # the event loop is closed
                self._loop.call_soon_threadsafe(self._leave)

    async def _begin(self) -> None:
        topics, buffer = self._streams.topics(), self._buffer
        self._loop = asyncio.get_running_loop()
        topic, begun = topics.join(self._stream, self._request, buffer)
        self._topic, self._leave = topic, lambda: topics.leave(topic, buffer)
        timeout = self._streams.timeout
        try:
            async with asyncio.timeout(None if isinf(timeout) else timeout):
                await begun
        except TimeoutError:
            await self.aclose()
            last = topics.last_error
            cause = "timeout" if last is None else last.cause
            reason = f"the subscription has not begun within {timeout:g} s"
            reason = f"{reason}; {last}" if last is not None else reason
            raise TransportError(topic.method, topics.url, cause, reason) from last
        except BaseException:
            await self.aclose()
            raise

    def _end(self) -> None:
        leave, self._leave, self._topic = self._leave, None, None
        if leave is not None:
            leave()
