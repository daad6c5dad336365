"""A parsed spec: what the parse stage returns and the operations stage reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from client_generator.models import Model
from client_generator.pytypes import PyType

Location = Literal["path", "query", "header", "cookie", "body"]
Media = Literal["json", "form", "multipart", "text", "bytes"]
Status = int | Literal["default"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The members of a path item that are operations."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, by its name on the wire; or, in `body`, a field of a body without a model.

    `default` is the service's default, as Python source.
    """

    name: str
    location: Location
    required: bool
    type: PyType
    description: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: a value of one type, or fields if the spec has no model for it.

    `has_discriminators`: a model in it has an optional field with one possible value, which must
    be sent even if it was never set.
    """

    media: Media
    content_type: str
    type: PyType | None
    fields: tuple[Parameter, ...]
    required: bool
    description: str
    has_discriminators: bool


@dataclass(frozen=True, slots=True)
class Response:
    """A declared response; `media` and `type` are None if it has no body."""

    status: Status
    media: Media | None
    type: PyType | None
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; `responses` are those with a status of 2xx, `errors` are all others."""

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
    pointer: str

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
    description: str
    server: str
    operations: tuple[Operation, ...]
    components: Mapping[str, Model]
