"""The life of orders without brackets: when they fill, at which price, and how they end."""

from __future__ import annotations

import pytest

from modules.broker.doubles import START, Clock, FakeDatafeed, buy, placed, sell, working
from trading_api.models import OrderStatus, OrderType, PreOrder, Side
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemError


@pytest.mark.parametrize(("request_", "price"), [(buy(10), 101), (sell(10), 100)])
async def test_market_order_fills_at_once(
    service: BrokerService, request_: PreOrder, price: float
) -> None:
    order = await placed(service, request_)

    assert order.status is OrderStatus.FILLED
    assert (order.filled_qty, order.avg_price, order.update_time) == (10, price, START)
    (execution,) = service.executions(None, 500)
    assert (execution.symbol, execution.price, execution.qty) == ("AAPL", price, 10)
    assert (execution.side, execution.time) == (request_.side, START)
    (position,) = service.positions()
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
async def test_orders_that_the_market_has_reached_fill_at_once_at_its_price(
    service: BrokerService, request_: PreOrder, price: float
) -> None:
    order = await placed(service, request_)

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
async def test_resting_order_fills_when_the_market_gets_there(
    service: BrokerService,
    feed: FakeDatafeed,
    clock: Clock,
    request_: PreOrder,
    quotes: list[tuple[float, float]],
    price: float,
) -> None:
    order = await placed(service, request_)
    assert (order.status, order.filled_qty, order.avg_price) == (OrderStatus.WORKING, 0, None)

    for bid, ask in quotes:
        assert service.order(order.id).status is OrderStatus.WORKING
        clock.now += 1000
        feed.set("AAPL", bid, ask)
        await service.mark_to_market()

    filled = service.order(order.id)
    assert (filled.status, filled.avg_price) == (OrderStatus.FILLED, price)
    assert filled.update_time == START + 1000 * len(quotes)


async def test_stop_limit_rests_as_a_limit_order_after_its_trigger(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    order = await placed(service, buy(1, OrderType.STOP_LIMIT, stop_price=105, limit_price=106))
    # Below its limit, but not triggered: a plain limit order would have filled.
    assert order.status is OrderStatus.WORKING

    feed.set("AAPL", 107, 108)
    await service.mark_to_market()
    assert service.order(order.id).status is OrderStatus.WORKING

    # Triggered now, so it fills although the market is back below the stop price.
    feed.set("AAPL", 102, 103)
    await service.mark_to_market()
    filled = service.order(order.id)
    assert (filled.status, filled.avg_price) == (OrderStatus.FILLED, 103)


async def test_an_other_name_of_a_symbol_is_the_same_position(service: BrokerService) -> None:
    await service.place_order(buy(1))
    await service.place_order(buy(2, symbol="TEST:AAPL"))

    (position,) = service.positions()
    assert (position.symbol, position.qty) == ("AAPL", 3)


@pytest.mark.parametrize("listed", [["OTHER:AAPL"], ["OTHER:XYZ"], ["XYZ", "OTHER:XYZ"]])
async def test_the_same_name_at_another_exchange_is_another_symbol(
    service: BrokerService, feed: FakeDatafeed, listed: list[str]
) -> None:
    for symbol in ("AAPL", *listed):
        feed.set(symbol, 10, 11)
        await service.place_order(buy(1, symbol=symbol))

    assert [position.symbol for position in service.positions()] == ["AAPL", *listed]


async def test_what_the_trader_saw_is_kept(service: BrokerService) -> None:
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
    order = await placed(service, request)

    assert order.seen_price == 99.5
    assert order.current_quotes == request.current_quotes


async def test_cancelled_order_never_fills(service: BrokerService, feed: FakeDatafeed) -> None:
    order = await placed(service, buy(1, OrderType.LIMIT, limit_price=95))
    await service.cancel_order(order.id)

    feed.set("AAPL", 90, 91)
    await service.mark_to_market()

    assert service.order(order.id).status is OrderStatus.CANCELED
    assert service.positions() == []
    with pytest.raises(ProblemError, match="CANCELED") as again:
        await service.cancel_order(order.id)
    assert again.value.problem.status == 409


async def test_modified_order_follows_its_new_prices(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    order = await placed(service, buy(1, OrderType.LIMIT, limit_price=95))

    changed = await service.modify_order(
        order.id, buy(3, OrderType.LIMIT, limit_price=90, take_profit=120)
    )
    assert (changed.qty, changed.limit_price, changed.take_profit) == (3, 90, 120)
    assert (changed.id, changed.status) == (order.id, OrderStatus.WORKING)

    feed.set("AAPL", 93, 94)
    await service.mark_to_market()
    assert service.order(order.id).status is OrderStatus.WORKING
    feed.set("AAPL", 89, 90)
    await service.mark_to_market()
    assert service.order(order.id).avg_price == 90


async def test_modified_order_fills_at_once_if_it_can(service: BrokerService) -> None:
    order = await placed(service, sell(1, OrderType.LIMIT, limit_price=120))

    changed = await service.modify_order(order.id, sell(1, OrderType.LIMIT, limit_price=99))

    assert (changed.status, changed.avg_price) == (OrderStatus.FILLED, 100)


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (buy(1, OrderType.LIMIT, limit_price=95, symbol="IBM"), "symbol cannot be changed"),
        (sell(1, OrderType.LIMIT, limit_price=95), "side cannot be changed"),
        (buy(1, OrderType.STOP, stop_price=110), "type cannot be changed"),
        (buy(1, OrderType.LIMIT, limit_price=95, take_profit=94), "takeProfit has to be above"),
        (buy(1e-9, OrderType.LIMIT, limit_price=95), "qty has to be at least"),
    ],
)
async def test_senseless_modification_is_refused_and_changes_nothing(
    service: BrokerService, request_: PreOrder, complaint: str
) -> None:
    order = await placed(service, buy(1, OrderType.LIMIT, limit_price=95))

    with pytest.raises(ProblemError, match=complaint) as refused:
        await service.modify_order(order.id, request_)

    assert refused.value.problem.status == 422
    assert service.order(order.id) == order


async def test_modification_beyond_the_free_margin_is_refused(service: BrokerService) -> None:
    order = await placed(service, buy(1, OrderType.LIMIT, limit_price=95))

    with pytest.raises(ProblemError, match="not enough free margin") as refused:
        await service.modify_order(order.id, buy(6000, OrderType.LIMIT, limit_price=95))

    assert refused.value.problem.status == 409
    assert service.order(order.id) == order


async def test_filled_order_cannot_be_modified(service: BrokerService) -> None:
    order = await placed(service, buy(1))

    with pytest.raises(ProblemError, match="FILLED") as refused:
        await service.modify_order(order.id, buy(2))

    assert refused.value.problem.status == 409


async def test_moving_the_stop_of_a_triggered_stop_limit_arms_it_again(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    order = await placed(service, buy(1, OrderType.STOP_LIMIT, stop_price=101, limit_price=100.5))
    await service.modify_order(
        order.id, buy(1, OrderType.STOP_LIMIT, stop_price=103, limit_price=100.5)
    )

    feed.set("AAPL", 99, 100)
    await service.mark_to_market()

    assert service.order(order.id).status is OrderStatus.WORKING


async def test_orders_react_in_the_order_of_their_placing(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    first = await placed(service, buy(2, OrderType.LIMIT, limit_price=95))
    second = await placed(service, buy(3, OrderType.LIMIT, limit_price=95))
    feed.set("AAPL", 94, 95)
    await service.mark_to_market()

    assert [execution.qty for execution in service.executions(None, 500)] == [2, 3]
    assert [order.id for order in service.orders((), None, 500, None)] == [first.id, second.id]
    assert working(service) == []


async def test_a_symbol_without_a_price_does_not_hold_up_the_others(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    aapl = await placed(service, buy(1, OrderType.LIMIT, limit_price=95))
    ibm = await placed(service, buy(1, OrderType.LIMIT, limit_price=45, symbol="IBM"))
    feed.set("AAPL", 94, 95)
    feed.set_without_price("IBM")
    await service.mark_to_market()

    assert service.order(aapl.id).status is OrderStatus.FILLED
    assert service.order(ibm.id).status is OrderStatus.WORKING
