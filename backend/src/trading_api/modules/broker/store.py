"""Where the broker's state outlives an operation."""

from __future__ import annotations

from typing import Protocol

from trading_api.modules.broker.records import Unit


class BrokerStore(Protocol):
    """Keeps what the broker commits. Calls never overlap."""

    async def load(self) -> Unit:
        """Return everything committed so far as one unit; orders and trades as they came."""
        ...

    async def commit(self, unit: Unit) -> None:
        """Keep all of `unit`; if this raises, none of it is kept.

        The broker shows a change to nobody before this has returned.
        """
        ...


class MemoryStore:
    """Keeps the state as long as the store itself lives."""

    def __init__(self) -> None:
        self._kept = Unit()

    async def load(self) -> Unit:
        """Return everything committed so far."""
        loaded = Unit()
        loaded.merge(self._kept)
        return loaded

    async def commit(self, unit: Unit) -> None:
        """Keep all of `unit`."""
        self._kept.merge(unit)
        for closed in [h.id for h in unit.holdings.values() if not h.qty]:
            del self._kept.holdings[closed]
