"""A request for each stream of the datafeed, for the tests that call every stream."""

from __future__ import annotations

from typing import Any

from trading_api.models import BarsSubscription, QuotesSubscription, Resolution

REQUESTS: dict[str, Any] = {
    "bars": BarsSubscription(symbol="AAPL", resolution=Resolution.DAY),
    "quotes": QuotesSubscription(symbols=["AAPL"], fast_symbols=["MSFT"]),
}


async def cause_updates(client: Any) -> None:
    """Do nothing: every stream sends its latest updates at once."""
