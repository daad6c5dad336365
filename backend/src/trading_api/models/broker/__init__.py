"""Broker: orders, positions, account. camelCase on the wire, snake_case in Python."""

from trading_api.models.broker.account import (
    AccountMetainfo,
    AccountSubscription,
    BrokerConnectionStatus,
    ConnectionStatus,
    EquityData,
    LeverageInfo,
    LeveragePreviewResult,
    LeverageSetParams,
    LeverageSetResult,
)
from trading_api.models.broker.orders import (
    AskBid,
    Execution,
    OrderPreviewResult,
    OrderPreviewRow,
    OrderPreviewSection,
    OrderStatus,
    OrderType,
    ParentType,
    PlacedOrder,
    PlaceOrderResult,
    PreOrder,
    Side,
    StopType,
)
from trading_api.models.broker.positions import (
    Brackets,
    Position,
)

__all__ = [
    "AccountMetainfo",
    "AccountSubscription",
    "AskBid",
    "Brackets",
    "BrokerConnectionStatus",
    "ConnectionStatus",
    "EquityData",
    "Execution",
    "LeverageInfo",
    "LeveragePreviewResult",
    "LeverageSetParams",
    "LeverageSetResult",
    "OrderPreviewResult",
    "OrderPreviewRow",
    "OrderPreviewSection",
    "OrderStatus",
    "OrderType",
    "ParentType",
    "PlaceOrderResult",
    "PlacedOrder",
    "Position",
    "PreOrder",
    "Side",
    "StopType",
]
