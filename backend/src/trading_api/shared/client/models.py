"""The error models that FastAPI declares in every spec, which no application defines itself."""

from __future__ import annotations

from pydantic import BaseModel


class ValidationError(BaseModel):
    """One reason why FastAPI rejected a request; `loc` is the path to the value."""

    loc: list[str | int]
    msg: str
    type: str


class HTTPValidationError(BaseModel):
    """The body of FastAPI's own 422 response."""

    detail: list[ValidationError] = []
