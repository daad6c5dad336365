"""Migrations of the broker's database, by Alembic.

The broker runs them at start. To write one, change `schema.py`, raise its `REVISION`, and add a
file to `migrations/versions`; a test compares the tables that the migrations create with
`schema.py`.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from trading_api.modules.broker.settings import BrokerSettings
from trading_api.modules.broker.store.databases import Database, open_database
from trading_api.modules.broker.store.errors import StoreError
from trading_api.modules.broker.store.schema import REVISION
from trading_api.shared.settings import DataSettings

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def migrate(database: Database, connection: Connection) -> bool:
    """Bring the tables to this version, all or nothing; return whether there was a change.

    Raises:
        StoreError: a later version of the broker has used the database, or a migration failed.
    """
    try:
        if _read_revision(connection) == REVISION:
            return False
        _run_migrations(database, connection)
    except DBAPIError as error:
        connection.rollback()
        raise StoreError(
            database.name, f"it cannot be migrated: {database.explain(error)}"
        ) from None
    return True


def migrate_configured_database() -> str:
    """Bring the database of the settings to this version; return a line that says so."""
    url = BrokerSettings().database_url.get_secret_value()
    database = open_database(url, DataSettings().data_dir)
    try:
        with database.connect() as connection:
            changed = migrate(database, connection)
    finally:
        database.close()
    return f"{database.name}: {'migrated to' if changed else 'is at'} revision {REVISION}"


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        connection.rollback()
        return None
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    connection.rollback()
    return str(revision)


def _run_migrations(database: Database, connection: Connection) -> None:
    # Importing Alembic takes longer than opening a database that is up to date.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with connection.begin():
            command.upgrade(config, "head")
    except CommandError:
        raise StoreError(
            database.name,
            "a later version of the broker has used this database; run that version, or restore a"
            " backup",
        ) from None


if __name__ == "__main__":
    print(migrate_configured_database())
