"""A client: what the operations stage returns, and the template prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from client_generator.document import Operation, Status, Stream


class Argument(NamedTuple):
    """An argument of a method; `default` is empty if it has none."""

    name: str
    annotation: str
    default: str = ""


class Sent(NamedTuple):
    """A value that a request carries: its name on the wire, and the argument that holds it.

    A field of a JSON body, and an object in the query, has an adapter; `is_json` is whether the
    query has its JSON. A list that is joined has a separator. An `optional` argument may be None.
    An empty list is an error if it `needs_items`.
    """

    name: str
    argument: str
    adapter: str | None = None
    separator: str | None = None
    is_json: bool = False
    optional: bool = False
    needs_items: bool = False


PathParts = tuple[tuple[str, str | None], ...]
"""Literal parts of a path, percent-encoded, each with the argument after it."""

ImportGroup = tuple[tuple[str, tuple[str, ...]], ...]
"""Modules, with the names that are imported from each."""

Reader = str | tuple[tuple[str, str], ...]
"""The function that reads a body; several of them, by media type, if the response has several."""

Readers = tuple[tuple[Status, Reader], ...]
"""The functions that read the bodies of responses, by status."""


@dataclass(frozen=True, slots=True)
class BodyCall:
    """The call of the runtime's `function` that makes a body.

    Its arguments are the fields or, without fields, the argument `body`. A `body` that equals
    `absent` is not sent. That of a PATCH is `partial`.
    """

    function: str
    fields: tuple[Sent, ...] = ()
    adapter: str | None = None
    content_type: str | None = None
    absent: str | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """The method that iterates over the items of all pages of an operation.

    `passed` are the arguments, other than the cursor, that it passes to the operation's method.
    """

    name: str
    cursor: str
    next_cursor: str
    items: str
    item: str
    positional: tuple[Argument, ...]
    keyword_only: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """The method of an operation; `description` holds the paragraphs of its docstring.

    `returns` is the type of its value; of a stream, that of an item.
    """

    operation: Operation
    name: str
    constant: str
    path_parts: PathParts
    positional: tuple[Argument, ...]
    keyword_only: tuple[Argument, ...]
    returns: str
    stream: Stream | None
    responses: Readers
    errors: str | None
    query: tuple[Sent, ...]
    headers: tuple[Sent, ...]
    cookies: tuple[Sent, ...]
    body: BodyCall | None
    accepts: bool
    description: tuple[str, ...]
    takes_key: bool
    retryable_with_key: bool
    pages: Pages | None

    @property
    def annotation(self) -> str:
        """The annotation of what the method returns."""
        return f"AsyncIterator[{self.returns}]" if self.stream else self.returns


@dataclass(frozen=True, slots=True)
class StreamMethod:
    """The method of a stream; `key` is the attribute whose values each have a latest update."""

    stream: str
    name: str
    constant: str
    request: str
    update: str
    replays: bool
    numbered: bool
    key: str | None
    description: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Client:
    """The client of one module."""

    module: str
    class_name: str
    protocol_name: str
    sync_name: str
    default_url: str
    spec_version: str
    description: tuple[str, ...]
    imports: tuple[ImportGroup, ...]
    adapters: tuple[tuple[str, str], ...]
    error_tables: tuple[tuple[str, Readers], ...]
    methods: tuple[Method, ...]
    stream_path: str | None
    stream_version: str
    streams: tuple[StreamMethod, ...]
