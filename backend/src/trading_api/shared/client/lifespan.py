"""Starts and stops an ASGI application that is called in this process.

The protocol is the lifespan of https://asgi.readthedocs.io/en/latest/specs/lifespan.html.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from weakref import WeakSet

from trading_api.shared.client.asgi import AsgiApp
from trading_api.shared.client.errors import TransportError

logger = logging.getLogger(__name__)


class Lifespan:
    """The lifespan of `app` in the running event loop, from now until its last user releases it.

    It runs in a task of its own, so that cancelling a call does not stop the application. If
    `previous` is still stopping, it starts afterwards.
    """

    def __init__(self, app: AsgiApp, previous: Lifespan | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        # A client that is dropped without being closed does not count.
        self._users = WeakSet[object]()
        self.state: dict[str, Any] = {}
        self._app = app
        self._events: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._events.put_nowait({"type": "lifespan.startup"})
        self._started = asyncio.Event()
        self._failure: BaseException | None = None
        self._calls = 0
        self._idle = asyncio.Event()
        self._stopping = False
        self._task = asyncio.create_task(self._run(previous), name="application lifespan")
        self._task.add_done_callback(self._forget)

    @staticmethod
    def of(app: AsgiApp, user: object) -> Lifespan:
        """Return the lifespan that all users of `app` in this event loop share."""
        key = id(app), id(asyncio.get_running_loop())
        lifespan = _lifespans.get(key)
        if lifespan is None or not lifespan.accepts_calls():
            lifespan = _lifespans[key] = Lifespan(app, lifespan)
        lifespan._users.add(user)
        return lifespan

    def accepts_calls(self) -> bool:
        """Return whether a new call can use this lifespan rather than start the next one."""
        running = self.loop is asyncio.get_running_loop() and not self._stopping
        return running and self._failure is None

    async def enter(self, method: str, url: str) -> None:
        """Wait until the application has started, and keep it running until `leave`.

        Raises:
            TransportError: the application did not start.
        """
        self._calls += 1
        try:
            await self._started.wait()
            if self._failure is not None:
                reason = str(self._failure) or type(self._failure).__name__
                raise TransportError(
                    method, url, "connect", f"the application did not start: {reason}"
                ) from self._failure
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """End a call."""
        self._calls -= 1
        if not self._calls:
            self._idle.set()

    async def release(self, user: object) -> None:
        """Shut the application down after the calls in progress, unless others use it."""
        self._users.discard(user)
        if self._users:
            return
        self._stopping = True
        try:
            if self._calls:
                self._idle.clear()
                await self._idle.wait()
        finally:
            self._events.put_nowait({"type": "lifespan.shutdown"})
        await asyncio.wait([self._task])

    def _forget(self, task: asyncio.Task[None]) -> None:
        key = id(self._app), id(self.loop)
        if _lifespans.get(key) is self:
            del _lifespans[key]

    async def _run(self, previous: Lifespan | None) -> None:
        if previous is not None:
            await asyncio.wait([previous._task])
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self.state}
        try:
            await self._app(scope, self._events.get, self._receive)
        except (Exception, SystemExit) as error:  # asyncio would end the process on SystemExit
            if self._started.is_set():
                logger.exception("the application failed to shut down")
            elif self._failure is not None:
                self._failure = error
            else:
                logger.debug("the application does not support lifespan", exc_info=True)
        finally:
            self._started.set()

    async def _receive(self, message: dict[str, str]) -> None:
        if message["type"] == "lifespan.startup.complete":
            self._started.set()
        elif message["type"] == "lifespan.startup.failed":
            self._failure = RuntimeError(message.get("message", ""))
            # An application that waits for its next event after a failure would never return.
            self._events.put_nowait({"type": "lifespan.shutdown"})


# The lifespans of running applications, by the ids of application and event loop. The dictionary
# keeps them alive: an event loop has only weak references to its tasks, and a client may be
# collected earlier.
_lifespans: dict[tuple[int, int], Lifespan] = {}
