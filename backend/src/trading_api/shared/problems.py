"""Errors as problem details (RFC 9457), the same for every operation of every module."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from trading_api.models.common import Problem, ProblemField

MEDIA_TYPE = "application/problem+json"

logger = logging.getLogger(__name__)


class ProblemError(Exception):
    """Ends an operation with the given status and a problem body.

    `detail` is for the person who reads it; `type` tells kinds of problems apart for programs.
    """

    def __init__(self, status: int, detail: str, *, type: str = "about:blank") -> None:
        super().__init__(detail)
        self.problem = Problem(
            type=type, title=HTTPStatus(status).phrase, status=status, detail=detail
        )


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of an operation that ends with these statuses when it fails.

    FastAPI documents them as JSON; `use_problem_media_type` corrects that in the spec.
    """
    return {
        status: {"model": Problem, "description": HTTPStatus(status).phrase} for status in statuses
    }


ANY_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {"model": Problem, "description": "Any other error"}
}
"""The `responses` entry that declares every error an operation does not name."""


def use_problem_media_type(spec: dict[str, Any]) -> None:
    """Correct an OpenAPI document in place: problems are `application/problem+json`."""
    for path_item in spec["paths"].values():
        for operation in path_item.values():
            for response in operation["responses"].values():
                content = response.get("content", {})
                media = content.get("application/json", {})
                if media.get("schema") == {"$ref": "#/components/schemas/Problem"}:
                    content[MEDIA_TYPE] = content.pop("application/json")


def validation_problem(errors: list[Any]) -> Problem:
    """Return the 422 for pydantic's `errors`; the refused values themselves are left out."""
    return Problem(
        title=HTTPStatus.UNPROCESSABLE_ENTITY.phrase,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        detail="; ".join(_describe(error) for error in errors[:3]),
        errors=[
            ProblemField(location=list(error["loc"]), message=error["msg"], code=error["type"])
            for error in errors
        ],
    )


def stream_problem(error: ValidationError) -> Problem:
    """Return the problem for a stream message that does not fit its schema."""
    return validation_problem(error.errors(include_url=False, include_input=False))


def install(app: FastAPI) -> None:
    """Make `app` answer every error with problem details."""

    @app.exception_handler(ProblemError)
    async def on_problem(request: Request, error: ProblemError) -> Response:
        return _response(error.problem)

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(request: Request, error: RequestValidationError) -> Response:
        return _response(validation_problem(list(error.errors())))

    @app.exception_handler(HTTPException)
    async def on_http_error(request: Request, error: HTTPException) -> Response:
        known = error.status_code in HTTPStatus.__members__.values()
        problem = Problem(
            title=HTTPStatus(error.status_code).phrase if known else "Error",
            status=error.status_code,
            detail=str(error.detail),
        )
        return _response(problem, headers=error.headers)

    @app.exception_handler(Exception)
    async def on_unexpected_error(request: Request, error: Exception) -> Response:
        # The traceback goes to the log by the server; a caller learns nothing of the insides.
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return _response(Problem(title=status.phrase, status=status))


def _describe(error: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"])
    return f"{place}: {error['msg']}" if place else str(error["msg"])


def _response(problem: Problem, headers: Any = None) -> Response:
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=problem.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )
