"""Several timeframes in one run: finished bars of bars, as ``aggregation`` makes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.past import bars_of, market, ran, walk, written
from tests.backtest.pricefiles import days, minutes
from tests.backtest.pricefiles import ran as ran_on
from tests.backtest.ticking import Ticking, drawn, played
from tests.doubles import FakeMarket
from tools.backtest.context import Context
from tools.backtest.seen import Seen
from tools.backtest.series import from_bars
from tools.domain.errors import InputError
from tools.domain.timeframe import DAILY, Timeframe
from tools.market_data.aggregation.batch import coarsen
from tools.market_data.aggregation.grid import Grid
from tools.market_data.columns import BarColumns, moment_of, nanoseconds
from tools.market_data.symbols import listing

IBM = listing("IBM", "IBM", "XNYS")
COLUMNS = ("opens", "highs", "lows", "closes", "volumes")


def seen_to(bars, count):
    """A context that was shown the first ``count`` bars."""
    series = from_bars(IBM, "made", bars)
    seen = Seen("IBM")
    context = Context({"IBM": seen}, 0.0)
    for row, at in zip(series.values[:count].tolist(), series.known[:count].tolist(), strict=True):
        seen.show(row, at)
        context.begin(at, ("IBM",))
    return context


def batch(bars, count, timeframe):
    """The same from ``aggregation``, all at once."""
    shown = bars[:count]
    times = [np.array([nanoseconds(getattr(bar, name)) for bar in shown], np.int64)
             for name in ("known_at", "event_time")]  # fmt: skip
    prices = [np.array([float(getattr(bar, name)) for bar in shown])
              for name in ("open", "high", "low", "close", "volume")]  # fmt: skip
    columns = BarColumns("IBM", "made", times[0], DAILY, times[1], *prices)
    grid = Grid(Timeframe.parse(timeframe), "XNYS")
    return coarsen(columns, grid, until=moment_of(times[0][-1])).bars


@settings(max_examples=25)
@given(seed=st.integers(0, 999), count=st.integers(3, 120), timeframe=st.sampled_from(
    ["1w", "1mo", "2d", "5d"]), gone=st.sets(st.integers(0, 119), max_size=30))  # fmt: skip
def test_they_are_those_of_aggregation_bit_for_bit(seed, count, timeframe, gone):
    bars = [bar for n, bar in enumerate(bars_of("IBM", walk(121, seed))) if n not in gone]
    count = min(count, len(bars))
    context, made = seen_to(bars, count), batch(bars, count, timeframe)
    assert context.bars("IBM", timeframe) == len(made)
    for name, column in zip(COLUMNS, ("open", "high", "low", "close", "volume"), strict=True):
        found = getattr(context, name)("IBM", 500, timeframe=timeframe)
        assert found.tolist() == getattr(made, column).tolist()


@settings(max_examples=15)
@given(seed=st.integers(0, 999), count=st.integers(3, 90))
def test_the_future_does_not_change_them_and_asking_often_does_not_either(seed, count):
    bars = bars_of("IBM", walk(100, seed))
    other = bars[:count] + bars_of("IBM", walk(100, seed + 1))[count:]
    asked = []
    for past in (bars, other):
        context = seen_to(past, 0)
        series = from_bars(IBM, "made", past)
        seen = context._seen["IBM"]
        for row, at in zip(series.values.tolist(), series.known.tolist(), strict=True):
            seen.show(row, at)
            context.begin(at, ("IBM",))
            asked.append(context.closes("IBM", 500, timeframe="1w").tolist())
    assert asked[:count] == asked[100 : 100 + count]
    assert asked[count - 1] == seen_to(bars, count).closes("IBM", 500, timeframe="1w").tolist()


def test_a_week_is_finished_at_its_last_close_and_not_before():
    bars = bars_of("IBM", walk(10))  # Monday 2010-01-04 to Friday 2010-01-15
    assert bars[4].session == date(2010, 1, 8)
    assert [seen_to(bars, n).bars("IBM", "1w") for n in (4, 5, 9, 10)] == [0, 1, 1, 2]


def test_they_are_free_of_splits():
    bars = bars_of("IBM", [100.0] * 7 + [50.0] * 8)
    flat = ("open", "high", "low")
    bars = [
        replace(bar, **dict.fromkeys(flat, bar.close), adjusted_close=bars[-1].close)
        for bar in bars
    ]
    assert seen_to(bars, 15).closes("IBM", 9, timeframe="1w").tolist() == [50.0, 50.0, 50.0]
    assert seen_to(bars, 7).closes("IBM", 9, timeframe="1w").tolist() == [100.0]


def test_a_strategy_has_them_in_a_run_of_minutes(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "prices"
    folder.mkdir()
    days(folder, bars_of("IBM", walk(38)))
    closes = [round(price, 2) for price in walk(390, 2)]
    for day in ("01", "02"):
        minutes(folder, f"2010-03-{day}T14:30:00+00:00", closes)
    body = """
hours, n = context.closes('IBM', 50, timeframe='1h'), context.bars('IBM')
assert len(hours) == n // 390 * 7 + n % 390 // 60, (n, hours)
assert len(context.closes('IBM', 5, timeframe='1d')) == n // 390
if n == 770:
    context.order('IBM', 10 if context.indicator('IBM', 'sma_3', timeframe='1h') > 0 else -10)"""
    args = ("-s", "IBM", "--timeframe", "1m")
    run = ran_on(monkeypatch, capsys, folder, written(tmp_path, body), *args)
    assert len(run["fills"]) == 1


def test_a_strategy_has_them_in_a_run_on_quotes(tmp_path):
    past = Ticking({"IBM": bars_of("IBM", walk(38))}, quoted=[drawn(600)])
    body = "if context.bars('IBM', '1m') == 5 and not context.position('IBM'):\n"
    body += "    context.order('IBM', 100)"
    assert played(past, body, tmp_path)["fills"]


@pytest.mark.parametrize(("timeframe", "said"), [
    ("1h", "can't be made from bars of 1d"), ("soon", "is no timeframe"),
])  # fmt: skip
def test_what_can_t_be_made_is_told_with_its_line(tmp_path, timeframe, said):
    path = written(tmp_path, f"context.closes('IBM', 5, timeframe={timeframe!r})")
    with pytest.raises(InputError, match=f"mine.py, line 11: .*{said}"):
        ran(market(10), path)


def test_runs_whose_later_prices_differ_trade_the_same_before(tmp_path):
    path = written(
        tmp_path,
        "if context.bars('IBM') % 4 == 0:\n"
        "    context.order('IBM', int(context.closes('IBM', 3, '1w').sum() * 100) % 7 - 3)",
    )
    closes = walk(60)
    runs = [ran(FakeMarket({"IBM": bars_of("IBM", one)}), path)
            for one in (closes, closes[:40] + [price * 2 for price in closes[40:]])]  # fmt: skip
    limit = bars_of("IBM", closes)[40].event_time.isoformat()
    first, second = ([f for f in run["fills"] if f["at"] < limit] for run in runs)
    assert first == second
    assert first
