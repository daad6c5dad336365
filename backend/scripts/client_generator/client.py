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
    """A value that a request carries: its name on the wire, and the argument that holds it."""

    name: str
    argument: str


class JsonField(NamedTuple):
    """A member of a JSON body that is composed of several arguments."""

    name: str
    adapter: str
    argument: str
    required: bool


class PathPart(NamedTuple):
    """A literal part of a path, percent-encoded, and the argument after it."""

    text: str
    argument: str | None


class Reader(NamedTuple):
    """The function that reads the body of a response with this status."""

    status: Status
    function: str


class Import(NamedTuple):
    """The names that are imported from a module."""

    module: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BodyCall:
    """The call of the runtime's `function` that makes a body.

    It is passed `json_fields` or `form_fields`, or else the argument `body`.
    """

    function: str
    adapter: str | None = None
    content_type: str | None = None
    json_fields: tuple[JsonField, ...] = ()
    form_fields: tuple[Sent, ...] = ()
    has_discriminators: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """The method of an operation; `description` holds the paragraphs of its docstring."""

    operation: Operation
    name: str
    constant: str
    path_parts: tuple[PathPart, ...]
    positional: tuple[Argument, ...]
    keyword_only: tuple[Argument, ...]
    returns: str
    responses: tuple[Reader, ...]
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
    """The client of one module; its imports are in groups."""

    module: str
    class_name: str
    protocol_name: str
    default_url: str
    description: tuple[str, ...]
    imports: tuple[tuple[Import, ...], ...]
    adapters: tuple[tuple[str, str], ...]
    error_tables: tuple[tuple[str, tuple[Reader, ...]], ...]
    methods: tuple[Method, ...]
