"""Previews of orders, and leverage."""

from __future__ import annotations

import pytest

from modules.broker.doubles import (
    FakeDatafeed,
    buy,
    order,
    place,
    raises_problem,
    sell,
    state_of,
    working_orders,
)
from trading_api.models import (
    LeverageSetParams,
    OrderPreviewResult,
    OrderStatus,
    OrderType,
    PreOrder,
    ProblemField,
    Side,
)
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemError, ProblemType


def rows(preview: OrderPreviewResult) -> dict[str, dict[str, str]]:
    return {
        section.header or "": {row.title: row.value for row in section.rows}
        for section in preview.sections
    }


def leverage_of(value: int, symbol: str = "AAPL") -> LeverageSetParams:
    return LeverageSetParams(
        symbol=symbol, order_type=OrderType.MARKET, side=Side.BUY, leverage=value
    )


async def test_preview_of_an_order_shows_its_cost_and_effect(service: BrokerService) -> None:
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


async def test_preview_with_an_endless_average_price_rounds_it(service: BrokerService) -> None:
    await service.place_order(buy(10))

    preview = await service.preview_order(buy(20, OrderType.LIMIT, limit_price=100))

    assert rows(preview)["Position afterwards"]["Average price"] == "100.3333"


async def test_preview_of_a_closing_order_releases_margin(service: BrokerService) -> None:
    await service.place_order(buy(10))

    preview = await service.preview_order(sell(10))

    assert rows(preview)["Margin"]["Margin needed"] == "-202.00 USD"
    assert rows(preview)["Position afterwards"] == {"Side": "None", "Quantity": "0"}


async def test_preview_of_an_order_changes_nothing(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10, stop_loss=90))
    before = await state_of(service)
    feed.set("AAPL", 200, 201)

    await service.preview_order(sell(25, take_profit=100))

    after = await state_of(service)
    assert after == before


@pytest.mark.parametrize(
    ("request_", "warning"),
    [
        (buy(1, OrderType.LIMIT, limit_price=102), "executes at once"),
        (sell(1, OrderType.STOP, stop_price=100), "executes at once"),
        (sell(10, stop_loss=110), "its brackets are ignored"),
    ],
)
async def test_preview_of_a_surprising_order_warns(
    service: BrokerService, request_: PreOrder, warning: str
) -> None:
    await service.place_order(buy(10))

    (only,) = (await service.preview_order(request_)).warnings

    assert warning in only


async def test_preview_of_an_invalid_order_lists_the_problems_of_placing_it(
    service: BrokerService,
) -> None:
    problem = ProblemField(
        pointer="#/takeProfit",
        code="take_profit_below_price",
        detail="The take profit must be above the price of 101.00.",
    )
    invalid = buy(1, take_profit=90)

    preview = await service.preview_order(invalid)
    assert (preview.problems, preview.errors) == ([problem], [problem.detail])

    with pytest.raises(ProblemError) as caught:
        await service.place_order(invalid)
    assert (caught.value.problem.errors, str(caught.value)) == ([problem], problem.detail)


async def test_preview_above_the_free_margin_lists_why_the_order_gets_rejected(
    service: BrokerService,
) -> None:
    (problem,) = (await service.preview_order(buy(4951))).problems

    # 4,951 * 101 / 5
    assert (problem.pointer, problem.code) == ("#", "not_enough_margin")
    assert "needs 100,010.20, but only 100,000.00 is available" in problem.detail
    assert (await place(service, buy(4951))).status is OrderStatus.REJECTED


async def test_get_leverage_returns_the_default_and_the_limits(service: BrokerService) -> None:
    info = await service.get_leverage("TEST:AAPL")

    assert (info.title, info.leverage) == ("Leverage of AAPL", 5)
    assert (info.min, info.max, info.step) == (1, 20, 1)


async def test_set_leverage_changes_one_symbol_only(service: BrokerService) -> None:
    await service.place_order(buy(10))
    assert (await service.set_leverage(leverage_of(10))).leverage == 10

    assert (await service.get_leverage("AAPL")).leverage == 10
    assert (await service.get_leverage("IBM")).leverage == 5
    # 10 * 101 / 10 for AAPL, 100 * 50.5 / 5 for IBM.
    await service.place_order(order(Side.BUY, 100, symbol="IBM"))
    assert service.get_account().margin_used == 101 + 1010


@pytest.mark.parametrize("value", [21, 1000])
async def test_leverage_above_the_limit_is_rejected(service: BrokerService, value: int) -> None:
    location = ("#/leverage", "leverage_not_allowed")
    with raises_problem(422, ProblemType.TRADING_RULE_VIOLATION, location):
        await service.set_leverage(leverage_of(value))

    preview = await service.preview_leverage(leverage_of(value))
    (problem,) = preview.problems
    assert (problem.pointer, problem.code) == location
    assert problem.detail == "The leverage must be from 1 to 20 in steps of 1."
    assert (preview.errors, preview.infos) == ([problem.detail], [])


async def test_leverage_without_enough_equity_is_rejected(service: BrokerService) -> None:
    await service.place_order(buy(4000))
    # 4,000 * 101 / 4 = 101,000 of 96,000
    location = ("#/leverage", "not_enough_margin")
    with raises_problem(409, ProblemType.NOT_ENOUGH_MARGIN, location):
        await service.set_leverage(leverage_of(4))

    (problem,) = (await service.preview_leverage(leverage_of(4))).problems
    assert (problem.pointer, problem.code) == location
    assert "need 101,000.00 of margin; the equity is 96,000.00" in problem.detail
    assert (await service.get_leverage("AAPL")).leverage == 5


async def test_preview_of_leverage_shows_the_effect_and_changes_nothing(
    service: BrokerService,
) -> None:
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


async def test_brackets_of_an_order_that_adds_to_a_position_protect_all_of_it(
    service: BrokerService,
) -> None:
    await service.place_order(buy(15))
    more = buy(4, stop_loss=80)

    assert (await service.preview_order(more)).warnings == [
        "The brackets will protect the whole position of 19."
    ]
    await service.place_order(more)
    assert (await service.preview_order(more)).warnings == [
        "The brackets will protect the whole position of 23 and replace its exits."
    ]
    (stop,) = await working_orders(service)
    assert (stop.qty, stop.stop_price) == (19, 80)
