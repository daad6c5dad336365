"""Declares the streams of a module."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel

SourceT = TypeVar("SourceT", bound=Callable[..., Awaitable[AsyncIterator[Any]]])

UpdateT = TypeVar("UpdateT", covariant=True)

_STREAM_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Numbered(Generic[UpdateT]):
    """An update with its number, which rises from update to update; numbers start at 1."""

    sequence: int
    update: UpdateT


class EventLog(Protocol):
    """A service that keeps its numbered updates, so that a client can resume a stream."""

    @property
    def last_sequence(self) -> int:
        """The number of the last update of any stream; 0 for none."""
        ...

    async def read_updates(
        self, stream: str, since: int, limit: int
    ) -> Sequence[Numbered[Any]] | None:
        """Return the updates of a stream after the number `since`.

        Return None if some of them are no longer kept, or if there are more than `limit`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of live data: its request, its updates, and their source.

    `open(subscription, service)` is called once per topic, that is per distinct subscription, for
    all connections together. It returns the iterator of updates, or raises `ProblemError` to reject
    the subscription. With `replay_last`, a new subscriber of a running topic first gets its latest
    update: right for states (an account), wrong for events (an execution). With `replay_last_of`,
    it gets the latest update for each value of that field. A `numbered` stream can be resumed; its
    source must miss nothing from the moment when it first waits for an update.
    """

    name: str
    description: str
    request: type[BaseModel]
    update: type[BaseModel]
    service: type[Any]
    open: Callable[[Any, Any], Awaitable[AsyncIterator[Any]]]
    replay_last: bool
    replay_last_of: str | None
    numbered: bool

    def topic_of(self, subscription: BaseModel) -> str:
        """Return the topic of a subscription."""
        return f"{self.name}:{subscription.model_dump_json(by_alias=True)}"


class StreamRouter:
    """Collects the streams of one module."""

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}

    def __iter__(self) -> Iterator[Stream]:
        return iter(self._streams.values())

    def __len__(self) -> int:
        return len(self._streams)

    def stream(
        self, name: str, *, replay_last: bool = False, replay_last_of: str | None = None
    ) -> Callable[[SourceT], SourceT]:
        """Register a stream whose types are read from the annotations of the function.

        Declare the function as
        `async def f(subscription: Model, service: Service) -> AsyncIterator[Model]`, or with
        `AsyncIterator[Numbered[Model]]` if the service is an `EventLog`.

        Raises:
            TypeError: the function is declared differently.
            ValueError: the name is used already or is not lower_snake_case.
        """

        def register(source: SourceT) -> SourceT:
            if not _STREAM_NAME.fullmatch(name):
                raise ValueError(f"stream name {name!r} is not lower_snake_case")
            if name in self._streams:
                raise ValueError(f"two streams are named {name!r}")
            request, service, update, numbered = _types_of(source)
            self._streams[name] = Stream(
                name=name,
                description=inspect.getdoc(source) or "",
                request=request,
                update=update,
                service=service,
                open=source,
                replay_last=replay_last,
                replay_last_of=replay_last_of,
                numbered=numbered,
            )
            return source

        return register


def _types_of(
    source: Callable[..., Any],
) -> tuple[type[BaseModel], type[Any], type[BaseModel], bool]:
    """Return the types of request, service and updates, and whether these are numbered."""
    hints = get_type_hints(source)
    returned = hints.pop("return", None)
    updates = get_args(returned)
    numbered = len(updates) == 1 and get_origin(updates[0]) is Numbered
    types = [*hints.values(), *(get_args(updates[0]) if numbered else updates)]
    if (
        get_origin(returned) is not AsyncIterator
        or not inspect.iscoroutinefunction(source)
        or len(types) != 3
        or not all(isinstance(kind, type) for kind in types)
        or not issubclass(types[0], BaseModel)
        or not issubclass(types[2], BaseModel)
    ):
        raise TypeError(
            f"{source.__module__}.{source.__qualname__}: declare a stream as"
            " async def f(subscription: Model, service: Service) -> AsyncIterator[Model]"
        )
    if numbered and not hasattr(types[1], "read_updates"):
        raise TypeError(
            f"{source.__module__}.{source.__qualname__}: the updates are Numbered, but"
            f" {types[1].__name__} is not an EventLog: it has no read_updates"
        )
    return types[0], types[1], types[2], numbered
