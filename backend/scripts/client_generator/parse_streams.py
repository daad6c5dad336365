"""Stage 1, parse: the streams of an AsyncAPI spec, which its member `x-streams` lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from client_generator.components import Components
from client_generator.document import LiveStream, StreamsDocument
from client_generator.errors import GeneratorError, raise_all
from client_generator.models import ModelIndex, attribute_of
from client_generator.names import class_names
from client_generator.pointers import SCHEMAS, join_pointer

KEY = "x-streams"
_AT = f"#/{KEY}"

SKIPPED = "stream"
"""What a stream that was left out has in place of the method of HTTP."""


def parse_streams(
    module: str,
    spec: Mapping[str, Any],
    models: ModelIndex,
    skipped: list[GeneratorError] | None = None,
) -> StreamsDocument:
    """Return the streams of `module`.

    Args:
        module: the name of the module.
        spec: an AsyncAPI document of version 3.
        models: the classes of its schemas.
        skipped: collects the errors of streams, which are then left out.

    Raises:
        GeneratorError: something in the spec has no equivalent in the client.
    """
    if not str(spec.get("asyncapi", "")).startswith("3."):
        raise GeneratorError("#/asyncapi", f"{spec.get('asyncapi')!r} is not supported; use 3.0.0")
    given = spec.get(KEY)
    if not isinstance(given, dict):
        raise GeneratorError(_AT, "there is no object of this name, which lists the streams")
    path = stream_path(spec)
    components = Components(spec, models, class_names(module))
    errors: list[GeneratorError] = [] if skipped is None else skipped
    streams, sent = [], set[str]()
    for name in given:
        try:
            stream, request = _stream(name, spec, components)
        except GeneratorError as error:
            errors.append(error.within(f"{name}:", (name, SKIPPED)))
        else:
            streams.append(stream)
            sent.add(request)
    if skipped is None:
        raise_all(errors)
    version = str(spec.get("info", {}).get("x-spec-version", ""))
    return StreamsDocument(path, version, tuple(streams), dict(components.models), frozenset(sent))


def stream_path(spec: Mapping[str, Any]) -> str:
    """Return the path of the WebSocket: the address of the only channel.

    Raises:
        GeneratorError: there is not one channel with a fixed path.
    """
    channels = spec.get("channels")
    addresses = [each.get("address") for each in channels.values()] if channels else []
    if len(addresses) != 1:
        raise GeneratorError("#/channels", f"there are {len(addresses)} channels; declare one")
    (address,) = addresses
    if not isinstance(address, str) or not address.startswith("/") or "{" in address:
        raise GeneratorError("#/channels", f"the address {address!r} is not a path")
    return address


def _stream(name: str, spec: Mapping[str, Any], components: Components) -> tuple[LiveStream, str]:
    """Return a stream, and the pointer of the schema of its request."""
    at = join_pointer(_AT, name)
    given = spec[KEY][name]
    if not isinstance(given, dict):
        raise GeneratorError(at, "is not an object")
    references = [_reference(given, member, at) for member in ("request", "update")]
    request, update = (components.type(each, at) for each in references)
    latest_of = given.get("replayLastOf")
    key = None
    if latest_of is not None:
        model = components.models[references[1]]
        key = attribute_of(model, str(latest_of), join_pointer(at, "replayLastOf"))
    stream = LiveStream(
        name=name,
        description=_description(name, spec),
        request=request,
        update=update,
        replays=_flag(given, "replayLast", at) or key is not None,
        numbered=_flag(given, "resumable", at),
        key=key,
        pointer=at,
    )
    return stream, references[0]


def _reference(given: Mapping[str, Any], member: str, pointer: str) -> str:
    name = given.get(member)
    if not isinstance(name, str):
        raise GeneratorError(join_pointer(pointer, member), "is not the name of a schema")
    return join_pointer(SCHEMAS.rstrip("/"), name)


def _flag(given: Mapping[str, Any], member: str, pointer: str) -> bool:
    value = given.get(member, False)
    if not isinstance(value, bool):
        raise GeneratorError(join_pointer(pointer, member), "must be true or false")
    return value


def _description(name: str, spec: Mapping[str, Any]) -> str:
    """Return the description of the message with an update."""
    for schema in spec.get("components", {}).get("schemas", {}).values():
        kind = schema.get("properties", {}).get("type", {}) if isinstance(schema, dict) else {}
        if isinstance(kind, dict) and kind.get("const") == f"{name}.update":
            return str(schema.get("description", ""))
    return ""
