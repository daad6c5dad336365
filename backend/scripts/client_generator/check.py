"""Stage 4, check: the rendered source is read back and compared with the spec.

Nothing is read but these two, so that a bug in the stages before cannot hide itself.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from client_generator.contents import COMPOSED_BODY, media_of, preferred_media_type
from client_generator.document import METHODS
from client_generator.errors import GeneratorError
from client_generator.pointers import follow_references

Key = tuple[str, str]
"""An operation: its method and its path."""

Function = ast.FunctionDef | ast.AsyncFunctionDef

_PATH_PARAMETER = re.compile(r"\{([^{}]*)\}")
_PATH_VALUE = re.compile(r"\{path_value\((\w+)\)\}")
_KEYWORDS = {"query": "query", "header": "headers", "cookie": "cookies"}


def check(source: str, spec: Mapping[str, Any], skipped: Collection[Key] = ()) -> None:
    """Check that each operation of `spec` has exactly one method, which sends all parameters.

    `skipped` are the operations that were left out.

    Raises:
        GeneratorError: an operation, a parameter or an argument is missing, or one too many.
    """
    declared = {key: sent for key, sent in _declared_requests(spec) if key not in skipped}
    try:
        tree = ast.parse(source)
        methods = [*_methods(tree)]
    except SyntaxError as error:
        raise _bug(f"the generated source is not Python: {error}") from None
    expected, generated = Counter([*declared]), Counter(key for key, _, _ in methods)
    if expected != generated:
        missing, surplus = [*(expected - generated)], [*(generated - expected)]
        raise _bug(f"the client differs from the spec: missing {missing!r}, surplus {surplus!r}")
    if {method.name for _, method, _ in methods} - synchronous_methods(tree):
        raise _bug("a method is missing in the synchronous client")
    for key, method, call in methods:
        if unsent := declared[key] - {*_values_of(call)}:
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
    content = body.get("content", {})
    media_type = preferred_media_type(content)
    if media_type and media_of(media_type) in ("json", "form", "multipart"):
        schema = content[media_type].get("schema")
        if isinstance(schema, dict):
            schema, pointer = follow_references(spec, schema, "#/paths")
            if pointer.startswith(COMPOSED_BODY):
                return [*schema.get("properties", {})]
    return []


def _label(keyword: str, name: str) -> str:
    # The names of headers do not differ by case.
    return f"{keyword}:{name.lower() if keyword == 'headers' else name}"


def _methods(tree: ast.Module) -> Iterator[tuple[Key, Function, ast.Call]]:
    """Yield the methods of the client, each with its operation and its call of the runtime."""
    operations: dict[str, Key] = {}
    for node in tree.body:
        match node:
            case ast.AnnAssign(
                target=ast.Name(id=constant),
                value=ast.Call(func=ast.Name(id="Operation"), args=[verb, path]),
            ):
                operations[constant] = ast.literal_eval(verb), ast.literal_eval(path)
    for node in body_of(tree, "ServiceClient"):
        match node:
            case ast.AsyncFunctionDef(
                body=[ast.Expr(), ast.Return(value=ast.Await(value=ast.Call() as call))]
                | [ast.Expr(), ast.Expr(value=ast.Await(value=ast.Call() as call))]
            ):
                yield operations[ast.unparse(call.args[0])], node, call
            case ast.FunctionDef(
                body=[
                    ast.Expr(),
                    ast.Return(value=ast.Call(func=ast.Attribute(attr="_stream")) as call),
                ]
            ):
                yield operations[ast.unparse(call.args[0])], node, call


def synchronous_methods(tree: ast.Module) -> set[str]:
    """Return the methods of the synchronous client that call the method of the same name."""
    names = set()
    for node in body_of(tree, "SyncServiceClient"):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(args=[ast.Attribute(attr=method)])
            ) if name == method:
                names.add(name)
    return names


def body_of(tree: ast.Module, base: str) -> list[ast.stmt]:
    """Return the body of the class that has this base."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and ast.unparse(node.bases[0]).split("[")[0] == base:
            return node.body
    return []


def _values_of(call: ast.Call) -> Iterator[str]:
    path = ast.unparse(call.args[1]).lstrip("f")[1:-1]
    yield f"path:{unquote(_PATH_VALUE.sub('{}', path))}"
    for keyword in call.keywords:
        yield str(keyword.arg)
        for node in ast.walk(keyword.value):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield _label(str(keyword.arg), node.value)
