"""What a call to another module can end with, other than its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from trading_api.models.common import Problem

_EXCERPT_BYTES = 200

TransportCause = Literal["connect", "timeout", "closed", "protocol"]


class ClientError(Exception):
    """A call failed; `method` and `url` say which."""

    def __init__(self, method: str, url: str, reason: str) -> None:
        super().__init__(f"{method} {url}: {reason}")
        self.method = method
        self.url = url


class TransportError(ClientError):
    """No answer arrived.

    `cause` is `connect` (nobody listens, or the name is unknown), `timeout` (no complete answer in
    time), `closed` (the connection broke off) or `protocol` (what arrived is not HTTP).
    """

    def __init__(self, method: str, url: str, cause: TransportCause, reason: str) -> None:
        super().__init__(method, url, f"{cause}: {reason}")
        self.cause = cause


class UnexpectedResponseError(ClientError):
    """The answer contradicts the spec: an undeclared status, or a body that does not validate.

    `reasons` are one line per fault; `content` is the body as it was received.
    """

    def __init__(
        self, method: str, url: str, status: int, reasons: Sequence[str], content: bytes
    ) -> None:
        super().__init__(
            method,
            url,
            f"the answer ({status}) contradicts the spec: {'; '.join(reasons)}"
            f" (body: {_excerpt(content)!r})",
        )
        self.status = status
        self.reasons = tuple(reasons)
        self.content = content


class ApiError(ClientError):
    """The service refused the call: `status` is 400 or above.

    `body` is the validated body in the model that the spec declares for `status`, or None if it
    declares none; `problem` is the same if that model is `Problem`. `content` is the body as it was
    received.
    """

    def __init__(
        self, method: str, url: str, status: int, body: object, content: bytes = b""
    ) -> None:
        problem = body if isinstance(body, Problem) else None
        super().__init__(method, url, f"{status} {_summary(problem, content)}".rstrip())
        self.status = status
        self.body = body
        self.problem = problem
        self.content = content


def _summary(problem: Problem | None, content: bytes) -> str:
    if problem is None:
        return f"(body: {_excerpt(content)!r})" if content else ""
    return f"{problem.title}: {problem.detail}" if problem.detail else problem.title


def _excerpt(content: bytes) -> str:
    return content[:_EXCERPT_BYTES].decode("utf-8", "replace")
