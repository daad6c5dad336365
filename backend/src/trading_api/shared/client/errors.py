"""What a call to another module can end with, other than its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
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
    declares none. `content` is the body as it was received.
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
        # Here and not above: a client is imported without the models of a package not its own.
        from trading_api.models.common import Problem

        return self.body if isinstance(self.body, Problem) else None


def _summary(body: object, content: bytes) -> str:
    """Return what a body says in the members of a problem (RFC 9457), or else its beginning."""
    words = [getattr(body, name, None) for name in ("title", "detail")]
    said = ": ".join(word for word in words if isinstance(word, str) and word)
    return said or (f"(body: {_excerpt(content)!r})" if content else "")


def _excerpt(content: bytes) -> str:
    return content[:_EXCERPT_BYTES].decode("utf-8", "replace")
