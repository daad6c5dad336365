"""The replay on a clock that the test moves: sessions, forming bars, live updates, end of data."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from trading_api.models import Bar, QuoteData, Resolution
from trading_api.modules.datafeed.candles import Candle, aggregate
from trading_api.modules.datafeed.intraday import synthesize_minutes
from trading_api.modules.datafeed.replay import WallClock
from trading_api.modules.datafeed.service import DatafeedService, build_service
from trading_api.modules.datafeed.settings import DATA_DIR, DatafeedSettings
from trading_api.modules.datafeed.source import CsvSource
from trading_api.shared.problems import ProblemError
from trading_api.shared.settings import InvalidSettingError

T = TypeVar("T")

SESSION = 23_400  # seconds
OPEN = 1_338_557_400  # 2012-06-01 13:30 UTC, 09:30 in New York


class ManualTime:
    """A time source that only the test advances."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        self._advanced = asyncio.Condition()

    def elapsed(self) -> float:
        return self._elapsed

    async def wait_until(self, elapsed: float) -> None:
        async with self._advanced:
            await self._advanced.wait_for(lambda: self._elapsed >= elapsed)

    async def advance(self, seconds: float) -> None:
        async with self._advanced:
            self._elapsed += seconds
            self._advanced.notify_all()


def replay(time: ManualTime, start: date = date(2012, 6, 1)) -> DatafeedService:
    return build_service(DatafeedSettings(speed=1, replay_start=start), time)


def newest(service: DatafeedService, resolution: Resolution) -> Bar:
    return service.get_bars("AAPL", resolution, 0, 2**32, 1).bars[-1]


async def upcoming(updates: AsyncIterator[T]) -> T:
    async with asyncio.timeout(5):  # fail rather than hang if there is no update
        return await anext(updates)


async def after(time: ManualTime, seconds: float, updates: AsyncIterator[T]) -> T:
    await time.advance(seconds)
    return await upcoming(updates)


async def test_default_replay_starts_nine_months_before_the_end_at_60_times_real_time() -> None:
    time = ManualTime()
    service = build_service(DatafeedSettings(), time)
    assert service.get_server_time() == OPEN
    await time.advance(1)
    assert service.get_server_time() == OPEN + 60


def test_default_seed_is_1() -> None:
    default, one, two = (
        newest(build_service(settings, ManualTime()), Resolution.MINUTE)
        for settings in (DatafeedSettings(), DatafeedSettings(seed=1), DatafeedSettings(seed=2))
    )
    assert default == one != two


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("replay_epoch", ("2026-11-01", "2026-11-01T00:00")),
        ("speed", (0, 86_401)),
        ("seed", (-1, 2**63)),
        ("source", ("no.such.Class",)),
    ],
)
def test_settings_outside_their_range_raise(setting: str, values: tuple[object, ...]) -> None:
    for value in values:
        with pytest.raises(InvalidSettingError, match=f"^DATAFEED_{setting.upper()}={value}: "):
            DatafeedSettings(**{setting: value})
    assert DatafeedSettings(speed=86_400, seed=2**63 - 1).speed == 86_400


async def test_time_jumps_from_the_close_to_the_next_open() -> None:
    time = ManualTime()
    service = replay(time)
    assert service.get_server_time() == OPEN
    await time.advance(SESSION - 1)
    assert service.get_server_time() == OPEN + SESSION - 1
    await time.advance(1)  # a Friday; the next session is on Monday
    assert service.get_server_time() == OPEN + 3 * 86_400


async def test_forming_bars_add_up_the_minutes_so_far() -> None:
    time = ManualTime()
    service = replay(time)
    await time.advance(100 * 60 + 37)
    minutes = service.get_bars("AAPL", Resolution.MINUTE, OPEN, 2**32, None).bars
    assert len(minutes) == 101
    day = newest(service, Resolution.DAY)
    assert (day.open, day.close) == (minutes[0].open, minutes[-1].close)
    assert day.high == max(bar.high for bar in minutes)
    assert day.low == min(bar.low for bar in minutes)
    assert day.volume == sum(bar.volume for bar in minutes)
    assert newest(service, Resolution.MONTH).volume == day.volume
    (quote,) = service.get_quotes(["AAPL"])
    assert (quote.v.lp, quote.v.high_price, quote.v.volume) == (day.close, day.high, day.volume)


async def test_closed_bar_is_pushed_before_the_next_one() -> None:
    time = ManualTime()
    service = replay(time)
    updates = service.watch_bars("AAPL", Resolution.MINUTE)
    pushed = [await upcoming(updates)]
    pushed += [await after(time, 15, updates) for _ in range(4)]
    # The closed bar is pushed again, because steps may have been missed.
    first, closed, opened = pushed[0], pushed[4], await upcoming(updates)
    assert first.time == closed.time == OPEN * 1000
    assert first.open == first.high == first.low == first.close
    assert [bar.volume for bar in pushed[:4]] == sorted({bar.volume for bar in pushed})
    assert opened.time == closed.time + 60_000
    minutes = service.get_bars("AAPL", Resolution.MINUTE, OPEN, 2**32, None).bars
    assert closed == minutes[0]
    assert opened.open == closed.close


async def test_missed_bars_are_pushed_in_order() -> None:
    time = ManualTime()
    service = replay(time)
    updates = service.watch_bars("AAPL", Resolution.MINUTE)
    await upcoming(updates)
    pushed = [await after(time, 150, updates), await upcoming(updates), await upcoming(updates)]
    assert pushed == service.get_bars("AAPL", Resolution.MINUTE, OPEN, 2**32, None).bars


async def test_quotes_are_pushed_once_a_minute_or_at_each_step() -> None:
    time = ManualTime()
    updates = replay(time).watch_quotes(["AAPL"], ["IBM"])
    pushed: list[QuoteData] = [await upcoming(updates), await upcoming(updates)]
    pushed += [await after(time, 15, updates) for _ in range(4)]
    pushed.append(await upcoming(updates))
    assert [quote.n for quote in pushed] == ["IBM", "AAPL", "IBM", "IBM", "IBM", "IBM", "AAPL"]


async def test_days_of_the_replay_repeat_at_later_dates_after_the_end_of_the_data() -> None:
    time = ManualTime()
    service = replay(time, date(2013, 2, 25))  # a Monday; the data ends on Friday
    updates = service.watch_bars("AAPL", Resolution.DAY)
    first = await upcoming(updates)
    await time.advance(5 * SESSION - 1)
    last = newest(service, Resolution.DAY)
    assert (last.close, last.volume) == (56.14, 19_730_300)
    assert service.get_server_time() == 1_362_148_200 + SESSION - 1  # 2013-03-01

    await time.advance(1)
    assert service.get_server_time() == 1_362_148_200 + 3 * 86_400
    history = service.get_bars("AAPL", Resolution.DAY, 0, 2**32, 6).bars
    assert [bar.time for bar in history] == sorted(bar.time for bar in history)
    assert (history[-2].time, history[-1].time) == (last.time, first.time + 7 * 86_400_000)
    assert history[-1].open == history[0].open == first.open
    week, previous = service.get_bars("AAPL", Resolution.WEEK, 0, 2**32, 2).bars[::-1]
    assert (week.open, previous.close) == (first.open, last.close)
    minutes = service.get_bars("AAPL", Resolution.MINUTE, 0, 2**32, 391).bars
    assert minutes[-1].time == service.get_server_time() * 1000
    assert minutes[0].time == 1_362_148_200_000


async def test_clock_stops_before_the_year_9999() -> None:
    time = ManualTime()
    service = replay(time, date(2013, 3, 1))
    await time.advance(1e11)
    assert datetime.fromtimestamp(service.get_server_time(), UTC).date() == date(9999, 1, 1)
    assert newest(service, Resolution.MONTH).close == 56.14
    updates = service.watch_bars("AAPL", Resolution.DAY)
    await upcoming(updates)
    waiting = asyncio.ensure_future(anext(updates))
    await time.advance(SESSION)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_services_started_at_different_moments_have_the_same_prices() -> None:
    time = ManualTime()
    early = replay(time)
    for seconds in (1000, 17.3, 40 * SESSION, 200 * SESSION + 0.5):
        await time.advance(seconds)
        late = replay(time)
        assert late.get_server_time() == early.get_server_time()
        assert late.get_quotes(["AAPL", "IBM"]) == early.get_quotes(["AAPL", "IBM"])
        for resolution in Resolution:
            assert newest(late, resolution) == newest(early, resolution)


async def test_replay_stands_still_before_its_epoch() -> None:
    time = ManualTime()
    await time.advance(-1000)
    assert replay(time).get_server_time() == OPEN


def test_wall_clock_that_is_set_back_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    epoch = datetime(2026, 11, 1, tzinfo=UTC)
    clock = WallClock(epoch)
    for now, elapsed in ((50.0, 50.0), (40.0, 50.0), (60.0, 60.0)):
        monkeypatch.setattr("time.time", lambda now=now: epoch.timestamp() + now)
        assert clock.elapsed() == elapsed


def test_default_epoch_is_in_november_2026() -> None:
    assert DatafeedSettings().replay_epoch == datetime(2026, 11, 1, tzinfo=UTC)


async def test_stock_is_unknown_before_its_first_day() -> None:
    time = ManualTime()
    service = replay(time, date(2012, 5, 17))
    assert "FB" not in {info.name for info in service.get_symbols(None, None)}
    with pytest.raises(ProblemError, match="unknown") as caught:
        service.resolve_symbol("FB")
    assert caught.value.problem.type == "urn:problem-type:unknown-symbol"
    await time.advance(SESSION)
    assert service.resolve_symbol("FB").ticker == "NASDAQ:FB"
    assert service.get_quotes(["FB"])[0].v.prev_close_price is None


@pytest.mark.parametrize("ticker", ["AAPL", "FB", "MSFT"])
def test_minutes_add_up_to_their_day(ticker: str) -> None:
    source = CsvSource(str(DATA_DIR))
    (listing,) = [one for one in source.listings() if one.name == ticker]
    for day in source.daily_history(listing)[::40]:
        minutes = synthesize_minutes(1, ticker, day)
        assert len(minutes) == 390
        assert aggregate(minutes)._replace(time=day.time) == day
        for minute in minutes:
            assert minute.low <= min(minute.open, minute.close)
            assert max(minute.open, minute.close) <= minute.high
            assert minute.volume >= 0


def test_minutes_depend_only_on_seed_symbol_and_day() -> None:
    day = Candle(1_338_508_800, 7314, 7359, 7203, 7210, 18_606_700)
    assert synthesize_minutes(1, "AAPL", day) == synthesize_minutes(1, "AAPL", day)
    assert synthesize_minutes(1, "AAPL", day) != synthesize_minutes(2, "AAPL", day)
    assert synthesize_minutes(1, "AAPL", day) != synthesize_minutes(1, "IBM", day)
    flat = Candle(1_338_508_800, 7314, 7314, 7314, 7314, 3)
    assert aggregate(synthesize_minutes(1, "AAPL", flat))[1:] == flat[1:]


@pytest.mark.parametrize("start", [date(2000, 2, 29), date(2013, 3, 2)])
def test_start_outside_the_data_raises(start: date) -> None:
    message = f"DATAFEED_REPLAY_START={start}: is not within 2000-03-01 to 2013-03-01"
    with pytest.raises(InvalidSettingError, match=message):
        build_service(DatafeedSettings(replay_start=start), ManualTime())


def test_ticker_without_listing_raises(tmp_path: Path) -> None:
    (tmp_path / "stocks.csv.gz").write_bytes((DATA_DIR / "stocks.csv.gz").read_bytes())
    (tmp_path / "listings.csv").write_text("Ticker,Exchange,Description\nAAPL,NASDAQ,Apple Inc.\n")
    with pytest.raises(ValueError, match="FB, GOOG, IBM, MSFT"):
        CsvSource(str(tmp_path))
