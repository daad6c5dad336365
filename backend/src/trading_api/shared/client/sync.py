"""The base of the synchronous clients, which run the asynchronous ones in a thread of their own."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Concatenate,
    Generic,
    ParamSpec,
    Self,
    TypeVar,
    cast,
    get_args,
    get_origin,
    overload,
)
from weakref import WeakSet, finalize

from trading_api.shared.client.base import ServiceClient

if TYPE_CHECKING:
    import asyncio
    from typing import Unpack

    from anyio.from_thread import BlockingPortal

    from trading_api.shared.client.asgi import AsgiApp
    from trading_api.shared.client.options import CallOptions, ClientOptions

P = ParamSpec("P")
ValueT = TypeVar("ValueT")
ClientT = TypeVar("ClientT", bound=ServiceClient)


class SyncServiceClient(Generic[ClientT]):
    """The base of the generated synchronous clients, for scripts and workers without asyncio.

    It has the constructors and the operations of the asynchronous client `ClientT`, which runs in
    an event loop in a thread. The thread starts with the first call, and `close`, or the end of a
    `with` block, ends it. Threads can share a client. After a fork the child has a thread and
    connections of its own. An interrupt (Ctrl-C) cancels the call in progress.

    In a coroutine use the asynchronous client: a synchronous call would stop the event loop.
    """

    client_class: ClassVar[type[Any]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for base in getattr(cls, "__orig_bases__", ()):
            if get_origin(base) is SyncServiceClient:
                (cls.client_class,) = get_args(base)

    def __init__(self, base_url: str | None = None, **options: Unpack[ClientOptions]) -> None:
        self._use(self.client_class(base_url, **options))

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """Return a client of the address in `<MODULE>_URL`, or else of the server of the spec."""
        return cls._of(cls.client_class.from_env(**options))

    @classmethod
    def in_process(
        cls, app: AsgiApp, *, run_lifespan: bool = True, **options: Unpack[CallOptions]
    ) -> Self:
        """Return a client that calls `app` in this process, in the thread of the client."""
        client = cls.client_class.in_process(app, run_lifespan=run_lifespan, **options)
        return cls._of(client)

    @property
    def async_client(self) -> ClientT:
        """The asynchronous client that makes the calls."""
        return self._client

    def __enter__(self) -> Self:
        self._run(self._client.__aenter__)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and end the thread; the next call starts another one."""
        self._thread.close(self._client.aclose)

    @classmethod
    def _of(cls, client: ClientT) -> Self:
        self = cls.__new__(cls)
        self._use(client)
        return self

    def _use(self, client: ClientT) -> None:
        self._client = client
        self._thread = _LoopThread(f"{type(self).__name__} event loop")
        # A client that is dropped ends its thread.
        finalize(self, self._thread.abandon)
        _clients.add(self)

    def _run(self, function: Callable[[], Awaitable[ValueT]]) -> ValueT:
        call = _Call(function)
        try:
            portal = self._thread.portal()
            return portal.start_task_soon(call.run).result()
        except BaseException:
            # An interrupt, which may come before the call has begun; a call that failed has ended.
            call.cancel(self._thread)
            raise

    def _iterate(self, start: Callable[[], AsyncIterator[ValueT]]) -> Generator[ValueT, None, None]:
        import asyncio

        iterator = cast(Any, start())
        # After an interrupt, the iterator can only be closed when its last step has ended.
        lock = asyncio.Lock()
        end = object()

        async def step() -> Any:
            async with lock:
                return await anext(iterator, end)

        async def close() -> None:
            async with lock:
                await iterator.aclose()

        portal = self._thread.portal()
        try:
            while (item := self._run(step)) is not end:
                yield item
                if not self._thread.has(portal):
                    raise RuntimeError("the client was closed before the iteration had ended")
        finally:
            # If the thread has ended, its event loop has closed the iterator. In the thread, which
            # may collect this generator, one cannot wait for it; its event loop closes it later.
            if self._thread.has(portal) and not self._thread.is_current():
                self._run(close)

    def _after_fork(self) -> None:
        self._thread.forget()
        self._client._connections.forget()
        if self._client._streams is not None:
            self._client._streams.forget()


class SyncCall(Generic[P, ValueT]):
    """An operation of a synchronous client."""

    def __init__(
        self, client: SyncServiceClient[Any], function: Callable[..., Coroutine[Any, Any, ValueT]]
    ) -> None:
        self.client = client
        self.function = function
        self.__doc__ = function.__doc__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> ValueT:
        return self.client._run(partial(self.function, self.client.async_client, *args, **kwargs))


class SyncMethod(Generic[P, ValueT]):
    """A method of a synchronous client that runs the one of the asynchronous client."""

    def __init__(self, function: Callable[..., Coroutine[Any, Any, ValueT]]) -> None:
        self.function = function
        self.__wrapped__ = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: SyncServiceClient[Any], owner: type) -> SyncCall[P, ValueT]: ...
    def __get__(
        self, client: SyncServiceClient[Any] | None, owner: type
    ) -> Self | SyncCall[P, ValueT]:
        return self if client is None else SyncCall(client, self.function)


class SyncIterator(Generic[P, ValueT]):
    """A method of a synchronous client that iterates over an asynchronous iterator."""

    def __init__(self, function: Callable[..., AsyncIterator[ValueT]]) -> None:
        self.function = function
        self.__wrapped__ = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(
        self, client: SyncServiceClient[Any], owner: type
    ) -> Callable[P, Generator[ValueT, None, None]]: ...
    def __get__(
        self, client: SyncServiceClient[Any] | None, owner: type
    ) -> Self | Callable[P, Generator[ValueT, None, None]]:
        if client is None:
            return self
        function = self.function

        def iterate(*args: P.args, **kwargs: P.kwargs) -> Generator[ValueT, None, None]:
            return client._iterate(partial(function, client.async_client, *args, **kwargs))

        return iterate


def sync_method(
    method: Callable[Concatenate[ClientT, P], Coroutine[Any, Any, ValueT]],
) -> SyncMethod[P, ValueT]:
    """Return the synchronous variant of an operation, for the class of a synchronous client."""
    return SyncMethod(method)


def sync_iterator(
    method: Callable[Concatenate[ClientT, P], AsyncIterator[ValueT]],
) -> SyncIterator[P, ValueT]:
    """Return the synchronous variant of a method that returns an asynchronous iterator."""
    return SyncIterator(method)


class _Call(Generic[ValueT]):
    """A call in the thread, which can be cancelled before it has begun as well as afterwards."""

    def __init__(self, function: Callable[[], Awaitable[ValueT]]) -> None:
        self._function = function
        self._task: asyncio.Task[Any] | None = None
        self._is_cancelled = False

    async def run(self) -> ValueT:
        """Return the value of the call.

        Raises:
            asyncio.CancelledError: the call was cancelled.
        """
        import asyncio

        if self._is_cancelled:
            raise asyncio.CancelledError
        self._task = asyncio.current_task()
        try:
            return await self._function()
        finally:
            self._task = None

    def cancel(self, thread: _LoopThread) -> None:
        """Cancel the call, unless it has ended."""
        self._is_cancelled = True
        thread.call_soon(self._cancel_task)

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._task.cancel()


class _LoopThread:
    """A thread with an event loop, which starts when it is first used."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.forget()

    def forget(self) -> None:
        """Start a new thread at the next use; after a fork the present one does not exist."""
        self._lock = threading.Lock()
        self._running: tuple[BlockingPortal, asyncio.AbstractEventLoop, threading.Thread] | None
        self._running = None

    def portal(self) -> BlockingPortal:
        """Return what runs functions in the thread."""
        with self._lock:
            if self._running is None:
                self._running = _start_loop(self._name)
            return self._running[0]

    def has(self, portal: BlockingPortal) -> bool:
        """Return whether the thread has not ended, and no other was started, since `portal`."""
        return self._running is not None and self._running[0] is portal

    def is_current(self) -> bool:
        """Return whether the caller is in the thread."""
        return self._running is not None and self._running[2] is threading.current_thread()

    def call_soon(self, function: Callable[[], object]) -> None:
        """Call a function in the thread, if it is running."""
        if self._running is not None:
            self._running[1].call_soon_threadsafe(function)

    def close(self, finish: Callable[[], Awaitable[None]]) -> None:
        """Run `finish` in the thread and end it."""
        with self._lock:
            running, self._running = self._running, None
        if running is None:
            return
        portal, _, thread = running
        try:
            portal.call(finish)
        finally:
            portal.call(portal.stop)
            thread.join()

    def abandon(self) -> None:
        """End the thread without waiting for it; this may run in the thread itself."""
        # Without the lock, which the thread that collects the client may hold.
        running, self._running = self._running, None
        if running is not None:
            portal, loop, _ = running
            stop = partial(portal.stop, cancel_remaining=True)
            loop.call_soon_threadsafe(lambda: loop.create_task(stop()))


def _start_loop(name: str) -> tuple[BlockingPortal, asyncio.AbstractEventLoop, threading.Thread]:
    # Imported here because asynchronous clients do not need them.
    import asyncio
    from concurrent.futures import Future

    from anyio.from_thread import BlockingPortal

    started = Future[tuple[BlockingPortal, asyncio.AbstractEventLoop]]()

    async def serve() -> None:
        async with BlockingPortal() as portal:
            started.set_result((portal, asyncio.get_running_loop()))
            await portal.sleep_until_stopped()

    def run() -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(serve())
        except Exception as error:  # such as no file descriptors for an event loop
            if started.done():
                raise
            started.set_exception(error)

    # `start_blocking_portal` would wait for its thread when it is collected, which a child process
    # does not have.
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return (*started.result(), thread)


def _forget_threads() -> None:
    for client in list(_clients):
        client._after_fork()


_clients = WeakSet[SyncServiceClient[Any]]()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
