"""Properties of the account after any sequence of operations."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.broker.doubles import Clock, FakeDatafeed, all_orders, order
from trading_api.models import Brackets, OrderStatus, OrderType, PlacedOrder, PreOrder, Side
from trading_api.modules.broker.book import Book
from trading_api.modules.broker.records import Account, to_decimal
from trading_api.modules.broker.service import BrokerService
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store.databases import Database
from trading_api.modules.broker.store.store import AccountStore
from trading_api.shared.problems import ProblemError

Step = Callable[[BrokerService, FakeDatafeed], Awaitable[object]]

SYMBOLS = ("AAPL", "IBM")
SETTINGS = BrokerSettings(initial_balance=10_000)

prices = st.integers(5000, 15000).map(lambda cents: cents / 100)
quantities = st.sampled_from([0.1, 0.3, 1.0, 7.0, 25.0, 100.0, 1000.0])
optional_prices = st.none() | prices


@st.composite
def requests(draw: st.DrawFn) -> PreOrder:
    kind = draw(st.sampled_from(OrderType))
    return order(
        draw(st.sampled_from(Side)),
        draw(quantities),
        kind,
        symbol=draw(st.sampled_from(SYMBOLS)),
        limit_price=draw(prices) if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT) else None,
        stop_price=draw(prices) if kind in (OrderType.STOP, OrderType.STOP_LIMIT) else None,
        **draw(brackets()).model_dump(),
    )


@st.composite
def brackets(draw: st.DrawFn) -> Brackets:
    stop = draw(st.sampled_from(["none", "stop_loss", "guaranteed_stop", "trailing_stop_pips"]))
    wanted: dict[str, float] = {}
    if draw(st.booleans()):
        wanted["take_profit"] = draw(prices)
    if stop == "trailing_stop_pips":
        wanted[stop] = draw(st.integers(1, 4000))
    elif stop != "none":
        wanted[stop] = draw(prices)
    return Brackets(**wanted)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Return one operation; it picks from the ids that exist when it runs."""
    kind = draw(st.sampled_from(["place", "place", "move", "move", "close", "cancel", "edit"]))
    pick = draw(st.integers(0, 1000))
    match kind:
        case "place":
            request = draw(requests())
            return lambda service, _: service.place_order(request)
        case "move":
            symbol, bid = draw(st.sampled_from(SYMBOLS)), draw(prices)
            return lambda service, feed: _move(service, feed, symbol, bid)
        case "close":
            amount = draw(st.none() | quantities)
            return lambda service, _: service.close_position(_position(service, pick), amount)
        case "cancel":
            return lambda service, _: service.cancel_order(f"O{1 + pick % 20}")
        case _:
            wanted = draw(brackets())
            return lambda service, _: service.edit_position_brackets(
                _position(service, pick), wanted
            )


async def _move(service: BrokerService, feed: FakeDatafeed, symbol: str, bid: float) -> None:
    feed.set(symbol, bid, round(bid + 0.5, 2))
    await service.mark_to_market()


def _position(service: BrokerService, pick: int) -> str:
    positions = service.get_positions()
    return positions[pick % len(positions)].id if positions else "P0"


@settings(max_examples=60, deadline=None)
@given(st.lists(steps(), min_size=1, max_size=25))
def test_account_after_any_sequence_of_operations_adds_up(sequence: list[Step]) -> None:
    asyncio.run(_run(sequence))


async def _run(sequence: list[Step]) -> None:
    feed = FakeDatafeed()
    for symbol in SYMBOLS:
        feed.set(symbol, 100, 100.5)
    store = AccountStore(Database(), events_kept=100)
    snapshot = await store.open(Account(to_decimal(SETTINGS.initial_balance)), "demo")
    leverage = to_decimal(SETTINGS.default_leverage)
    service = BrokerService(feed, Book(snapshot, leverage), SETTINGS, store, Clock())
    for step in sequence:
        with suppress(ProblemError):
            await step(service, feed)
        await _check(service)
    stored = Book(await store.reload(), leverage)
    restarted = BrokerService(feed, stored, SETTINGS, store, Clock())
    assert restarted.get_positions() == service.get_positions()
    assert stored.working == service._ledger.book.working
    assert stored.last_order == service._ledger.book.last_order
    assert restarted.get_account().balance == service.get_account().balance
    await store.close()


async def _check(service: BrokerService) -> None:
    account, positions = service.get_account(), service.get_positions()
    orders = await all_orders(service)
    executions = await service.get_executions(None, 500)

    assert account.equity == pytest.approx(account.balance + account.unrealized_pl)
    assert account.balance == pytest.approx(SETTINGS.initial_balance + account.realized_pl)
    assert account.model_dump(include={"equity", "balance"}) == service.get_equity().model_dump(
        include={"equity", "balance"}
    )

    traded: dict[str, float] = defaultdict(float)
    for execution in executions:
        traded[execution.symbol] += execution.qty * execution.side
    held = {position.symbol: position for position in positions}
    assert len(held) == len(positions)
    for symbol in SYMBOLS:
        position = held.get(symbol)
        assert traded[symbol] == pytest.approx(
            position.qty * position.side if position else 0, abs=1e-9
        )

    filled = [order for order in orders if order.status is OrderStatus.FILLED]
    assert len(executions) == len(filled)
    assert all(order.qty == order.filled_qty for order in filled)
    _check_exits(service, orders)


def _check_exits(service: BrokerService, orders: list[PlacedOrder]) -> None:
    """Check that every working exit closes an open position of the same quantity."""
    book = service._ledger.book
    held = {position.id: position for position in book.positions.values()}
    working = [order for order in orders if order.status is OrderStatus.WORKING]
    for order_ in working:
        if order_.parent_id is None:
            continue
        position = held[order_.parent_id]
        assert (order_.symbol, order_.qty) == (position.symbol, float(position.qty))
        assert order_.side is not position.side
    indexed = {id_ for orders in book.working.values() for id_ in orders}
    assert indexed == {order.id for order in working}
