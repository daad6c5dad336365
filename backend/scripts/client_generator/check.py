"""Stage 4, check: the rendered source is read back and compared with the raw spec."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

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
        actual = sorted(_generated(source))
    except SyntaxError as error:
        raise GeneratorError("#", f"the generated source is not Python: {error}") from None
    if expected != actual:
        missing = [each for each in expected if each not in actual]
        surplus = [each for each in actual if each not in expected]
        raise GeneratorError(
            "#/paths",
            "the generated client differs from the spec (a fault of the generator):"
            f" missing {missing!r}, surplus {surplus!r}",
        )


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
                names.add(f"path:{len({*_PATH_PARAMETER.findall(path)})}")
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


def _generated(source: str) -> Iterator[Fingerprint]:
    """Yield what the methods of a client send; its protocol is the class before the client.

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


def _sent(method: ast.AsyncFunctionDef, operations: Mapping[str, list[str]]) -> Fingerprint:
    call = _call_of(method)
    constant = call.args[0]
    verb, path = operations[constant.id if isinstance(constant, ast.Name) else ""]
    values = {
        ast.dump(node.args[0])
        for node in ast.walk(call.args[1])
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "path_value"
    }
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    places = {"query": "query", "headers": "header", "cookies": "cookie"}
    names = [f"path:{len(values)}"]
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
    return verb, path, tuple(sorted(names))


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
