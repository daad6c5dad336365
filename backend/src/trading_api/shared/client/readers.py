"""Functions that read the bodies of responses; JSON is read by `JsonAdapter`."""

from __future__ import annotations

from trading_api.shared.client.events import ServerSentEvent


def read_text(content: bytes) -> str:
    """Return the text of a response, decoded as UTF-8."""
    return content.decode("utf-8", "replace")


def read_bytes(content: bytes) -> bytes:
    """Return the bytes of a response, such as a file."""
    return content


def read_nothing(content: bytes) -> None:
    """Ignore the body of a response."""


def read_event(content: bytes) -> ServerSentEvent:
    """Return an event with its data as text; a stream returns its type and id as well."""
    return ServerSentEvent(read_text(content))
