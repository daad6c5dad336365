"""The models of the errors that FastAPI declares by itself, which no application has written."""

from __future__ import annotations

from pydantic import BaseModel


class ValidationError(BaseModel):
    """One reason why FastAPI refused a request; `loc` is the path to the value."""

    loc: list[str | int]
    msg: str
    type: str


class HTTPValidationError(BaseModel):
    """The body of FastAPI's own 422."""

    detail: list[ValidationError] = []
