"""REST operations of the datafeed; the name of a function is its operationId."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from trading_api.models import (
    DatafeedConfiguration,
    GetBarsResponse,
    GetQuotesRequest,
    QuoteData,
    Resolution,
    SearchSymbolResultItem,
    SymbolInfo,
    SymbolName,
    UnixSeconds,
)
from trading_api.modules.datafeed.service import MAX_BARS, DatafeedService
from trading_api.shared.auth.scopes import needs_scope
from trading_api.shared.module import service_of
from trading_api.shared.problems import problem_responses

router = APIRouter()

Service = Annotated[DatafeedService, Depends(service_of(DatafeedService))]
Exchange = Annotated[
    str | None, Query(max_length=64, description="The exchange to filter by, such as `NASDAQ`.")
]
SymbolType = Annotated[
    str | None, Query(max_length=64, description="The symbol type to filter by, such as `stock`.")
]


@router.get("/config")
async def get_config(service: Service) -> DatafeedConfiguration:
    """Return the resolutions, exchanges and symbol types that the datafeed supports."""
    return service.get_configuration()


@router.get("/symbols", responses=problem_responses(422))
async def get_symbols(
    service: Service, exchange: Exchange = None, symbol_type: SymbolType = None
) -> list[SymbolInfo]:
    """Return all symbols, or those of an exchange and a type."""
    return service.get_symbols(exchange, symbol_type)


# Declared before `/symbols/{symbol}`, which would match "search" as a symbol.
@router.get("/symbols/search", responses=problem_responses(422))
async def search_symbols(
    service: Service,
    user_input: Annotated[
        str, Query(max_length=64, description="Part of a symbol or of its description.")
    ],
    exchange: Exchange = None,
    symbol_type: SymbolType = None,
    max_results: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[SearchSymbolResultItem]:
    """Return the symbols that match `user_input`, best match first; an empty input matches all."""
    return service.search_symbols(user_input, exchange, symbol_type, max_results)


@router.get("/symbols/{symbol:path}", responses=problem_responses(404, 422))
async def resolve_symbol(
    service: Service,
    symbol: Annotated[SymbolName, Path(description="A name or a ticker, in any case.")],
) -> SymbolInfo:
    """Return one symbol by its name or ticker, such as `AAPL` or `NASDAQ:AAPL`."""
    return service.resolve_symbol(symbol)


# Not a coroutine, because building many intraday bars would block the event loop.
@router.get("/bars", responses=problem_responses(404, 422))
def get_bars(
    service: Service,
    symbol: Annotated[SymbolName, Query(description="A name or a ticker, in any case.")],
    resolution: Annotated[Resolution, Query(description="The period of one bar.")],
    from_time: Annotated[UnixSeconds, Query(description="Unix seconds, inclusive.")],
    to_time: Annotated[UnixSeconds, Query(description="Unix seconds, exclusive.")],
    count_back: Annotated[
        int | None,
        Query(ge=1, le=MAX_BARS, description="How many bars before `to_time` to return."),
    ] = None,
) -> GetBarsResponse:
    """Return the bars that start within a range; `from_time` and `to_time` are Unix **seconds**.

    `Bar.time` and `nextTime` are Unix **milliseconds**. With `count_back`, the response has the
    last `count_back` bars before `to_time`, even if they start before `from_time`. It has at most
    5,000 bars, the newest ones of the range. The newest bar of a symbol is still forming.
    """
    return service.get_bars(symbol, resolution, from_time, to_time, count_back)


@router.post("/quotes", responses=problem_responses(422), openapi_extra=needs_scope("read"))
async def get_quotes(service: Service, request: GetQuotesRequest) -> list[QuoteData]:
    """Return quotes in the order of the request; an unknown symbol has the status `error`."""
    return service.get_quotes(request.symbols)


@router.get("/time")
async def get_server_time(service: Service) -> int:
    """Return the time of the replay in Unix **seconds**."""
    return service.get_server_time()
