"""Protects a caller from a service that fails, and the service from its callers.

Each client has one `Protection`:

- A limit on concurrent calls, so that a service that hangs cannot use up the caller's sockets.
  As many can wait for their turn, and further ones fail at once: if they all waited, they would
  fail together, and delay everything else.
- A circuit breaker (https://martinfowler.com/bliki/CircuitBreaker.html): after several failures in
  a row, calls fail at once, except for one from time to time that tries again.
- A retry budget: retries are a share of the calls, so that they cannot multiply the load on a
  service that is overloaded.

A call that is not made raises a `TransportError` with the cause `unavailable`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from contextlib import suppress
from math import isinf
from typing import Final

MAX_CONCURRENT_CALLS: Final = 100
"""How many calls of a client can be in progress; further ones wait."""

MAX_WAITING_CALLS: Final = 100
"""How many calls of a client can wait for their turn; further ones fail at once."""

MAX_FAILURES: Final = 5
"""How many calls in a row fail before the breaker opens."""

FIRST_PAUSE: Final = 1.0
"""Seconds until the breaker lets a call through to try again; twice as many after each failure."""

LONGEST_PAUSE: Final = 30.0
"""The most seconds between two tries."""

RETRY_SHARE: Final = 0.2
"""Retries for each call, on average."""

SAVED_RETRIES: Final = 10.0
"""The most retries that earlier calls can have saved."""

RETRY_DELAY: Final = 0.1
"""A retry waits up to this many seconds, by chance, so that callers do not retry in step."""

SHORTEST_TIMEOUT: Final = 1.0
"""A call with a shorter timeout says nothing about the service if it times out."""

FAILED_STATUSES: Final = (502, 504)
"""Gateways respond with these statuses if the service behind them fails."""


OUTCOMES: Final = ("success", "failure", "not_made", "unknown")
"""How calls end, as `Protection.outcomes` counts them."""


logger = logging.getLogger(__name__)


class NotMadeError(Exception):
    """A call was not made; the message says why."""


class Protection:
    """Decides which calls of a client are made, and which are retried; counts both."""

    def __init__(self, *, retries: bool = True) -> None:
        self._retries = retries
        self._saved = SAVED_RETRIES
        self.outcomes = dict.fromkeys(OUTCOMES, 0)
        self.retried = 0
        self.reset()

    def reset(self) -> None:
        """Forget the calls so far, such as those of the parent process after a fork."""
        self._calls = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._failures = 0
        self._pause = 0.0
        self._retry_at = 0.0
        self._is_trying = False

    @property
    def is_available(self) -> bool:
        """Whether the breaker is closed, so that calls are made."""
        return self._failures < MAX_FAILURES

    @property
    def is_full(self) -> bool:
        """Whether a call has to wait for its turn."""
        return self._calls >= MAX_CONCURRENT_CALLS

    async def wait(self, seconds: float) -> None:
        """Wait until a call can begin.

        Raises:
            NotMadeError: it could not within `seconds`, too many wait, or the breaker has opened.
        """
        if len(self._waiting) >= MAX_WAITING_CALLS:
            self.outcomes["not_made"] += 1
            raise NotMadeError(
                f"{MAX_CONCURRENT_CALLS} calls are in progress, and {MAX_WAITING_CALLS} wait"
            )
        try:
            async with asyncio.timeout(None if isinf(seconds) else seconds):
                while self.is_full:
                    await self._wait_once()
                    self._check_breaker()
        except TimeoutError:
            self.outcomes["not_made"] += 1
            raise NotMadeError(f"{MAX_CONCURRENT_CALLS} calls are in progress") from None
        except NotMadeError:
            # One after another: hundreds that fail at once would delay everything else.
            self._admit()
            raise

    def begin(self) -> bool:
        """Count a call that begins, and return whether it tries a service that has failed.

        Each call that has begun ends with `end`.

        Raises:
            NotMadeError: the breaker is open.
        """
        is_try = not self.is_available
        if is_try:
            self._check_breaker()
            self._is_trying = True
        self._calls += 1
        if self._saved < SAVED_RETRIES:
            self._saved += RETRY_SHARE
        return is_try

    def end(self, is_try: bool, succeeded: bool | None, name: str) -> None:
        """Count a call that has ended; `succeeded` is None if that says nothing about the service.

        `is_try` is what `begin` has returned, `name` identifies the call in the log.
        """
        self._calls = max(self._calls - 1, 0)
        if is_try:
            self._is_trying = False
        self.outcomes[_outcome(succeeded)] += 1
        if succeeded:
            if not self.is_available:
                logger.warning("%s succeeded; calls are made again", name)
            self._failures = 0
            self._pause = 0.0
        elif succeeded is False:
            self._count_failure(is_try, name)
        self._admit()

    def take_retry(self) -> bool:
        """Return whether a call may be retried, and count the retry."""
        if not self._retries or self._saved < 1:
            return False
        self._saved -= 1
        self.retried += 1
        return True

    async def _wait_once(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            # Cancelled just when it was its turn, which is then that of the next call.
            if turn.done() and not turn.cancelled():
                self._admit()
            else:
                with suppress(ValueError):  # another call has removed it in the meantime
                    self._waiting.remove(turn)
            raise

    def _count_failure(self, is_try: bool, name: str) -> None:
        self._failures += 1
        if self._failures == MAX_FAILURES:
            logger.warning(
                "%s is the last of %d calls that failed in a row; calls fail at once until one"
                " succeeds, which is tried after %g s, then less often",
                *(name, MAX_FAILURES, FIRST_PAUSE),
            )
        if self._failures == MAX_FAILURES or is_try:
            self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            self._retry_at = time.monotonic() + self._pause

    def _check_breaker(self) -> None:
        if not self.is_available and (self._is_trying or time.monotonic() < self._retry_at):
            self.outcomes["not_made"] += 1
            raise NotMadeError(f"the last {self._failures} calls failed; it is tried again soon")

    def _admit(self) -> None:
        """Let the first call stop waiting."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


def _outcome(succeeded: bool | None) -> str:
    if succeeded is None:
        return "unknown"
    return "success" if succeeded else "failure"


def retry_delay() -> float:
    """Return the seconds to wait before a retry."""
    return random.uniform(0, RETRY_DELAY)
