"""How often somebody may do something."""

from __future__ import annotations

import time
from math import ceil
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from trading_api.shared.auth.callers import ANYBODY, THIS_PROCESS
from trading_api.shared.problems import ProblemError, ProblemType, problem_response
from trading_api.shared.response_headers import EXTRA_HEADERS
from trading_api.shared.utils import API_PREFIX

BURST_SECONDS: Final = 2
"""A caller that was quiet may make the requests of so many seconds at once."""

MAX_CALLERS: Final = 10_000
"""The callers whose rates are remembered; the one that came first is forgotten first."""

TRY_AGAIN_LATER: Final = 1013


class RequestRates:
    """Middleware that limits how many requests each caller makes to the modules: 429.

    Callers are distinguished by the subject of their token, or else by their address. Opening a
    WebSocket counts as a request. Calls between modules of one process are not limited.

    The responses have the headers `RateLimit` and `RateLimit-Policy`
    (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).

    Args:
        app: the application.
        rate: requests per second; `BURST_SECONDS` times as many may be made at once.
    """

    def __init__(self, app: ASGIApp, rate: float) -> None:
        self._app = app
        self._rate = rate
        self._burst = ceil(rate * BURST_SECONDS)
        policy = f'"default";q={self._burst};w={BURST_SECONDS}'
        self._policy = (b"ratelimit-policy", policy.encode())
        self._buckets: dict[str, TokenBucket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        bucket = self._bucket_of(scope)
        if bucket is None:
            await self._app(scope, receive, send)
            return
        is_allowed = bucket.take()
        scope["state"][EXTRA_HEADERS] += (
            self._policy,
            (b"ratelimit", b'"default";r=%d;t=%d' % (bucket.left, BURST_SECONDS)),
        )
        if is_allowed:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
        else:
            retry = {"Retry-After": str(ceil(bucket.seconds_until_next))}
            response = problem_response(rate_limited(self._rate).problem, retry)
            await response(scope, receive, send)

    def _bucket_of(self, scope: Scope) -> TokenBucket | None:
        if scope["type"] == "lifespan" or not scope["path"].startswith(f"{API_PREFIX}/"):
            return None
        caller = scope["state"]["caller"]
        if caller is THIS_PROCESS:
            return None
        # The caller of a WebSocket is not known yet.
        is_known = caller is not None and caller is not ANYBODY
        name = f"subject {caller.subject}" if is_known else (scope.get("client") or ("",))[0]
        bucket = self._buckets.get(name)
        if bucket is None:
            if len(self._buckets) >= MAX_CALLERS:
                del self._buckets[next(iter(self._buckets))]
            bucket = self._buckets[name] = TokenBucket(self._rate, self._burst)
        return bucket


def rate_limited(rate: float) -> ProblemError:
    """Return the 429 of a caller that makes too many requests."""
    detail = f"A caller may make {rate:g} requests per second."
    return ProblemError(429, detail, type=ProblemType.RATE_LIMITED)


class TokenBucket:
    """Allows `burst` actions at once, and after them `rate` per second.

    It is full at first, and fills at `rate` up to `burst`
    (https://en.wikipedia.org/wiki/Token_bucket).
    """

    __slots__ = ("_burst", "_left", "_rate", "_time")

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._left = float(burst)
        self._time = time.monotonic()

    def take(self) -> bool:
        """Count one action, and return whether it is allowed."""
        self._fill()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    @property
    def left(self) -> int:
        """The actions that are allowed now."""
        return int(self._left)

    @property
    def seconds_until_next(self) -> float:
        """The seconds until an action is allowed; 0 if one is allowed now."""
        return max(0.0, (1 - self._left) / self._rate)

    def _fill(self) -> None:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._time) * self._rate)
        self._time = now
