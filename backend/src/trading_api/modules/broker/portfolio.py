"""Positions and their money. Pure functions.

There is one position per symbol: an execution of the same side adds to it, an opposite one reduces
it, and the rest of an opposite execution opens a position the other way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from trading_api.modules.broker.records import ZERO, PositionRecord, Quote, opposite_side


@dataclass(frozen=True, slots=True)
class Netting:
    """The effect of an execution: the changed positions (a closed one has `qty` 0), and money."""

    changed: tuple[PositionRecord, ...]
    realized: Decimal

    @property
    def current(self) -> PositionRecord | None:
        """The position after the execution, if one is open."""
        last = self.changed[-1]
        return last if last.qty else None


def net_positions(held: PositionRecord | None, executed: PositionRecord) -> Netting:
    """Return the effect of an execution, given as the position that it would open on its own."""
    if held is None:
        return Netting((executed,), ZERO)
    if held.side is executed.side:
        return Netting((_add_shares(held, executed),), ZERO)
    closed_qty = min(held.qty, executed.qty)
    realized = (executed.avg_price - held.avg_price) * closed_qty * held.side
    changed = [replace(held, qty=held.qty - closed_qty)]
    if executed.qty > closed_qty:
        changed.append(replace(executed, qty=executed.qty - closed_qty))
    return Netting(tuple(changed), realized)


def compute_unrealized(position: PositionRecord, quote: Quote) -> Decimal:
    """Return the profit or loss of closing the position at this quote."""
    exit_price = quote.price_for(opposite_side(position.side))
    return (exit_price - position.avg_price) * position.qty * position.side


def compute_margin(position: PositionRecord, leverage: Decimal) -> Decimal:
    """Return the margin that the position uses: its opening value divided by the leverage."""
    return position.qty * position.avg_price / leverage


def _add_shares(held: PositionRecord, executed: PositionRecord) -> PositionRecord:
    qty = held.qty + executed.qty
    cost = held.qty * held.avg_price + executed.qty * executed.avg_price
    return replace(held, qty=qty, avg_price=cost / qty)
