"""The tables of the broker's database. Times are Unix milliseconds.

A change of a table needs a migration: see `migrations/`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from trading_api.models import OrderStatus

REVISION = "0001"
"""The migration that creates this version of the tables."""


class Amount(TypeDecorator[Decimal]):
    """An exact decimal: NUMERIC in PostgreSQL, text in SQLite, which has no decimals."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_exact = dialect.name == "postgresql"
        return dialect.type_descriptor(Numeric() if is_exact else Text())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


metadata = MetaData()

account = Table(
    "account",
    metadata,
    # The only row. `epoch` counts the processes that have opened the database.
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True),
    Column("account_id", String, nullable=False),
    Column("database_id", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("balance", Amount, nullable=False),
    Column("realized", Amount, nullable=False),
    Column("last_order", BigInteger, nullable=False),
    Column("last_execution", BigInteger, nullable=False),
    Column("last_event", BigInteger, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("symbol", String, nullable=False),
    Column("pip", Amount, nullable=False),
    Column("type", SmallInteger, nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("qty", Amount, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("limit_price", Amount),
    Column("stop_price", Amount),
    Column("take_profit", Amount),
    Column("stop_loss", Amount),
    Column("guaranteed_stop", Amount),
    Column("trailing_pips", Amount),
    Column("stop_type", SmallInteger),
    Column("seen_price", Float),
    Column("seen_ask", Float),
    Column("seen_bid", Float),
    Column("exit_of", String),
    Column("triggered", Boolean, nullable=False),
    Column("filled_qty", Amount, nullable=False),
    Column("avg_price", Amount),
    Column("version", Integer, nullable=False),
)

is_working = orders.c.status == int(OrderStatus.WORKING)
Index(
    "working_orders",
    orders.c.number,
    sqlite_where=is_working,
    postgresql_where=is_working,
)
Index("orders_of_a_symbol", orders.c.symbol, orders.c.number)

positions = Table(
    "positions",
    metadata,
    Column("id", String, primary_key=True),
    Column("symbol", String, nullable=False, unique=True),
    Column("pip", Amount, nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("qty", Amount, nullable=False),
    Column("avg_price", Amount, nullable=False),
    Column("version", Integer, nullable=False),
)

executions = Table(
    "executions",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", String, nullable=False),
    Column("symbol", String, nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("qty", Amount, nullable=False),
    Column("price", Amount, nullable=False),
    Column("time", BigInteger, nullable=False),
)
Index("executions_of_a_symbol", executions.c.symbol, executions.c.number)

leverages = Table(
    "leverages",
    metadata,
    Column("symbol", String, primary_key=True),
    Column("leverage", Amount, nullable=False),
)

idempotency_records = Table(
    "idempotency_records",
    metadata,
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("order_id", String, nullable=False),
    Column("created", BigInteger, nullable=False, index=True),
    Column("message", String),
)

events = Table(
    "events",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", String, nullable=False),
    # JSON, as the stream sends it.
    Column("payload", Text, nullable=False),
)
