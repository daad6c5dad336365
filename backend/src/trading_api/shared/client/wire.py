"""Encodes the arguments of a call as bytes, and decodes bodies of responses.

A FastAPI service reads back the values that the caller passed: values are encoded for their
location (path, query, header, cookie, body), lists are repeated, and None is not sent.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import Enum
from functools import cached_property
from http.cookies import SimpleCookie
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

ValueT = TypeVar("ValueT")

Parameters = Iterable[tuple[str, object]]
"""Names on the wire with values: a scalar, a list (repeated) or None (not sent)."""

Headers = dict[bytes, list[bytes]]
"""The values of each header, by its name in lower case."""

# RFC 9110, sections 5.1 and 5.5. h11 rejects anything else with an error that blames the service.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?![ \t])[\t\x20-\x7e\x80-\xff]*(?<![ \t])")


class Payload(NamedTuple):
    """A request body with its media type."""

    content: bytes
    content_type: bytes


@dataclass(frozen=True, slots=True)
class FileUpload:
    """A file of a multipart form, with the name and the media type to send."""

    content: bytes
    filename: str = "upload"
    content_type: str = "application/octet-stream"


class JsonAdapter(Generic[ValueT]):
    """Reads and writes the JSON of a type that pydantic supports.

    Pydantic's own adapter is built at the first use: a client of 800 operations would take a
    seventh of a second to build them all, and a process calls few.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    @cached_property
    def adapter(self) -> TypeAdapter[ValueT]:
        """Pydantic's adapter of the type."""
        return TypeAdapter(self._kind)

    def read(self, content: bytes) -> ValueT:
        """Return the value in `content`.

        Raises:
            pydantic.ValidationError: `content` is not valid JSON of the type.
        """
        return self.adapter.validate_json(content)


def path_value(value: object) -> str:
    """Return a path parameter, encoded so that the service receives exactly `value`.

    Raises:
        ValueError: the value is empty, which would be another path.
    """
    if isinstance(value, list):
        return ",".join(map(path_value, value))
    text = _text(value)
    if not text:
        raise ValueError("a path parameter must not be empty")
    # `quote` never encodes dots, and httpx resolves `..` before it sends.
    return text.replace(".", "%2E") if text in (".", "..") else quote(text, safe="")


def query_string(parameters: Parameters) -> str:
    """Return the parameters as `?name=value&...`, or an empty string if none is sent."""
    encoded = _form(parameters)
    return f"?{encoded}" if encoded else ""


def encode_headers(parameters: Parameters) -> Headers:
    """Return the parameters as headers.

    Raises:
        ValueError: a name is not a valid header name, or a value is not Latin-1, contains a line
            break (which could add a header) or starts or ends with whitespace.
    """
    headers: Headers = {}
    for name, text in _texts(parameters):
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a valid header name")
        if not _HEADER_VALUE.fullmatch(text):
            raise ValueError(
                f"header {name}: a value must be Latin-1, without line breaks and without"
                " whitespace at its ends"
            )
        headers.setdefault(name.lower().encode("ascii"), []).append(text.encode("latin-1"))
    return headers


def cookie_header(parameters: Parameters) -> Headers:
    """Return the parameters as one `cookie` header, or no header if none is sent.

    Raises:
        ValueError: a value is not Latin-1.
    """
    # Values are quoted under the name `x`, because SimpleCookie reserves names such as `path`.
    texts = [
        f"{name}={SimpleCookie({'x': text})['x'].coded_value}" for name, text in _texts(parameters)
    ]
    return encode_headers([("cookie", "; ".join(texts))]) if texts else {}


def merge_headers(*parts: Headers) -> Headers:
    """Return the headers of all parts; later ones replace earlier ones, but cookies are joined."""
    merged = {name: values for part in parts for name, values in part.items()}
    cookies = [value for part in parts for value in part.get(b"cookie", [])]
    if cookies:
        merged[b"cookie"] = [b"; ".join(cookies)]
    return merged


def json_body(
    adapter: JsonAdapter[Any],
    body: object,
    *,
    content_type: str = "application/json",
) -> Payload:
    """Return a JSON body; the service applies its defaults to fields that were not set."""
    body = _with_discriminators(body)
    content = adapter.adapter.dump_json(body, by_alias=True, exclude_unset=True, round_trip=True)
    return Payload(content, content_type.encode("latin-1"))


def json_fields(
    fields: Iterable[tuple[str, JsonAdapter[Any], object]],
    *,
    content_type: str = "application/json",
) -> Payload:
    """Return a JSON object of (name, adapter, value); `omit` is not sent."""
    members = [
        b"%s:%s" % (_STRING.adapter.dump_json(name), json_body(adapter, value).content)
        for name, adapter, value in fields
        if value is not omit
    ]
    return Payload(b"{%s}" % b",".join(members), content_type.encode())


class Omit(Enum):
    OMIT = "omit"


omit = Omit.OMIT
UploadContent = bytes | AsyncIterable[bytes]


def deep_object(
    name: str, adapter: JsonAdapter[Any], value: object
) -> Iterator[tuple[str, object]]:
    if value is None:
        return
    for key, each in adapter.adapter.dump_python(
        value, mode="json", by_alias=True, exclude_unset=True
    ).items():
        yield f"{name}[{key}]", each


def joined(value: object, separator: str) -> object:
    if isinstance(value, list | tuple | set):
        return separator.join(_text(each) for each in value)
    return value


def multipart_model(adapter: JsonAdapter[Any], body: Any) -> Payload:
    fields = []
    for name in type(body).model_fields:
        value = getattr(body, name)
        if hasattr(value, "file"):
            value = FileUpload(
                value.file.read(),
                value.filename,
                value.content_type or "application/octet-stream",
            )
        fields.append((name, value))
    return multipart_body(fields)


def form_body(fields: Parameters) -> Payload:
    """Return a URL-encoded form."""
    return Payload(_form(fields).encode("ascii"), b"application/x-www-form-urlencoded")


def form_model(adapter: JsonAdapter[Any], body: object) -> Payload:
    """Return a URL-encoded form with the fields of a model."""
    fields = adapter.adapter.dump_python(
        body, mode="json", by_alias=True, exclude_unset=True, round_trip=True
    )
    return form_body(fields.items())


def multipart_body(fields: Parameters) -> Payload:
    """Return a multipart form (RFC 7578); `bytes` and `FileUpload` values are files."""
    boundary = secrets.token_hex(16).encode("ascii")
    parts = [b"--%s\r\n%s\r\n" % (boundary, part) for part in _parts(fields)]
    content = b"%s--%s--\r\n" % (b"".join(parts), boundary)
    return Payload(content, b"multipart/form-data; boundary=" + boundary)


def text_body(body: str, content_type: str) -> Payload:
    """Return a text body in UTF-8."""
    return Payload(body.encode("utf-8"), content_type.encode("latin-1"))


def bytes_body(body: Any, content_type: str) -> Payload:
    """Return a body of bytes, such as a file."""
    return Payload(body, content_type.encode("latin-1"))


def read_text(content: bytes) -> str:
    """Return the text of a response, decoded as UTF-8."""
    return content.decode("utf-8", "replace")


def read_bytes(content: bytes) -> bytes:
    """Return the bytes of a response, such as a file."""
    return content


class ServerSentEvent(NamedTuple):
    data: str
    event: str = "message"
    id: str = ""


def read_event(content: bytes) -> ServerSentEvent:
    return ServerSentEvent(content.decode())


def read_nothing(content: bytes) -> None:
    """Ignore the body of a response."""


_STRING: JsonAdapter[str] = JsonAdapter(str)
_DURATION: JsonAdapter[timedelta] = JsonAdapter(timedelta)


def _form(parameters: Parameters) -> str:
    return "&".join(
        f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in _texts(parameters)
    )


def _parts(fields: Parameters) -> Iterator[bytes]:
    for name, value in _scalars(fields):
        disposition = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        upload = FileUpload(value) if isinstance(value, bytes) else value
        if isinstance(upload, FileUpload):
            ((content_type,),) = encode_headers([("content-type", upload.content_type)]).values()
            head = f'{disposition}; filename="{_quoted(upload.filename)}"\r\nContent-Type: '
            yield b"%s%s\r\n\r\n%s" % (head.encode(), content_type, upload.content)
        else:
            yield b"%s\r\n\r\n%s" % (disposition.encode(), _text(upload).encode())


def _quoted(name: str) -> str:
    """Return a name for a quoted string (RFC 9110, section 5.6.4), with line breaks encoded."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return escaped.replace("\n", "%0A").replace("\r", "%0D")


def _texts(parameters: Parameters) -> Iterator[tuple[str, str]]:
    return ((name, _text(value)) for name, value in _scalars(parameters))


def _scalars(parameters: Parameters) -> Iterator[tuple[str, object]]:
    """Yield the values that are sent: those that are not None, and the items of lists."""
    for name, value in parameters:
        for item in value if isinstance(value, list | tuple | set | frozenset) else [value]:
            if item is not None:
                yield name, item


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return _text(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(_DURATION.adapter.dump_python(value, mode="json"))
    if isinstance(value, bytes):
        # The same encoding as pydantic's for bytes in JSON.
        return value.decode("utf-8")
    return str(value)


def _with_discriminators(value: object) -> object:
    """Return a copy of `value` in which fields with one possible value count as set."""
    if isinstance(value, BaseModel):
        copy = value.model_copy()
        for name, field in type(value).model_fields.items():
            copy.__dict__[name] = _with_discriminators(getattr(value, name))
            if getattr(field.annotation, "__args__", ()) == (field.default,):
                copy.model_fields_set.add(name)
        return copy
    if isinstance(value, list | tuple | set):
        items = [_with_discriminators(item) for item in value]
        # A named tuple takes its fields as separate arguments.
        return value._make(items) if hasattr(value, "_make") else type(value)(items)
    if isinstance(value, Mapping):
        return {key: _with_discriminators(item) for key, item in value.items()}
    return value
