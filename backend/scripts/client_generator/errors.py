"""The one error that a spec can cause."""

from __future__ import annotations

OperationKey = tuple[str, str]
"""The path of an operation and its method in lower case, as in a spec."""


class GeneratorError(Exception):
    """A spec that cannot become a client.

    Attributes:
        pointer: where the problem is: a JSON pointer into the spec, or a file.
        reason: what is wrong, and what to do.
        operation: the operation that was being generated, if it was one.
    """

    def __init__(
        self, pointer: str, reason: str, context: str = "", operation: OperationKey | None = None
    ) -> None:
        super().__init__(escape_unprintable(f"{context}{pointer}: {reason}"))
        self.pointer, self.reason = pointer, reason
        self._context, self.operation = context, operation

    def within(self, context: str, operation: OperationKey | None = None) -> GeneratorError:
        """Return the same error with the spec's file, or the operation, in front."""
        context = f"{context} {self._context}"
        return GeneratorError(self.pointer, self.reason, context, operation or self.operation)


def escape_unprintable(text: str) -> str:
    """Return `text` on one line, with escapes for the characters that a terminal does not show."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )
