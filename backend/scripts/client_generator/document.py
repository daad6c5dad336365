"""A parsed spec: what the parse stage returns and the operations stage reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from client_generator.models import Model
from client_generator.pytypes import NONE, PyType, union

Location = Literal["path", "query", "header", "cookie", "body"]
Media = Literal["json", "form", "multipart", "text", "bytes", "event"]
Style = Literal["repeated", "deepObject", "json", ",", " ", "|"]
"""How a list or an object is sent: as repeated values, `name[key]=value`, JSON, or joined."""

Stream = Literal["events", "lines"]
ApiKey = tuple[Literal["query", "header", "cookie"], str]
"""Where the key of an operation is sent, and under which name."""

Status = int | str
"""A status, a range such as `4XX`, or `default`."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The members of a path item that are operations."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, by its name on the wire; or, in `body`, a field of a body without a model.

    `default` is the service's default, as Python source. `needs_items`: it is a list that may be
    left out, and an empty one, of which nothing would be sent, is not the default. `hides_null`: it
    may be null, but is not null by default, and only JSON has null.
    """

    name: str
    location: Location
    required: bool
    type: PyType
    description: str
    default: str | None
    style: Style = "repeated"
    needs_items: bool = False
    hides_null: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: a value of one type, or fields if the spec has no model for it.

    `has_default`: the service has a default other than null, so that null must be sent.
    """

    media: Media
    content_type: str
    type: PyType | None
    fields: tuple[Parameter, ...]
    required: bool
    description: str
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A representation of a response: its media type, and the type that it is read as."""

    content_type: str
    media: Media
    type: PyType


@dataclass(frozen=True, slots=True)
class Response:
    """A declared response, with one content for each media type; without any, it has no body.

    The type of a stream is that of its items.
    """

    status: Status
    contents: tuple[Content, ...]
    description: str
    stream: Stream | None = None

    @property
    def type(self) -> PyType:
        """The type of the value that the response is read as."""
        return union(each.type for each in self.contents) if self.contents else NONE


@dataclass(frozen=True, slots=True)
class Pagination:
    """How an operation is paginated: names of the page's attributes, and the type of an item."""

    cursor: str
    next_cursor: str
    items: str
    item: PyType


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; `responses` are those with a status of 2xx or 3xx, `errors` are all others.

    `components` are the pointers of the schemas that it names, `sent_components` those of requests.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    errors: tuple[Response, ...]
    api_keys: tuple[ApiKey, ...]
    pagination: Pagination | None
    pointer: str
    components: frozenset[str]
    sent_components: frozenset[str]

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters, and the fields of the body."""
        return self.parameters + (self.body.fields if self.body else ())


@dataclass(frozen=True, slots=True)
class Document:
    """The spec of one module; `components` are the models of its schemas, by their pointers."""

    module: str
    title: str
    version: str
    spec_version: str
    """The version with the hash of the spec; empty if the spec has none."""
    description: str
    server: str
    operations: tuple[Operation, ...]
    components: Mapping[str, Model]


@dataclass(frozen=True, slots=True)
class LiveStream:
    """A stream of an AsyncAPI spec: the types of its request and of its updates.

    `replays`: a new subscriber first gets the latest update, with `key` one for each value of that
    attribute. `numbered`: it can be resumed.
    """

    name: str
    description: str
    request: PyType
    update: PyType
    replays: bool
    numbered: bool
    key: str | None
    pointer: str


@dataclass(frozen=True, slots=True)
class StreamsDocument:
    """The AsyncAPI spec of one module; `path` is that of its WebSocket."""

    path: str
    spec_version: str
    streams: tuple[LiveStream, ...]
    components: Mapping[str, Model]
    sent_components: frozenset[str]
