"""Measure the services: what durability, streams and protections cost, and what outages do.

Run by `make -C backend bench-services`. A floor is measured in the same run: the sqlite3 module
with full syncs for a commit, the account in memory for an order, an empty account for a start, all
modules in one process for the start of one. `fanout.py`, `live_prices.py`, `floods.py`,
`protections.py` and `outages.py` say what theirs are.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from pydantic import SecretStr
from sqlalchemy.dialects import sqlite

from fanout import measure_fanout
from floods import measure_floods
from live_prices import measure_ages, measure_updates
from measuring import BACKEND, Row, paired_ratio, print_table, run
from modules.broker.doubles import FakeDatafeed, buy
from outages import measure_outages
from protections import measure_protections
from safety import measure_safety
from support.postgresql import create_database, run_postgresql
from trading_api.models import OrderStatus, OrderType, Side
from trading_api.modules.broker.events import build_events
from trading_api.modules.broker.records import (
    ExecutionRecord,
    IdempotencyRecord,
    Instrument,
    Order,
    UnitOfWork,
)
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store.statements import writes_of
from trading_api.shared.settings import MEMORY
from trading_api.shared.utils import MODULES_DIR, discover_modules

ROUNDS = 5
COMMITS = 200
ORDERS = 300
CALLERS = 64
STORED_ORDERS = 100_000
STARTS = 7
START = """
import time
begin = time.perf_counter()
import asyncio
from trading_api.app_factory import create_app
async def start():
    app = create_app()
    async with app.router.lifespan_context(app):
        took = time.perf_counter() - begin
        import psutil
        print(took, psutil.Process().memory_info().rss / 1e6)
asyncio.run(start())
"""


async def main() -> None:
    with TemporaryDirectory() as name, run_postgresql(Path(name)) as server:
        folder = Path(name)
        urls: dict[str, Callable[[], str]] = {
            "SQLite": lambda: f"sqlite:///{folder}/{time.monotonic_ns()}.sqlite3",
            "PostgreSQL": lambda: create_database(server),
        }
        print_table([row async for row in measure_orders(urls, folder)])
        print_table([*measure_starts(folder)])
        print_table([*measure_modules()])
    print_table(await measure_fanout())
    print_table(await measure_updates())
    print_table(await measure_ages())
    print_table(await measure_floods())
    print_table(await measure_protections())
    print_table(await measure_outages())
    print_table(await measure_safety())


async def measure_orders(urls: Mapping[str, Callable[[], str]], folder: Path) -> AsyncIterator[Row]:
    """Yield the time of a market order, one by one and of many callers, for each database."""
    databases: dict[str, Callable[[], str]] = {"memory": lambda: MEMORY, **urls}
    single: dict[str, list[float]] = {name: [] for name in databases}
    grouped: dict[str, list[float]] = {name: [] for name in databases}
    floor = []
    for _ in range(ROUNDS):
        floor.append(time_plain_commits(folder))
        for name, new_url in databases.items():
            async with broker(new_url()) as service:
                single[name].append(await time_orders(service, 1))
                grouped[name].append(await time_orders(service, CALLERS))
    yield {"Orders": "a commit of one row with sqlite3", "ms each": 1000 * median(floor)}
    for name in databases:
        ratios = [own - base for own, base in zip(single[name], single["memory"], strict=True)]
        yield {
            "Orders": name,
            "ms each": 1000 * median(single[name]),
            "ms more than in memory": 1000 * median(ratios),
            f"ms each, {CALLERS} callers": 1000 * median(grouped[name]),
            "orders a second": 1 / median(grouped[name]),
        }


def time_plain_commits(folder: Path) -> float:
    """Return the seconds of one commit of one row with full syncs, without anything around it."""
    file = folder / f"plain-{time.monotonic_ns()}.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, text TEXT)")
        begin = time.perf_counter()
        for _ in range(COMMITS):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO orders (text) VALUES ('an order')")
            connection.execute("COMMIT")
        return (time.perf_counter() - begin) / COMMITS


async def time_orders(service: BrokerService, callers: int) -> float:
    """Return the seconds of each of ORDERS market orders."""

    async def place(count: int) -> None:
        for _ in range(count):
            await service.place_order(buy(0.01))

    begin = time.perf_counter()
    await asyncio.gather(*(place(ORDERS // callers) for _ in range(callers)))
    return (time.perf_counter() - begin) / (ORDERS // callers * callers)


@asynccontextmanager
async def broker(url: str) -> AsyncIterator[BrokerService]:
    feed = FakeDatafeed()
    feed.set("AAPL", 100, 101)
    settings = BrokerSettings(price_interval=3600, database_url=SecretStr(url))
    async with open_service(feed, settings=settings) as service:
        yield service


def measure_starts(folder: Path) -> Iterator[Row]:
    """Yield the time and the memory of a start, with an empty and with a large account."""
    files = {"empty": folder / "empty.sqlite3", "large": folder / "large.sqlite3"}
    stores = {name: f"sqlite:///{file}" for name, file in files.items()}
    for url in stores.values():
        start(url)
    fill(files["large"], STORED_ORDERS)
    seconds: dict[str, list[float]] = {name: [] for name in stores}
    megabytes: dict[str, list[float]] = {name: [] for name in stores}
    for _ in range(STARTS):
        for name, url in stores.items():
            took, memory = start(url)
            seconds[name].append(took)
            megabytes[name].append(memory)
    for name in stores:
        yield {
            "Start": "no orders" if name == "empty" else f"{STORED_ORDERS:,} orders",
            "s until ready": median(seconds[name]),
            "ratio": paired_ratio(seconds[name], seconds["empty"]),
            "MB": median(megabytes[name]),
        }


def measure_modules() -> Iterator[Row]:
    """Yield the time and the memory of the start of each module alone, beside all in one."""
    names = ["all", *discover_modules(MODULES_DIR)]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    megabytes: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(STARTS):
        for name in names:
            took, memory = start(MEMORY, name)
            seconds[name].append(took)
            megabytes[name].append(memory)
    for name in names:
        yield {
            "Process": "all modules" if name == "all" else f"`{name}` alone",
            "s until ready": median(seconds[name]),
            "ratio": paired_ratio(seconds[name], seconds["all"]),
            "MB": median(megabytes[name]),
            "ratio of MB": paired_ratio(megabytes[name], megabytes["all"]),
        }


def start(url: str, modules: str = "all") -> tuple[float, float]:
    """Start modules in a new process; return the seconds and the megabytes that it took."""
    variables = {"BROKER_DATABASE_URL": url, "ENABLED_MODULES": modules}
    took, memory = run([sys.executable, "-c", START], BACKEND, **variables).split()
    return float(took), float(memory)


def fill(file: Path, count: int) -> None:
    """Add filled orders with their executions, events and idempotency records."""
    instrument = Instrument("AAPL", Decimal("0.01"))
    with closing(sqlite3.connect(file)) as connection:
        for first in range(1, count + 1, 10_000):
            changes = UnitOfWork()
            for number in range(first, min(first + 10_000, count + 1)):
                add_order(changes, number, instrument)
            changes.events = build_events(changes, 2 * (first - 1))
            write(connection, changes)
        connection.execute(
            "UPDATE account SET last_order = ?, last_execution = ?, last_event = ?",
            (count, count, 2 * count),
        )
        connection.commit()


def add_order(changes: UnitOfWork, number: int, instrument: Instrument) -> None:
    order = Order(
        number=number,
        instrument=instrument,
        type=OrderType.MARKET,
        side=Side.BUY,
        qty=Decimal(1),
        status=OrderStatus.FILLED,
        updated=number,
        filled_qty=Decimal(1),
        avg_price=Decimal(100),
    )
    changes.orders[order.id] = order
    changes.executions.append(
        ExecutionRecord(number, order.id, "AAPL", Side.BUY, Decimal(1), Decimal(100), number)
    )
    changes.idempotency_records[f"key-{number}"] = IdempotencyRecord("print", order.id, number)


def write(connection: sqlite3.Connection, changes: UnitOfWork) -> None:
    for statement, values in writes_of(changes, 0):
        if values:
            compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
            rows = [{name: _plain(value) for name, value in row.items()} for row in values]
            connection.executemany(str(compiled), rows)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


if __name__ == "__main__":
    asyncio.run(main())
