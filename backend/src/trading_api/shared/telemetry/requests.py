"""Gives each request an id, logs it, and counts it."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Sequence
from time import perf_counter
from typing import Final

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading_api.shared.client.forwarded import forwarded_headers
from trading_api.shared.response_headers import EXTRA_HEADERS
from trading_api.shared.spec_headers import spec_headers
from trading_api.shared.telemetry import tracing
from trading_api.shared.telemetry.logs import log_fields, request_id
from trading_api.shared.telemetry.metrics import OTHER_METHOD, REQUEST_SECONDS, REQUESTS

ID_HEADER: Final = b"x-request-id"

ID_PATTERN: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
"""What the id of a caller may look like; another one is replaced."""

QUIET_PREFIXES: Final = ("/health/", "/metrics")
"""Paths that a supervisor asks for all the time."""

UNKNOWN: Final = ""
"""The module and the operation of a request that was rejected before it was known."""

MAX_PATH_CHARACTERS: Final = 200
"""Characters of a path in the log; what follows it, the query, is not logged."""

METHODS: Final = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
"""Other methods count as one, because a caller can invent any number of them."""

logger = logging.getLogger("trading_api.requests")


class ObservedRequests:
    """Middleware that identifies, logs and counts the requests of a process.

    The id is the caller's `X-Request-ID`, or a new one. The response has it, the logs have it, and
    the calls that are made to serve the request send it on, with the trace of the request.
    """

    def __init__(self, app: ASGIApp, *, is_traced: bool) -> None:
        self._app = app
        self._is_traced = is_traced
        self._counters: dict[tuple[str, str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        name, trace = _read_headers(scope)
        if self._is_traced:
            trace = tracing.current_trace()
        header = (ID_HEADER, name)
        extra = [header]
        scope.setdefault("state", {})[EXTRA_HEADERS] = extra
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {
                    **message,
                    "headers": [*message.get("headers", ()), *extra, *spec_headers(scope)],
                }
            elif message["type"] == "websocket.close":
                status = message.get("code", 1000)
            await send(message)

        id_token = request_id.set(name.decode())
        headers_token = forwarded_headers.set([header, *trace])
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._note(scope, status, perf_counter() - started)
            forwarded_headers.reset(headers_token)
            request_id.reset(id_token)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        module, operation = operation_of(scope)
        if scope["type"] == "http":
            counter, histogram = self._metrics(module, operation, scope["method"], status)
            counter.inc()
            histogram.observe(seconds)
        level = _level(scope["path"], status)
        if logger.isEnabledFor(level):
            caller = scope.get("state", {}).get("caller")
            method = scope.get("method", "WS")
            shown = operation or "unknown operation"
            message = f"{method} {shown} {status} in {seconds * 1000:.1f} ms"
            fields = {
                "module": module,
                "operation": operation,
                "method": method,
                "path": scope["path"][:MAX_PATH_CHARACTERS],
                "status": status,
                "duration_ms": round(seconds * 1000, 3),
                "caller": caller.subject if caller else None,
            }
            log_fields(logger, level, message, fields)

    def _metrics(
        self, module: str, operation: str, method: str, status: int
    ) -> tuple[Counter, Histogram]:
        key = (module, operation, method if method in METHODS else OTHER_METHOD, status)
        found = self._counters.get(key)
        if found is None:
            counter = REQUESTS.labels(module, operation, key[2], str(status))
            found = self._counters[key] = counter, REQUEST_SECONDS.labels(module, operation)
        return found


def operation_of(scope: Scope) -> tuple[str, str]:
    """Return the module and the operation that a request has reached, as far as they are known."""
    module = scope.get("state", {}).get("module", UNKNOWN)
    return module, getattr(scope.get("route"), "name", UNKNOWN) if module else UNKNOWN


def _read_headers(scope: Scope) -> tuple[bytes, Sequence[tuple[bytes, bytes]]]:
    """Return the id of a request, and the headers of its trace."""
    name, trace = b"", []
    for header in scope["headers"]:
        if header[0] == ID_HEADER and ID_PATTERN.fullmatch(header[1]):
            name = header[1]
        elif header[0] in tracing.HEADERS:
            trace.append(header)
    return name or secrets.token_hex(16).encode(), tracing.valid_trace(trace)


def _level(path: str, status: int) -> int:
    if path.startswith(QUIET_PREFIXES):
        return logging.DEBUG
    return logging.WARNING if 500 <= status < 600 else logging.INFO
