"""The statements that write a unit of work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BindParameter, UpdateBase, bindparam, delete, insert, select, update

from trading_api.modules.broker.records import UnitOfWork
from trading_api.modules.broker.store import rows, schema

_CHANGED: BindParameter[Any] = bindparam("changed")

SELECT_ORDERS = select(schema.orders).order_by(schema.orders.c.number)
_INSERT_ORDERS = insert(schema.orders)
_UPDATE_ORDERS = (
    update(schema.orders)
    .where(schema.orders.c.number == _CHANGED)
    .values({column.name: bindparam(column.name) for column in schema.orders.c})
)
_DELETE_POSITIONS = delete(schema.positions).where(schema.positions.c.id == _CHANGED)
_INSERT_POSITIONS = insert(schema.positions)
_INSERT_EXECUTIONS = insert(schema.executions)
_DELETE_LEVERAGES = delete(schema.leverages).where(schema.leverages.c.symbol == _CHANGED)
_INSERT_LEVERAGES = insert(schema.leverages)
_INSERT_RECORDS = insert(schema.idempotency_records)
_INSERT_EVENTS = insert(schema.events)


def writes_of(
    changes: UnitOfWork, last_order: int
) -> Iterator[tuple[UpdateBase, list[rows.Values]]]:
    """Yield statements with the rows that each writes."""
    orders = [rows.order_values(order) for order in changes.orders.values()]
    # INSERT, never an upsert: a number that exists must fail, not replace another order.
    yield _INSERT_ORDERS, [row for row in orders if row["number"] > last_order]
    changed = [row for row in orders if row["number"] <= last_order]
    yield _UPDATE_ORDERS, [{**row, "changed": row["number"]} for row in changed]
    positions = changes.positions.values()
    yield _DELETE_POSITIONS, [{"changed": position.id} for position in positions]
    yield _INSERT_POSITIONS, [rows.position_values(each) for each in positions if each.qty]
    yield _INSERT_EXECUTIONS, [rows.execution_values(each) for each in changes.executions]
    leverages = changes.leverages.items()
    yield _DELETE_LEVERAGES, [{"changed": symbol} for symbol, _ in leverages]
    yield _INSERT_LEVERAGES, [{"symbol": symbol, "leverage": value} for symbol, value in leverages]
    records = changes.idempotency_records.items()
    yield _INSERT_RECORDS, [rows.record_values(key, record) for key, record in records]
    yield _INSERT_EVENTS, rows.event_values(changes.events)
