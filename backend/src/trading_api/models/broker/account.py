"""The account: money, margin, leverage, and the state of the connection."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trading_api.models.broker.orders import OrderType, Side
from trading_api.models.common import (
    CamelModel,
    CamelRequest,
    NamedIntEnum,
    SymbolName,
    UnixMilliseconds,
)


class AccountMetainfo(CamelModel):
    """The account and its money, in `currency`.

    `equity` is `balance` plus `unrealized_pl`; `margin_used` is the part of it that open positions
    tie up.
    """

    id: str
    name: str
    currency: str
    balance: float
    equity: float
    unrealized_pl: float = Field(alias="unrealizedPL")
    realized_pl: float = Field(alias="realizedPL")
    margin_used: float


class EquityData(CamelModel):
    """The money of the account at one moment, in the account's currency."""

    equity: float
    balance: float
    unrealized_pl: float = Field(alias="unrealizedPL")
    realized_pl: float = Field(alias="realizedPL")


class ConnectionStatus(NamedIntEnum):
    """Whether the broker can trade."""

    CONNECTED = 1
    CONNECTING = 2
    DISCONNECTED = 3
    ERROR = 4


class BrokerConnectionStatus(CamelModel):
    """Whether the broker can trade at `time` (Unix **milliseconds**), and if not, why."""

    status: ConnectionStatus
    message: str | None = None
    time: UnixMilliseconds


class LeverageInfo(CamelModel):
    """The leverage of a symbol, and which values it can be set to."""

    title: str
    leverage: float
    min: float
    max: float
    step: float


class LeverageSetParams(CamelRequest):
    """The leverage to use from now on for a symbol."""

    symbol: SymbolName
    order_type: OrderType
    side: Side
    leverage: Annotated[float, Field(gt=0, le=1000)]


class LeverageSetResult(CamelModel):
    """The leverage that is in force now."""

    leverage: float


class LeveragePreviewResult(CamelModel):
    """What a change of leverage would mean; `errors` says why it would be refused."""

    infos: list[str]
    warnings: list[str]
    errors: list[str]


class AccountSubscription(CamelRequest):
    """Asks for the live events of one account."""

    account_id: Annotated[str, Field(min_length=1, max_length=64)]
