"""The deadline of a request, which the calls that are made to serve it inherit.

A service that has to call others cannot use more time for them than its own caller waits. So a
call ends with the deadline of the request that it serves, and sends how many seconds it will wait
in the header `X-Request-Timeout`; the service that it calls responds before.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from math import inf, isfinite
from typing import Final

DEADLINE_HEADER: Final = b"x-request-timeout"
"""The header with the seconds, as a decimal number, in which the caller needs the response."""

SHARE: Final = 0.95
"""How much of the time that is left a request gives to a call, and a call to the service."""


class Deadline:
    """The time by which the response to a request has to start; `inf` once it has started."""

    __slots__ = ("at",)

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """The seconds that remain, 0 if the time has passed."""
        return max(self.at - time.monotonic(), 0.0)


current_deadline: ContextVar[Deadline | None] = ContextVar("current_deadline", default=None)
"""The deadline of the request that is being served, if there is one."""


def limit_timeout(timeout: float) -> float:
    """Return the seconds that a call may take: `timeout`, or less if the deadline comes before.

    Some time is left for what the request still has to do, such as responding with an error.
    """
    deadline = current_deadline.get()
    if deadline is None or deadline.at == inf:
        return timeout
    return min(timeout, deadline.remaining * SHARE)


def deadline_is_over() -> bool:
    """Return whether the request that is being served has no time left."""
    deadline = current_deadline.get()
    return deadline is not None and deadline.remaining == 0


def format_timeout(timeout: float) -> bytes:
    """Return the value of the header for a call that waits for `timeout` seconds."""
    return b"%.3f" % (timeout * SHARE)


def parse_timeout(value: bytes) -> float | None:
    """Return the seconds in the header, or None if it has no positive number."""
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if isfinite(seconds) and seconds > 0 else None
