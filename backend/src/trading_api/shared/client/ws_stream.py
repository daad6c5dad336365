"""What a generated client says about a stream, and what its methods return."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, Self, TypeVar

RequestT = TypeVar("RequestT")
UpdateT = TypeVar("UpdateT")
UpdateT_co = TypeVar("UpdateT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Stream(Generic[RequestT, UpdateT]):
    """One stream of an AsyncAPI spec.

    `replays` means that a new subscriber first gets the latest update, or with `key` the latest
    update of each key. `numbered` means that updates have numbers, with which the stream is
    resumed after its connection was lost. `key` returns what an update is the state of, such as a
    symbol: for a slow reader, only the latest update of each key is kept.
    """

    name: str
    request: type[RequestT]
    update: type[UpdateT]
    replays: bool = False
    numbered: bool = False
    key: Callable[[UpdateT], object] | None = None


@dataclass(slots=True)
class StreamCounts:
    """What has happened to the streams of a client."""

    connections: int = 0
    """Connections that were opened; more than one means that some were lost."""
    unknown_messages: int = 0
    """Messages that were ignored: of unknown types, or no JSON objects with a type."""
    unknown_fields: set[str] = field(default_factory=set)
    """Fields that were ignored, such as `quotes.v.ask_size`: those of the first update of each
    subscription, because the spec of a service does not change while it runs."""
    replaced_updates: int = 0
    """States that a slow reader did not receive, because it received a later one."""


class Subscription(Protocol[UpdateT_co]):
    """The updates of a stream, one after another; what the method of a stream returns.

    It begins with `async with`, or else with the first update that is awaited, and ends with the
    `async with` block, `aclose`, or when the iterator is dropped, such as by `break`.
    """

    @property
    def is_live(self) -> bool:
        """Whether updates can arrive; False before it begins and while the connection is lost."""
        ...

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> UpdateT_co: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc_info: object) -> None: ...

    async def aclose(self) -> None:
        """End the subscription; the next update is then `StopAsyncIteration`."""
        ...


class FakeSubscription(Generic[UpdateT]):
    """A subscription with given updates, for test doubles; an exception among them is raised.

    It ends after the last of them; an asynchronous iterable decides itself when it ends.
    """

    def __init__(
        self, updates: Iterable[UpdateT | Exception] | AsyncIterable[UpdateT | Exception]
    ) -> None:
        self._updates = _iterate(updates)
        self.is_live = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> UpdateT:
        self.is_live = True
        update = await anext(self._updates)
        if isinstance(update, Exception):
            raise update
        return update

    async def __aenter__(self) -> Self:
        self.is_live = True
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the subscription."""
        self.is_live = False
        self._updates = _iterate(())


async def _iterate(
    updates: Iterable[UpdateT | Exception] | AsyncIterable[UpdateT | Exception],
) -> AsyncIterator[UpdateT | Exception]:
    if isinstance(updates, AsyncIterable):
        async for update in updates:
            yield update
    else:
        for update in updates:
            yield update
