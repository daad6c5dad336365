"""Connections to PostgreSQL that break, and servers that cannot be used."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from modules.broker.doubles import FakeDatafeed, all_orders, buy, raises_problem
from trading_api.modules.broker.service import BrokerService, open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.shared.problems import ProblemType
from trading_api.shared.settings import InvalidSettingError


def end_connections(settings: BrokerSettings) -> None:
    """End every connection to the database, as a restart of the server does."""
    with psycopg.connect(settings.database_url.get_secret_value(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def lose_next_commit(service: BrokerService, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next commit succeed, and break the connection before its response arrives."""
    connection = service._store._connection
    assert connection is not None
    dialect: Any = connection.dialect
    commit = dialect.do_commit

    def commit_and_break(raw: Any) -> None:
        monkeypatch.setattr(dialect, "do_commit", commit)
        commit(raw)
        raw.dbapi_connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(dialect, "do_commit", commit_and_break)


async def test_broken_connection_is_a_503_and_the_order_can_be_retried(
    feed: FakeDatafeed, postgresql_settings: BrokerSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_service(feed, settings=postgresql_settings) as service:
        await service.place_order(buy(1))
        end_connections(postgresql_settings)
        with raises_problem(503, ProblemType.STORE_UNAVAILABLE):
            await service.place_order(buy(2), "key-1")

        assert (await service.place_order(buy(2), "key-1")).order_id == "O2"
        assert [order.qty for order in await all_orders(service)] == [1, 2]
    assert "the server is shutting down or starting; wait for it (57P01)" in caplog.text


async def test_order_whose_commit_was_not_confirmed_is_kept_and_published(
    feed: FakeDatafeed, postgresql_settings: BrokerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_service(feed, settings=postgresql_settings) as service:
        events = service.events.orders.subscribe()
        lose_next_commit(service, monkeypatch)
        with raises_problem(503, ProblemType.STORE_UNAVAILABLE):
            await service.place_order(buy(1), "key-1")

        assert (await service.place_order(buy(1), "key-1")).order_id == "O1"
        assert (await service.place_order(buy(2))).order_id == "O2"
        assert [order.qty for order in await all_orders(service)] == [1, 2]
        assert service.get_positions()[0].qty == 3
        assert [(await anext(events)).update.id for _ in range(2)] == ["O1", "O2"]


async def test_server_that_cannot_be_used_is_rejected(
    feed: FakeDatafeed, settings: BrokerSettings, postgresql_server: str
) -> None:
    for url, reason in (
        (
            "postgresql://me:secret@127.0.0.1:1/name",
            "no connection to the server: .*refused.*; start it",
        ),
        (
            f"{postgresql_server.replace('/postgres?', '/nowhere?')}",
            'no connection to the server: .*"nowhere" does not exist',
        ),
    ):
        wrong = settings.model_copy(update={"database_url": SecretStr(url)})
        with pytest.raises(InvalidSettingError, match=reason) as caught:
            async with open_service(feed, settings=wrong):
                pass
        assert "secret" not in str(caught.value)
