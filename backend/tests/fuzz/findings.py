"""What no input may cause, and how many inputs were tried."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fuzz.http import HttpInput, HttpOutput
from fuzz.sockets import MessageInput, MessageOutput
from trading_api.models.common import Problem
from trading_api.shared.problems import MEDIA_TYPE, PYDANTIC_CODES, ProblemType

MAX_ERROR_BYTES = 8_000
MIN_SECRET_CHARACTERS = 8
"""A shorter text can be in an error by chance."""

MAX_BODY_BYTES = 2 * 1_048_576
"""How much of an endless body the application may read before it responds."""

RANDOM_REQUESTS = "random requests"

SERVER_ERRORS = "server errors"
ECHOES = "echoes of the input"
OTHER_ERRORS = "errors that are not problem documents"
REJECTED = "valid inputs that were rejected as invalid"
KINDS = (SERVER_ERRORS, ECHOES, OTHER_ERRORS, REJECTED)


@dataclass(frozen=True, slots=True)
class Finding:
    """One input that caused what it must not cause; `command` sends it again."""

    kind: str
    operation: str
    name: str
    detail: str
    command: str


class Findings:
    """Counts inputs, and keeps what they caused; long bodies are written to `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.tried: Counter[str] = Counter()
        self.found: list[Finding] = []
        self.operations: dict[str, bool] = {}
        """Whether each operation has succeeded at least once with a random request."""

    def count(self, kind: str) -> int:
        """Return the number of findings of a kind."""
        return sum(finding.kind == kind for finding in self.found)

    def check_http(self, source: str, request: HttpInput, response: HttpOutput) -> None:
        """Count a request, and keep what is wrong with its response."""
        self.tried[source] += 1
        operation = f"{request.method} {request.path}"
        if source == RANDOM_REQUESTS:
            succeeded = 200 <= response.status < 300
            self.operations[operation] = self.operations.get(operation, False) or succeeded
        for kind, detail in _check_http(request, response):
            command = request.reproduce(self._folder)
            name = f"{operation}: {request.name}"
            self.found.append(Finding(kind, operation, name, detail, command))

    def check_message(self, source: str, message: MessageInput, output: MessageOutput) -> None:
        """Count a message, and keep what is wrong with the response to it."""
        self.tried[source] += 1
        for kind, detail in _check_message(message, output):
            name = f"{message.path}: {message.name}"
            command = message.reproduce()
            self.found.append(Finding(kind, message.path, name, detail, command))

    def check_handshake(self, source: str, path: str, name: str, event: str) -> None:
        """Count a handshake that must be rejected, and keep whether it was not."""
        self.tried[source] += 1
        if event != "websocket.close":
            detail = f"the handshake was not rejected: {event}"
            self.found.append(Finding(OTHER_ERRORS, path, f"{path}: {name}", detail, name))


def _check_http(request: HttpInput, response: HttpOutput) -> Iterator[tuple[str, str]]:
    shown = f"{response.status} {response.body[:500].decode('utf-8', 'replace')}"
    if not response.status:
        yield SERVER_ERRORS, "there is no response"
        return
    if response.status >= 500:
        yield SERVER_ERRORS, shown
    if response.sent > MAX_BODY_BYTES:
        yield SERVER_ERRORS, f"{response.sent} bytes of an endless body were read"
    if any(byte < 32 for _, value in response.headers for byte in value):
        yield ECHOES, "a header of the response has a control character"
    if response.status < 400:
        return
    headers = b"\n".join(value for _, value in response.headers)
    if _contains(response.body + b"\n" + headers, request.secrets):
        yield ECHOES, shown
    problem = _read_problem(response)
    if request.method == "HEAD" and response.content_type == MEDIA_TYPE:
        return
    if problem is None:
        yield OTHER_ERRORS, f"{response.content_type}: {shown}"
    elif request.is_valid and _contradicts_schema(problem):
        yield REJECTED, shown


def _read_problem(response: HttpOutput) -> Problem | None:
    if response.content_type != MEDIA_TYPE or len(response.body) > MAX_ERROR_BYTES:
        return None
    try:
        problem = Problem.model_validate_json(response.body)
    except ValidationError:
        return None
    return problem if problem.status == response.status else None


def _check_message(message: MessageInput, output: MessageOutput) -> Iterator[tuple[str, str]]:
    if output.response is None:
        closed = "is no response" if output.code is None else f"is a close with {output.code}"
        yield SERVER_ERRORS, f"there {closed}"
        return
    if output.response["type"] != "error":
        return
    text = json.dumps(output.response["payload"], ensure_ascii=False)
    try:
        problem = Problem.model_validate(output.response["payload"])
    except ValidationError:
        yield OTHER_ERRORS, text[:500]
        return
    if problem.status >= 500:
        yield SERVER_ERRORS, text[:500]
    if len(text) > MAX_ERROR_BYTES:
        yield OTHER_ERRORS, f"the error has {len(text)} characters"
    if _contains(text.encode("utf-8", "surrogatepass"), message.secrets):
        yield ECHOES, text[:500]
    if message.is_valid and _contradicts_schema(problem):
        yield REJECTED, text[:500]


def _contradicts_schema(problem: Problem) -> bool:
    """Return whether a request that its schema allows was rejected as one that it does not."""
    if problem.type != ProblemType.VALIDATION_ERROR:
        return False
    return any(error.code in PYDANTIC_CODES for error in problem.errors or ())


def _contains(output: bytes, secrets: Iterable[str]) -> bool:
    """Return whether an error has one of these texts, as it is or escaped."""
    for secret in secrets:
        forms = {secret, json.dumps(secret)[1:-1]}
        if any(form.encode("utf-8", "surrogatepass") in output for form in forms):
            return True
    return False


def secrets_of(value: Any, public: str) -> tuple[str, ...]:
    """Return the texts of an input that are not in `public`."""
    return tuple(
        text
        for text in _texts(value)
        if len(text) >= MIN_SECRET_CHARACTERS and text.strip() and text not in public
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(name)
            yield from _texts(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _texts(member)
