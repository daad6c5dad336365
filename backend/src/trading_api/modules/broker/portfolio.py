"""Positions and their money. Pure functions.

There is one position per symbol: trades of the same side add to it, opposite ones reduce it, and
what is left of an opposite trade opens a position the other way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from trading_api.modules.broker.records import ZERO, Holding, Quote, opposite


@dataclass(frozen=True, slots=True)
class Netting:
    """What a trade did: the positions it changed (a closed one has `qty` 0), and the money."""

    changed: tuple[Holding, ...]
    realized: Decimal

    @property
    def current(self) -> Holding | None:
        """The position that there is afterwards, if any."""
        last = self.changed[-1]
        return last if last.qty else None


def net(held: Holding | None, traded: Holding) -> Netting:
    """Return the outcome of a trade, given as the position that it would open on its own."""
    if held is None:
        return Netting((traded,), ZERO)
    if held.side is traded.side:
        return Netting((_increased(held, traded),), ZERO)
    closed_qty = min(held.qty, traded.qty)
    realized = (traded.avg_price - held.avg_price) * closed_qty * held.side
    changed = [replace(held, qty=held.qty - closed_qty)]
    if traded.qty > closed_qty:
        changed.append(replace(traded, qty=traded.qty - closed_qty))
    return Netting(tuple(changed), realized)


def unrealized(holding: Holding, quote: Quote) -> Decimal:
    """Return what closing the position at this quote would win or lose."""
    exit_price = quote.price_for(opposite(holding.side))
    return (exit_price - holding.avg_price) * holding.qty * holding.side


def margin(holding: Holding, leverage: Decimal) -> Decimal:
    """Return the money that the position ties up: its value when it was opened, by leverage."""
    return holding.qty * holding.avg_price / leverage


def _increased(held: Holding, traded: Holding) -> Holding:
    qty = held.qty + traded.qty
    cost = held.qty * held.avg_price + traded.qty * traded.avg_price
    return replace(held, qty=qty, avg_price=cost / qty)
