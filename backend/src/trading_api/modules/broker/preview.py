"""Previews: what an order or a change of leverage would do, tried out on a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from trading_api.models import (
    LeveragePreviewResult,
    OrderPreviewResult,
    OrderPreviewRow,
    OrderPreviewSection,
    OrderType,
    ProblemField,
    Side,
)
from trading_api.modules.broker import engine
from trading_api.modules.broker.book import Transaction
from trading_api.modules.broker.matching import (
    estimate_price,
    find_fill_price,
    trigger_stop_limit,
)
from trading_api.modules.broker.records import Order, Quote, format_number, to_decimal


def preview_order(
    transaction: Transaction, order: Order, quote: Quote, currency: str
) -> OrderPreviewResult:
    """Return the preview of a new order; this changes the transaction."""
    transaction.quotes[order.symbol] = quote
    price = estimate_price(order, quote)
    problems = engine.check_order(order, quote) + engine.check_margin(transaction, order, price)
    sections = [_order_section(order, price, currency)]
    warnings = []
    if order.qty:
        sections.append(_margin_section(transaction, order, price, currency))
        warnings = _warn_about_order(transaction, order, quote)
        engine.fill_order(transaction, order, price, quote)
        sections.append(_position_section(transaction, order.symbol))
    return OrderPreviewResult(
        sections=sections, warnings=warnings, errors=_details(problems), problems=problems
    )


def preview_leverage(
    transaction: Transaction, symbol: str, leverage: float, maximum: int
) -> LeveragePreviewResult:
    """Return the preview of a new leverage; this changes the transaction."""
    problems = engine.check_leverage(leverage, maximum)
    infos, warnings = [], []
    if not problems:
        current, wanted = transaction.leverage_of(symbol), to_decimal(leverage)
        margin_before = transaction.margin_used
        problems = engine.check_leverage_margin(transaction, symbol, wanted)
        transaction.unit_of_work.leverages[symbol] = wanted
        infos = [
            f"Leverage of {symbol}: {current:g} now, {leverage:g} then",
            f"Margin used: {margin_before:.2f} now, {transaction.margin_used:.2f} then",
        ]
        if wanted > current:
            warnings = ["A higher leverage raises the risk: losses grow with the position."]
    return LeveragePreviewResult(
        infos=infos, warnings=warnings, errors=_details(problems), problems=problems
    )


def _order_section(order: Order, price: Decimal, currency: str) -> OrderPreviewSection:
    return _section(
        "Order",
        ("Symbol", order.symbol),
        ("Type", _format_name(order.type)),
        ("Side", _format_name(order.side)),
        ("Quantity", format_number(order.qty)),
        ("Estimated price", f"{format_number(price)} {currency}"),
        ("Estimated value", _format_money(order.qty * price, currency)),
    )


def _margin_section(
    transaction: Transaction, order: Order, price: Decimal, currency: str
) -> OrderPreviewSection:
    before = transaction.margin_used
    after = engine.compute_margin_after(transaction, order, price)
    return _section(
        "Margin",
        ("Leverage", f"{format_number(transaction.leverage_of(order.symbol))}:1"),
        ("Margin needed", _format_money(after - before, currency)),
        ("Margin used afterwards", _format_money(after, currency)),
        ("Free margin now", _format_money(transaction.equity - before, currency)),
    )


def _position_section(transaction: Transaction, symbol: str) -> OrderPreviewSection:
    position = transaction.find_position(symbol)
    if position is None:
        return _section("Position afterwards", ("Side", "None"), ("Quantity", "0"))
    return _section(
        "Position afterwards",
        ("Side", _format_name(position.side)),
        ("Quantity", format_number(position.qty)),
        # An average can have endless decimals.
        ("Average price", format_number(round(position.avg_price, 4))),
    )


def _warn_about_order(transaction: Transaction, order: Order, quote: Quote) -> list[str]:
    warnings = []
    if order.limit_price or order.stop_price:
        triggered = trigger_stop_limit(order, quote)
        if find_fill_price(triggered, quote) is not None:
            warnings.append("The market has already reached the price; the order executes at once.")
    held = transaction.find_position(order.symbol)
    if order.brackets and held and held.side is not order.side and held.qty >= order.qty:
        warnings.append("The order only reduces a position, so its brackets are ignored.")
    if order.brackets and held and held.side is order.side:
        total = format_number(held.qty + order.qty)
        replaced = " and replace its exits" if transaction.working_exits(held.id) else ""
        warnings.append(f"The brackets will protect the whole position of {total}{replaced}.")
    return warnings


def _section(header: str, *rows: tuple[str, str]) -> OrderPreviewSection:
    return OrderPreviewSection(
        header=header, rows=[OrderPreviewRow(title=title, value=value) for title, value in rows]
    )


def _details(problems: Sequence[ProblemField]) -> list[str]:
    return [problem.detail for problem in problems]


def _format_name(value: OrderType | Side) -> str:
    return value.name.replace("_", " ").capitalize()


def _format_money(value: Decimal, currency: str) -> str:
    return f"{value:,.2f} {currency}"
