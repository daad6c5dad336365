"""Live streams of the broker."""

from __future__ import annotations

from collections.abc import AsyncIterator

from trading_api.models import (
    AccountSubscription,
    BrokerConnectionStatus,
    EquityData,
    Execution,
    PlacedOrder,
    Position,
)
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.ws import StreamRouter

streams = StreamRouter()


@streams.stream("orders")
async def orders(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[PlacedOrder]:
    """An order was placed or has changed."""
    service.require_account(subscription.account_id)
    return service.events.orders.subscribe()


@streams.stream("positions")
async def positions(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[Position]:
    """A position was opened or has changed; a closed one comes once more, with `qty` 0."""
    service.require_account(subscription.account_id)
    return service.events.positions.subscribe()


@streams.stream("executions")
async def executions(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[Execution]:
    """An order was executed."""
    service.require_account(subscription.account_id)
    return service.events.executions.subscribe()


@streams.stream("equity", replay_last=True)
async def equity(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[EquityData]:
    """The money of the account, now and whenever it changes."""
    service.require_account(subscription.account_id)
    return service.events.equity.subscribe(first=service.equity())


@streams.stream("connection", replay_last=True)
async def connection(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[BrokerConnectionStatus]:
    """Whether the broker can trade, now and whenever that changes."""
    service.require_account(subscription.account_id)
    return service.events.connection.subscribe(first=service.connection())
