"""SQLite files that are missing, damaged, locked or cannot be written."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from modules.broker.doubles import FakeDatafeed, all_orders, buy, place, raises_problem
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store import databases
from trading_api.shared.problems import ProblemType
from trading_api.shared.settings import InvalidSettingError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "account.sqlite3"


@pytest.fixture
def lock_file(file: Path) -> Path:
    return file.with_name("account.sqlite3.lock")


@asynccontextmanager
async def broker(feed: FakeDatafeed, file: Path) -> AsyncIterator[BrokerService]:
    settings = BrokerSettings(price_interval=3600, database_url=SecretStr(f"sqlite:///{file}"))
    async with open_service(feed, settings=settings) as service:
        yield service


async def place_one_order(feed: FakeDatafeed, file: Path) -> None:
    async with broker(feed, file) as service:
        await service.place_order(buy(1))


async def check_rejected(feed: FakeDatafeed, file: Path, reason: str) -> None:
    with pytest.raises(InvalidSettingError, match=reason) as caught:
        async with broker(feed, file):
            pass
    assert str(caught.value).startswith(f"BROKER_DATABASE_URL=sqlite:///{file}: ")


@contextmanager
def other_program(file: Path, statement: str) -> Iterator[None]:
    """Run a statement in a transaction that stays open."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)
        yield
        connection.execute("ROLLBACK")


async def test_file_that_is_missing_is_not_replaced_by_a_new_account(
    feed: FakeDatafeed, file: Path, lock_file: Path
) -> None:
    await place_one_order(feed, file)
    kept = file.read_bytes()
    file.unlink()

    await check_rejected(feed, file, f"the file is missing or empty.*remove {lock_file} to begin")
    assert not file.exists()

    file.write_bytes(kept)
    async with broker(feed, file) as service:
        assert len(await all_orders(service)) == 1
    file.unlink()
    lock_file.unlink()
    async with broker(feed, file) as service:
        assert await all_orders(service) == []


async def test_file_that_was_truncated_is_rejected(feed: FakeDatafeed, file: Path) -> None:
    await place_one_order(feed, file)
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.truncate(size // 2)
    await check_rejected(feed, file, "the file is damaged.*restore a backup")

    file.write_bytes(b"")
    await check_rejected(feed, file, "the file is missing or empty")
    assert file.stat().st_size == 0


async def test_file_that_is_not_a_database_is_rejected(feed: FakeDatafeed, file: Path) -> None:
    file.write_bytes(b"These are not the bytes of a database." * 100)
    await check_rejected(feed, file, "the file is not a SQLite database")


async def test_database_of_another_account_is_rejected(
    feed: FakeDatafeed, file: Path, tmp_path: Path
) -> None:
    await place_one_order(feed, file)
    other = tmp_path / "other.sqlite3"
    await place_one_order(feed, other)
    file.write_bytes(other.read_bytes())

    await check_rejected(feed, file, "this is not the database that was used before")


async def test_backup_without_its_lock_file_is_used(feed: FakeDatafeed, file: Path) -> None:
    await place_one_order(feed, file)
    restored = file.with_name("restored.sqlite3")
    restored.write_bytes(file.read_bytes())
    async with broker(feed, restored) as service:
        assert len(await all_orders(service)) == 1


async def test_folder_that_cannot_be_created_is_rejected(feed: FakeDatafeed, file: Path) -> None:
    file.write_bytes(b"")
    await check_rejected(feed, file / "data/account.sqlite3", "check the folder")


async def test_lock_of_another_program_is_a_503_and_the_order_can_be_retried(
    feed: FakeDatafeed,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(databases, "BUSY_SECONDS", 0.01)
    async with broker(feed, file) as service:
        with other_program(file, "BEGIN IMMEDIATE"):
            for _ in range(3):
                with raises_problem(503, ProblemType.STORE_UNAVAILABLE):
                    await service.place_order(buy(1), "key-1")
            assert await all_orders(service) == []
        assert (await service.place_order(buy(1), "key-1")).order_id == "O1"

    assert [record.message for record in caplog.records] == [
        f"sqlite:///{file}: another program holds a lock on the file; end it (SQLITE_BUSY)",
        f"sqlite:///{file}: available again",
    ]


async def test_full_disk_is_a_503_and_the_order_can_be_retried(
    feed: FakeDatafeed, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with broker(feed, file) as service:
        await service.place_order(buy(1))
        connection = service._store._connection
        assert connection is not None
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.commit()
        placed = 0
        with raises_problem(503, ProblemType.STORE_UNAVAILABLE):
            for placed in range(1000):
                await service.place_order(buy(1), f"key-{placed}")
        before = await all_orders(service)
        assert len(before) == placed + 1
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        connection.commit()

        assert (await place(service, buy(1))).id == f"O{placed + 2}"
        assert (await service.place_order(buy(1), f"key-{placed}")).order_id == f"O{placed + 3}"
    assert "the disk is full; free some space (SQLITE_FULL)" in caplog.records[0].message


async def test_file_that_is_removed_while_the_broker_runs_is_a_503(
    feed: FakeDatafeed, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with broker(feed, file) as service:
        await service.place_order(buy(1))
        moved = file.rename(file.with_name("moved.sqlite3"))
        file.write_bytes(moved.read_bytes())
        with raises_problem(503, ProblemType.STORE_UNAVAILABLE):
            await service.place_order(buy(2), "key-1")
        moved.rename(file)

        assert (await service.place_order(buy(2), "key-1")).order_id == "O2"
    assert "the file was removed or replaced; put it back" in caplog.records[0].message


def test_url_of_no_database_is_rejected_without_repeating_it() -> None:
    for url in ("mysql://me:secret@host/name", "secret", "sqlite://", "//:@"):
        with pytest.raises(InvalidSettingError, match="is not the URL of a database") as caught:
            databases.open_database(url, Path())
        assert "secret" not in str(caught.value)


def test_password_of_a_postgresql_url_is_not_in_its_name() -> None:
    database = databases.open_database("postgresql://me:secret@host/name", Path())
    assert database.name == "postgresql+psycopg://me:***@host/name"
