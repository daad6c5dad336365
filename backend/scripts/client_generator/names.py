"""How names in a spec map to Python names of methods and arguments."""

from __future__ import annotations

import keyword
import re
import unicodedata
from functools import cache

from client_generator.project import class_prefix

# A method of one of these names would hide a type that annotations use, an attribute that the
# client inherits, or the decorator.
_RESERVED_METHODS = {
    *("bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"),
    *("date", "datetime", "time", "timedelta"),
    *(
        "aclose",
        "base_url",
        "default_url",
        "spec_version",
        "from_env",
        "in_process",
        "call_counts",
        "is_available",
        "module",
        "stream_counts",
        "stream_path",
        "stream_version",
        "timeout",
    ),
    *("async_client", "client_class", "close"),
    *("deprecated", "sync_iterator", "sync_method"),
}
# An argument of one of these names would hide another argument, or a function that methods call.
_RESERVED_ARGUMENTS = {
    *("self", "accept", "body", "timeout", "headers"),
    *("bytes_body", "form_body", "form_model", "json_body", "json_fields", "multipart_body"),
    *("multipart_model", "text_body", "path_value", "deep_object", "join_values", "omit"),
    "require_items",
}
GENERATED_NAMES = frozenset(
    {
        *("Any", "AsyncIterator", "Decimal", "ErrorReaders", "FileUpload", "JsonAdapter"),
        *("JsonValue", "Literal", "Mapping", "Omit", "Operation", "Protocol", "ServiceClient"),
        *(
            "ServerSentEvent",
            "Stream",
            "Subscription",
            "SyncServiceClient",
            "UploadContent",
            "UUID",
        ),
    }
)
"""Names that generated modules import; a class of one of these is imported under another name."""


def class_names(module: str) -> frozenset[str]:
    """Return the names of the classes that are generated for a module."""
    prefix = class_prefix(module)
    return frozenset({f"{prefix}Client", f"{prefix}Api", f"Sync{prefix}Client"})


@cache
def snake_case(name: str) -> str:
    """Return the words of a name in snake_case; letters beyond ASCII stay if Python allows them."""
    if re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return name
    words = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", name)
    # Python regards names of one NFKC form as the same.
    normal = unicodedata.normalize("NFKC", re.sub(r"[\W_]+", "_", words).lower()).strip("_")
    if f"_{normal}".isidentifier():
        return normal
    return re.sub(r"[^0-9A-Za-z]+", "_", words).strip("_").lower()


def argument_name(wire_name: str) -> str:
    """Return the Python name of a parameter.

    `orderType` -> `order_type`, `x-request-id` -> `x_request_id`, `from` -> `from_`.
    """
    name = snake_case(wire_name) or "parameter"
    if not name.isidentifier():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in _RESERVED_ARGUMENTS else name


def method_name(operation_id: str) -> str:
    """Return the Python name of an operation."""
    name = snake_case(operation_id)
    if not name.isidentifier():
        name = f"call_{name}".rstrip("_")
    return f"{name}_" if keyword.iskeyword(name) or name in _RESERVED_METHODS else name
