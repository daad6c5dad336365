"""The exceptions that a call to another module raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from trading_api.models.common import Problem

_EXCERPT_BYTES = 200

TransportCause = Literal["connect", "timeout", "closed", "protocol", "unavailable"]


class ClientError(Exception):
    """A call failed.

    `method` and `url` name the operation; `url` has the path of the spec, without any values.
    """

    def __init__(self, method: str, url: str, reason: str) -> None:
        super().__init__(f"{method} {url}: {reason}")
        self.method = method
        self.url = url

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call the class with the message alone; process pools pickle exceptions.
        return _restore, (type(self), self.args, self.__dict__)


class TransportError(ClientError):
    """No response was received.

    `cause` is `connect` (nothing listens at the address, its name is unknown, or an application in
    process did not start), `timeout` (no complete response in time), `closed` (the connection was
    closed), `protocol` (the bytes received are not HTTP) or `unavailable` (the call was not made,
    because the last ones failed or too many were in progress). After `timeout` and `closed`, the
    service may have carried out the call; after `connect` and `unavailable` it has not.
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


class SlowReaderError(ClientError):
    """A subscription ended because its reader was too slow: `limit` updates were waiting for it.

    The waiting updates are received before this is raised; later ones are missing.
    """

    def __init__(self, method: str, url: str, limit: int) -> None:
        super().__init__(method, url, f"the reader is too slow: {limit:,} updates are waiting")
        self.limit = limit


class ApiError(ClientError):
    """The service, or a gateway in front of it, responded with `status` 400 or above.

    `body` is the validated body, an instance of the model that the spec declares for `status`. It
    is None if the spec declares none, or the body does not match it, such as the HTML of a gateway.
    `content` is the body as received.
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


def _restore(
    kind: type[ClientError], args: tuple[Any, ...], attributes: Mapping[str, Any]
) -> ClientError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


def _summary(body: object, content: bytes) -> str:
    """Return the title and detail of a problem (RFC 9457), or else the start of the body."""
    texts = [getattr(body, name, None) for name in ("title", "detail")]
    summary = ": ".join(text for text in texts if isinstance(text, str) and text)
    return summary or (f"(body: {_excerpt(content)!r})" if content else "")


def _excerpt(content: bytes) -> str:
    return content[:_EXCERPT_BYTES].decode("utf-8", "replace")
