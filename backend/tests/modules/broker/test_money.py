"""Positions and money, calculated by hand. The quote of AAPL starts at 100 to 101."""

from __future__ import annotations

from modules.broker.doubles import (
    FakeDatafeed,
    all_orders,
    buy,
    order,
    place,
    raises_problem,
    sell,
    working_orders,
)
from trading_api.models import AccountMetainfo, OrderStatus, OrderType, Side
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemType


def money(account: AccountMetainfo) -> tuple[float, float, float, float, float]:
    return (
        account.balance,
        account.equity,
        account.unrealized_pl,
        account.realized_pl,
        account.margin_used,
    )


async def test_account_without_orders_has_the_initial_balance(service: BrokerService) -> None:
    account = service.get_account()

    assert (account.id, account.name, account.currency) == ("demo", "Demo account", "USD")
    assert money(account) == (100_000, 100_000, 0, 0, 0)


async def test_long_position_moves_equity_and_realizes_its_profit(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10))
    # Bought at 101, worth the bid of 100: 10 * (100 - 101). Margin: 10 * 101 / 5.
    assert money(service.get_account()) == (100_000, 99_990, -10, 0, 202)

    feed.set("AAPL", 110, 111)
    await service.mark_to_market()
    assert money(service.get_account()) == (100_000, 100_090, 90, 0, 202)

    (position,) = service.get_positions()
    await service.close_position(position.id, None)
    assert money(service.get_account()) == (100_090, 100_090, 0, 90, 0)
    assert service.get_positions() == []


async def test_short_position_moves_equity_and_realizes_its_profit(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(sell(10))
    # Sold at 100, costs the ask of 101 to buy back.
    assert money(service.get_account()) == (100_000, 99_990, -10, 0, 200)

    feed.set("AAPL", 89, 90)
    await service.mark_to_market()
    assert money(service.get_account()) == (100_000, 100_100, 100, 0, 200)

    await service.place_order(buy(10))
    assert money(service.get_account()) == (100_100, 100_100, 0, 100, 0)


async def test_adding_order_averages_the_price_of_the_position(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10))
    (opened,) = service.get_positions()
    feed.set("AAPL", 104, 105)
    await service.place_order(buy(30))

    (position,) = service.get_positions()
    # (10 * 101 + 30 * 105) / 40
    assert (position.id, position.qty, position.avg_price) == (opened.id, 40, 104)
    assert money(service.get_account()) == (100_000, 100_000, 0, 0, 832)


async def test_opposite_order_reduces_the_position(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10))
    feed.set("AAPL", 103, 104)
    await service.place_order(sell(4))

    (position,) = service.get_positions()
    assert (position.qty, position.side, position.avg_price) == (6, Side.BUY, 101)
    # Realized 4 * (103 - 101), unrealized 6 * (103 - 101), margin 6 * 101 / 5.
    assert money(service.get_account()) == (100_008, 100_020, 12, 8, 121.2)


async def test_larger_opposite_order_reverses_the_position(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10))
    (opened,) = service.get_positions()
    feed.set("AAPL", 103, 104)
    await service.place_order(sell(25))

    (position,) = service.get_positions()
    assert position.id != opened.id
    assert (position.qty, position.side, position.avg_price) == (15, Side.SELL, 103)
    # Realized 10 * (103 - 101), unrealized 15 * (103 - 104), margin 15 * 103 / 5.
    assert money(service.get_account()) == (100_020, 100_005, -15, 20, 309)


async def test_positions_in_two_symbols_add_up(service: BrokerService) -> None:
    await service.place_order(buy(10))
    await service.place_order(order(Side.SELL, 100, symbol="IBM"))

    # -10 for AAPL, 100 * (50 - 50.5) for IBM; margin 202 + 100 * 50 / 5.
    assert money(service.get_account()) == (100_000, 99_940, -60, 0, 1202)
    assert {position.symbol for position in service.get_positions()} == {"AAPL", "IBM"}


async def test_fractional_quantities_net_to_exactly_zero(service: BrokerService) -> None:
    await service.place_order(buy(0.1))
    await service.place_order(buy(0.2))
    await service.place_order(sell(0.3))

    assert service.get_positions() == []
    # 0.3 * (100 - 101)
    assert money(service.get_account()) == (99_999.7, 99_999.7, 0, -0.3, 0)


async def test_close_with_an_amount_closes_that_part(service: BrokerService) -> None:
    await service.place_order(buy(10))
    (position,) = service.get_positions()

    assert await service.close_position(position.id, 4) == "closed 4 of 10 AAPL"

    (rest,) = service.get_positions()
    assert (rest.id, rest.qty) == (position.id, 6)
    assert service.get_account().realized_pl == -4
    # The close is an order of its own.
    closing = (await all_orders(service))[-1]
    assert (closing.type, closing.side, closing.qty) == (OrderType.MARKET, Side.SELL, 4)
    assert closing.status is OrderStatus.FILLED


async def test_close_of_more_than_the_position_is_rejected(service: BrokerService) -> None:
    await service.place_order(buy(10))
    (position,) = service.get_positions()

    location = ("amount", "amount_exceeds_position")
    with raises_problem(409, ProblemType.AMOUNT_EXCEEDS_POSITION, location):
        await service.close_position(position.id, 10.5)

    assert service.get_positions() == [position]


async def test_close_of_a_closed_position_is_rejected(service: BrokerService) -> None:
    await service.place_order(buy(10))
    (position,) = service.get_positions()
    await service.close_position(position.id, None)

    location = ("position_id", "position_not_open")
    with raises_problem(404, ProblemType.POSITION_NOT_OPEN, location):
        await service.close_position(position.id, None)


async def test_order_that_uses_the_whole_margin_is_filled(service: BrokerService) -> None:
    # 5,000 * 100 / 5
    assert (await place(service, sell(5000))).status is OrderStatus.FILLED
    assert service.get_account().margin_used == 100_000


async def test_order_above_the_free_margin_gets_status_rejected(service: BrokerService) -> None:
    # 4,951 * 101 / 5 = 100,010.20
    order = await place(service, buy(4951))

    assert (order.status, order.filled_qty) == (OrderStatus.REJECTED, 0)
    assert money(service.get_account()) == (100_000, 100_000, 0, 0, 0)
    assert await service.get_executions(None, 500) == []


async def test_limit_order_above_the_free_margin_gets_status_rejected_when_placed_or_filled(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    beyond = await place(service, buy(6000, OrderType.LIMIT, limit_price=90))
    assert beyond.status is OrderStatus.REJECTED

    resting = await place(service, buy(4000, OrderType.LIMIT, limit_price=90))
    assert resting.status is OrderStatus.WORKING
    await service.place_order(buy(3000))
    feed.set("AAPL", 89, 90)
    await service.mark_to_market()

    # It needs 72,000; 60,600 are used and the equity is 100,000 - 3,000 * 12 = 64,000.
    assert (await service.get_order(resting.id)).status is OrderStatus.REJECTED
    assert service.get_account().margin_used == 60_600


async def test_position_without_equity_can_be_reduced_but_not_increased(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(4900))
    feed.set("AAPL", 70, 71)
    await service.mark_to_market()
    # 4,900 * (70 - 101) = -151,900: a loss of more than the balance.
    assert service.get_account().equity == -51_900

    assert (await place(service, buy(1))).status is OrderStatus.REJECTED
    assert (await place(service, sell(100))).status is OrderStatus.FILLED


async def test_reversing_order_needs_margin_for_the_new_position_only(
    service: BrokerService,
) -> None:
    await service.place_order(buy(4000))
    # 4,000 long use 80,800; after selling 8,000, the 4,000 short use 80,000.
    assert (await place(service, sell(8000))).status is OrderStatus.FILLED
    # 6,000 short would use 120,000.
    assert (await place(service, sell(2000))).status is OrderStatus.REJECTED
    assert await working_orders(service) == []
