"""The broker on a file system that is full: nothing that was acknowledged is lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.servers import serve
from trading_api.clients import BrokerClient
from trading_api.models import OrderType, PreOrder, Side
from trading_api.shared.client import ApiError

ORDER = PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=1)
MOST_ORDERS = 2_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Use up the space of the file system with one file."""
    file = folder / "filler"
    with file.open("wb", buffering=0) as filler:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError:
                continue
    return file


async def place_until_it_fails(broker: BrokerClient) -> tuple[list[str], ApiError]:
    placed = []
    for number in range(MOST_ORDERS):
        try:
            result = await broker.place_order(ORDER, idempotency_key=f"key-{number}")
        except ApiError as error:
            return placed, error
        placed.append(result.order_id)
    raise AssertionError("the disk is never full")


async def test_full_disk_is_a_503_and_loses_nothing(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/account.sqlite3"
    settings = {"BROKER_DATABASE_URL": url, "BROKER_INITIAL_BALANCE": "1e12"}
    with serve("trading_api.main:app", **settings) as address:
        async with BrokerClient(address) as broker:
            await broker.place_order(ORDER, idempotency_key="key-0")
            filler = fill(small_disk)
            placed, error = await place_until_it_fails(broker)
            assert error.status == 503
            assert error.problem is not None
            assert error.problem.type == "urn:problem-type:store-unavailable"
            # Reads go on, and the broker goes on by itself when there is space again.
            assert [order.id for order in await broker.get_orders()] == placed
            filler.unlink()
            after = await broker.place_order(ORDER, idempotency_key="after")

    with serve("trading_api.main:app", **settings) as address:
        async with BrokerClient(address) as broker:
            orders = [order.id for order in await broker.get_orders()]
            repeated = await broker.place_order(ORDER, idempotency_key="after")
    assert orders == [*placed, after.order_id]
    assert repeated.order_id == after.order_id
