"""Stage 4, check: the rendered source is read back and compared with the spec.

Nothing is read but these two, so that a bug in the stages before cannot hide itself.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote

from client_generator.document import METHODS
from client_generator.errors import GeneratorError
from client_generator.parse import COMPOSED_BODY, media_of
from client_generator.pointers import follow_references

_PATH_PARAMETER = re.compile(r"\{([^{}]*)\}")
_LOCATIONS = {"query": "query", "headers": "header", "cookies": "cookie"}


class Request(NamedTuple):
    """What an operation sends: names on the wire with their locations, such as `query:limit`.

    Parameters in the path are `{}` in it, for their names are not in the source.
    """

    verb: str
    path: str
    sent: tuple[str, ...]


def check(source: str, spec: Mapping[str, Any]) -> None:
    """Check that each operation of `spec` has exactly one method, which sends all parameters.

    Raises:
        GeneratorError: an operation, a parameter or an argument is missing, or one too many.
    """
    try:
        methods = [*_methods(ast.parse(source))]
    except SyntaxError as error:
        raise _bug(f"the generated source is not Python: {error}") from None
    declared = Counter(_declared_requests(spec))
    generated = Counter(_generated_request(method) for method in methods)
    if declared != generated:
        missing, surplus = [*(declared - generated)], [*(generated - declared)]
        raise _bug(f"the client differs from the spec: missing {missing!r}, surplus {surplus!r}")
    for method in methods:
        _check_arguments(method)


def _bug(reason: str) -> GeneratorError:
    return GeneratorError("#/paths", f"{reason} (this is a bug in the generator)")


def _declared_requests(spec: Mapping[str, Any]) -> Iterator[Request]:
    for path, given in spec["paths"].items():
        item, _ = follow_references(spec, given, "#/paths")
        for method in METHODS:
            if method in item:
                sent = {*_declared_parameters(spec, item, item[method])}
                sent |= {*_declared_body(spec, item[method])}
                if method in ("post", "patch"):
                    sent.add("header:idempotency-key")
                literal_path = unquote(_PATH_PARAMETER.sub("{}", path))
                yield Request(method.upper(), path, (literal_path, *sorted(sent)))


def _declared_parameters(spec: Mapping[str, Any], *owners: Mapping[str, Any]) -> Iterator[str]:
    for owner in owners:
        for given in owner.get("parameters", ()):
            parameter, _ = follow_references(spec, given, "#/paths")
            if parameter["in"] != "path":
                yield _label(parameter["in"], parameter["name"])


def _declared_body(spec: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    if "requestBody" not in operation:
        return
    body, _ = follow_references(spec, operation["requestBody"], "#/paths")
    ((media_type, media),) = body["content"].items()
    schema, at = media.get("schema", {}), ""
    if isinstance(schema, dict):
        schema, at = follow_references(spec, schema, "#/paths")
    has_fields = media_of(media_type) in ("json", "form", "multipart")
    fields = schema.get("properties") if at.startswith(COMPOSED_BODY) and has_fields else None
    yield from [f"body:{name}" for name in fields] if fields else ["body:"]


def _label(location: str, name: str) -> str:
    # The names of headers do not differ by case.
    return f"{location}:{name.lower() if location == 'header' else name}"


@dataclass(frozen=True, slots=True)
class _Method:
    """A method of the generated client, its call of the runtime, and its operation's path."""

    name: str
    arguments: tuple[str, ...]
    call: ast.Call
    verb: str
    path: str

    def keyword(self, name: str) -> ast.expr | None:
        return next((each.value for each in self.call.keywords if each.arg == name), None)


def _methods(tree: ast.Module) -> Iterator[_Method]:
    operations: dict[str, list[str]] = {}
    for node in tree.body:
        match node:
            case ast.AnnAssign(
                target=ast.Name(id=constant),
                value=ast.Call(func=ast.Name(id="Operation"), args=[verb, path]),
            ):
                operations[constant] = [ast.literal_eval(verb), ast.literal_eval(path)]
    # The client is the last class; its protocol is the one before.
    for node in getattr(tree.body[-1], "body", ()):
        if isinstance(node, ast.AsyncFunctionDef):
            arguments = tuple(each.arg for each in (*node.args.args[1:], *node.args.kwonlyargs))
            call = _call_of(node)
            yield _Method(node.name, arguments, call, *operations[ast.unparse(call.args[0])])


def _call_of(method: ast.AsyncFunctionDef) -> ast.Call:
    match method.body:
        case [ast.Expr(), (ast.Return() | ast.Expr()) as last]:
            if isinstance(last.value, ast.Await) and isinstance(last.value.value, ast.Call):
                return last.value.value
    raise _bug(f"the method {method.name!r} is not a docstring and a call")


def _generated_request(method: _Method) -> Request:
    path, _ = _path(method.call.args[1])
    sent = [
        _label(location, name)
        for keyword, location in _LOCATIONS.items()
        for name, _ in _pairs(method.keyword(keyword))
    ]
    body = method.keyword("body")
    if body is not None and "body" in method.arguments:
        sent.append("body:")
    elif isinstance(body, ast.Call):
        sent += [f"body:{name}" for name, _ in _pairs(body.args[0])]
    return Request(method.verb, method.path, (path, *sorted(sent)))


def _check_arguments(method: _Method) -> None:
    """Check that each argument is sent, and under a name that it could be derived from."""
    used = {node.id for node in ast.walk(method.call) if isinstance(node, ast.Name)}
    if unused := [argument for argument in method.arguments if argument not in used]:
        raise _bug(f"{method.name!r} does not send {unused[0]!r}")
    _, in_path = _path(method.call.args[1])
    pairs = [pair for keyword in _LOCATIONS for pair in _pairs(method.keyword(keyword))]
    for name, argument in [
        *zip(_PATH_PARAMETER.findall(method.path), in_path, strict=False),
        *pairs,
    ]:
        wanted = re.sub("[^a-z0-9]", "", name.lower())
        if name.isascii() and not re.sub("[^a-z0-9]", "", argument).startswith(wanted):
            raise _bug(f"{method.name!r} sends {argument!r} as {name!r}")


def _pairs(pairs: ast.expr | None) -> Iterator[tuple[str, str]]:
    """Yield names on the wire with the arguments that are sent under them."""
    for pair in getattr(pairs, "elts", ()):
        yield str(ast.literal_eval(pair.elts[0])), getattr(pair.elts[1], "id", "")


def _path(node: ast.expr) -> tuple[str, list[str]]:
    """Return the path that is sent, with {} for each parameter, and the arguments in it."""
    text, arguments = "", []
    for part in node.values if isinstance(node, ast.JoinedStr) else [node]:
        match part:
            case ast.Constant(value=str(literal)):
                text += unquote(literal)
            case ast.FormattedValue(
                value=ast.Call(func=ast.Name(id="path_value"), args=[ast.Name(id=name)])
            ):
                text += "{}"
                arguments.append(name)
    return text, arguments
