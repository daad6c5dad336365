"""Builds the AsyncAPI 3.0 document of a module (https://www.asyncapi.com/docs/reference)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import (
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaValue,
    models_json_schema,
)
from pydantic_core.core_schema import TaggedUnionSchema

from trading_api.shared.auth.scopes import SCHEME, SCHEME_NAME, stream_scope
from trading_api.shared.module import ModuleInfo
from trading_api.shared.utils import class_prefix, stream_path
from trading_api.shared.ws.messages import (
    Authenticate,
    Authenticated,
    ErrorMessage,
    Ping,
    Pong,
    messages_of,
)
from trading_api.shared.ws.router import Stream, StreamRouter


class StreamSchemaError(ValueError):
    """A stream is declared in a way that its clients cannot use."""


def asyncapi_document(module_name: str, info: ModuleInfo, streams: StreamRouter) -> dict[str, Any]:
    """Return the document of one module.

    It describes the service: the service receives `subscribe` and sends `update`. For each stream
    the root member `x-streams` names the schemas of its request and its updates, and says whether
    new subscribers receive the latest update first, or with `replayLastOf` the latest update of
    each value of that field, and whether the stream can be resumed.

    Raises:
        StreamSchemaError: a subscription request has an optional field.
    """
    inbound: list[type[BaseModel]] = [Ping, Authenticate]
    outbound: list[type[BaseModel]] = [Pong, Authenticated, ErrorMessage]
    for stream in streams:
        _check_request(stream)
        messages = messages_of(stream)
        inbound += [messages.subscribe, messages.unsubscribe]
        outbound += [messages.subscribed, messages.unsubscribed, messages.update]
    names = sorted(model.__name__ for model in (*inbound, *outbound))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{info.title} streams",
            "version": info.version,
            "description": info.description,
            "tags": [{"name": module_name}],
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": f"127.0.0.1:{info.port}", "protocol": "ws"}},
        "channels": {
            module_name: {
                "address": stream_path(module_name),
                "messages": {name: _ref("messages", name) for name in names},
            }
        },
        "operations": dict(_operations(module_name, streams)),
        "components": {
            "messages": {
                name: {"name": name, "title": name, "payload": _ref("schemas", name)}
                for name in names
            },
            "schemas": _schemas(inbound, outbound),
            "securitySchemes": {SCHEME_NAME: SCHEME},
        },
        "x-streams": {
            stream.name: {
                "request": stream.request.__name__,
                "update": stream.update.__name__,
                "replayLast": stream.replay_last,
                "resumable": stream.numbered,
                **_latest_of(stream),
            }
            for stream in streams
        },
    }


def _ref(section: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{section}/{name}"}


def _latest_of(stream: Stream) -> dict[str, str]:
    """Return the field whose values each have a latest update, by its name on the wire."""
    if stream.replay_last_of is None:
        return {}
    field = stream.update.model_fields[stream.replay_last_of]
    return {"replayLastOf": field.serialization_alias or stream.replay_last_of}


def _check_request(stream: Stream) -> None:
    optional = [
        field.alias or name
        for name, field in stream.request.model_fields.items()
        if not field.is_required()
    ]
    if optional:
        raise StreamSchemaError(
            f"stream {stream.name}: {stream.request.__name__} has optional fields:"
            f" {', '.join(optional)}; a topic is named by its request, so make them required"
        )


def _operations(module_name: str, streams: StreamRouter) -> Iterator[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{module_name}"}

    def refs(*models: type[BaseModel]) -> list[dict[str, str]]:
        return [{"$ref": f"{channel['$ref']}/messages/{model.__name__}"} for model in models]

    # AsyncAPI 3.0 has scopes for OAuth 2 and OpenID Connect only.
    security = {
        "security": [_ref("securitySchemes", SCHEME_NAME)],
        "x-scopes": [stream_scope(module_name)],
    }

    def receive(request: type[BaseModel], *responses: type[BaseModel]) -> dict[str, Any]:
        return {
            "action": "receive",
            "channel": channel,
            "messages": refs(request),
            "reply": {"channel": channel, "messages": refs(*responses)},
        }

    def send(model: type[BaseModel]) -> dict[str, Any]:
        return {"action": "send", "channel": channel, "messages": refs(model)}

    for stream in streams:
        name, kinds = class_prefix(stream.name), messages_of(stream)
        subscribe = receive(kinds.subscribe, kinds.subscribed, ErrorMessage)
        yield f"subscribe{name}", {**subscribe, **security}
        yield f"unsubscribe{name}", receive(kinds.unsubscribe, kinds.unsubscribed, ErrorMessage)
        yield f"send{name}Update", send(kinds.update)
    yield "authenticate", receive(Authenticate, Authenticated)
    yield "ping", receive(Ping, Pong)
    yield "sendError", send(ErrorMessage)


def _schemas(inbound: list[type[BaseModel]], outbound: list[type[BaseModel]]) -> dict[str, Any]:
    """Return the schemas: of received messages for validation, of sent ones for serialization."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in inbound),
        *((model, "serialization") for model in outbound),
    ]
    _, definitions = models_json_schema(
        models, ref_template="#/components/schemas/{model}", schema_generator=_SchemaGenerator
    )
    return dict(sorted(definitions["$defs"].items()))


class _SchemaGenerator(GenerateJsonSchema):
    """Leaves out OpenAPI's `discriminator` objects; in AsyncAPI the word has another meaning."""

    def tagged_union_schema(self, schema: TaggedUnionSchema) -> JsonSchemaValue:
        json_schema = super().tagged_union_schema(schema)
        json_schema.pop("discriminator", None)
        return json_schema
