"""The names of the methods, constants and arguments of the operations of a client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from client_generator.document import Operation, Parameter
from client_generator.errors import GeneratorError
from client_generator.names import argument_name, method_name

KEY_HEADER = "idempotency-key"


def method_names(operations: Sequence[Operation]) -> Iterator[tuple[Operation, str]]:
    """Yield each operation with the name of its method.

    FastAPI gives the methods of one route, such as GET and HEAD, one operationId: all but the
    first have the method of HTTP behind their name.
    """
    seen: set[tuple[str, str]] = set()
    for each in operations:
        is_first = (each.path, each.id) not in seen
        seen.add((each.path, each.id))
        yield each, method_name(each.id if is_first else f"{each.id}_{each.method}")


def constant_name(name: str) -> str:
    """Return the name of the constant of a method."""
    # Two names in other scripts can be the same in upper case.
    return f"_{name.upper() if name.isascii() else name}"


def is_key(parameter: Parameter) -> bool:
    """Return whether a parameter is the header with the idempotency key."""
    return parameter.location == "header" and parameter.name.lower() == KEY_HEADER


def argument_names(operation: Operation) -> dict[Parameter, str]:
    """Return the argument of each parameter, and of each field of the body.

    Raises:
        GeneratorError: two parameters would be one argument.
    """
    names: dict[Parameter, str] = {}
    for parameter in operation.all_parameters:
        name = argument_name(parameter.name)
        if name == "idempotency_key" and not is_key(parameter):
            name = f"{name}_"
        if name in names.values():
            name = argument_name(f"{name.rstrip('_')}_{parameter.location}")
        if name in names.values():
            raise GeneratorError(
                operation.pointer, f"two parameters would be the argument {name!r}; rename one"
            )
        names[parameter] = name
    return names
