"""What came of a call, and whether that is right."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shapes.shape import NOT_COMPARED, SHAPES, Call

CANARY = "canary"
"""The owner of a line whose types are wrong: a checker that does not report it has not run."""


class HarnessError(RuntimeError):
    """A generator or a checker failed in a way that concerns no shape in particular."""


@dataclass(frozen=True)
class Result:
    """What the service saw of a call, and what the caller got or caught."""

    sees: Any
    gets: Any = None
    raised: str | None = None


@dataclass(frozen=True)
class Outcome:
    """One cell of the table."""

    kind: str
    """`right`, `rejected`, `raises` (as expected) or `wrong`."""
    message: str = ""
    expected: bool = True

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


def reject(call: Call, message: str) -> Outcome:
    return Outcome("rejected", message, call.rejects is not None and call.rejects in message)


def wrong(message: str) -> Outcome:
    return Outcome("wrong", message, expected=False)


def judge(call: Call, result: Result) -> Outcome:
    """Compare the result of a call with what the shape expects."""
    if call.rejects is not None:
        return wrong(f"not rejected with {call.rejects!r}")
    if call.raises is not None:
        if result.raised is None:
            return wrong(f"did not raise {call.raises!r}; the service saw {result.sees}")
        if call.raises not in result.raised:
            return wrong(f"raised {result.raised}")
    elif result.raised is not None:
        return wrong(f"raised {result.raised}")
    elif call.gets is not NOT_COMPARED and not same(result.gets, call.gets):
        return wrong(f"the caller got {_json(result.gets)}, not {_json(call.gets)}")
    if call.sees is not NOT_COMPARED and result.sees != call.sees:
        return wrong(f"the service saw {_json(result.sees)}, not {_json(call.sees)}")
    if result.raised is not None:
        # The rest of a message may depend on versions of tools.
        return Outcome("raises", call.raises or result.raised.partition(":")[0])
    return Outcome("right")


def attribute(errors: Iterable[tuple[str | None, str]], checker: str) -> dict[str, str]:
    """Return the first error of each shape.

    Raises:
        HarnessError: an error belongs to no shape, or the checker has not run.
    """
    found: dict[str, str] = {}
    for owner, message in errors:
        if owner not in SHAPES and owner != CANARY:
            raise HarnessError(f"{checker}: {message}")
        found.setdefault(owner, message)
    if CANARY not in found:
        raise HarnessError(f"{checker} did not check the calls")
    return found


def same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal; unlike `==`, true is not 1."""
    return _json(_numbers(one)) == _json(_numbers(other))


def _numbers(value: Any) -> Any:
    """Return the value with whole floats as integers, which JSON does not distinguish."""
    if isinstance(value, dict):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=repr)
