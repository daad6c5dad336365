"""Processes of the datafeed agree on every price, also one that is started later."""

from __future__ import annotations

from contextlib import ExitStack

from support.servers import serve
from trading_api.clients import DatafeedClient
from trading_api.models import GetQuotesRequest, QuoteData, Resolution

# A virtual step of 15 seconds takes 3 real ones.
SETTINGS = {"ENABLED_MODULES": "datafeed", "DATAFEED_SPEED": "5"}
SYMBOLS = GetQuotesRequest(symbols=["AAPL", "IBM", "MSFT"])


async def read(address: str) -> tuple[int, list[QuoteData], list[float]]:
    """Return the time, the quotes and the last closes of a datafeed."""
    async with DatafeedClient(base_url=address) as datafeed:
        now = await datafeed.get_server_time()
        bars = await datafeed.get_bars("AAPL", Resolution.DAY, 0, now + 1, count_back=9)
        return now, await datafeed.get_quotes(SYMBOLS), [bar.close for bar in bars.bars[:-1]]


async def test_two_processes_and_a_restarted_one_agree_and_never_go_back() -> None:
    with ExitStack() as stack:
        first = stack.enter_context(serve("trading_api.main:app", **SETTINGS))
        times = []
        for _ in range(2):
            with serve("trading_api.main:app", **SETTINGS) as second:
                while True:
                    before, later, after = await read(first), await read(second), await read(first)
                    # Compared only if the price has not moved in between.
                    if before[1:] == after[1:]:
                        break
                assert later[1:] == before[1:]
                assert before[0] <= later[0] <= after[0]
                times += [before[0], later[0], after[0]]
        assert times == sorted(times)
