"""Stage 2, operations: each stream of a module becomes a method of its client."""

from __future__ import annotations

from collections.abc import Collection

from client_generator.client import StreamMethod
from client_generator.docstrings import describe_stream
from client_generator.document import LiveStream, StreamsDocument
from client_generator.errors import GeneratorError
from client_generator.imports import Imports
from client_generator.names import method_name
from client_generator.operation_names import constant_name
from client_generator.project import RUNTIME

_IMPORTS = {(RUNTIME, "Stream"), (RUNTIME, "Subscription"), (RUNTIME, "sync_iterator")}


def build_stream_methods(
    document: StreamsDocument | None, taken: Collection[str]
) -> tuple[tuple[StreamMethod, ...], Imports]:
    """Return the methods of the streams, and what they import.

    Args:
        document: the parsed spec of the streams, if there is one.
        taken: the names of the other methods.

    Raises:
        GeneratorError: a method would have the name of another one.
    """
    methods: dict[str, StreamMethod] = {}
    imports: set[tuple[str, str]] = set()
    for stream in document.streams if document else ():
        method = _method(stream)
        if method.name in taken or method.name in methods:
            reason = f"the method {method.name!r} would have the name of another one; rename one"
            raise GeneratorError(stream.pointer, reason)
        methods[method.name] = method
        imports |= _IMPORTS | stream.request.imports | stream.update.imports
    return tuple(methods.values()), frozenset(imports)


def _method(stream: LiveStream) -> StreamMethod:
    name = method_name(f"{stream.name}_stream")
    return StreamMethod(
        stream=stream.name,
        name=name,
        constant=constant_name(name),
        request=stream.request.annotation,
        update=stream.update.annotation,
        replays=stream.replays,
        numbered=stream.numbered,
        key=stream.key,
        description=tuple(describe_stream(stream)),
    )
