"""The errors that a spec can cause."""

from __future__ import annotations

from collections.abc import Sequence

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

    @property
    def each(self) -> list[GeneratorError]:
        """The single errors."""
        return [self]

    def within(self, context: str, operation: OperationKey | None = None) -> GeneratorError:
        """Return the same error with the spec's file, or the operation, in front."""
        context = f"{context} {self._context}"
        return GeneratorError(self.pointer, self.reason, context, operation or self.operation)


class GeneratorErrors(GeneratorError):
    """Several errors, each once; as one error, it is the first of them."""

    def __init__(self, errors: Sequence[GeneratorError]) -> None:
        first = errors[0]
        super().__init__(first.pointer, first.reason, first._context, first.operation)
        # Operations have models in common.
        self._each: dict[tuple[str, str], GeneratorError] = {}
        for each in errors:
            self._each.setdefault((each.pointer, each.reason), each)

    @property
    def each(self) -> list[GeneratorError]:
        return [*self._each.values()]

    def within(self, context: str, operation: OperationKey | None = None) -> GeneratorError:
        return GeneratorErrors([each.within(context, operation) for each in self.each])


def raise_all(errors: Sequence[GeneratorError]) -> None:
    """Raise the errors, if there are any."""
    if errors:
        raise errors[0] if len(errors) == 1 else GeneratorErrors(errors)


def escape_unprintable(text: str) -> str:
    """Return `text` on one line, with escapes for the characters that a terminal does not show."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )
