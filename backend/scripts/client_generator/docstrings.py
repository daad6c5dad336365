"""The docstrings of a client, made of a spec's texts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import cache

from client_generator.document import Operation, Parameter
from client_generator.errors import printable
from client_generator.names import snake_case

_WIDTH = 96


def describe(operation: Operation, names: dict[Parameter, str]) -> Iterator[str]:
    """Yield the paragraphs of a method's docstring: the spec's text, arguments, answers, errors."""
    # FastAPI makes a summary out of the function's name; where there is a text, that says nothing.
    if not operation.description or snake_case(operation.summary) != snake_case(operation.id):
        yield operation.summary or f"{operation.method} {operation.path}"
    yield operation.description
    lines = [_argument_line(each, name) for each, name in names.items()]
    if operation.body is not None and operation.body.description:
        lines.append(f"body: {operation.body.description}")
    yield _section("Args", [line for line in lines if line])
    answers = [f"{each.status}: {each.description}" for each in operation.answers]
    if len(answers) > 1:
        yield _section("Returns", answers)
    yield _section(
        "Raises",
        [
            *(f"ApiError: {each.status}: {each.description}" for each in operation.errors),
            "TransportError: no answer arrived.",
            "UnexpectedResponseError: the answer contradicts the spec.",
        ],
    )


def _argument_line(parameter: Parameter, name: str) -> str:
    text = parameter.description
    if parameter.default is not None:
        text = f"{text.rstrip('.')} (the service's default: {parameter.default})".strip()
    return f"{name}: {text}" if text else ""


def _section(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    return "\n".join([f"{title}:", *map(_wrapped, lines)])


@cache
def _wrapped(line: str) -> str:
    filled = textwrap.fill(line, _WIDTH - 16, subsequent_indent="    ")
    return textwrap.indent(filled, "    ")


def docstring(paragraphs: list[str], indent: int) -> str:
    """Return a docstring as source, whatever the spec's text holds; its first line unindented."""
    text = "\n\n".join(part.strip("\n") for part in paragraphs if part.strip())
    lines = [_escaped(line.rstrip()) for line in text.splitlines()]
    if len(lines) == 1:
        return f'"""{lines[0]}"""'
    margin = " " * indent
    rest = [f"{margin}{line}" if line else "" for line in lines[1:]]
    return "\n".join([f'"""{lines[0]}', *rest, f'{margin}"""'])


def _escaped(line: str) -> str:
    line = line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    line = printable(line)
    return f'{line[:-1]}\\"' if line.endswith('"') else line
