"""Market data: symbols, bars, quotes. snake_case on the wire as in TradingView's Datafeed API."""

from trading_api.models.market.bars import (
    Bar,
    BarsSubscription,
    GetBarsResponse,
)
from trading_api.models.market.quotes import (
    GetQuotesRequest,
    QuoteData,
    QuotesSubscription,
    QuoteValues,
)
from trading_api.models.market.symbols import (
    DatafeedConfiguration,
    ExchangeInfo,
    Resolution,
    SearchSymbolResultItem,
    SymbolInfo,
    SymbolTypeInfo,
)

__all__ = [
    "Bar",
    "BarsSubscription",
    "DatafeedConfiguration",
    "ExchangeInfo",
    "GetBarsResponse",
    "GetQuotesRequest",
    "QuoteData",
    "QuoteValues",
    "QuotesSubscription",
    "Resolution",
    "SearchSymbolResultItem",
    "SymbolInfo",
    "SymbolTypeInfo",
]
