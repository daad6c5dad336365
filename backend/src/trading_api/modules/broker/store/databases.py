"""The databases that can keep an account: how each is opened, locked and checked.

Every database has one writer. A lock keeps a second process out at start; the epoch in the table
`account` stops a process whose lock was lost (see `store.py`).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from trading_api.modules.broker.store.errors import StoreError
from trading_api.shared.settings import MEMORY, InvalidSettingError

BUSY_SECONDS = 2
"""How long a commit waits for a lock that another program holds."""

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 10

POSTGRESQL_LOCK = 0x62726F6B
"""The key of the advisory lock: the letters "brok"."""


class Database:
    """Keeps the account in memory, until the process ends; the base class of the other databases.

    `name` is for messages and has no password. If `has_one_connection`, reads and writes have to
    be made in one thread.
    """

    def __init__(self) -> None:
        self.name = MEMORY
        self.has_one_connection = True
        self.engine = _sqlite_engine(":memory:", poolclass=StaticPool)

    def connect(self) -> Connection:
        """Return the connection of the writer, with a lock against other processes.

        Raises:
            StoreError: another process uses the database, or the database is damaged.
        """
        return self.engine.connect()

    def confirm(self, database_id: str) -> None:
        """Check that this is the database that was used before; `database_id` is its id.

        Raises:
            StoreError: it is another one.
        """

    def check(self) -> str | None:
        """Return why a commit would be lost now, and what to do, or None."""
        return None

    def explain(self, error: DBAPIError) -> str:
        """Return what an error means, and what an operator can do."""
        return str(error.orig)

    def close(self) -> None:
        """Close all connections, and let go of the lock."""
        self.engine.dispose()

    def _connect_and_run(self, statement: str) -> tuple[Connection, Any]:
        """Return a new connection, and the value that a statement returns."""
        try:
            connection = self.engine.connect()
        except DBAPIError as error:
            raise StoreError(self.name, self.explain(error)) from None
        try:
            value = connection.exec_driver_sql(statement).scalar()
            connection.commit()
        except DBAPIError as error:
            connection.close()
            raise StoreError(self.name, self.explain(error)) from None
        return connection, value


class SqliteFile(Database):
    """Keeps the account in a file, durable after each commit: a write-ahead log and full syncs.

    The file `<name>.lock` beside it holds the lock, and the id of the database. So a database that
    is missing is not mistaken for a new one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._lock_path = self._path.with_name(self._path.name + ".lock")
        self._lock: int | None = None
        self._known_id = ""
        self._inode: tuple[int, int] | None = None
        self.name = f"sqlite:///{self._path}"
        self.has_one_connection = False
        self.engine = _sqlite_engine(str(self._path), poolclass=QueuePool)

    def connect(self) -> Connection:
        if self._lock is None:
            self._take_lock()
        self._check_exists()
        connection, checked = self._connect_and_run("PRAGMA quick_check(1)")
        if checked != "ok":
            connection.close()
            raise StoreError(self.name, f"the file is damaged ({checked}); restore a backup")
        self._inode = _inode_of(self._path)
        return connection

    def confirm(self, database_id: str) -> None:
        assert self._lock is not None
        if not self._known_id:
            os.write(self._lock, database_id.encode())
            os.fsync(self._lock)
            self._known_id = database_id
        elif self._known_id != database_id:
            raise StoreError(
                self.name,
                "this is not the database that was used before; restore that one, or remove"
                f" {self._lock_path} to use this one",
            )

    def check(self) -> str | None:
        if _inode_of(self._path) == self._inode:
            return None
        return "the file was removed or replaced; put it back, or restart the broker"

    def explain(self, error: DBAPIError) -> str:
        name = getattr(error.orig, "sqlite_errorname", "")
        remedy = next(
            (text for code, text in _SQLITE_REMEDIES.items() if name.startswith(code)), ""
        )
        return f"{remedy or error.orig} ({name or type(error.orig).__name__})"

    def close(self) -> None:
        super().close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._known_id = os.read(self._lock, 100).decode()
        except BlockingIOError:
            raise StoreError(self.name, _IN_USE) from None
        except OSError as error:
            reason = f"{error.strerror}; check the folder and its permissions"
            raise StoreError(self.name, reason) from None

    def _check_exists(self) -> None:
        if self._known_id and (not self._path.exists() or not self._path.stat().st_size):
            raise StoreError(
                self.name,
                "the file is missing or empty, but it was used before; restore it, or remove"
                f" {self._lock_path} to begin with a new account",
            )


class Postgresql(Database):
    """Keeps the account in a PostgreSQL database."""

    def __init__(self, url: URL) -> None:
        self.name = url.render_as_string(hide_password=True)
        self.has_one_connection = False
        timeouts = f"-c lock_timeout={BUSY_SECONDS}s -c statement_timeout={STATEMENT_SECONDS}s"
        self.engine = create_engine(
            url,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_SECONDS, "options": timeouts},
        )

    def connect(self) -> Connection:
        # The lock belongs to the connection, so it ends with this process.
        statement = f"SELECT pg_try_advisory_lock({POSTGRESQL_LOCK})"
        connection, locked = self._connect_and_run(statement)
        if not locked:
            connection.close()
            raise StoreError(self.name, _IN_USE)
        return connection

    def explain(self, error: DBAPIError) -> str:
        code = getattr(error.orig, "sqlstate", None) or ""
        remedies = _POSTGRESQL_REMEDIES.items()
        remedy = next((text for start, text in remedies if code.startswith(start)), "")
        reason = " ".join(str(error.orig).split())
        if not code:
            return f"no connection to the server: {reason}; start it, or correct the URL"
        return f"{remedy or reason} ({code})"


def open_database(url: str, data_dir: Path) -> Database:
    """Return the database of a URL; an empty one means a SQLite file in `data_dir`.

    Raises:
        InvalidSettingError: the URL is invalid; the message does not repeat it.
    """
    if (url or str(data_dir)) == MEMORY:
        return Database()
    if not url:
        return SqliteFile(data_dir / "broker.sqlite3")
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _invalid_url() from None
    if parsed.drivername == "sqlite" and parsed.database:
        return SqliteFile(Path(parsed.database))
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return Postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise _invalid_url()


def _invalid_url() -> InvalidSettingError:
    return InvalidSettingError(
        "BROKER_DATABASE_URL: is not the URL of a database; use sqlite:///FILE,"
        " postgresql://USER:PASSWORD@HOST/NAME, or memory: to keep nothing"
    )


_IN_USE = "another process uses this database; stop it, or use another database"

_SQLITE_REMEDIES = {
    "SQLITE_FULL": "the disk is full; free some space",
    "SQLITE_BUSY": "another program holds a lock on the file; end it",
    "SQLITE_LOCKED": "another program holds a lock on the file; end it",
    "SQLITE_READONLY": "the file cannot be written; correct its permissions or the mount",
    "SQLITE_CANTOPEN": "the file cannot be opened; correct the path or the permissions",
    "SQLITE_IOERR": "the disk cannot be read or written; check it",
    "SQLITE_CORRUPT": "the file is damaged; stop the broker and restore a backup",
    "SQLITE_NOTADB": "the file is not a SQLite database; correct the path or restore a backup",
}
"""What an operator can do, by the start of the name of SQLite's result code."""

_POSTGRESQL_REMEDIES = {
    "08": "the connection was lost; check the server",
    "25006": "the database is read-only; use the primary server",
    "53100": "the disk of the server is full; free some space",
    "53300": "the server accepts no more connections; raise max_connections",
    "55P03": "another program holds a lock on the tables; end it",
    "57P": "the server is shutting down or starting; wait for it",
}
"""What an operator can do, by the start of the SQLSTATE (appendix A of PostgreSQL's manual)."""


def _sqlite_engine(file: str, **options: Any) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=file),
        # The driver must not begin transactions of its own.
        connect_args={
            "check_same_thread": False,
            "isolation_level": None,
            "timeout": BUSY_SECONDS,
        },
        **options,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that starts to write would not wait for a lock.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _inode_of(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
