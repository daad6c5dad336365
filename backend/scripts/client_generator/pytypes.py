"""Python types: an annotation together with what it imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from client_generator.errors import GeneratorError
from client_generator.limits import check_text


@dataclass(frozen=True, slots=True)
class PyType:
    """A type as source text, the (module, name) pairs it imports, and the members of a union."""

    annotation: str
    imports: frozenset[tuple[str, str]] = frozenset()
    members: tuple[PyType, ...] = ()

    def of(self, *arguments: PyType) -> PyType:
        """Return this generic type with arguments, as `list` of `int` is `list[int]`."""
        inside = ", ".join(each.annotation for each in arguments) or "()"
        imports = self.imports.union(*(each.imports for each in arguments))
        return PyType(f"{self.annotation}[{inside}]", imports)

    def without_none(self) -> PyType:
        """Return the type with None removed from the union."""
        return union(member for member in self.members if member != NONE) if self.members else self

    def or_none(self) -> PyType:
        """Return the type with None added to the union."""
        return union([self, NONE])


def import_type(module: str, path: str, local: str = "") -> PyType:
    """Return the class `path` of `module`, such as `Outer.Inner`; its local name may differ."""
    name, dot, inside = path.partition(".")
    if local in ("", path):
        return PyType(path, frozenset({(module, name)}))
    alias = local.removesuffix(f"__{inside.replace('.', '__')}") if dot else local
    return PyType(f"{alias}{dot}{inside}", frozenset({(module, f"{name} as {alias}")}))


def union(types: Iterable[PyType]) -> PyType:
    """Return the union of `types` without repetitions, None last."""
    members: dict[PyType, None] = {}
    for kind in types:
        members.update(dict.fromkeys(kind.members or (kind,)))
    ordered = sorted(members, key=lambda member: member == NONE)
    if len(ordered) == 1:
        return ordered[0]
    annotation = " | ".join(member.annotation for member in ordered)
    imports = frozenset[tuple[str, str]]().union(*(member.imports for member in ordered))
    return PyType(annotation, imports, tuple(ordered))


def literal(values: Any, pointer: str) -> PyType:
    """Return the type whose only values are `values`.

    Raises:
        GeneratorError: Python has no such type.
    """
    if (
        not isinstance(values, list)
        or not values
        or not all(value is None or isinstance(value, str | int | bool) for value in values)
    ):
        raise GeneratorError(
            pointer, f"{values!r:.80} is not a list of strings, integers, booleans and nulls"
        )
    for value in values:
        check_text(str(value), pointer)
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise GeneratorError(pointer, f"{value!r:.80} does not fit into 64 bits")
    plain = [ascii(value) for value in values if value is not None]
    if not plain:
        return NONE
    kind = PyType(f"Literal[{', '.join(plain)}]", frozenset({("typing", "Literal")}))
    return kind if len(plain) == len(values) else kind.or_none()


NONE = PyType("None")
FLOAT = PyType("float")
STR = PyType("str")
BYTES = PyType("bytes")
UPLOAD = PyType("bytes | FileUpload", frozenset({("trading_api.shared.client.wire", "FileUpload")}))
EVENT = import_type("trading_api.shared.client", "ServerSentEvent")
UPLOAD_CONTENT = import_type("trading_api.shared.client", "UploadContent")
DECIMAL = import_type("decimal", "Decimal")
ANY = import_type("typing", "Any")
ANYTHING = import_type("pydantic", "JsonValue")
