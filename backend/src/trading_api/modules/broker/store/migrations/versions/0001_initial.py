"""The first version of the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from trading_api.modules.broker.store.schema import Amount

revision = "0001"
down_revision = None

WORKING = sa.text("status = 6")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True),
        sa.Column("account_id", sa.String, nullable=False),
        sa.Column("database_id", sa.String, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("balance", Amount, nullable=False),
        sa.Column("realized", Amount, nullable=False),
        sa.Column("last_order", sa.BigInteger, nullable=False),
        sa.Column("last_execution", sa.BigInteger, nullable=False),
        sa.Column("last_event", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "orders",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("symbol", sa.String, nullable=False),
        sa.Column("pip", Amount, nullable=False),
        sa.Column("type", sa.SmallInteger, nullable=False),
        sa.Column("side", sa.SmallInteger, nullable=False),
        sa.Column("qty", Amount, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("limit_price", Amount),
        sa.Column("stop_price", Amount),
        sa.Column("take_profit", Amount),
        sa.Column("stop_loss", Amount),
        sa.Column("guaranteed_stop", Amount),
        sa.Column("trailing_pips", Amount),
        sa.Column("stop_type", sa.SmallInteger),
        sa.Column("seen_price", sa.Float),
        sa.Column("seen_ask", sa.Float),
        sa.Column("seen_bid", sa.Float),
        sa.Column("exit_of", sa.String),
        sa.Column("triggered", sa.Boolean, nullable=False),
        sa.Column("filled_qty", Amount, nullable=False),
        sa.Column("avg_price", Amount),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index(
        "working_orders", "orders", ["number"], sqlite_where=WORKING, postgresql_where=WORKING
    )
    op.create_index("orders_of_a_symbol", "orders", ["symbol", "number"])
    op.create_table(
        "positions",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("symbol", sa.String, nullable=False, unique=True),
        sa.Column("pip", Amount, nullable=False),
        sa.Column("side", sa.SmallInteger, nullable=False),
        sa.Column("qty", Amount, nullable=False),
        sa.Column("avg_price", Amount, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "executions",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("order_id", sa.String, nullable=False),
        sa.Column("symbol", sa.String, nullable=False),
        sa.Column("side", sa.SmallInteger, nullable=False),
        sa.Column("qty", Amount, nullable=False),
        sa.Column("price", Amount, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
    op.create_index("executions_of_a_symbol", "executions", ["symbol", "number"])
    op.create_table(
        "leverages",
        sa.Column("symbol", sa.String, primary_key=True),
        sa.Column("leverage", Amount, nullable=False),
    )
    op.create_table(
        "idempotency_records",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("order_id", sa.String, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False, index=True),
        sa.Column("message", sa.String),
    )
    op.create_table(
        "events",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("stream", sa.String, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
