"""The exceptions that a call to another module raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from trading_api.models.common import Problem

_EXCERPT_BYTES = 200

TransportCause = Literal["connect", "timeout", "closed", "protocol"]


class ClientError(Exception):
    """A call failed. `method` and `url` identify it."""

    def __init__(self, method: str, url: str, reason: str) -> None:
        super().__init__(f"{method} {url}: {reason}")
        self.method = method
        self.url = url


class TransportError(ClientError):
    """No response was received.

    `cause` is `connect` (nothing listens at the address, its name is unknown, or an application in
    process did not start), `timeout` (no complete response in time), `closed` (the connection was
    closed) or `protocol` (the bytes received are not HTTP).
    """

    def __init__(self, method: str, url: str, cause: TransportCause, reason: str) -> None:
        super().__init__(method, url, f"{cause}: {reason}")
        self.cause = cause


class UnexpectedResponseError(ClientError):
    """The response does not match the spec: an undeclared status, or an invalid body.

    `reasons` has one line per validation error; `content` is the body as received.
    """

    def __init__(
        self, method: str, url: str, status: int, reasons: Sequence[str], content: bytes
    ) -> None:
        super().__init__(
            method,
            url,
            f"the response ({status}) does not match the spec: {'; '.join(reasons)}"
            f" (body: {_excerpt(content)!r})",
        )
        self.status = status
        self.reasons = tuple(reasons)
        self.content = content


class ApiError(ClientError):
    """The service responded with `status` 400 or above.

    `body` is the validated body, an instance of the model that the spec declares for `status`, or
    None if it declares none. `content` is the body as received.
    """

    def __init__(
        self, method: str, url: str, status: int, body: object, content: bytes = b""
    ) -> None:
        super().__init__(method, url, f"{status} {_summary(body, content)}".rstrip())
        self.status = status
        self.body = body
        self.content = content

    @property
    def problem(self) -> Problem | None:
        """The body, if it is a `Problem`."""
        # Imported here because clients of other projects do not need this project's models.
        from trading_api.models.common import Problem

        return self.body if isinstance(self.body, Problem) else None


def _summary(body: object, content: bytes) -> str:
    """Return the title and detail of a problem (RFC 9457), or else the start of the body."""
    texts = [getattr(body, name, None) for name in ("title", "detail")]
    summary = ": ".join(text for text in texts if isinstance(text, str) and text)
    return summary or (f"(body: {_excerpt(content)!r})" if content else "")


def _excerpt(content: bytes) -> str:
    return content[:_EXCERPT_BYTES].decode("utf-8", "replace")
