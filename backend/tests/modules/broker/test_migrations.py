"""Migrations: the tables of `schema.py`, and databases of other versions."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store.databases import Database, open_database
from trading_api.modules.broker.store.errors import StoreError
from trading_api.modules.broker.store.migrate import MIGRATIONS, migrate
from trading_api.modules.broker.store.schema import REVISION, metadata


@pytest.fixture
def database(kept_settings: BrokerSettings) -> Database:
    url = kept_settings.database_url.get_secret_value()
    return open_database(url, MIGRATIONS)


def test_migrations_create_the_tables_of_the_schema(database: Database) -> None:
    connection = database.connect()
    assert migrate(database, connection)
    assert not migrate(database, connection)

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, metadata) == []
    connection.close()
    database.close()


def test_revision_of_the_schema_is_that_of_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_database_of_a_later_version_is_rejected(database: Database) -> None:
    connection = database.connect()
    migrate(database, connection)
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()

    with pytest.raises(StoreError, match="a later version of the broker has used this database"):
        migrate(database, connection)
    connection.close()
    database.close()


def test_migration_that_fails_leaves_the_database_as_it_was(database: Database) -> None:
    connection = database.connect()
    connection.exec_driver_sql("CREATE TABLE leverages (symbol TEXT)")
    connection.commit()

    with pytest.raises(StoreError, match=r"it cannot be migrated: .*leverages.* already exists"):
        migrate(database, connection)
    assert not database.engine.dialect.has_table(connection, "orders")
    connection.close()
    database.close()
