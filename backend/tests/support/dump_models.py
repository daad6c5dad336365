"""Print the vocabulary of every module as JSON, read from the models themselves.

The specs, and what is generated from them, take no part in it: a test of the generated clients
compares them with this. The shapes:

    {"models": {model: {field: {"optional": bool, "nullable": bool, "values": [...] or null}}},
     "enums": {enum: {member: value}},
     "streams": {module: {"messages": {model: ...}, "streams": {name: [request, update]}}}}

Fields are named as on the wire; `values` are all that an enum or a literal allows. `models` and
`enums` are those of `trading_api.models`.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterable, Iterator
from enum import Enum
from importlib import import_module
from itertools import chain
from types import ModuleType
from typing import Any

from pydantic import BaseModel

import trading_api.models
from trading_api.app_factory import module_streams
from trading_api.shared.utils import MODULES_DIR, discover_modules_with_websockets
from trading_api.shared.ws.messages import (
    Authenticate,
    Authenticated,
    Credentials,
    ErrorMessage,
    Ping,
    Pong,
    messages_of,
)


def vocabulary() -> dict[str, Any]:
    """Return the document that is printed."""
    classes = [*_classes()]
    return {
        "models": _fields_of(kind for kind in classes if issubclass(kind, BaseModel)),
        "enums": {
            kind.__name__: {member.name: member.value for member in kind}
            for kind in classes
            if issubclass(kind, Enum) and len(kind)
        },
        "streams": {
            module: _streams_of(module) for module in discover_modules_with_websockets(MODULES_DIR)
        },
    }


def _classes() -> Iterator[type[Any]]:
    """Yield the classes that are defined below `trading_api.models`."""
    for package in pkgutil.walk_packages(trading_api.models.__path__, "trading_api.models."):
        module: ModuleType = import_module(package.name)
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield value


def _streams_of(module: str) -> dict[str, Any]:
    streams = [*module_streams(module)]
    messages: list[type[BaseModel]] = [
        Authenticate,
        Authenticated,
        Credentials,
        ErrorMessage,
        Ping,
        Pong,
    ]
    for stream in streams:
        kinds = messages_of(stream)
        messages += [kinds.subscribe, kinds.unsubscribe]
        messages += [kinds.subscribed, kinds.unsubscribed, kinds.update]
    return {
        "messages": _fields_of(messages),
        "streams": {
            stream.name: [stream.request.__name__, stream.update.__name__] for stream in streams
        },
    }


def _fields_of(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for model in models:
        schema = model.model_json_schema()
        if model.__name__ in fields:
            raise ValueError(f"two models are named {model.__name__}")
        fields[model.__name__] = {
            name: {"optional": name not in schema.get("required", ()), **_type_of(field, schema)}
            for name, field in schema.get("properties", {}).items()
        }
    # Base classes, which only configure their subclasses, have none.
    return {name: own for name, own in fields.items() if own}


def _type_of(field: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    members = field.get("anyOf", [field])
    types = [
        schema["$defs"][member["$ref"].rpartition("/")[2]] if "$ref" in member else member
        for member in members
        if member != {"type": "null"}
    ]
    literals = [kind.get("enum", [kind["const"]] if "const" in kind else None) for kind in types]
    open_type = any(values is None for values in literals)
    return {
        "nullable": len(types) < len(members),
        "values": None if open_type else sorted(chain.from_iterable(literals), key=str),
    }


if __name__ == "__main__":
    print(json.dumps(vocabulary()))
