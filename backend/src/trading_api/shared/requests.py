"""Ends every request in time, with a response."""

from __future__ import annotations

import asyncio
import logging
from math import inf
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading_api.shared.client.deadline import (
    DEADLINE_HEADER,
    Deadline,
    current_deadline,
    parse_timeout,
)
from trading_api.shared.problems import (
    ProblemError,
    ProblemType,
    plain_problem,
    problem_response,
)

logger = logging.getLogger(__name__)

SLOW: Final = "The body of the request did not arrive in time; nothing was changed."

NOT_IN_TIME: Final = "There was no time left to carry out the request; nothing was changed."


def deadline_exceeded() -> ProblemError:
    """Return the 503 of a request that was ended before it changed anything."""
    return ProblemError(503, NOT_IN_TIME, type=ProblemType.DEADLINE_EXCEEDED)


class RequestDeadlines:
    """Middleware that ends requests whose response has not started in time, with a 503.

    A request has `timeout` seconds, or fewer if its caller sends fewer in `X-Request-Timeout`. The
    calls that are made to serve it inherit the deadline. A request that the server cancels while
    it shuts down is a 503 too, and one whose body has not arrived is a 408.
    """

    def __init__(self, app: ASGIApp, timeout: float) -> None:
        self._app = app
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        is_reading, body_is_complete = False, False
        deadline = Deadline(min(self._timeout, _requested_timeout(scope)))
        token = current_deadline.set(deadline)
        timer = asyncio.timeout(deadline.remaining)

        async def send_in_time(message: Message) -> None:
            if deadline.at != inf:
                # The response may take longer than its start, and so may what comes after it.
                deadline.at = inf
                timer.reschedule(None)
            await send(message)

        async def receive_and_watch() -> Message:
            nonlocal is_reading, body_is_complete
            is_reading = not body_is_complete
            message = await receive()
            is_reading = False
            body_is_complete = not message.get("more_body", False)
            return message

        try:
            async with timer:
                await self._app(scope, receive_and_watch, send_in_time)
        except (TimeoutError, asyncio.CancelledError) as error:
            if deadline.at == inf or (isinstance(error, TimeoutError) and not timer.expired()):
                raise
            logger.warning("%s %s was ended without a response", scope["method"], scope["path"])
            problem = plain_problem(408, SLOW) if is_reading else deadline_exceeded().problem
            response = problem_response(problem)
            await response(scope, receive, send)
        finally:
            current_deadline.reset(token)


class LoggedErrors:
    """Middleware around all others that logs an error whose response has been sent.

    Starlette raises unexpected errors again after it has responded, and the server would close the
    connection, on which the caller may already have sent its next request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        is_complete = False

        async def send_and_watch(message: Message) -> None:
            nonlocal is_complete
            await send(message)
            is_complete = message["type"] == "http.response.body" and not message.get("more_body")

        try:
            await self._app(scope, receive, send_and_watch)
        except Exception:
            if not is_complete:
                raise
            logger.exception("%s %s failed", scope["method"], scope["path"])


class PlainErrors:
    """Middleware that makes problem details of errors in plain text, such as a 413 of Starlette."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_replaced = False

        async def send_problem(message: Message) -> None:
            nonlocal is_replaced
            if message["type"] == "http.response.start" and _is_plain_error(message):
                is_replaced = True
                response = problem_response(plain_problem(message["status"]))
                await response(scope, receive, send)
            elif not is_replaced:
                await send(message)

        await self._app(scope, receive, send_problem)


def _is_plain_error(message: Message) -> bool:
    content_type = Headers(raw=message.get("headers", [])).get("content-type", "")
    return message["status"] >= 400 and content_type.startswith("text/plain")


def _requested_timeout(scope: Scope) -> float:
    for name, value in scope["headers"]:
        if name == DEADLINE_HEADER:
            return parse_timeout(value) or inf
    return inf
