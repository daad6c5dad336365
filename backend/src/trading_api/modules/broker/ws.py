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
from trading_api.shared.ws import Numbered, StreamRouter

streams = StreamRouter()


@streams.stream("orders")
async def orders(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[Numbered[PlacedOrder]]:
    """Send an order when it is placed and when it changes."""
    service.check_account(subscription.account_id)
    return service.events.orders.subscribe()


@streams.stream("positions")
async def positions(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[Numbered[Position]]:
    """Send a position when it opens, changes or closes; a closed one has `qty` 0."""
    service.check_account(subscription.account_id)
    return service.events.positions.subscribe()


@streams.stream("executions")
async def executions(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[Numbered[Execution]]:
    """Send an execution when an order executes."""
    service.check_account(subscription.account_id)
    return service.events.executions.subscribe()


@streams.stream("equity", replay_last=True)
async def equity(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[EquityData]:
    """Send the money of the account, now and when it changes."""
    service.check_account(subscription.account_id)
    return service.events.equity.subscribe(first=service.get_equity())


@streams.stream("connection", replay_last=True)
async def connection(
    subscription: AccountSubscription, service: BrokerService
) -> AsyncIterator[BrokerConnectionStatus]:
    """Send whether the broker can trade, now and when that changes."""
    service.check_account(subscription.account_id)
    return service.events.connection.subscribe(first=service.get_connection())
