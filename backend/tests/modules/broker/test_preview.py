"""Previews of orders, and leverage."""

from __future__ import annotations

import pytest

from modules.broker.doubles import FakeDatafeed, buy, order, placed, sell
from trading_api.models import (
    LeverageSetParams,
    OrderPreviewResult,
    OrderStatus,
    OrderType,
    PreOrder,
    Side,
)
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemError


def rows(preview: OrderPreviewResult) -> dict[str, dict[str, str]]:
    return {
        section.header or "": {row.title: row.value for row in section.rows}
        for section in preview.sections
    }


def leverage_of(value: float, symbol: str = "AAPL") -> LeverageSetParams:
    return LeverageSetParams(
        symbol=symbol, order_type=OrderType.MARKET, side=Side.BUY, leverage=value
    )


async def test_preview_shows_what_the_order_would_do(service: BrokerService) -> None:
    await service.place_order(buy(10))

    preview = await service.preview_order(buy(30, OrderType.LIMIT, limit_price=97))

    assert rows(preview) == {
        "Order": {
            "Symbol": "AAPL",
            "Type": "Limit",
            "Side": "Buy",
            "Quantity": "30",
            "Estimated price": "97 USD",
            "Estimated value": "2,910.00 USD",
        },
        "Margin": {
            "Leverage": "5:1",
            "Margin needed": "582.00 USD",
            "Margin used afterwards": "784.00 USD",
            "Free margin now": "99,788.00 USD",
        },
        # (10 * 101 + 30 * 97) / 40
        "Position afterwards": {"Side": "Buy", "Quantity": "40", "Average price": "98"},
    }
    assert (preview.warnings, preview.errors) == ([], [])


async def test_preview_rounds_an_average_that_has_no_end(service: BrokerService) -> None:
    await service.place_order(buy(10))

    preview = await service.preview_order(buy(20, OrderType.LIMIT, limit_price=100))

    assert rows(preview)["Position afterwards"]["Average price"] == "100.3333"


async def test_preview_of_an_order_that_closes_the_position(service: BrokerService) -> None:
    await service.place_order(buy(10))

    preview = await service.preview_order(sell(10))

    assert rows(preview)["Margin"]["Margin needed"] == "-202.00 USD"
    assert rows(preview)["Position afterwards"] == {"Side": "None", "Quantity": "0"}


async def test_preview_changes_nothing(service: BrokerService, feed: FakeDatafeed) -> None:
    await service.place_order(buy(10, stop_loss=90))
    before = (service.orders((), None, 500, None), service.positions(), service.account())
    feed.set("AAPL", 200, 201)

    await service.preview_order(sell(25, take_profit=100))

    after = (service.orders((), None, 500, None), service.positions(), service.account())
    assert after == before


@pytest.mark.parametrize(
    ("request_", "warning"),
    [
        (buy(1, OrderType.LIMIT, limit_price=102), "executes at once"),
        (sell(1, OrderType.STOP, stop_price=100), "executes at once"),
        (sell(10, stop_loss=110), "its brackets are not used"),
    ],
)
async def test_preview_warns(service: BrokerService, request_: PreOrder, warning: str) -> None:
    await service.place_order(buy(10))

    (said,) = (await service.preview_order(request_)).warnings

    assert warning in said


@pytest.mark.parametrize(
    ("request_", "error", "outcome"),
    [
        (buy(4951), "not enough free margin: the order needs 100010.20, 100000.00 is free", 201),
        (buy(1, take_profit=90), "takeProfit has to be above 101", 422),
        (buy(1e-9), "qty has to be at least 0.00000001", 422),
    ],
)
async def test_errors_of_a_preview_are_what_placing_ends_with(
    service: BrokerService, request_: PreOrder, error: str, outcome: int
) -> None:
    assert (await service.preview_order(request_)).errors == [error]

    if outcome == 201:
        assert (await placed(service, request_)).status is OrderStatus.REJECTED
    else:
        with pytest.raises(ProblemError, match=error) as refused:
            await service.place_order(request_)
        assert refused.value.problem.status == outcome


async def test_leverage_and_its_limits(service: BrokerService) -> None:
    info = await service.get_leverage("TEST:AAPL")

    assert (info.title, info.leverage) == ("Leverage of AAPL", 5)
    assert (info.min, info.max, info.step) == (1, 20, 1)


async def test_set_leverage_is_that_of_the_symbol_alone(service: BrokerService) -> None:
    await service.place_order(buy(10))
    assert (await service.set_leverage(leverage_of(10))).leverage == 10

    assert (await service.get_leverage("AAPL")).leverage == 10
    assert (await service.get_leverage("IBM")).leverage == 5
    # 10 * 101 / 10 for what is held, 100 * 50.5 / 5 for the other symbol.
    await service.place_order(order(Side.BUY, 100, symbol="IBM"))
    assert service.account().margin_used == 101 + 1010


@pytest.mark.parametrize("value", [0.5, 1.5, 21, 1000])
async def test_leverage_outside_of_the_limits(service: BrokerService, value: float) -> None:
    message = "leverage has to be from 1 to 20 in steps of 1"
    with pytest.raises(ProblemError, match=message) as refused:
        await service.set_leverage(leverage_of(value))
    assert refused.value.problem.status == 422

    preview = await service.preview_leverage(leverage_of(value))
    assert (preview.errors, preview.infos) == ([message], [])


async def test_leverage_that_the_equity_does_not_cover(service: BrokerService) -> None:
    await service.place_order(buy(4000))
    # 4,000 * 101 / 4 = 101,000 of 96,000
    message = "open positions would tie up 101000.00, the equity is 96000.00"
    with pytest.raises(ProblemError, match=message) as refused:
        await service.set_leverage(leverage_of(4))
    assert refused.value.problem.status == 409

    assert message in (await service.preview_leverage(leverage_of(4))).errors[0]
    assert (await service.get_leverage("AAPL")).leverage == 5


async def test_preview_of_leverage_tells_and_changes_nothing(service: BrokerService) -> None:
    await service.place_order(buy(10))

    preview = await service.preview_leverage(leverage_of(10))

    assert preview.infos == [
        "Leverage of AAPL: 5 now, 10 then",
        "Margin used: 202.00 now, 101.00 then",
    ]
    assert len(preview.warnings) == 1
    assert preview.errors == []
    assert (await service.get_leverage("AAPL")).leverage == 5
    assert (await service.preview_leverage(leverage_of(2))).warnings == []
