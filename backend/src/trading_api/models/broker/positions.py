"""Positions, and the brackets that protect them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trading_api.models.broker.orders import Side
from trading_api.models.common import CamelModel, CamelRequest, Price, Quantity


class Position(CamelModel):
    """Shares held (BUY) or owed (SELL); the last update of a closed position has `qty` 0.

    `version` rises with every change, also of the brackets; a change of the brackets can name the
    version that it is based on (`If-Match`).
    """

    id: str
    symbol: str
    qty: Annotated[float, Field(ge=0)]
    side: Side
    avg_price: float
    version: int


class Brackets(CamelRequest):
    """The exits of a position; an exit that is left out or null is removed.

    At most one of `stop_loss`, `guaranteed_stop` and `trailing_stop_pips` can be given.
    """

    stop_loss: Price | None = None
    take_profit: Price | None = None
    guaranteed_stop: Price | None = None
    trailing_stop_pips: Quantity | None = None
