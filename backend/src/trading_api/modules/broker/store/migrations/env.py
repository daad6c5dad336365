"""What Alembic runs; `trading_api.modules.broker.store.migrate` gives it the connection."""

from __future__ import annotations

from alembic import context

from trading_api.modules.broker.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot change most properties of a column: Alembic copies the table instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
