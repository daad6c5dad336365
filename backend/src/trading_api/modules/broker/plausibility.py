"""Which quotes the broker trades at: an implausible one is treated as if there were none."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from decimal import Decimal

from trading_api.modules.broker.records import Quote, to_decimal

MAX_PRICE = 1e9
"""The highest price of a quote, as of an order."""

CONFIRMATIONS = 3
"""How many quotes in a row must agree on a new level that is too far from the previous one."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Level:
    """The middle price of a symbol, and how many quotes in a row have been near it."""

    price: Decimal
    count: int = 1


class QuoteFilter:
    """Rejects quotes that are not positive, crossed, or too far from the last one.

    `max_change` is the factor by which the price may rise or fall between two quotes of a symbol.
    A larger change is accepted once `CONFIRMATIONS` quotes in a row agree on the new level. Each
    reason is logged once, until the symbol has a plausible quote again.
    """

    def __init__(self, max_change: float) -> None:
        self._max_change = to_decimal(max_change)
        self._accepted: dict[str, Decimal] = {}
        self._candidates: dict[str, _Level] = {}
        self._logged: dict[str, str] = {}

    def check(self, symbol: str, bid: float, ask: float, time: int) -> Quote | None:
        """Return the quote received at `time`, or None if it is implausible."""
        reason = _find_fault(bid, ask)
        if reason is None:
            quote = Quote(to_decimal(bid), to_decimal(ask), time)
            reason = self._check_change(symbol, (quote.bid + quote.ask) / 2)
        if reason is None:
            self._logged.pop(symbol, None)
            return quote
        kind = reason.partition(":")[0]
        if self._logged.get(symbol) != kind:
            logger.warning("the quote of %s is not used: %s", symbol, reason)
            self._logged[symbol] = kind
        return None

    def _check_change(self, symbol: str, price: Decimal) -> str | None:
        accepted = self._accepted.get(symbol, price)
        if not self._is_near(price, accepted):
            candidate = self._candidates.get(symbol)
            if candidate is not None and self._is_near(price, candidate.price):
                candidate.count += 1
            else:
                candidate = self._candidates[symbol] = _Level(price)
            if candidate.count < CONFIRMATIONS:
                return f"it is too far from the last one: {price:f} after {accepted:f}"
        self._candidates.pop(symbol, None)
        self._accepted[symbol] = price
        return None

    def _is_near(self, price: Decimal, other: Decimal) -> bool:
        return price <= other * self._max_change and other <= price * self._max_change


def _find_fault(bid: float, ask: float) -> str | None:
    # The model of a quote has only finite numbers.
    if not (bid > 0 and 0 < ask <= MAX_PRICE):
        return f"it is not from 0 to {MAX_PRICE:g}: {bid} to {ask}"
    if ask < bid:
        return f"it is crossed: the ask {ask} is below the bid {bid}"
    return None
