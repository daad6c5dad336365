"""Stage 4, check: the rendered source is read back and compared with the spec.

Nothing is read but these two, so that a bug in the stages before cannot hide itself.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from client_generator.document import METHODS
from client_generator.errors import GeneratorError
from client_generator.parse import COMPOSED_BODY, media_of
from client_generator.pointers import follow_references

Key = tuple[str, str]
"""An operation: its method and its path."""

_PATH_PARAMETER = re.compile(r"\{([^{}]*)\}")
_PATH_VALUE = re.compile(r"\{path_value\((\w+)\)\}")
_KEYWORDS = {"query": "query", "header": "headers", "cookie": "cookies"}


def check(source: str, spec: Mapping[str, Any]) -> None:
    """Check that each operation of `spec` has exactly one method, which sends all parameters.

    Raises:
        GeneratorError: an operation, a parameter or an argument is missing, or one too many.
    """
    declared = dict(_declared_requests(spec))
    try:
        methods = [*_methods(ast.parse(source))]
    except SyntaxError as error:
        raise _bug(f"the generated source is not Python: {error}") from None
    expected, generated = Counter([*declared]), Counter(key for key, _, _ in methods)
    if expected != generated:
        missing, surplus = [*(expected - generated)], [*(generated - expected)]
        raise _bug(f"the client differs from the spec: missing {missing!r}, surplus {surplus!r}")
    for key, method, call in methods:
        if unsent := declared[key] - {*_sent(call)}:
            raise _bug(f"{method.name!r} does not send {sorted(unsent)}")
        used = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
        for argument in (*method.args.args[1:], *method.args.kwonlyargs):
            if argument.arg not in used:
                raise _bug(f"{method.name!r} does not send {argument.arg!r}")


def _bug(reason: str) -> GeneratorError:
    return GeneratorError("#/paths", f"{reason} (this is a bug in the generator)")


def _declared_requests(spec: Mapping[str, Any]) -> Iterator[tuple[Key, set[str]]]:
    """Yield each operation with what it sends, by keywords of the call, such as `query:limit`."""
    for path, given in spec["paths"].items():
        item, _ = follow_references(spec, given, "#/paths")
        for method in METHODS:
            if method not in item:
                continue
            sent = {f"path:{unquote(_PATH_PARAMETER.sub('{}', path))}"}
            for given in (*item.get("parameters", ()), *item[method].get("parameters", ())):
                parameter, _ = follow_references(spec, given, "#/paths")
                if parameter["in"] in _KEYWORDS:
                    sent.add(_label(_KEYWORDS[parameter["in"]], parameter["name"]))
            sent |= {f"body:{name}" for name in _declared_fields(spec, item[method])}
            if "requestBody" in item[method]:
                sent.add("body")
            if method in ("post", "patch"):
                sent.add("headers:idempotency-key")
            yield (method.upper(), path), sent


def _declared_fields(spec: Mapping[str, Any], operation: Mapping[str, Any]) -> list[str]:
    """Return the fields of a body that FastAPI composes of several parameters."""
    body, _ = follow_references(spec, operation.get("requestBody", {}), "#/paths")
    for media_type, media in body.get("content", {}).items():
        schema = media.get("schema")
        if isinstance(schema, dict) and media_of(media_type) in ("json", "form", "multipart"):
            schema, pointer = follow_references(spec, schema, "#/paths")
            if pointer.startswith(COMPOSED_BODY):
                return [*schema.get("properties", {})]
    return []


def _label(keyword: str, name: str) -> str:
    # The names of headers do not differ by case.
    return f"{keyword}:{name.lower() if keyword == 'headers' else name}"


def _methods(tree: ast.Module) -> Iterator[tuple[Key, ast.AsyncFunctionDef, ast.Call]]:
    """Yield the methods of the client, each with its operation and its call of the runtime."""
    operations: dict[str, Key] = {}
    for node in tree.body:
        match node:
            case ast.AnnAssign(
                target=ast.Name(id=constant),
                value=ast.Call(func=ast.Name(id="Operation"), args=[verb, path]),
            ):
                operations[constant] = ast.literal_eval(verb), ast.literal_eval(path)
    # The client is the last class; its protocol is the one before.
    for node in getattr(tree.body[-1], "body", ()):
        match node:
            case ast.AsyncFunctionDef(
                body=[ast.Expr(), ast.Return(value=ast.Await(value=ast.Call() as call))]
                | [ast.Expr(), ast.Expr(value=ast.Await(value=ast.Call() as call))]
            ):
                yield operations[ast.unparse(call.args[0])], node, call


def _sent(call: ast.Call) -> Iterator[str]:
    path = ast.unparse(call.args[1]).lstrip("f")[1:-1]
    yield f"path:{unquote(_PATH_VALUE.sub('{}', path))}"
    for keyword in call.keywords:
        yield str(keyword.arg)
        for node in ast.walk(keyword.value):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield _label(str(keyword.arg), node.value)
