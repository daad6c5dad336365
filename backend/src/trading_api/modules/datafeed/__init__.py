"""Datafeed: symbols, bars, quotes, and their live streams."""

from trading_api.shared.module import ModuleInfo

info = ModuleInfo(
    title="Datafeed",
    description="Symbols, bars and quotes of real daily market data, and a live replay of it.",
    version="1.0.0",
    port=8002,
)
