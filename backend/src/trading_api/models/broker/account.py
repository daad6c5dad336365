"""The account: money, margin, leverage, and the status of the connection."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trading_api.models.broker.orders import OrderType, Side
from trading_api.models.common import (
    CamelModel,
    CamelRequest,
    NamedIntEnum,
    ProblemField,
    SymbolName,
    UnixMilliseconds,
    unrecognized_members,
)


class AccountMetainfo(CamelModel):
    """The account and its money, in `currency`.

    `equity` is `balance` plus `unrealized_pl`; open positions use `margin_used` of it.
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
    UNRECOGNIZED = unrecognized_members()


class BrokerConnectionStatus(CamelModel):
    """Whether the broker can trade at `time` (Unix **milliseconds**); `message` says why not."""

    status: ConnectionStatus
    message: str | None = None
    time: UnixMilliseconds


class LeverageInfo(CamelModel):
    """The leverage of a symbol, and its limits."""

    title: str
    leverage: float
    min: float
    max: float
    step: float


class LeverageSetParams(CamelRequest):
    """The new leverage of a symbol, a whole number."""

    symbol: SymbolName
    order_type: OrderType
    side: Side
    leverage: Annotated[float, Field(ge=1, le=1000, multiple_of=1)]


class LeverageSetResult(CamelModel):
    """The current leverage of a symbol."""

    leverage: float


class LeveragePreviewResult(CamelModel):
    """The effect of a change of leverage that has not been made.

    `problems` lists why the change would fail; `errors` are the same problems as sentences
    (TradingView's form).
    """

    infos: list[str]
    warnings: list[str]
    errors: list[str]
    problems: list[ProblemField]


class AccountSubscription(CamelRequest):
    """Selects the account whose events a stream sends."""

    account_id: Annotated[str, Field(min_length=1, max_length=64)]
