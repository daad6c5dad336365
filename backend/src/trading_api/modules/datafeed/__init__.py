"""The datafeed module: symbols, bars, quotes, and their live streams.

`api` and `ws` are the interface of `service`, which combines `history` (candles of a stock) with
`replay` (the clock). `source` reads daily candles, `intraday` synthesizes their minutes, `candles`
aggregates them; `symbols` and `quotes` build the models.
"""

from trading_api.shared.module import ModuleInfo

info = ModuleInfo(
    title="Datafeed",
    description="Symbols, bars and quotes of real daily market data, with a live replay.",
    version="1.0.0",
    port=8002,
    max_replicas=4,
)
