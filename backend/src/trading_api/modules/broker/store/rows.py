"""Conversion of records to rows of the database, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from trading_api.models import AskBid, OrderStatus, OrderType, Side, StopType
from trading_api.modules.broker.records import (
    BracketPrices,
    Event,
    ExecutionRecord,
    IdempotencyRecord,
    Instrument,
    Order,
    PositionRecord,
)

Values = dict[str, Any]


def order_values(order: Order) -> Values:
    """Return the row of an order."""
    brackets, seen = order.brackets, order.current_quotes
    return {
        "number": order.number,
        "symbol": order.symbol,
        "pip": order.instrument.pip,
        "type": int(order.type),
        "side": int(order.side),
        "qty": order.qty,
        "status": int(order.status),
        "updated": order.updated,
        "limit_price": order.limit_price,
        "stop_price": order.stop_price,
        "take_profit": brackets.take_profit,
        "stop_loss": brackets.stop_loss,
        "guaranteed_stop": brackets.guaranteed_stop,
        "trailing_pips": brackets.trailing_pips,
        "stop_type": None if order.stop_type is None else int(order.stop_type),
        "seen_price": order.seen_price,
        "seen_ask": seen and seen.ask,
        "seen_bid": seen and seen.bid,
        "exit_of": order.exit_of,
        "triggered": order.triggered,
        "filled_qty": order.filled_qty,
        "avg_price": order.avg_price,
        "version": order.version,
    }


def to_order(row: Row[Any]) -> Order:
    """Return the order of a row."""
    return Order(
        number=row.number,
        instrument=Instrument(row.symbol, row.pip),
        type=OrderType(row.type),
        side=Side(row.side),
        qty=row.qty,
        status=OrderStatus(row.status),
        updated=row.updated,
        limit_price=row.limit_price,
        stop_price=row.stop_price,
        brackets=BracketPrices(
            row.take_profit, row.stop_loss, row.guaranteed_stop, row.trailing_pips
        ),
        stop_type=None if row.stop_type is None else StopType(row.stop_type),
        seen_price=row.seen_price,
        current_quotes=(
            None if row.seen_ask is None else AskBid(ask=row.seen_ask, bid=row.seen_bid)
        ),
        exit_of=row.exit_of,
        triggered=bool(row.triggered),
        filled_qty=row.filled_qty,
        avg_price=row.avg_price,
        version=row.version,
    )


def position_values(position: PositionRecord) -> Values:
    """Return the row of a position."""
    return {
        "id": position.id,
        "symbol": position.symbol,
        "pip": position.instrument.pip,
        "side": int(position.side),
        "qty": position.qty,
        "avg_price": position.avg_price,
        "version": position.version,
    }


def to_position(row: Row[Any]) -> PositionRecord:
    """Return the position of a row."""
    instrument = Instrument(row.symbol, row.pip)
    return PositionRecord(row.id, instrument, Side(row.side), row.qty, row.avg_price, row.version)


def execution_values(execution: ExecutionRecord) -> Values:
    """Return the row of an execution."""
    return {
        "number": execution.number,
        "order_id": execution.order_id,
        "symbol": execution.symbol,
        "side": int(execution.side),
        "qty": execution.qty,
        "price": execution.price,
        "time": execution.time,
    }


def to_execution(row: Row[Any]) -> ExecutionRecord:
    """Return the execution of a row."""
    return ExecutionRecord(
        row.number, row.order_id, row.symbol, Side(row.side), row.qty, row.price, row.time
    )


def record_values(key: str, record: IdempotencyRecord) -> Values:
    """Return the row of an idempotency record."""
    return {
        "key": key,
        "fingerprint": record.fingerprint,
        "order_id": record.order_id,
        "created": record.created,
        "message": record.message,
    }


def to_record(row: Row[Any]) -> IdempotencyRecord:
    """Return the idempotency record of a row."""
    return IdempotencyRecord(row.fingerprint, row.order_id, row.created, row.message)


def event_values(events: Iterable[Event]) -> list[Values]:
    """Return the rows of events."""
    return [
        {
            "number": event.number,
            "stream": event.stream,
            "payload": event.payload.model_dump_json(),
        }
        for event in events
    ]
