"""A client: what the operations stage returns, and the template prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from client_generator.document import Operation, Status


class Argument(NamedTuple):
    """An argument of a method."""

    name: str
    annotation: str


class Sent(NamedTuple):
    """A value that a request carries: its name on the wire, and the argument that holds it.

    A field of a JSON body has an adapter, and is omitted if it is None and not required.
    """

    name: str
    argument: str
    adapter: str | None = None
    required: bool = True


PathParts = tuple[tuple[str, str | None], ...]
"""Literal parts of a path, percent-encoded, each with the argument after it."""

ImportGroup = tuple[tuple[str, tuple[str, ...]], ...]
"""Modules, with the names that are imported from each."""

Readers = tuple[tuple[Status, str], ...]
"""The functions that read the bodies of responses, by status."""


@dataclass(frozen=True, slots=True)
class BodyCall:
    """The call of the runtime's `function` that makes a body.

    It is passed the fields or, if there are none, the argument `body`.
    """

    function: str
    fields: tuple[Sent, ...] = ()
    adapter: str | None = None
    content_type: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """The method of an operation; `description` holds the paragraphs of its docstring."""

    operation: Operation
    name: str
    constant: str
    path_parts: PathParts
    positional: tuple[Argument, ...]
    keyword_only: tuple[Argument, ...]
    returns: str
    responses: Readers
    errors: str | None
    query: tuple[Sent, ...]
    headers: tuple[Sent, ...]
    cookies: tuple[Sent, ...]
    body: BodyCall | None
    description: tuple[str, ...]
    takes_key: bool
    retryable_with_key: bool


@dataclass(frozen=True, slots=True)
class Client:
    """The client of one module."""

    module: str
    class_name: str
    protocol_name: str
    default_url: str
    description: tuple[str, ...]
    imports: tuple[ImportGroup, ...]
    adapters: tuple[tuple[str, str], ...]
    error_tables: tuple[tuple[str, Readers], ...]
    methods: tuple[Method, ...]
