"""The leverage of a symbol: its limits, and what a change of it means."""

from __future__ import annotations

from decimal import Decimal

from trading_api.models import LeverageInfo, LeveragePreviewResult
from trading_api.modules.broker.book import Draft
from trading_api.modules.broker.records import decimal_of
from trading_api.modules.broker.settings import LEVERAGE_MIN, LEVERAGE_STEP, BrokerSettings


def leverage_info(draft: Draft, symbol: str, settings: BrokerSettings) -> LeverageInfo:
    """Return the leverage that a symbol is traded with, and its limits."""
    return LeverageInfo(
        title=f"Leverage of {symbol}",
        leverage=float(draft.leverage(symbol)),
        min=LEVERAGE_MIN,
        max=settings.max_leverage,
        step=LEVERAGE_STEP,
    )


def leverage_errors(leverage: float, settings: BrokerSettings) -> list[str]:
    """Say why no symbol can have this leverage."""
    allowed = LEVERAGE_MIN <= leverage <= settings.max_leverage and leverage % LEVERAGE_STEP == 0
    if allowed:
        return []
    return [
        f"leverage has to be from {LEVERAGE_MIN:g} to {settings.max_leverage}"
        f" in steps of {LEVERAGE_STEP:g}"
    ]


def set_leverage(draft: Draft, symbol: str, leverage: float) -> list[str]:
    """Set the leverage of a symbol; say why the account cannot afford that, if so."""
    before = draft.margin_used()
    draft.unit.leverages[symbol] = decimal_of(leverage)
    after = draft.margin_used()
    if after <= before or after <= draft.equity():
        return []
    return [
        f"not enough free margin: open positions would tie up {after:.2f},"
        f" the equity is {draft.equity():.2f}"
    ]


def preview_leverage(
    draft: Draft, symbol: str, leverage: float, settings: BrokerSettings
) -> LeveragePreviewResult:
    """Return what a change of leverage would mean; the draft is used up by it."""
    errors = leverage_errors(leverage, settings)
    if errors:
        return LeveragePreviewResult(infos=[], warnings=[], errors=errors)
    current, margin_before = draft.leverage(symbol), draft.margin_used()
    errors = set_leverage(draft, symbol, leverage)
    infos = [
        f"Leverage of {symbol}: {current:g} now, {leverage:g} then",
        f"Margin used: {margin_before:.2f} now, {draft.margin_used():.2f} then",
    ]
    return LeveragePreviewResult(
        infos=infos, warnings=_warnings(current, decimal_of(leverage)), errors=errors
    )


def _warnings(current: Decimal, wanted: Decimal) -> list[str]:
    if wanted <= current:
        return []
    return ["A higher leverage raises the risk: losses grow with the size of the position."]
