"""Stage 4, check: the rendered source is read back and compared with the raw spec."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from client_generator.document import METHODS
from client_generator.errors import GeneratorError


def check(source: str, spec: Mapping[str, Any]) -> None:
    """Verify that each operation of `spec` has exactly one method that sends each parameter.

    Works on the two texts alone, so that a fault of the stages between cannot hide itself.

    Raises:
        GeneratorError: an operation or a parameter is missing, or there is one too many.
    """
    expected = sorted(_declared(spec))
    try:
        methods = [*_generated(source)]
    except SyntaxError as error:
        raise GeneratorError("#", f"the generated source is not Python: {error}") from None
    actual = sorted(fingerprint for fingerprint, _ in methods)
    if expected != actual:
        missing = [*(Counter(expected) - Counter(actual)).elements()]
        surplus = [*(Counter(actual) - Counter(expected)).elements()]
        raise GeneratorError(
            "#/paths",
            "the generated client differs from the spec (a fault of the generator):"
            f" missing {missing!r}, surplus {surplus!r}",
        )
    for _, fault in methods:
        if fault:
            raise GeneratorError("#/paths", f"{fault} (a fault of the generator)")


_PATH_PARAMETER = re.compile(r"\{([^{}]*)\}")

Fingerprint = tuple[str, str, tuple[str, ...]]
"""Method, path, and the names on the wire with their places, such as `query:limit`.

Of the parameters in the path it says how many there are, for their names are not in the source.
"""


def _declared(spec: Mapping[str, Any]) -> Iterator[Fingerprint]:
    for path, given_item in spec["paths"].items():
        item = _followed(spec, given_item)
        for method in METHODS:
            if method in item:
                raw = item[method]
                names = {
                    f"{each['in']}:{each['name']}"
                    for owner in (item, raw)
                    for given in owner.get("parameters", ())
                    for each in [_followed(spec, given)]
                    if each["in"] != "path"
                }
                names = {_folded(name) for name in names} | set(_declared_body(spec, raw))
                names.add(f"path:{unquote(_PATH_PARAMETER.sub('{}', path))}")
                if method in ("post", "patch"):
                    names.add("header:idempotency-key")
                yield method.upper(), path, tuple(sorted(names))


def _declared_body(spec: Mapping[str, Any], raw: Mapping[str, Any]) -> Iterator[str]:
    if "requestBody" not in raw:
        return
    ((media_type, media),) = _followed(spec, raw["requestBody"])["content"].items()
    schema = media.get("schema", {})
    composed = isinstance(schema, dict) and "/Body_" in schema.get("$ref", "")
    has_fields = composed and ("json" in media_type or "form" in media_type)
    fields = _followed(spec, schema).get("properties") if has_fields else None
    yield from [f"body:{name}" for name in fields] if fields else ["body:"]


def _followed(spec: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        found: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def _generated(source: str) -> Iterator[tuple[Fingerprint, str]]:
    """Yield what the methods of a client send, and what is wrong with their arguments.

    The client is the last class; its protocol is the one before.

    Each method is parsed alone: 800 small trees take two thirds of the time of a large one. Only
    what is outside docstrings begins in the columns where the source is cut, for they indent.
    """
    rest, _, client = source.rpartition("\nclass ")
    head, _, _ = rest.rpartition("\nclass ")
    operations = {
        node.target.id: [ast.literal_eval(argument) for argument in node.value.args[:2]]
        for node in ast.parse(head).body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "Operation"
    }
    for piece in re.split(r"\n\n    (?=\S)", client)[1:]:
        for node in ast.parse(piece.replace("\n    ", "\n")).body:
            if isinstance(node, ast.AsyncFunctionDef):
                yield _sent(node, operations)


def _sent(
    method: ast.AsyncFunctionDef, operations: Mapping[str, list[str]]
) -> tuple[Fingerprint, str]:
    call = _call_of(method)
    constant = call.args[0]
    verb, path = operations[constant.id if isinstance(constant, ast.Name) else ""]
    sent_path, path_values = _path(call.args[1])
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    places = {"query": "query", "headers": "header", "cookies": "cookie"}
    pairs = [pair for argument in places for pair in _pairs(given.get(argument))]
    pairs += zip(_PATH_PARAMETER.findall(path), path_values, strict=False)
    names = [f"path:{sent_path}"]
    names += [
        _folded(f"{place}:{name}")
        for argument, place in places.items()
        for name in _names(given.get(argument))
    ]
    if "body" in given:
        takes_body = any(
            each.arg == "body" for each in (*method.args.args, *method.args.kwonlyargs)
        )
        made_of = getattr(given["body"], "args", [])
        fields = [f"body:{name}" for pairs in made_of[:1] for name in _names(pairs)]
        names += ["body:"] if takes_body else fields
    return (verb, path, tuple(sorted(names))), _fault_of_arguments(method, call, pairs)


def _call_of(method: ast.AsyncFunctionDef) -> ast.Call:
    """Return the one call that a method is: a docstring and `[return] await self._call(...)`."""
    match method.body:
        case [ast.Expr(), (ast.Return() | ast.Expr()) as last]:
            if isinstance(last.value, ast.Await) and isinstance(last.value.value, ast.Call):
                return last.value.value
    raise GeneratorError("#/paths", f"the method {method.name!r} is not one call")


def _folded(name: str) -> str:
    """Return a header's name in lower case, for case does not tell headers apart."""
    return name.lower() if name.startswith("header:") else name


def _names(pairs: ast.expr | None) -> Iterator[str]:
    for pair in getattr(pairs, "elts", ()):
        yield str(ast.literal_eval(pair.elts[0]))


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


def _fault_of_arguments(
    method: ast.AsyncFunctionDef, call: ast.Call, pairs: Iterable[tuple[str, str]]
) -> str:
    """Return which argument is not used, or goes where its name does not say; or nothing."""
    used = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
    for each in (*method.args.args[1:], *method.args.kwonlyargs):
        if each.arg not in used:
            return f"{method.name!r} does not send {each.arg!r}"
    for name, argument in pairs:
        wanted = re.sub("[^a-z0-9]", "", name.lower())
        if not re.sub("[^a-z0-9]", "", argument).startswith(wanted) and name.isascii():
            return f"{method.name!r} sends {argument!r} as {name!r}"
    return ""
