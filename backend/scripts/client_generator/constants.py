"""The constants that the methods of a client share."""

from __future__ import annotations

from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")


class Constants(Generic[ValueT]):
    """The constants that the methods of a client share, one for each value."""

    def __init__(self, reserved: set[str]) -> None:
        self._reserved = reserved
        self._values: dict[str, ValueT] = {}

    def name(self, base: str, value: ValueT) -> str:
        """Return the name of the constant of this value: `base`, or `base` with a number."""
        name, number = base, 2
        while name in self._reserved or self._values.setdefault(name, value) != value:
            name, number = f"{base}_{number}", number + 1
        return name

    def items(self) -> list[tuple[str, ValueT]]:
        """Return the constants by name."""
        return sorted(self._values.items(), key=lambda item: item[0])
