"""What an order would cost and do, found out by carrying it out on a draft."""

from __future__ import annotations

from decimal import Decimal

from trading_api.models import (
    OrderPreviewResult,
    OrderPreviewRow,
    OrderPreviewSection,
    OrderType,
    Side,
)
from trading_api.modules.broker import engine, matching
from trading_api.modules.broker.book import Draft
from trading_api.modules.broker.records import Order, Quote, plain


def preview(draft: Draft, order: Order, quote: Quote, currency: str) -> OrderPreviewResult:
    """Return the preview of a new order; the draft is used up by it."""
    draft.quotes[order.symbol] = quote
    price = matching.expected_price(order, quote)
    errors = engine.order_errors(order, quote)
    money_error = engine.margin_error(draft, order, price)
    if money_error:
        errors.append(money_error)
    sections = [_order_section(order, price, currency)]
    if order.qty:
        sections.append(_margin_section(draft, order, price, currency))
        warnings = _warnings(draft, order, quote)
        engine.fill(draft, order, price, quote)
        sections.append(_position_section(draft, order.symbol))
    else:
        warnings = []
    return OrderPreviewResult(sections=sections, warnings=warnings, errors=errors)


def _order_section(order: Order, price: Decimal, currency: str) -> OrderPreviewSection:
    return _section(
        "Order",
        ("Symbol", order.symbol),
        ("Type", _words(order.type)),
        ("Side", _words(order.side)),
        ("Quantity", plain(order.qty)),
        ("Estimated price", f"{plain(price)} {currency}"),
        ("Estimated value", _money(order.qty * price, currency)),
    )


def _margin_section(
    draft: Draft, order: Order, price: Decimal, currency: str
) -> OrderPreviewSection:
    before, after = draft.margin_used(), engine.margin_after(draft, order, price)
    return _section(
        "Margin",
        ("Leverage", f"{plain(draft.leverage(order.symbol))}:1"),
        ("Margin needed", _money(after - before, currency)),
        ("Margin used afterwards", _money(after, currency)),
        ("Free margin now", _money(draft.equity() - before, currency)),
    )


def _position_section(draft: Draft, symbol: str) -> OrderPreviewSection:
    holding = draft.holding(symbol)
    if holding is None:
        return _section("Position afterwards", ("Side", "None"), ("Quantity", "0"))
    return _section(
        "Position afterwards",
        ("Side", _words(holding.side)),
        ("Quantity", plain(holding.qty)),
        # An average has no end; nobody reads more of it than this.
        ("Average price", plain(round(holding.avg_price, 4))),
    )


def _words(value: OrderType | Side) -> str:
    return value.name.replace("_", " ").capitalize()


def _warnings(draft: Draft, order: Order, quote: Quote) -> list[str]:
    warnings = []
    if order.limit_price or order.stop_price:
        triggered = matching.trigger(order, quote)
        if matching.fill_price(triggered, quote) is not None:
            warnings.append("The market has reached the price already: executes at once.")
    held = draft.holding(order.symbol)
    if order.brackets and held and held.side is not order.side and held.qty >= order.qty:
        warnings.append("The order only reduces a position: its brackets are not used.")
    return warnings


def _section(header: str, *rows: tuple[str, str]) -> OrderPreviewSection:
    return OrderPreviewSection(
        header=header, rows=[OrderPreviewRow(title=title, value=value) for title, value in rows]
    )


def _money(value: Decimal, currency: str) -> str:
    return f"{value:,.2f} {currency}"
