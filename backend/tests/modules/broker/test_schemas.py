"""The rules that the schemas of the broker express are those that its models check."""

from __future__ import annotations

from itertools import product
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError

from trading_api.models import LeverageSetParams, OrderType, PreOrder, Side
from trading_api.modules.broker.records import QUANTITY_STEP
from trading_api.modules.broker.settings import LEVERAGE_MIN, LEVERAGE_STEP

PRICES = (None, "left out", 95)


def is_accepted(model: type[PreOrder] | type[LeverageSetParams], value: dict[str, Any]) -> bool:
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True


def is_described(model: type[PreOrder] | type[LeverageSetParams], value: dict[str, Any]) -> bool:
    return jsonschema_rs.validator_for(model.model_json_schema()).is_valid(value)


def test_quantity_has_eight_decimals() -> None:
    assert f"{QUANTITY_STEP:f}" == "0.00000001"
    assert PreOrder.model_json_schema()["properties"]["qty"]["minimum"] == float(QUANTITY_STEP)


@pytest.mark.parametrize("kind", OrderType)
def test_schema_of_an_order_says_which_prices_its_type_needs(kind: OrderType) -> None:
    accepted = 0
    for limit, stop in product(PRICES, PRICES):
        given = {"limitPrice": limit, "stopPrice": stop}
        prices = {name: price for name, price in given.items() if price != "left out"}
        order = {"symbol": "AAPL", "type": kind, "side": Side.BUY, "qty": 1, **prices}
        assert is_accepted(PreOrder, order) == is_described(PreOrder, order), order
        accepted += is_accepted(PreOrder, order)
    assert accepted == {OrderType.MARKET: 4, OrderType.STOP_LIMIT: 1}.get(kind, 2)


@pytest.mark.parametrize("leverage", [LEVERAGE_MIN - LEVERAGE_STEP, LEVERAGE_MIN, 1.5, 20.0, 1001])
def test_schema_of_a_leverage_says_which_ones_there_are(leverage: float) -> None:
    value = {"symbol": "AAPL", "orderType": 2, "side": 1, "leverage": leverage}
    assert is_accepted(LeverageSetParams, value) == is_described(LeverageSetParams, value)
    assert is_accepted(LeverageSetParams, value) == (leverage in (LEVERAGE_MIN, 20))
