"""Orders without brackets: when and at which price they fill, changes, cancellation."""

from __future__ import annotations

import pytest

from modules.broker.doubles import (
    START,
    Clock,
    FakeDatafeed,
    all_orders,
    buy,
    place,
    raises_problem,
    sell,
    working_orders,
)
from trading_api.models import OrderStatus, OrderType, PreOrder, Side
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemType


@pytest.mark.parametrize(("request_", "price"), [(buy(10), 101), (sell(10), 100)])
async def test_market_order_fills_at_once(
    service: BrokerService, request_: PreOrder, price: float
) -> None:
    order = await place(service, request_)

    assert order.status is OrderStatus.FILLED
    assert (order.filled_qty, order.avg_price, order.update_time) == (10, price, START)
    (execution,) = await service.get_executions(None, 500)
    assert (execution.symbol, execution.price, execution.qty) == ("AAPL", price, 10)
    assert (execution.side, execution.time) == (request_.side, START)
    (position,) = service.get_positions()
    assert (position.symbol, position.qty, position.side, position.avg_price) == (
        "AAPL",
        10,
        request_.side,
        price,
    )


@pytest.mark.parametrize(
    ("request_", "price"),
    [
        (buy(1, OrderType.LIMIT, limit_price=101), 101),
        (buy(1, OrderType.LIMIT, limit_price=120), 101),
        (sell(1, OrderType.LIMIT, limit_price=100), 100),
        (sell(1, OrderType.LIMIT, limit_price=90), 100),
        (buy(1, OrderType.STOP, stop_price=101), 101),
        (sell(1, OrderType.STOP, stop_price=100.5), 100),
        (buy(1, OrderType.STOP_LIMIT, stop_price=100, limit_price=102), 101),
    ],
)
async def test_order_already_reached_by_the_market_fills_at_the_market_price(
    service: BrokerService, request_: PreOrder, price: float
) -> None:
    order = await place(service, request_)

    assert (order.status, order.avg_price) == (OrderStatus.FILLED, price)


@pytest.mark.parametrize(
    ("request_", "quotes", "price"),
    [
        (buy(1, OrderType.LIMIT, limit_price=95), [(96, 97), (94, 95)], 95),
        (buy(1, OrderType.LIMIT, limit_price=95), [(90, 91)], 91),
        (sell(1, OrderType.LIMIT, limit_price=110), [(109.99, 111), (110, 111)], 110),
        (buy(1, OrderType.STOP, stop_price=105), [(103, 104.99), (106, 107)], 107),
        (sell(1, OrderType.STOP, stop_price=95), [(95.01, 96), (93, 94)], 93),
    ],
)
async def test_working_order_fills_when_the_market_reaches_its_price(
    service: BrokerService,
    feed: FakeDatafeed,
    clock: Clock,
    request_: PreOrder,
    quotes: list[tuple[float, float]],
    price: float,
) -> None:
    order = await place(service, request_)
    assert (order.status, order.filled_qty, order.avg_price) == (OrderStatus.WORKING, 0, None)

    for bid, ask in quotes:
        assert (await service.get_order(order.id)).status is OrderStatus.WORKING
        clock.now += 1000
        feed.set("AAPL", bid, ask)
        await service.mark_to_market()

    filled = await service.get_order(order.id)
    assert (filled.status, filled.avg_price) == (OrderStatus.FILLED, price)
    assert filled.update_time == START + 1000 * len(quotes)


async def test_triggered_stop_limit_order_works_as_a_limit_order(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    order = await place(service, buy(1, OrderType.STOP_LIMIT, stop_price=105, limit_price=106))
    # Below its limit, but not triggered: a plain limit order would have filled.
    assert order.status is OrderStatus.WORKING

    feed.set("AAPL", 107, 108)
    await service.mark_to_market()
    assert (await service.get_order(order.id)).status is OrderStatus.WORKING

    # Triggered now, so it fills although the market is back below the stop price.
    feed.set("AAPL", 102, 103)
    await service.mark_to_market()
    filled = await service.get_order(order.id)
    assert (filled.status, filled.avg_price) == (OrderStatus.FILLED, 103)


async def test_orders_by_name_and_by_ticker_share_one_position(service: BrokerService) -> None:
    await service.place_order(buy(1))
    await service.place_order(buy(2, symbol="TEST:AAPL"))

    (position,) = service.get_positions()
    assert (position.symbol, position.qty) == ("AAPL", 3)


@pytest.mark.parametrize("listed", [["OTHER:AAPL"], ["OTHER:XYZ"], ["XYZ", "OTHER:XYZ"]])
async def test_orders_at_two_exchanges_have_separate_positions(
    service: BrokerService, feed: FakeDatafeed, listed: list[str]
) -> None:
    for symbol in ("AAPL", *listed):
        feed.set(symbol, 10, 11)
        await service.place_order(buy(1, symbol=symbol))

    assert [position.symbol for position in service.get_positions()] == ["AAPL", *listed]


async def test_order_keeps_the_prices_that_the_trader_saw(service: BrokerService) -> None:
    request = PreOrder.model_validate(
        {
            "symbol": "AAPL",
            "type": OrderType.MARKET,
            "side": Side.BUY,
            "qty": 1,
            "seenPrice": 99.5,
            "currentQuotes": {"ask": 99.6, "bid": 99.4},
        }
    )
    order = await place(service, request)

    assert order.seen_price == 99.5
    assert order.current_quotes == request.current_quotes


async def test_cancelled_order_never_fills_and_cannot_be_cancelled_again(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    order = await place(service, buy(1, OrderType.LIMIT, limit_price=95))
    await service.cancel_order(order.id)

    feed.set("AAPL", 90, 91)
    await service.mark_to_market()

    assert (await service.get_order(order.id)).status is OrderStatus.CANCELED
    assert service.get_positions() == []
    with raises_problem(409, ProblemType.ORDER_NOT_WORKING, ("order_id", "order_not_working")):
        await service.cancel_order(order.id)


async def test_modified_order_fills_at_its_new_price(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    order = await place(service, buy(1, OrderType.LIMIT, limit_price=95))

    changed = await service.modify_order(
        order.id, buy(3, OrderType.LIMIT, limit_price=90, take_profit=120)
    )
    assert (changed.qty, changed.limit_price, changed.take_profit) == (3, 90, 120)
    assert (changed.id, changed.status) == (order.id, OrderStatus.WORKING)

    feed.set("AAPL", 93, 94)
    await service.mark_to_market()
    assert (await service.get_order(order.id)).status is OrderStatus.WORKING
    feed.set("AAPL", 89, 90)
    await service.mark_to_market()
    assert (await service.get_order(order.id)).avg_price == 90


async def test_modified_order_already_reached_by_the_market_fills_at_once(
    service: BrokerService,
) -> None:
    order = await place(service, sell(1, OrderType.LIMIT, limit_price=120))

    changed = await service.modify_order(order.id, sell(1, OrderType.LIMIT, limit_price=99))

    assert (changed.status, changed.avg_price) == (OrderStatus.FILLED, 100)


@pytest.mark.parametrize(
    ("request_", "field", "code"),
    [
        (buy(1, OrderType.LIMIT, limit_price=95, symbol="IBM"), "symbol", "cannot_be_changed"),
        (sell(1, OrderType.LIMIT, limit_price=95), "side", "cannot_be_changed"),
        (buy(1, OrderType.STOP, stop_price=110), "type", "cannot_be_changed"),
        (
            buy(1, OrderType.LIMIT, limit_price=95, take_profit=94),
            "takeProfit",
            "take_profit_below_price",
        ),
    ],
)
async def test_modify_order_with_invalid_values_is_rejected_and_changes_nothing(
    service: BrokerService, request_: PreOrder, field: str, code: str
) -> None:
    order = await place(service, buy(1, OrderType.LIMIT, limit_price=95))

    with raises_problem(422, ProblemType.TRADING_RULE_VIOLATION, (f"#/{field}", code)):
        await service.modify_order(order.id, request_)

    assert await service.get_order(order.id) == order


async def test_modify_order_above_the_free_margin_is_rejected(service: BrokerService) -> None:
    order = await place(service, buy(1, OrderType.LIMIT, limit_price=95))

    with raises_problem(409, ProblemType.NOT_ENOUGH_MARGIN, ("#", "not_enough_margin")):
        await service.modify_order(order.id, buy(6000, OrderType.LIMIT, limit_price=95))

    assert await service.get_order(order.id) == order


async def test_modify_filled_order_is_rejected(service: BrokerService) -> None:
    order = await place(service, buy(1))

    with raises_problem(409, ProblemType.ORDER_NOT_WORKING, ("order_id", "order_not_working")):
        await service.modify_order(order.id, buy(2))


async def test_triggered_stop_limit_order_with_a_new_stop_waits_for_it(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    order = await place(service, buy(1, OrderType.STOP_LIMIT, stop_price=101, limit_price=100.5))
    await service.modify_order(
        order.id, buy(1, OrderType.STOP_LIMIT, stop_price=103, limit_price=100.5)
    )

    feed.set("AAPL", 99, 100)
    await service.mark_to_market()

    assert (await service.get_order(order.id)).status is OrderStatus.WORKING


async def test_orders_reached_together_fill_oldest_first(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    first = await place(service, buy(2, OrderType.LIMIT, limit_price=95))
    second = await place(service, buy(3, OrderType.LIMIT, limit_price=95))
    feed.set("AAPL", 94, 95)
    await service.mark_to_market()

    assert [execution.qty for execution in await service.get_executions(None, 500)] == [2, 3]
    assert [order.id for order in await all_orders(service)] == [first.id, second.id]
    assert await working_orders(service) == []


async def test_symbol_without_a_price_does_not_block_the_others(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    aapl = await place(service, buy(1, OrderType.LIMIT, limit_price=95))
    ibm = await place(service, buy(1, OrderType.LIMIT, limit_price=45, symbol="IBM"))
    feed.set("AAPL", 94, 95)
    feed.set_without_price("IBM")
    await service.mark_to_market()

    assert (await service.get_order(aapl.id)).status is OrderStatus.FILLED
    assert (await service.get_order(ibm.id)).status is OrderStatus.WORKING
