"""The one error that a spec can cause."""

from __future__ import annotations


class GeneratorError(Exception):
    """A spec that cannot become a client.

    Attributes:
        pointer: where the problem is: a JSON pointer into the spec, or a file.
        reason: what is wrong, and what to do.
        operation: (path, method) of the operation that was being generated, if it was one.
    """

    def __init__(
        self,
        pointer: str,
        reason: str,
        *,
        context: str = "",
        operation: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(escape_unprintable(f"{context}{pointer}: {reason}"))
        self.pointer = pointer
        self.reason = reason
        self.operation = operation
        self._context = context

    def within(self, context: str, operation: tuple[str, str] | None = None) -> GeneratorError:
        """Return the same error with the spec's file, or the operation, in front."""
        return GeneratorError(
            self.pointer,
            self.reason,
            context=f"{context} {self._context}",
            operation=operation or self.operation,
        )


def escape_unprintable(text: str) -> str:
    """Return `text` on one line, with escapes for the characters that a terminal does not show."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )
