"""Batch and stream make the same bits, whatever comes in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.batch import aggregate, coarsen
from tools.market_data.aggregation.finished import Finished, collected
from tools.market_data.aggregation.grid import Align, Grid, Hours
from tools.market_data.aggregation.items import ALL, LAST, RANGE, VOLUME
from tools.market_data.aggregation.stream import Aggregator
from tools.market_data.columns import BarColumns, TickColumns, moment_of, nanoseconds

SECOND = 10**9
# An hour before New York's opening on a Friday before a change to winter time.
FRIDAY = nanoseconds(datetime(2013, 11, 1, 12, 30, tzinfo=UTC))
GRIDS = [
    Grid(Timeframe.parse(frame), calendar, hours, align)
    for frame, calendar, hours, align in (
        ("5s", "24/7", Hours.REGULAR, Align.SESSION),
        ("1m", "XNYS", Hours.EXTENDED, Align.SESSION),
        ("1h", "XNYS", Hours.REGULAR, Align.SESSION),
        ("1h", "XNYS", Hours.EXTENDED, Align.CLOCK),
        ("1d", "24/5", Hours.REGULAR, Align.SESSION),
        ("1w", "XNYS", Hours.REGULAR, Align.SESSION),
        ("1mo", "24/7", Hours.REGULAR, Align.SESSION),
    )
]
PRICES = st.floats(-50, 200, allow_nan=False)
# Steps of time from a jump back of minutes to weekends; most are within a bar.
STEPS = st.one_of(
    st.just(0),
    st.integers(-300, 300),
    st.integers(0, 90_000),
    st.sampled_from([-90_000, 40 * 3600, 30 * 86_400, 10**6]),
)
TRADE = st.tuples(
    STEPS,
    st.sampled_from([0, 0, 0, 1, 90, 4000, -120]),
    PRICES,
    st.floats(0, 1000),
    st.sampled_from([ALL, ALL, ALL, VOLUME, RANGE | VOLUME, LAST | RANGE, 0]),
)
BITS = ("start", "known", "open", "high", "low", "close", "volume")


def tape(trades):
    time = FRIDAY + np.cumsum([step for step, *_ in trades]).astype(np.int64) * SECOND
    delay = np.array([later for _, later, *_ in trades], np.int64) * SECOND
    known = np.maximum.accumulate(np.maximum(time, time.min()) + delay)
    prices, sizes, effects = (
        np.array([trade[at] for trade in trades], kind)
        for at, kind in ((2, np.float64), (3, np.float64), (4, np.uint8))
    )
    return TickColumns("IBM", "made", known, time, prices, sizes), effects


def agree(batch, rows, stream, symbol="IBM"):
    bars, version = collected(rows, symbol, "made", stream.grid.timeframe)
    for name in BITS:
        assert getattr(batch.bars, name).tobytes() == getattr(bars, name).tobytes(), name
    assert batch.version.tolist() == version.tolist()
    for name in ("outside", "late", "too_late", "ahead"):
        assert getattr(batch, name) == getattr(stream, name), name
    assert batch.unpriced == pytest.approx(stream.unpriced)


@settings(max_examples=150, deadline=None)
@given(
    trades=st.lists(TRADE, max_size=40),
    grid=st.sampled_from(GRIDS),
    patience=st.sampled_from([0, 1, 600]),
    to_the_end=st.booleans(),
)
def test_stream_and_batch_make_the_same_bits_of_any_trades(trades, grid, patience, to_the_end):
    if not trades:
        trades = [(0, 0, 10.0, 1.0, ALL)]
    ticks, effects = tape(trades)
    wait = timedelta(seconds=patience)
    end = int(ticks.time.max()) + 40 * 86_400 * SECOND if to_the_end else None
    batch = aggregate(ticks, grid, effects, wait, None if end is None else moment_of(end))
    stream = Aggregator(grid, wait)
    rows = []
    for row in range(len(ticks)):
        rows += stream.push(
            int(ticks.time[row]),
            int(ticks.known[row]),
            float(ticks.price[row]),
            float(ticks.size[row]),
            int(effects[row]),
        )
    if end is not None:
        rows += stream.advance(end)
    agree(batch, rows, stream)


@settings(max_examples=60, deadline=None)
@given(
    closes=st.lists(st.tuples(st.integers(-3, 40), PRICES, PRICES, st.floats(0, 9)), min_size=1,
                    max_size=30),
    frame=st.sampled_from(["5m", "1h", "1d", "1w"]),
)  # fmt: skip
def test_stream_and_batch_make_the_same_bits_of_any_shorter_bars(closes, frame):
    minute = Timeframe.parse("1m")
    opened = FRIDAY + 3600 * SECOND
    start = opened + np.maximum(np.cumsum([c[0] for c in closes]), 0).astype(np.int64) * 60 * SECOND
    known = np.maximum.accumulate(start + 60 * SECOND)
    a, b = (np.array([c[i] for c in closes]) for i in (1, 2))
    volume = np.array([c[3] for c in closes])
    bars = BarColumns("IBM", "made", known, minute, start, a, np.maximum(a, b), np.minimum(a, b), b,
                      volume)  # fmt: skip
    grid = Grid(Timeframe.parse(frame), "XNYS")
    until = moment_of(int(known[-1]) + 30 * 86_400 * SECOND)
    batch = coarsen(bars, grid, until=until)
    stream, rows = Aggregator(grid), []
    for row in range(len(bars)):
        bar = [getattr(bars, name)[row].item() for name in BITS]
        one = Finished(bar[0], bar[0] + 60 * SECOND, bar[1], *bar[2:], 0)
        rows += stream.push_bar(one, minute)
    rows += stream.advance(nanoseconds(until))
    agree(batch, rows, stream)


@settings(max_examples=40, deadline=None)
@given(trades=st.lists(st.tuples(st.integers(0, 200), PRICES), min_size=1, max_size=60))
def test_trades_to_hours_are_trades_to_minutes_to_hours(trades):
    # Whole sizes: their sums are exact in any order, so only prices and times are at stake.
    ticks, _ = tape([(step, 0, price, 100.0, ALL) for step, price in trades])
    end = moment_of(int(ticks.time[-1]) + 7 * 86_400 * SECOND)
    minutes = aggregate(ticks, Grid(Timeframe.parse("1m"), "XNYS"), until=end).bars
    hours = Grid(Timeframe.parse("1h"), "XNYS")
    direct, through = aggregate(ticks, hours, until=end).bars, coarsen(minutes, hours, until=end)
    for name in BITS:
        assert getattr(direct, name).tobytes() == getattr(through.bars, name).tobytes(), name


@settings(max_examples=60, deadline=None)
@given(trades=st.lists(TRADE, min_size=2, max_size=40), cut=st.integers(1, 39))
def test_what_comes_later_changes_no_bar_that_was_given(trades, cut):
    ticks, effects = tape(trades)
    grid = GRIDS[1]
    cut = min(cut, len(ticks) - 1)
    before = aggregate(ticks.rows(0, cut), grid, effects[:cut])
    after = aggregate(ticks, grid, effects)
    given_before = {
        tuple(getattr(before.bars, n)[i] for n in BITS) for i in range(len(before.bars))
    }
    given_after = {tuple(getattr(after.bars, n)[i] for n in BITS) for i in range(len(after.bars))}
    assert given_before <= given_after
