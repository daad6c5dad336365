"""The one way in which the generator refuses a spec."""

from __future__ import annotations


class GeneratorError(Exception):
    """A spec cannot become a client; `place` is a JSON pointer into the spec."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(printable(f"{place}: {reason}"))
        self.place = place
        self.reason = reason

    def within(self, context: str) -> GeneratorError:
        """Return the same error, with the spec's file or the operation in front."""
        return GeneratorError(f"{context} {self.place}", self.reason)


def printable(text: str) -> str:
    """Return `text` in one line, with escapes for what a terminal would not show as it is."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def pointer(base: str, *parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a part of `base`."""
    for part in parts:
        text = str(part)
        if "~" in text or "/" in text:
            text = text.replace("~", "~0").replace("/", "~1")
        base = f"{base}/{text}"
    return base
