"""HTTP/1.1 with the limits that uvicorn does not have: sizes and seconds of requests, connections.

A process that is about to stop closes its connections with their next response.

Errors that occur before there is a request, such as a malformed one, are problem details as well.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from trading_api.shared import health
from trading_api.shared.problems import MEDIA_TYPE, RETRY_AFTER, plain_problem
from trading_api.shared.telemetry.metrics import count_rejected

logger = logging.getLogger(__name__)

MAX_HEAD_BYTES: Final = 65_536
"""Bytes of the request line and the headers; more are a 431."""

MAX_HEADERS: Final = 100
"""Headers of a request; more are a 431."""

SECONDS_FOR_HEAD: Final = 10
"""Seconds in which a request line and its headers have to arrive; later is a 408."""

SECONDS_FOR_BODY: Final = 60
"""Seconds in which a body has to arrive, also if the response was sent before its end."""

MAX_CONNECTIONS: Final = 2_000
"""Open connections of a process, WebSockets included; further ones are a 503."""

SECONDS_TO_READ_ERROR: Final = 1
"""Seconds for which a connection is kept after an error, and what the client sends is ignored.

A connection that is closed with unread data is reset, and the client may lose the response.
"""

DETAILS: Final = {
    400: "The request is not valid HTTP/1.1.",
    408: f"A request line and its headers must arrive within {SECONDS_FOR_HEAD} seconds.",
    431: f"A request may have {MAX_HEADERS} headers, and {MAX_HEAD_BYTES} bytes before its body.",
    503: f"{MAX_CONNECTIONS} connections are open; try again later.",
}


class LimitedHttpProtocol(HttpToolsProtocol):
    """One connection. Use it as `uvicorn --http trading_api.shared.http_limits:...`."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._in_head = True
        self._in_body = False
        self._head_bytes = 0
        self._status = 400
        self._is_rejected = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for a request, unless too many connections are open."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self._reject(503)
        else:
            self._start_timer(SECONDS_FOR_HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived."""
        if self._is_rejected:
            return
        super().data_received(data)
        # The parser does not report a header before its end.
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self._is_rejected:
                self._reject(431)
        if (self._in_head or self._in_body) and self._timer is None:
            self._start_timer(SECONDS_FOR_HEAD if self._in_head else SECONDS_FOR_BODY)

    def on_message_begin(self) -> None:
        """Note that a request begins."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Note the URL, or a part of it."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header."""
        super().on_header(name, value)
        self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """Start to serve the request."""
        self._in_head, self._in_body = False, True
        self._stop_timer()
        super().on_headers_complete()
        if health.is_draining:
            self.close_after_response()

    def close_after_response(self) -> None:
        """Send `Connection: close` with the response in progress, so that no request follows it.

        Otherwise a client may send one at the moment when the process closes the connection.
        """
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Note that the body is complete."""
        self._in_body = False
        self._stop_timer()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection to the protocol of WebSockets."""
        self._stop_timer()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Respond to a request that the parser has rejected."""
        self._reject(self._status)

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES or len(self.headers) > MAX_HEADERS:
            self._status = 431
            raise httptools.HttpParserError(DETAILS[431])

    def _start_timer(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._end)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        """End a request that does not arrive in time."""
        self._timer = None
        if self._in_head and self.transport is not None:
            self._reject(408)
        elif not self.transport.is_closing():
            self.transport.close()

    def _reject(self, status: int) -> None:
        """Send an error, and close the connection once the client had time to read it."""
        self._is_rejected = True
        self._stop_timer()
        if self.transport.is_closing():
            return
        count_rejected(status)
        body = plain_problem(status, DETAILS[status]).model_dump_json(exclude_none=True).encode()
        headers = [b"content-type: " + MEDIA_TYPE.encode(), b"content-length: %d" % len(body)]
        if status == 503:
            headers.append(b"retry-after: " + RETRY_AFTER.encode())
        head = STATUS_LINE[status] + b"\r\n".join([*headers, b"connection: close", b"", b""])
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(head + body)
        if cycle is not None and not cycle.response_complete:
            # The application gets `http.disconnect`, and what it sends is ignored.
            cycle.disconnected = True
            cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(SECONDS_TO_READ_ERROR, self.transport.close)
