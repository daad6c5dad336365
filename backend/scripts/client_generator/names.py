"""The names of a client's methods and arguments, made of a spec's names."""

from __future__ import annotations

import keyword
import re
from functools import cache

# What the methods of a class must not be called: they would hide a type that annotations use, or
# what the client inherits, or the decorator.
_TYPES = {"bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"}
_TYPES |= {"date", "datetime", "time", "timedelta"}
_INHERITED = {"aclose", "base_url", "default_url", "from_env", "in_process", "module", "timeout"}
_RESERVED_METHODS = _TYPES | _INHERITED | {"deprecated"}
# What the arguments of a method must not be called: its other arguments, and the functions that it
# calls.
_BODIES = {"bytes_body", "form_body", "form_model", "json_body", "json_fields", "multipart_body"}
_FUNCTIONS = _BODIES | {"text_body", "path_value"}
_RESERVED_ARGUMENTS = _FUNCTIONS | {"self", "body", "timeout", "headers"}


@cache
def snake_case(name: str) -> str:
    """Return the words of a name in snake_case; one that is so already, as it is."""
    if re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return name
    words = re.sub(r"[^0-9A-Za-z]+", "_", name)
    words = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", words)
    return words.strip("_").lower()


def argument_name(wire_name: str) -> str:
    """Return the Python name of a parameter: snake_case, and never a keyword.

    `orderType` -> `order_type`, `x-request-id` -> `x_request_id`, `from` -> `from_`.
    """
    name = snake_case(wire_name)
    if not name:
        name = "parameter"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in _RESERVED_ARGUMENTS else name


def method_name(operation_id: str) -> str:
    """Return the Python name of an operation: snake_case, and never one that hides another."""
    name = snake_case(operation_id)
    if not name or name[0].isdigit():
        name = f"call_{name}".rstrip("_")
    return f"{name}_" if keyword.iskeyword(name) or name in _RESERVED_METHODS else name
