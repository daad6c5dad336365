"""The docstrings of a client: their paragraphs, from a spec's texts, and their source."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from client_generator.document import LiveStream, Operation, Parameter
from client_generator.errors import GeneratorError, escape_unprintable
from client_generator.names import snake_case

_WIDTH = 96


def describe(operation: Operation, names: dict[Parameter, str]) -> Iterator[str]:
    """Yield the paragraphs of a method's docstring; `names` has the argument of each parameter."""
    # FastAPI derives a summary from the function's name, which adds nothing to a description.
    if not operation.description or snake_case(operation.summary) != snake_case(operation.id):
        yield operation.summary or f"{operation.method} {operation.path}"
    yield operation.description
    arguments = [_describe_argument(each, name) for each, name in names.items()]
    if operation.body is not None and operation.body.description:
        arguments.append(f"body: {operation.body.description}")
    if any(len(each.contents) > 1 for each in operation.responses):
        arguments.append("accept: The media type of the response.")
    yield _section("Args", [line for line in arguments if line])
    responses = [f"{each.status}: {each.description}" for each in operation.responses]
    yield _section("Returns", responses if len(responses) > 1 else [])
    yield _section(
        "Raises",
        [
            *(f"ApiError: {each.status}: {each.description}" for each in operation.errors),
            "TransportError: no response arrived.",
            "UnexpectedResponseError: the response contradicts the spec.",
        ],
    )


def describe_stream(stream: LiveStream) -> Iterator[str]:
    """Yield the paragraphs of the docstring of a stream's method."""
    yield stream.description or f"The updates of the stream {stream.name}."
    yield textwrap.fill(_promise(stream), _WIDTH - 8)
    yield _section(
        "Raises",
        [
            "ApiError: the service rejects or ends the subscription.",
            "TransportError: the subscription does not begin in time, or cannot continue.",
            "SlowReaderError: too many updates are waiting for the reader.",
            "UnexpectedResponseError: an update contradicts the spec.",
        ],
    )


def _promise(stream: LiveStream) -> str:
    """Return what a reader misses, if it is slow or its connection is lost."""
    if stream.numbered:
        return "No update is missed or repeated, also after the connection was lost."
    if stream.key is not None:
        return (
            "The latest updates come first, also after the connection was lost. For a slow reader,"
            f" only the latest update of each `{stream.key}` is kept."
        )
    if stream.replays:
        return "The latest update comes first, also after the connection was lost."
    return "If the connection is lost, a `TransportError` says that updates may be missing."


def list_skipped(errors: Sequence[GeneratorError]) -> str:
    """Return the paragraph of a client that lists the operations that were left out."""
    lines = [f"    {error}" for error in errors]
    return "\n".join(["Left out, because not supported:", "", *lines]) if lines else ""


def _describe_argument(parameter: Parameter, name: str) -> str:
    text = parameter.description
    if parameter.default is not None:
        text = f"{text.rstrip('.')} (the service's default: {parameter.default})".strip()
    return f"{name}: {text}" if text else ""


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"{title}:", *map(_wrap, lines)]) if lines else ""


@cache
def _wrap(line: str) -> str:
    filled = textwrap.fill(line, _WIDTH - 16, subsequent_indent="    ")
    return textwrap.indent(filled, "    ")


def docstring(paragraphs: Iterable[str], indent: int) -> str:
    """Return a docstring as source, whatever the texts contain; the first line is not indented."""
    text = "\n\n".join(part.strip("\n") for part in paragraphs if part.strip())
    lines = [_escape(line.rstrip()) for line in text.splitlines()]
    margin = " " * indent
    rest = [f"{margin}{line}" if line else "" for line in lines[1:]]
    return "\n".join([f'"""{lines[0]}', *rest, f'{margin}"""'])


def _escape(line: str) -> str:
    # Python 3.13 rejects docstrings with unpaired surrogates, so they are shown as escapes.
    line = line.encode("utf-8", "backslashreplace").decode()
    line = escape_unprintable(line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"'))
    return f'{line[:-1]}\\"' if line.endswith('"') else line
