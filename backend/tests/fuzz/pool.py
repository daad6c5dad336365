"""Values that exist: without them, random requests would only find that nothing does."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

MOST = 50
"""Values that are kept of each name."""

SHARE = 0.5
"""How often a generated value is replaced by one that exists."""

MODERATE = (0.5, 1.0, 10.0, 100.0)


class KnownValues:
    """The texts of responses, by the name of their member; never those that a spec prescribes."""

    def __init__(self, seed: int, public: str) -> None:
        self._random = Random(seed)
        self._public = public
        self._values: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def remember(self, path: str, content: Any) -> None:
        """Keep the texts of the response at a path; the `id` of one of /orders is an `order_id`."""
        if isinstance(content, list):
            for element in content[:MOST]:
                self.remember(path, element)
        elif isinstance(content, dict):
            for name, value in content.items():
                if name == "id":
                    name = path.rpartition("/")[2].removesuffix("s") + "_id"
                if isinstance(value, str):
                    self._add(name, value)
                else:
                    self.remember(path, value)

    def reuse(self, value: Any, name: str = "") -> Any:
        """Return a generated value with known texts of the same names in it, here and there."""
        if isinstance(value, dict):
            return {key: self.reuse(each, str(key)) for key, each in value.items()}
        if isinstance(value, list):
            return [self.reuse(each, name.removesuffix("s")) for each in value]
        known = self._values.get(_key(name))
        if not isinstance(value, str) or not known or f'"{value}"' in self._public:
            return value
        if self._random.random() > SHARE:
            return value
        return self._random.choice([*known])

    def moderate(self, value: Any) -> Any:
        """Return a generated value whose large numbers are moderate ones, or itself, as often.

        With random quantities and prices alone, hardly any order would be filled.
        """
        return _moderate(value, self._random) if self._random.random() < SHARE else value

    def _add(self, name: str, value: str) -> None:
        known = self._values[_key(name)]
        if len(known) < MOST:
            known[value] = None


def _moderate(value: Any, random: Random) -> Any:
    if isinstance(value, dict):
        return {key: _moderate(each, random) for key, each in value.items()}
    if isinstance(value, list):
        return [_moderate(each, random) for each in value]
    is_large = isinstance(value, float) and abs(value) > max(MODERATE)
    return random.choice(MODERATE) if is_large else value


def _key(name: str) -> str:
    """Return what `orderId` and `order_id` have in common."""
    return name.replace("_", "").lower()
