"""What the generated clients import to encode arguments and to read responses."""

from __future__ import annotations

from trading_api.shared.client.adapters import JsonAdapter
from trading_api.shared.client.forms import (
    FileUpload,
    form_body,
    form_model,
    multipart_body,
    multipart_model,
)
from trading_api.shared.client.json import json_body, json_fields
from trading_api.shared.client.payload import Payload, UploadContent, bytes_body, text_body
from trading_api.shared.client.readers import read_bytes, read_event, read_nothing, read_text
from trading_api.shared.client.values import (
    Omit,
    deep_object,
    join_values,
    omit,
    path_value,
    require_items,
)

__all__ = [
    "FileUpload",
    "JsonAdapter",
    "Omit",
    "Payload",
    "UploadContent",
    "bytes_body",
    "deep_object",
    "form_body",
    "form_model",
    "join_values",
    "json_body",
    "json_fields",
    "multipart_body",
    "multipart_model",
    "omit",
    "path_value",
    "read_bytes",
    "read_event",
    "read_nothing",
    "read_text",
    "require_items",
    "text_body",
]
