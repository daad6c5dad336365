"""Positions and money, in numbers worked out by hand. Quotes of AAPL start at 100 to 101."""

from __future__ import annotations

import pytest

from modules.broker.doubles import FakeDatafeed, buy, order, placed, sell, working
from trading_api.models import AccountMetainfo, OrderStatus, OrderType, Side
from trading_api.modules.broker.service import BrokerService
from trading_api.shared.problems import ProblemError


def money(account: AccountMetainfo) -> tuple[float, float, float, float, float]:
    return (
        account.balance,
        account.equity,
        account.unrealized_pl,
        account.realized_pl,
        account.margin_used,
    )


async def test_fresh_account(service: BrokerService) -> None:
    account = service.account()

    assert (account.id, account.name, account.currency) == ("demo", "Demo account", "USD")
    assert money(account) == (100_000, 100_000, 0, 0, 0)


async def test_long_position_from_open_to_close(service: BrokerService, feed: FakeDatafeed) -> None:
    await service.place_order(buy(10))
    # Bought at 101, worth the bid of 100: 10 * (100 - 101). Margin: 10 * 101 / 5.
    assert money(service.account()) == (100_000, 99_990, -10, 0, 202)

    feed.set("AAPL", 110, 111)
    await service.mark_to_market()
    assert money(service.account()) == (100_000, 100_090, 90, 0, 202)

    (position,) = service.positions()
    await service.close_position(position.id, None)
    assert money(service.account()) == (100_090, 100_090, 0, 90, 0)
    assert service.positions() == []


async def test_short_position_from_open_to_close(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(sell(10))
    # Sold at 100, costs the ask of 101 to buy back.
    assert money(service.account()) == (100_000, 99_990, -10, 0, 200)

    feed.set("AAPL", 89, 90)
    await service.mark_to_market()
    assert money(service.account()) == (100_000, 100_100, 100, 0, 200)

    await service.place_order(buy(10))
    assert money(service.account()) == (100_100, 100_100, 0, 100, 0)


async def test_adding_to_a_position_averages_its_price(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10))
    (opened,) = service.positions()
    feed.set("AAPL", 104, 105)
    await service.place_order(buy(30))

    (position,) = service.positions()
    # (10 * 101 + 30 * 105) / 40
    assert (position.id, position.qty, position.avg_price) == (opened.id, 40, 104)
    assert money(service.account()) == (100_000, 100_000, 0, 0, 832)


async def test_opposite_order_reduces_the_position(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10))
    feed.set("AAPL", 103, 104)
    await service.place_order(sell(4))

    (position,) = service.positions()
    assert (position.qty, position.side, position.avg_price) == (6, Side.BUY, 101)
    # Realized 4 * (103 - 101), unrealized 6 * (103 - 101), margin 6 * 101 / 5.
    assert money(service.account()) == (100_008, 100_020, 12, 8, 121.2)


async def test_larger_opposite_order_turns_the_position_around(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(10))
    (opened,) = service.positions()
    feed.set("AAPL", 103, 104)
    await service.place_order(sell(25))

    (position,) = service.positions()
    assert position.id != opened.id
    assert (position.qty, position.side, position.avg_price) == (15, Side.SELL, 103)
    # Realized 10 * (103 - 101), unrealized 15 * (103 - 104), margin 15 * 103 / 5.
    assert money(service.account()) == (100_020, 100_005, -15, 20, 309)


async def test_positions_of_two_symbols_add_up(service: BrokerService) -> None:
    await service.place_order(buy(10))
    await service.place_order(order(Side.SELL, 100, symbol="IBM"))

    # -10 for AAPL, 100 * (50 - 50.5) for IBM; margin 202 + 100 * 50 / 5.
    assert money(service.account()) == (100_000, 99_940, -60, 0, 1202)
    assert {position.symbol for position in service.positions()} == {"AAPL", "IBM"}


async def test_fractions_leave_nothing_behind(service: BrokerService) -> None:
    await service.place_order(buy(0.1))
    await service.place_order(buy(0.2))
    await service.place_order(sell(0.3))

    assert service.positions() == []
    # 0.3 * (100 - 101)
    assert money(service.account()) == (99_999.7, 99_999.7, 0, -0.3, 0)


async def test_part_of_a_position_can_be_closed(service: BrokerService) -> None:
    await service.place_order(buy(10))
    (position,) = service.positions()

    assert await service.close_position(position.id, 4) == "closed 4 of 10 AAPL"

    (rest,) = service.positions()
    assert (rest.id, rest.qty) == (position.id, 6)
    assert service.account().realized_pl == -4
    # The close is an order like any other.
    closing = service.orders((), None, 500, None)[-1]
    assert (closing.type, closing.side, closing.qty) == (OrderType.MARKET, Side.SELL, 4)
    assert closing.status is OrderStatus.FILLED


@pytest.mark.parametrize("amount", [10.5, 1e-9])
async def test_impossible_part_is_refused(service: BrokerService, amount: float) -> None:
    await service.place_order(buy(10))
    (position,) = service.positions()

    with pytest.raises(ProblemError, match="of the 10 held") as refused:
        await service.close_position(position.id, amount)

    assert refused.value.problem.status == 409
    assert service.positions() == [position]


async def test_closed_position_is_unknown(service: BrokerService) -> None:
    await service.place_order(buy(10))
    (position,) = service.positions()
    await service.close_position(position.id, None)

    with pytest.raises(ProblemError) as refused:
        await service.close_position(position.id, None)

    assert refused.value.problem.status == 404


async def test_order_that_the_margin_just_allows_is_filled(service: BrokerService) -> None:
    # 5,000 * 100 / 5
    assert (await placed(service, sell(5000))).status is OrderStatus.FILLED
    assert service.account().margin_used == 100_000


async def test_order_beyond_the_free_margin_is_rejected(service: BrokerService) -> None:
    # 4,951 * 101 / 5 = 100,010.20
    order = await placed(service, buy(4951))

    assert (order.status, order.filled_qty) == (OrderStatus.REJECTED, 0)
    assert money(service.account()) == (100_000, 100_000, 0, 0, 0)
    assert service.executions(None, 500) == []


async def test_resting_order_is_checked_when_placed_and_again_when_it_fills(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    beyond = await placed(service, buy(6000, OrderType.LIMIT, limit_price=90))
    assert beyond.status is OrderStatus.REJECTED

    resting = await placed(service, buy(4000, OrderType.LIMIT, limit_price=90))
    assert resting.status is OrderStatus.WORKING
    await service.place_order(buy(3000))
    feed.set("AAPL", 89, 90)
    await service.mark_to_market()

    # It needs 72,000; 60,600 are tied up and the equity is 100,000 - 3,000 * 12 = 64,000.
    assert service.order(resting.id).status is OrderStatus.REJECTED
    assert service.account().margin_used == 60_600


async def test_a_position_under_water_can_always_be_reduced_but_not_added_to(
    service: BrokerService, feed: FakeDatafeed
) -> None:
    await service.place_order(buy(4900))
    feed.set("AAPL", 70, 71)
    await service.mark_to_market()
    # 4,900 * (70 - 101) = -151,900: more than there was.
    assert service.account().equity == -51_900

    assert (await placed(service, buy(1))).status is OrderStatus.REJECTED
    assert (await placed(service, sell(100))).status is OrderStatus.FILLED


async def test_turning_around_needs_margin_only_for_what_is_new(service: BrokerService) -> None:
    await service.place_order(buy(4000))
    # 4,000 long tie up 80,800; after selling 8,000 the 4,000 short tie up 80,000.
    assert (await placed(service, sell(8000))).status is OrderStatus.FILLED
    # 6,000 short would tie up 120,000.
    assert (await placed(service, sell(2000))).status is OrderStatus.REJECTED
    assert working(service) == []
