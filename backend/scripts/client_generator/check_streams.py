"""Stage 4, check: the streams in the rendered source are compared with the AsyncAPI spec."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from client_generator.check import body_of, synchronous_methods
from client_generator.errors import GeneratorError
from client_generator.parse_streams import KEY, stream_path


def check_streams(source: str, spec: Mapping[str, Any], skipped: Collection[str] = ()) -> None:
    """Check that each stream of `spec` has exactly one method in both clients.

    `skipped` are the streams that were left out.

    Raises:
        GeneratorError: a stream or the path of the WebSocket is missing, or one too many.
    """
    tree = ast.parse(source)
    expected = Counter(name for name in spec[KEY] if name not in skipped)
    methods = [*_methods(tree)]
    generated = Counter(stream for _, stream in methods)
    if expected != generated:
        missing, surplus = [*(expected - generated)], [*(generated - expected)]
        raise _bug(f"the client differs from the spec: missing {missing!r}, surplus {surplus!r}")
    if {method for method, _ in methods} - synchronous_methods(tree):
        raise _bug("a stream is missing in the synchronous client")
    if f"stream_path = {stream_path(spec)!r}" not in map(
        ast.unparse, body_of(tree, "ServiceClient")
    ):
        raise _bug("the client has another path of the WebSocket")


def _bug(reason: str) -> GeneratorError:
    return GeneratorError(f"#/{KEY}", f"{reason} (this is a bug in the generator)")


def _methods(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the methods that subscribe, each with the name of its stream."""
    streams: dict[str, str] = {}
    for node in tree.body:
        match node:
            case ast.AnnAssign(
                target=ast.Name(id=constant),
                value=ast.Call(func=ast.Name(id="Stream"), args=[name, *_]),
            ):
                streams[constant] = ast.literal_eval(name)
    for node in body_of(tree, "ServiceClient"):
        match node:
            case ast.FunctionDef(
                body=[
                    ast.Expr(),
                    ast.Return(
                        value=ast.Call(
                            func=ast.Attribute(attr="_subscribe"),
                            args=[ast.Name(id=constant), ast.Name(id="request")],
                        )
                    ),
                ]
            ):
                yield node.name, streams[constant]
