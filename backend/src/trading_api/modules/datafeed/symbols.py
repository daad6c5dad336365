"""Describes, filters and searches symbols."""

from __future__ import annotations

from collections.abc import Iterable

from trading_api.models import (
    DatafeedConfiguration,
    ExchangeInfo,
    Resolution,
    SearchSymbolResultItem,
    SymbolInfo,
    SymbolTypeInfo,
)
from trading_api.modules.datafeed.candles import TICKS_PER_UNIT
from trading_api.modules.datafeed.session import SESSION, TIMEZONE
from trading_api.modules.datafeed.source import Listing

STOCK = "stock"


def build_configuration(listings: Iterable[Listing]) -> DatafeedConfiguration:
    """Return what the datafeed supports; an empty `value` means no filter."""
    exchanges = sorted({listing.exchange for listing in listings})
    return DatafeedConfiguration(
        supported_resolutions=list(Resolution),
        exchanges=[
            ExchangeInfo(value="", name="All exchanges", desc="Every exchange"),
            *(ExchangeInfo(value=name, name=name, desc=name) for name in exchanges),
        ],
        symbols_types=[
            SymbolTypeInfo(name="All types", value=""),
            SymbolTypeInfo(name="Stock", value=STOCK),
        ],
        supports_marks=False,
        supports_timescale_marks=False,
        supports_time=True,
        supports_search=True,
        supports_group_request=False,
    )


def build_symbol_info(listing: Listing) -> SymbolInfo:
    return SymbolInfo(
        name=listing.name,
        description=f"{listing.description} (intraday bars are synthetic)",
        type=STOCK,
        session=SESSION,
        timezone=TIMEZONE,
        ticker=listing.ticker,
        exchange=listing.exchange,
        listed_exchange=listing.exchange,
        format="price",
        pricescale=TICKS_PER_UNIT,
        minmov=1,
        has_intraday=True,
        has_daily=True,
        supported_resolutions=list(Resolution),
        volume_precision=0,
        data_status="streaming",
    )


def build_search_item(listing: Listing) -> SearchSymbolResultItem:
    return SearchSymbolResultItem(
        symbol=listing.name,
        description=listing.description,
        exchange=listing.exchange,
        ticker=listing.ticker,
        type=STOCK,
    )


def select(
    listings: Iterable[Listing], exchange: str | None, symbol_type: str | None
) -> list[Listing]:
    """Return the listings of an exchange and a type, in any case; None or empty for all."""
    if symbol_type and symbol_type.casefold() != STOCK:
        return []
    wanted = exchange.casefold() if exchange else None
    return [one for one in listings if wanted in (None, one.exchange.casefold())]


def search(listings: Iterable[Listing], text: str) -> list[Listing]:
    """Return the listings that contain `text`, best matches first, then by name."""
    wanted = text.strip().casefold()
    ranked = ((_rank(listing, wanted), listing.name, listing) for listing in listings)
    hits = [(rank, name, listing) for rank, name, listing in ranked if rank is not None]
    return [listing for *_, listing in sorted(hits, key=lambda hit: hit[:2])]


def _rank(listing: Listing, wanted: str) -> int | None:
    """Return the rank of a match: 0 is the best, None is no match."""
    name, ticker = listing.name.casefold(), listing.ticker.casefold()
    description = listing.description.casefold()
    matches = (
        wanted in (name, ticker),
        name.startswith(wanted),
        ticker.startswith(wanted),
        description.startswith(wanted),
        wanted in name,
        wanted in ticker or wanted in description,
    )
    return matches.index(True) if any(matches) else None
