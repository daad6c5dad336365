"""Stand-in for what the runtime will offer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
ClientT = TypeVar("ClientT")


class SyncServiceClient(Generic[ClientT]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._make(self._kind()(*args, **kwargs))

    @classmethod
    def _kind(cls) -> Any:
        return cls.__orig_bases__[0].__args__[0]  # type: ignore[attr-defined]

    def _make(self, client: Any) -> None:
        self._client = client
        self._loop = asyncio.new_event_loop()

    @classmethod
    def in_process(cls, app: Any) -> Self:
        made = cls.__new__(cls)
        made._make(cls._kind().in_process(app))
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()


def sync_method(
    method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Any, P], T]:
    def call(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._loop.run_until_complete(method(self._client, *args, **kwargs))  # type: ignore[no-any-return]

    return call


def sync_iterator(
    method: Callable[Concatenate[Any, P], AsyncIterator[T]],
) -> Callable[Concatenate[Any, P], Iterator[T]]:
    def call(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        items = method(self._client, *args, **kwargs)
        while True:
            try:
                yield self._loop.run_until_complete(anext(items))
            except StopAsyncIteration:
                return

    return call


async def paginate(
    fetch: Callable[[str | None], Awaitable[Any]], items: str, next_cursor: str
) -> AsyncIterator[Any]:
    cursor = None
    while True:
        page = await fetch(cursor)
        for each in getattr(page, items):
            yield each
        cursor = getattr(page, next_cursor)
        if not cursor:
            return
