"""The operations of a spec, and how their responses are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, NamedTuple, NoReturn, TypeVar

from pydantic import ValidationError

from trading_api.shared.client.errors import ApiError, UnexpectedResponseError
from trading_api.shared.client.payload import charset_of
from trading_api.shared.client.readers import read_bytes
from trading_api.shared.client.values import Headers

ResponseT = TypeVar("ResponseT")

Status = int | str
"""A status, a range of statuses such as `4XX`, or `default`, which is for every other status."""

Reader = Callable[[bytes], ResponseT]
"""Reads the body of a response; it returns the value, or raises `pydantic.ValidationError`."""

Readers = Mapping[Status, Reader[ResponseT] | Mapping[str, Reader[ResponseT]]]
"""The readers of each status, or of each media type of a status that declares several."""

ErrorReaders = Readers[object]
"""The functions that read the bodies of declared errors."""


@dataclass(frozen=True, slots=True)
class Operation(Generic[ResponseT]):
    """One operation of a spec.

    `responses` has the readers of success statuses, and `errors` those of declared errors.
    `retryable_with_key` means that the service carries out calls with the same `Idempotency-Key`
    only once. `api_keys` are the locations and names of the API keys that the operation declares.
    `stream` is the format of a response that has one item after another: server-sent events, or
    lines of JSON; the reader of the success status then reads one item.
    """

    method: str
    path: str
    responses: Readers[ResponseT]
    errors: ErrorReaders = field(default_factory=dict)
    retryable_with_key: bool = False
    api_keys: Sequence[tuple[Literal["query", "header", "cookie"], str]] = ()
    stream: Literal["events", "lines"] | None = None

    def is_retryable(self, headers: Headers) -> bool:
        """Return whether sending a request with these headers twice is safe."""
        has_key = self.retryable_with_key and b"idempotency-key" in headers
        return has_key or self.method in ("GET", "HEAD", "OPTIONS")


class Received(NamedTuple):
    """A complete response."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    content: bytes


class _NotDeclaredError(Exception):
    """The spec does not declare a response like this; the message says what is not declared."""


def read_response(operation: Operation[ResponseT], url: str, received: Received) -> ResponseT:
    """Return the value of a call.

    Raises:
        ApiError: the status is 400 or above.
        UnexpectedResponseError: the response does not match the spec.
    """
    status = received.status
    if status >= 400:
        raise_error(operation, url, received)
    try:
        reader = operation.responses.get(status) or _lookup(operation.responses, status)
        if reader is not None:
            return _read(reader, received)
        return _read_undeclared(operation, received)
    except ValidationError as error:
        reasons = reasons_of(error)
    except _NotDeclaredError as error:
        reasons = [str(error)]
    raise UnexpectedResponseError(operation.method, url, received.status, reasons, received.content)


def raise_error(operation: Operation[ResponseT], url: str, received: Received) -> NoReturn:
    """Raise the `ApiError` of a response, with its body if that is as declared."""
    reader = _lookup(operation.errors, received.status)
    try:
        body = _read(reader, received) if reader is not None else None
    except (ValidationError, _NotDeclaredError):
        # A gateway responds in place of the service, with a body of its own.
        body = None
    raise ApiError(operation.method, url, received.status, body, received.content)


def item_reader(operation: Operation[ResponseT], url: str, received: Received) -> Reader[ResponseT]:
    """Return the reader of the items of a stream, whose head has been received.

    Raises:
        UnexpectedResponseError: the spec does not declare the response.
    """
    media_type = _media_type(content_type_of(received.headers))
    reader = _lookup(operation.responses, received.status)
    if reader is None and 200 <= received.status < 300:
        reader = next(_success_readers(operation), None)
    reason = "the status is not declared"
    if isinstance(reader, Mapping):
        reader, reason = reader.get(media_type), f"the media type {media_type} is not declared"
    if operation.stream == "events" and media_type != "text/event-stream":
        reader, reason = None, f"the media type {media_type or '(none)'} is not text/event-stream"
    if reader is None:
        raise UnexpectedResponseError(
            operation.method, url, received.status, [reason], received.content
        )
    return reader


def reasons_of(error: ValidationError) -> list[str]:
    """Return a line for each validation error: its location and what is wrong."""
    return [
        f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False)
    ]


def content_type_of(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """Return the Content-Type of a response, or an empty string."""
    for name, value in headers:
        if len(name) == 12 and name.lower() == b"content-type":
            return value.decode("latin-1")
    return ""


def _lookup(
    readers: Readers[ResponseT], status: int
) -> Reader[ResponseT] | Mapping[str, Reader[ResponseT]] | None:
    if status in readers:
        return readers[status]
    return readers.get(f"{status // 100}XX") or (
        # A default among the successes is not for redirects.
        readers.get("default") if status >= 400 or 200 <= status < 300 else None
    )


def _read(
    reader: Reader[ResponseT] | Mapping[str, Reader[ResponseT]], received: Received
) -> ResponseT:
    content_type = content_type_of(received.headers)
    if isinstance(reader, Mapping):
        reader = _reader_of_media_type(reader, _media_type(content_type))
    content = received.content
    if "charset" in content_type and reader is not read_bytes:
        content = _as_utf8(content, content_type)
    return reader(content)


def _reader_of_media_type(
    readers: Mapping[str, Reader[ResponseT]], media_type: str
) -> Reader[ResponseT]:
    if not media_type:
        return next(iter(readers.values()))
    main, suffix = media_type.partition("/")[0], media_type.rpartition("+")[2]
    for declared in (media_type, f"{main}/*+{suffix}", f"{main}/*", "*/*"):
        if declared in readers:
            return readers[declared]
    raise _NotDeclaredError(f"the media type {media_type} is not declared")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _as_utf8(content: bytes, content_type: str) -> bytes:
    """Return text in UTF-8 that the response declares in another charset."""
    charset = charset_of(content_type)
    if charset in (None, "utf-8", "utf8", "us-ascii"):
        return content
    try:
        return content.decode(charset, "replace").encode()
    except LookupError:
        raise _NotDeclaredError(f"the charset {charset!r} is not known") from None


def _read_undeclared(operation: Operation[ResponseT], received: Received) -> ResponseT:
    """Read a success that is not declared, such as a 200 in place of a 201, if its body fits."""
    if 200 <= received.status < 300:
        for reader in _success_readers(operation):
            try:
                return _read(reader, received)
            except (ValidationError, _NotDeclaredError):
                continue
    raise _NotDeclaredError("the status is not declared")


def _success_readers(
    operation: Operation[ResponseT],
) -> Iterator[Reader[ResponseT] | Mapping[str, Reader[ResponseT]]]:
    for status, reader in operation.responses.items():
        if str(status).startswith("2") or status == "default":
            yield reader
