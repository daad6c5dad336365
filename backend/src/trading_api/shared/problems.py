"""Errors as problem details (RFC 9457), the same for every operation of every module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Self, get_args
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType
from starlette.exceptions import HTTPException
from starlette.responses import Response

from trading_api.models.common import Problem, ProblemField

MEDIA_TYPE = "application/problem+json"

PYDANTIC_CODES = frozenset(get_args(ErrorType))
"""The codes of schema errors; all others are codes of our own."""

MAX_ERRORS = 20
"""Invalid values that one problem lists; a request can have as many as it has bytes."""

MAX_ERROR_CHARACTERS = 6_000
"""Characters of all errors of a problem; the document has at most 8 kB."""

MAX_CHARACTERS = 300
"""Characters of a pointer or a message."""


RETRY_AFTER = "1"
"""Seconds after which a request that was a 503 should be retried."""


class ProblemType(StrEnum):
    """The values of `Problem.type` that the modules send, each with its `meaning`.

    The OpenAPI specs list them. A client must accept types that it does not know, so the model's
    field is a string.
    """

    meaning: str

    def __new__(cls, kind: str, meaning: str) -> Self:
        value = kind if ":" in kind else f"urn:problem-type:{kind}"
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    @property
    def code(self) -> str:
        """The name of the type as a `ProblemField.code`, such as `order_not_working`."""
        return self.name.lower()

    BLANK = "about:blank", "The status code says everything."
    UNAUTHENTICATED = "unauthenticated", "The token is missing, not valid or expired."
    SCOPE_MISSING = "scope-missing", "The token does not have the scope that this needs."
    RATE_LIMITED = (
        "rate-limited",
        "The caller makes too many requests; retry after the seconds in `Retry-After`.",
    )
    VALIDATION_ERROR = "validation-error", "The request does not match its schema."
    TRADING_RULE_VIOLATION = (
        "trading-rule-violation",
        "A value breaks a trading rule, such as a stop on the wrong side of the price.",
    )
    UNKNOWN_SYMBOL = "unknown-symbol", "The datafeed does not know the symbol."
    UNKNOWN_ACCOUNT = "unknown-account", "There is no account with this id."
    UNKNOWN_ORDER = "unknown-order", "There is no order with this id."
    UNKNOWN_CURSOR = "unknown-cursor", "The cursor is not the id of an element of the list."
    ORDER_NOT_WORKING = "order-not-working", "The order is filled, cancelled or rejected."
    POSITION_NOT_OPEN = "position-not-open", "There is no open position with this id."
    VERSION_CHANGED = (
        "version-changed",
        "The resource has changed since it was read.",
    )
    AMOUNT_EXCEEDS_POSITION = "amount-exceeds-position", "The position has fewer shares."
    NOT_ENOUGH_MARGIN = "not-enough-margin", "The equity does not cover the margin needed."
    UPDATES_GONE = "updates-gone", "The stream cannot be resumed from this number; read anew."
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused", "The key belongs to a different request."
    DEADLINE_EXCEEDED = (
        "deadline-exceeded",
        "There was no time left to carry out the request, and nothing was changed; retry later.",
    )
    DATAFEED_UNAVAILABLE = (
        "datafeed-unavailable",
        "The datafeed does not respond or has no price; retry later.",
    )
    STORE_UNAVAILABLE = (
        "store-unavailable",
        "The account cannot be stored or read at the moment; retry later.",
    )


class ProblemError(Exception):
    """Ends an operation with `status` and a problem as its body.

    `detail` is a sentence for a person, `type` identifies the kind of problem for programs.
    `pointer` or `parameter` names the value of the request that caused it (see `ProblemField`).
    `errors` lists several values instead; `detail` is then made of theirs. The response has
    `headers`, too.
    """

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        type: ProblemType = ProblemType.BLANK,
        pointer: str | None = None,
        parameter: str | None = None,
        errors: Sequence[ProblemField] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.headers = headers
        if pointer or parameter:
            location = {"pointer": pointer, "parameter": parameter}
            errors = [ProblemField(**location, code=type.code, detail=detail)]
        blank = type is ProblemType.BLANK
        self.problem = Problem(
            type=type,
            title=HTTPStatus(status).phrase if blank else type.code.replace("_", " ").capitalize(),
            status=status,
            detail=detail or " ".join(dict.fromkeys(error.detail for error in errors)),
            errors=list(errors) or None,
        )
        super().__init__(self.problem.detail)


def body_error(field: str, code: str, detail: str) -> ProblemField:
    """Return an error at a field of the request body, by its name on the wire."""
    return ProblemField(pointer=f"#/{field}", code=code, detail=detail)


def raise_errors(status: int, type: ProblemType, errors: Sequence[ProblemField]) -> None:
    """Raise a `ProblemError` that lists `errors`, if there are any."""
    if errors:
        raise ProblemError(status, type=type, errors=errors)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` argument of an operation that can fail with these statuses.

    FastAPI documents them as JSON; `describe_problems` corrects that in the spec.
    """
    return {
        status: {"model": Problem, "description": HTTPStatus(status).phrase} for status in statuses
    }


ANY_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {"model": Problem, "description": "Any other error"}
}
"""The `responses` entry that declares every error an operation does not name."""


def describe_problems(spec: dict[str, Any]) -> None:
    """Declare the problems of an OpenAPI document as such, in place: media type and types."""
    for path_item in spec["paths"].values():
        for operation in path_item.values():
            for response in operation["responses"].values():
                content = response.get("content", {})
                media = content.get("application/json", {})
                if media.get("schema") == {"$ref": "#/components/schemas/Problem"}:
                    content[MEDIA_TYPE] = content.pop("application/json")
    problem = spec.get("components", {}).get("schemas", {}).get("Problem")
    if problem:
        known = [f"- `{each}`: {each.meaning}" for each in ProblemType]
        problem["properties"]["type"]["description"] = "\n".join(
            ["The kind of problem. A client must accept types that are not listed.", "", *known]
        )


def validation_problem(error: RequestValidationError) -> Problem:
    """Return the 422 for a request that does not match its schema, without the invalid values."""
    return _build_validation_problem(
        _locate(item["loc"], item["type"], error.body) | _describe(item)
        for item in error.errors()[:MAX_ERRORS]
    )


def stream_problem(error: ValidationError) -> Problem:
    """Return the problem for a stream message that does not match its schema."""
    # The first element of a location is the discriminator's value, not a member of the message.
    return _build_validation_problem(
        {"pointer": _pointer(_without_unknown(item["loc"][1:], item["type"]))} | _describe(item)
        for item in error.errors(include_url=False, include_input=False)[:MAX_ERRORS]
    )


def plain_problem(status: int, detail: str | None = None) -> Problem:
    """Return a problem about which the status says everything."""
    known = status in HTTPStatus.__members__.values()
    title = HTTPStatus(status).phrase if known else "Error"
    return Problem(title=title, status=status, detail=detail)


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response of a problem; a 503 says after how many seconds to retry."""
    retry = {"Retry-After": RETRY_AFTER} if problem.status == 503 else {}
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=problem.status,
        headers={**retry, **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Make `app` respond to every error with problem details."""

    @app.exception_handler(ProblemError)
    async def on_problem(request: Request, error: ProblemError) -> Response:
        return problem_response(error.problem, error.headers)

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(request: Request, error: RequestValidationError) -> Response:
        return problem_response(validation_problem(error))

    @app.exception_handler(HTTPException)
    async def on_http_error(request: Request, error: HTTPException) -> Response:
        problem = plain_problem(error.status_code, str(error.detail))
        return problem_response(problem, headers=error.headers)

    @app.exception_handler(Exception)
    async def on_unexpected_error(request: Request, error: Exception) -> Response:
        # The server logs the traceback; the response does not reveal internals.
        return problem_response(plain_problem(500))


def _build_validation_problem(errors: Iterable[dict[str, str]]) -> Problem:
    fields: list[ProblemField] = []
    left = MAX_ERROR_CHARACTERS
    for error in errors:
        left -= sum(map(len, error.values()))
        if left < 0:
            break
        fields.append(ProblemField.model_validate(error))
    shown = [_summarize(field) for field in fields[:3]]
    more = [f"and {len(fields) - 3} more"] if len(fields) > 3 else []
    detail = "; ".join(shown + more)
    return ProblemError(422, detail, type=ProblemType.VALIDATION_ERROR, errors=fields).problem


def _locate(loc: tuple[int | str, ...], code: str, body: Any) -> dict[str, str]:
    """Return the pointer or the parameter that FastAPI's `loc` means."""
    source, *path = loc
    if source != "body":
        return {"parameter": str(path[0] if path else source)}
    # `loc` also names the branches of unions and marks invalid keys; neither is in the body.
    # Only an absent member can be the location of an error without being in the body: pydantic
    # reports it as missing, and codes of our own are raised for the field that they concern.
    names_member = code == "missing" or code not in PYDANTIC_CODES
    tokens: list[int | str] = []
    for index, token in enumerate(path, start=1):
        if _is_member(body, token):
            body = body[token]
        elif index < len(path) or not isinstance(body, Mapping) or not names_member:
            continue
        tokens.append(token)
    return {"pointer": _pointer(_without_unknown(tokens, code))}


def _without_unknown(tokens: Sequence[int | str], code: str) -> Sequence[int | str]:
    """Return the location without the name of an unknown field, which the caller has chosen."""
    return tokens[:-1] if code == "extra_forbidden" else tokens


def _is_member(container: Any, token: int | str) -> bool:
    if isinstance(container, list):
        return isinstance(token, int) and token < len(container)
    return isinstance(container, Mapping) and token in container


def _pointer(tokens: Sequence[int | str]) -> str:
    """Return a JSON pointer as a URI fragment; one that is too long ends at a parent."""
    pointer = "#"
    for token in tokens:
        escaped = str(token).replace("~", "~0").replace("/", "~1")
        pointer += "/" + quote(escaped, safe="~!$&'()*+,;=:@?")
    return pointer if len(pointer) <= MAX_CHARACTERS else _pointer(tokens[:-1])


def _describe(error: Mapping[str, Any]) -> dict[str, str]:
    message = str(error["msg"])
    if error["type"] == "union_tag_invalid":
        # Pydantic's message has the value.
        context = error["ctx"]
        message = f"{context['discriminator']} must be one of {context['expected_tags']}"
    shortened = message if len(message) <= MAX_CHARACTERS else f"{message[:MAX_CHARACTERS]}..."
    return {"code": error["type"], "detail": shortened}


def _summarize(field: ProblemField) -> str:
    location = (field.parameter or field.pointer or "").removeprefix("#").removeprefix("/")
    return ": ".join(filter(None, [location, field.detail.removesuffix(".")]))
