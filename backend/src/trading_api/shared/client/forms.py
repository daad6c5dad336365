"""Encodes forms: URL-encoded ones and, with files, multipart ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from trading_api.shared.client.adapters import JsonAdapter
from trading_api.shared.client.json import dump_tree, tree_of
from trading_api.shared.client.payload import Payload
from trading_api.shared.client.values import (
    Parameters,
    encode_headers,
    encode_pairs,
    scalars,
    text_of,
)


@dataclass(frozen=True, slots=True)
class FileUpload:
    """A file of a multipart form, with the name and the media type to send."""

    content: bytes
    filename: str = "upload"
    content_type: str = "application/octet-stream"


def form_body(fields: Parameters) -> Payload:
    """Return a URL-encoded form."""
    return Payload(encode_pairs(fields).encode("ascii"), b"application/x-www-form-urlencoded")


def form_model(adapter: JsonAdapter[Any], body: object) -> Payload:
    """Return a URL-encoded form with the fields of a model."""
    _check_form(body)
    return form_body(dump_tree(adapter, body).items())


def multipart_body(fields: Parameters) -> Payload:
    """Return a multipart form (RFC 7578); `bytes` and `FileUpload` values are files."""
    # Imported here because most clients have no multipart forms.
    import secrets

    boundary = secrets.token_hex(16).encode("ascii")
    parts = [b"--%s\r\n%s\r\n" % (boundary, part) for part in _parts(fields)]
    content = b"%s--%s--\r\n" % (b"".join(parts), boundary)
    return Payload(content, b"multipart/form-data; boundary=" + boundary)


def multipart_model(adapter: JsonAdapter[Any], body: Any) -> Payload:
    """Return a multipart form with the fields of a model; its `UploadFile` and bytes are files."""
    _check_form(body)
    marked = body if adapter.mark is None else adapter.mark(body)
    pairs = []
    for name in type(body).model_fields:
        if name not in marked.model_fields_set:
            continue
        value = _uploads(getattr(marked, name))
        if _is_file(value):
            field = type(body).model_fields[name]
            pairs.append((field.serialization_alias or field.alias or name, value))
        else:
            pairs += tree_of(adapter, marked, include={name}).items()
    return multipart_body(pairs)


def _check_form(body: object) -> None:
    """Check that no field is null or an empty list, which a form does not have, unless by default.

    Raises:
        ValueError: a field is; the service would use its default, which is another value.
    """
    if not isinstance(body, BaseModel):
        return
    for name, field in type(body).model_fields.items():
        value = getattr(body, name, None)
        if value is not None and (value or not isinstance(value, list | tuple | set | frozenset)):
            continue
        # A required field is missed by the service itself.
        if field.is_required():
            continue
        if field.get_default(call_default_factory=True, validated_data=vars(body)) != value:
            raise ValueError(f"{name}: a form cannot have {value!r}, and the default is another")


def _is_file(value: object) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, FileUpload | bytes) for item in items)


def _uploads(value: Any) -> Any:
    """Return an `UploadFile` of FastAPI, or several, as what is sent; other values as they are."""
    if isinstance(value, list | tuple):
        return [_uploads(item) for item in value]
    if not (hasattr(value, "file") and hasattr(value, "filename")):
        return value
    value.file.seek(0)
    content_type = value.content_type or "application/octet-stream"
    return FileUpload(value.file.read(), value.filename or "upload", content_type)


def _parts(fields: Parameters) -> Iterator[bytes]:
    for name, value in scalars(fields):
        disposition = f'Content-Disposition: form-data; name="{_quote_name(name)}"'
        upload = FileUpload(value) if isinstance(value, bytes) else value
        if isinstance(upload, FileUpload):
            ((content_type,),) = encode_headers([("content-type", upload.content_type)]).values()
            head = f'{disposition}; filename="{_quote_name(upload.filename)}"\r\nContent-Type: '
            yield b"%s%s\r\n\r\n%s" % (head.encode(), content_type, upload.content)
        else:
            yield b"%s\r\n\r\n%s" % (disposition.encode(), text_of(upload).encode())


def _quote_name(name: str) -> str:
    """Return a name for a quoted string (RFC 9110, section 5.6.4), with line breaks encoded."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return escaped.replace("\n", "%0A").replace("\r", "%0D")
