"""A request body, and the bodies that are sent as they are: text and bytes."""

from __future__ import annotations

from collections.abc import AsyncIterable
from email.message import Message
from typing import NamedTuple

UploadContent = bytes | AsyncIterable[bytes]
"""A body of bytes: all at once, or in chunks, which are sent while they are made.

Chunks are sent once: a call with them is never retried.
"""


class Payload(NamedTuple):
    """A request body with its media type."""

    content: UploadContent
    content_type: bytes

    def __repr__(self) -> str:
        # Without the content, which may have secrets.
        return f"Payload({self.content_type!r})"


def text_body(body: str, content_type: str) -> Payload:
    """Return a text body, in the charset of its media type, or else in UTF-8.

    Raises:
        ValueError: the charset is not known, or does not have all the characters.
    """
    charset = charset_of(content_type) or "utf-8"
    try:
        content = body.encode(charset)
    except LookupError:
        raise ValueError(f"{content_type}: the charset is not known") from None
    return Payload(content, content_type.encode("latin-1"))


def bytes_body(body: UploadContent, content_type: str) -> Payload:
    """Return a body of bytes, such as a file, or of chunks of bytes."""
    return Payload(body, content_type.encode("latin-1"))


def charset_of(content_type: str) -> str | None:
    """Return the charset of a media type, in lower case."""
    if "charset" not in content_type.lower():
        return None
    message = Message()
    message["content-type"] = content_type
    return message.get_content_charset()
