"""The REST operations of the datafeed on the real data, in a frozen replay."""

from __future__ import annotations

import csv
import gzip
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from trading_api.app_factory import create_app
from trading_api.clients.datafeed_client import DatafeedClient
from trading_api.models import Bar, GetQuotesRequest, Resolution
from trading_api.modules.datafeed.calendar import Calendar
from trading_api.modules.datafeed.candles import Candle
from trading_api.modules.datafeed.history import History
from trading_api.modules.datafeed.intraday import IntradayStore
from trading_api.modules.datafeed.service import DatafeedService
from trading_api.modules.datafeed.source import Listing
from trading_api.shared.client import ApiError
from trading_api.shared.problems import ProblemType
from trading_api.shared.utils import MODULES_DIR

NOW = date(2012, 6, 1)
DATA = MODULES_DIR / "datafeed" / "data" / "stocks.csv.gz"


@pytest.fixture
async def app(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    monkeypatch.setenv("DATAFEED_REPLAY_EPOCH", "2100-01-01T00:00Z")
    monkeypatch.setenv("DATAFEED_REPLAY_START", NOW.isoformat())
    app = create_app(["datafeed"])
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def datafeed(app: FastAPI) -> DatafeedClient:
    return DatafeedClient.in_process(app)


@pytest.fixture
def raw(app: FastAPI) -> httpx.AsyncClient:
    """Return an httpx client, for requests that the typed client cannot make."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/api/v1")


def seconds(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def milliseconds(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 1000


def rows(ticker: str, path: Path = DATA) -> dict[date, dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return {
            date.fromisoformat(row["Date"]): row
            for row in csv.DictReader(file)
            if row["Ticker"] == ticker
        }


async def test_daily_bars_are_the_adjusted_rows_of_the_file(datafeed: DatafeedClient) -> None:
    response = await datafeed.get_bars(
        "MSFT", Resolution.DAY, seconds(2008, 1, 1), seconds(2009, 1, 1)
    )
    expected = {day: row for day, row in rows("MSFT").items() if day.year == 2008}
    assert [bar.time for bar in response.bars] == [
        milliseconds(day.year, day.month, day.day) for day in sorted(expected)
    ]
    for bar, (_, row) in zip(response.bars, sorted(expected.items()), strict=True):
        scale = float(row["Adj Close"]) / float(row["Close"])
        for field in ("open", "high", "low", "close"):
            assert getattr(bar, field) == pytest.approx(
                float(row[field.capitalize()]) * scale, abs=0.011
            )
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high


def aggregated(bars: list[Bar]) -> tuple[float, float, float, float, float]:
    return (
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        pytest.approx(sum(bar.volume for bar in bars)),
    )


def values(bar: Bar) -> tuple[float, float, float, float, float]:
    return bar.open, bar.high, bar.low, bar.close, bar.volume


@pytest.mark.parametrize(
    ("resolution", "start", "end", "time"),
    [
        (Resolution.WEEK, (2011, 5, 16), (2011, 5, 23), (2011, 5, 16)),
        (Resolution.MONTH, (2011, 5, 1), (2011, 6, 1), (2011, 5, 1)),
    ],
)
async def test_weeks_and_months_add_up_their_days(
    datafeed: DatafeedClient,
    resolution: Resolution,
    start: tuple[int, int, int],
    end: tuple[int, int, int],
    time: tuple[int, int, int],
) -> None:
    days = await datafeed.get_bars("IBM", Resolution.DAY, seconds(*start), seconds(*end))
    (whole,) = (await datafeed.get_bars("IBM", resolution, seconds(*start), seconds(*end))).bars
    assert whole.time == milliseconds(*time)
    assert values(whole) == aggregated(days.bars)


@pytest.mark.parametrize(
    ("resolution", "count"),
    [
        (Resolution.MINUTE, 390),
        (Resolution.MINUTE_5, 78),
        (Resolution.MINUTE_15, 26),
        (Resolution.HOUR, 7),
    ],
)
async def test_intraday_bars_add_up_to_their_day(
    datafeed: DatafeedClient, resolution: Resolution, count: int
) -> None:
    start, end = seconds(2011, 5, 18), seconds(2011, 5, 19)
    (day,) = (await datafeed.get_bars("AAPL", Resolution.DAY, start, end)).bars
    intraday = (await datafeed.get_bars("AAPL", resolution, start, end)).bars
    assert len(intraday) == count
    assert values(day) == aggregated(intraday)
    assert intraday[0].time == milliseconds(2011, 5, 18, 13, 30)


async def test_intraday_times_follow_summer_time(datafeed: DatafeedClient) -> None:
    winter = await datafeed.get_bars(
        "AAPL", Resolution.HOUR, seconds(2011, 1, 18), seconds(2011, 1, 19)
    )
    assert winter.bars[0].time == milliseconds(2011, 1, 18, 14, 30)


async def test_responses_do_not_contain_the_future(datafeed: DatafeedClient) -> None:
    now = await datafeed.get_server_time()
    assert datetime.fromtimestamp(now, UTC).date() == NOW
    for resolution in Resolution:
        response = await datafeed.get_bars(
            "AAPL", resolution, seconds(2012, 5, 1), seconds(2020, 1, 1)
        )
        assert response.bars
        assert response.bars[-1].time <= now * 1000


async def test_paging_back_by_count(datafeed: DatafeedClient) -> None:
    year = (
        await datafeed.get_bars("GOOG", Resolution.DAY, seconds(2010, 1, 1), seconds(2011, 1, 1))
    ).bars
    page = await datafeed.get_bars(
        "GOOG", Resolution.DAY, seconds(2010, 12, 30), seconds(2011, 1, 1), count_back=5
    )
    assert page.bars == year[-5:]
    older = await datafeed.get_bars(
        "GOOG", Resolution.DAY, 0, page.bars[0].time // 1000, count_back=5
    )
    assert older.bars == year[-10:-5]


@pytest.mark.parametrize("count_back", [None, 5000])
async def test_response_has_the_newest_5000_bars_of_a_long_range(
    datafeed: DatafeedClient, count_back: int | None
) -> None:
    start, end = seconds(2011, 1, 1), seconds(2012, 1, 1)
    response = await datafeed.get_bars("IBM", Resolution.MINUTE, start, end, count_back=count_back)
    assert len(response.bars) == 5000
    assert response.bars[-1].time == milliseconds(2011, 12, 30, 20, 59)


async def test_limits_of_a_search(app: FastAPI, datafeed: DatafeedClient) -> None:
    listings = [Listing(f"S{number}", "X", "A stock") for number in range(600)]
    day = Candle(seconds(2012, 5, 31), 1, 1, 1, 1, 1)
    calendar = Calendar([day.time], day.time, 7 * 86_400)
    histories = [History(listing, [day], calendar, IntradayStore(1)) for listing in listings]
    service = app.state.services[DatafeedService]
    app.state.services[DatafeedService] = DatafeedService(histories, service._clock)
    assert len(await datafeed.search_symbols("stock")) == 50
    assert len(await datafeed.search_symbols("stock", max_results=500)) == 500
    for user_input, max_results in (("stock", 501), ("stock", 0), ("x" * 65, 50)):
        with pytest.raises(ApiError, match="422"):
            await datafeed.search_symbols(user_input, max_results=max_results)


async def test_empty_range_has_the_time_of_the_bar_before_it(datafeed: DatafeedClient) -> None:
    weekend = await datafeed.get_bars(
        "AAPL", Resolution.DAY, seconds(2011, 5, 21), seconds(2011, 5, 23)
    )
    assert (weekend.bars, weekend.no_data) == ([], True)
    assert weekend.next_time == milliseconds(2011, 5, 20)
    before = await datafeed.get_bars("FB", Resolution.DAY, 0, seconds(2000, 1, 1))
    assert (before.no_data, before.next_time) == (True, None)


async def test_search_ranks_and_filters(datafeed: DatafeedClient) -> None:
    assert (await datafeed.search_symbols("ibm"))[0].symbol == "IBM"
    everything = await datafeed.search_symbols("")
    assert {hit.symbol for hit in everything} == {"AAPL", "FB", "GOOG", "IBM", "MSFT"}
    assert len(await datafeed.search_symbols("", max_results=2)) == 2
    assert [hit.symbol for hit in await datafeed.search_symbols("", exchange="NYSE")] == ["IBM"]
    assert await datafeed.search_symbols("", symbol_type="crypto") == []


async def test_symbols_resolve_by_name_and_ticker_in_any_case(datafeed: DatafeedClient) -> None:
    info = await datafeed.resolve_symbol("aapl")
    assert info == await datafeed.resolve_symbol("nasdaq:AAPL")
    assert (info.session, info.timezone) == ("0930-1600", "America/New_York")
    assert (info.minmov, info.pricescale) == (1, 100)
    assert "synthetic" in info.description


@pytest.mark.parametrize("symbol", ["a/b", "a:b#c", "50%", "?x=1", "größe", ".."])
async def test_unknown_symbol_is_a_problem_without_the_symbol(
    datafeed: DatafeedClient, symbol: str
) -> None:
    with pytest.raises(ApiError) as caught:
        await datafeed.resolve_symbol(symbol)
    assert caught.value.status == 404
    assert caught.value.problem is not None
    assert caught.value.problem.type == ProblemType.UNKNOWN_SYMBOL
    assert caught.value.problem.detail == "The symbol is unknown."


async def test_quotes_in_the_order_of_the_request(datafeed: DatafeedClient) -> None:
    unknown, ibm = await datafeed.get_quotes(GetQuotesRequest(symbols=["NONE", "IBM"]))
    assert (unknown.s, unknown.n, unknown.v.lp) == ("error", "NONE", None)
    assert (ibm.s, ibm.n) == ("ok", "IBM")
    values = ibm.v
    assert values.lp is not None
    assert values.bid is not None
    assert values.ask is not None
    assert values.prev_close_price is not None
    assert values.ask == pytest.approx(values.lp + 0.01)
    assert values.bid == pytest.approx(values.lp - 0.01)
    before = await datafeed.get_bars("IBM", Resolution.DAY, 0, seconds(2012, 6, 1), count_back=1)
    assert values.prev_close_price == before.bars[-1].close
    assert values.ch == pytest.approx(values.lp - values.prev_close_price)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("from_time=2&to_time=1", "from_time"),
        ("from_time=nan&to_time=1", "from_time"),
        (f"from_time={'9' * 4000}&to_time=1", "from_time"),
        ("from_time=0&to_time=1&count_back=0", "count_back"),
        ("from_time=0&to_time=1&count_back=5001", "count_back"),
        ("from_time=0&to_time=1&resolution=7", "resolution"),
    ],
)
async def test_get_bars_with_an_invalid_query_is_a_422(
    raw: httpx.AsyncClient, query: str, parameter: str
) -> None:
    prefix = "symbol=AAPL&" + ("" if "resolution" in query else "resolution=1D&")
    response = await raw.get(f"/bars?{prefix}{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["type"]) == (422, ProblemType.VALIDATION_ERROR)
    assert [error["parameter"] for error in problem["errors"]] == [parameter]
    assert "9999" not in response.text


@pytest.mark.parametrize(
    "body",
    [
        b'{"symbols": []}',
        b'{"symbols": ["\\ud800"]}',
        b'{"symbols": [NaN]}',
        b'{"symbols": ["A"], "extra": 1}',
        b"[" * 500,
    ],
)
async def test_invalid_bodies_are_problems(raw: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = await raw.post("/quotes", content=body, headers=headers)
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"
