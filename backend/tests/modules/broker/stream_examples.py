"""A request for each stream of the broker, for the tests that call every stream."""

from __future__ import annotations

from typing import Any

from modules.broker.doubles import buy
from trading_api.models import AccountSubscription

ACCOUNT = AccountSubscription(account_id="demo")

REQUESTS: dict[str, Any] = dict.fromkeys(
    ("orders", "positions", "executions", "equity", "connection"), ACCOUNT
)


async def cause_updates(client: Any) -> None:
    """Place an order that executes, which changes everything."""
    await client.place_order(buy(1))
