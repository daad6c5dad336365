"""The one way in which the generator refuses a spec."""

from __future__ import annotations


class GeneratorError(Exception):
    """A spec cannot become a client; `place` is a JSON pointer into the spec."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason

    def within(self, context: str) -> GeneratorError:
        """Return the same error, with the spec's file or the operation in front."""
        return GeneratorError(f"{context} {self.place}", self.reason)


def pointer(base: str, *parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a part of `base`."""
    for part in parts:
        base = f"{base}/{str(part).replace('~', '~0').replace('/', '~1')}"
    return base
