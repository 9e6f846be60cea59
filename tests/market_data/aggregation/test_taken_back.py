"""Trades taken back, and bars that their source settles: later versions, known later."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.market_data.aggregation.test_lateness import OPEN, SECOND, trades
from tools.domain.errors import InputError
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.batch import aggregate, coarsen
from tools.market_data.aggregation.corrections import Correction, corrected
from tools.market_data.aggregation.finished import Finished, collected
from tools.market_data.aggregation.grid import Grid
from tools.market_data.aggregation.stream import Aggregator
from tools.market_data.columns import moment_of

MINUTE, FIVE = Timeframe.parse("1m"), Timeframe.parse("5m")
KEPT = 1000


def pushed(ticks, corrections=(), kept=KEPT):
    """All rows that a stream gives, everything in the order it was known."""
    stream, rows = Aggregator(Grid(MINUTE, "XNYS"), kept=kept), []
    told = [(int(ticks.known[n]), 0, n) for n in range(len(ticks))]
    told += [(wrong.known, 1, wrong) for wrong in corrections]
    for _, _, one in sorted(told, key=lambda each: each[:2]):
        if isinstance(one, Correction):
            rows += stream.advance(one.known) + stream.correct(one)
        else:
            row = (ticks.time[one], ticks.known[one], ticks.price[one], ticks.size[one])
            rows += stream.push(*(value.item() for value in row))
    return [*rows, *stream.advance(OPEN + 3600 * SECOND)], stream


def standing(rows, moment):
    """The figures of each bar that stand at a moment."""
    known = sorted((row for row in rows if row.known <= moment), key=lambda row: row.known)
    last = {row.start: row[3:8] for row in known}
    return {start: values for start, values in last.items() if values[3] == values[3]}


def rows_of(bars):
    return [
        Finished(*(int(bars.start[n]), 0, int(bars.known[n])), *(
            float(getattr(bars, name)[n]) for name in ("open", "high", "low", "close", "volume")
        ), 0)
        for n in range(len(bars))
    ]  # fmt: skip


TRADES = st.lists(
    st.tuples(st.integers(0, 40), st.floats(1, 200), st.floats(0, 1000)), min_size=1, max_size=40
)
WRONG = st.lists(
    st.tuples(
        st.integers(0, 39), st.integers(0, 600), st.one_of(st.none(), st.floats(1, 200)),
        st.one_of(st.none(), st.floats(0, 1000)),
    ), max_size=5, unique_by=lambda one: one[0],
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(told=TRADES, wrong=WRONG)
def test_a_stream_with_trades_taken_back_stands_bit_for_bit_as_the_batch(told, wrong):
    second = np.cumsum([gap for gap, *_ in told]).tolist()
    ticks = trades(*((at, at, *rest) for at, (_, *rest) in zip(second, told, strict=True)))
    corrections, seen = [], set()
    for some, later, price, size in wrong:
        row = some % len(ticks)
        key = (int(ticks.time[row]), float(ticks.price[row]), float(ticks.size[row]))
        if key in seen:
            continue
        seen.add(key)
        corrections.append(Correction(*key, int(ticks.time[row]) + later * SECOND, price, size))
    rows, _ = pushed(ticks, corrections)
    end = OPEN + 3600 * SECOND
    first = aggregate(ticks, Grid(MINUTE, "XNYS"), until=moment_of(end)).bars
    try:
        _, again = corrected(ticks, corrections, Grid(MINUTE, "XNYS"))
    except InputError:  # a correction turned one trade into another that is taken back as well
        return
    batch = rows_of(first) + rows_of(again)
    for moment in {row.known for row in rows} | {end}:
        assert standing(rows, moment) == standing(batch, moment)


def test_what_stood_before_a_trade_was_taken_back_stands_as_of_then():
    ticks = trades((1, 1, 10, 5), (2, 2, 99, 5), (3, 3, 11, 5), (61, 61, 9, 1))
    wrong = Correction(OPEN + 2 * SECOND, 99.0, 5.0, OPEN + 300 * SECOND)
    rows, _ = pushed(ticks, [wrong])
    assert standing(rows, OPEN + 299 * SECOND)[OPEN] == (10, 99, 10, 11, 15)
    assert standing(rows, OPEN + 300 * SECOND)[OPEN] == (10, 11, 10, 11, 10)
    assert [row.version for row in rows if row.start == OPEN] == [0, 1]


def test_a_trade_taken_back_within_its_minute_was_never_in_the_bar():
    ticks = trades((1, 1, 10, 5), (2, 2, 99, 5), (61, 61, 9, 1))
    rows, _ = pushed(ticks, [Correction(OPEN + 2 * SECOND, 99.0, 5.0, OPEN + 30 * SECOND)])
    assert [row[3:9] for row in rows if row.start == OPEN] == [(10, 10, 10, 10, 5, 0)]


def test_a_bar_of_which_nothing_is_left_has_no_price_and_may_be_one_again():
    ticks = trades((1, 1, 10, 5), (61, 61, 9, 1), (2, 90, 12, 1))
    rows, _ = pushed(ticks, [Correction(OPEN + SECOND, 10.0, 5.0, OPEN + 70 * SECOND)])
    first, gone, again = (row for row in rows if row.start == OPEN)
    assert (gone.volume, gone.version, gone.known) == (0, 1, OPEN + 70 * SECOND)
    assert np.isnan(gone.close)
    assert again[3:9] == (12, 12, 12, 12, 1, 2)
    assert first.close == 10


def test_only_so_many_trades_are_held_and_a_correction_of_older_ones_is_refused():
    ticks = trades(*((n, n, 10 + n / 100, 1) for n in range(3000)))
    _, stream = pushed(ticks, kept=500)
    assert 440 < stream._held <= 500
    late = Correction(OPEN + 5 * SECOND, 10.05, 1.0, OPEN + 3600 * SECOND)
    with pytest.raises(InputError, match="isn't held"):
        stream.correct(late)


def theirs(start, *values, known):
    begins = OPEN + start * SECOND
    return Finished(begins, begins + 60 * SECOND, OPEN + known * SECOND, *map(float, values), 0)


def test_a_bar_that_its_source_settles_is_a_later_version_and_late_trades_change_it_no_more():
    stream = Aggregator(Grid(MINUTE, "XNYS"), kept=KEPT)
    for second in (1, 61):
        rows = stream.push(OPEN + second * SECOND, OPEN + second * SECOND, 10.0 + second, 5.0)
    assert [row[3:9] for row in rows] == [(11, 11, 11, 11, 5, 0)]
    (settled,) = stream.settle(theirs(0, 10, 12, 9, 11, 40, known=62))
    assert settled[2:9] == (OPEN + 62 * SECOND, 10, 12, 9, 11, 40, 1)
    assert stream.push(OPEN + 30 * SECOND, OPEN + 63 * SECOND, 99.0, 1.0) == []
    assert stream.late == 1
    (again,) = stream.settle(theirs(0, 10, 99, 9, 11, 41, known=95))
    assert (again.high, again.version) == (99, 2)


def test_a_bar_that_its_source_tells_first_or_tells_the_same_is_told_once():
    stream = Aggregator(Grid(MINUTE, "XNYS"))
    stream.push(OPEN + SECOND, OPEN + SECOND, 10.0, 5.0)
    (first,) = stream.settle(theirs(0, 10, 12, 9, 11, 40, known=60))
    assert first[3:9] == (10, 12, 9, 11, 40, 0)
    assert stream.push(OPEN + 61 * SECOND, OPEN + 61 * SECOND, 9.0, 1.0) == []
    assert [row[3:9] for row in stream.advance(OPEN + 120 * SECOND)] == [(9, 9, 9, 9, 1, 0)]
    assert stream.settle(theirs(60, 9, 9, 9, 9, 1, known=121)) == []


def test_a_bar_of_another_length_or_outside_the_hours_settles_nothing():
    stream = Aggregator(Grid(MINUTE, "XNYS"))
    with pytest.raises(InputError, match="none of 1m"):
        stream.settle(theirs(0, 1, 1, 1, 1, 1, known=60)._replace(end=OPEN + 300 * SECOND))
    assert stream.settle(theirs(-3600, 1, 1, 1, 1, 1, known=60)) == []
    assert stream.outside == 1


@settings(max_examples=40, deadline=None)
@given(told=TRADES, wrong=WRONG)
def test_longer_bars_follow_every_version_as_the_batch_does(told, wrong):
    second = np.cumsum([gap for gap, *_ in told]).tolist()
    ticks = trades(*((at, at, *rest) for at, (_, *rest) in zip(second, told, strict=True)))
    taken = [
        Correction(*(ticks.time[r % len(ticks)].item(), ticks.price[r % len(ticks)].item(),
                     ticks.size[r % len(ticks)].item()),
                   ticks.time[r % len(ticks)].item() + (later + 1) * SECOND, price or 1.0, size)
        for r, later, price, size in wrong[:1]
    ]  # fmt: skip
    rows, _ = pushed(ticks, taken)
    rows.sort(key=lambda row: (row.known, row.start, row.version))
    grid, found = Grid(FIVE, "XNYS"), []
    stream = Aggregator(grid)
    for row in rows:
        found += stream.push_bar(row, MINUTE)
    minutes, _ = collected(rows, "IBM", "made", MINUTE)
    batch = coarsen(minutes, grid)
    longer, version = collected(found, "IBM", "made", FIVE)
    for name in ("start", "known", "open", "high", "low", "close", "volume"):
        assert getattr(batch.bars, name).tobytes() == getattr(longer, name).tobytes(), name
    assert batch.version.tolist() == version.tolist()


def test_a_minute_that_is_gone_leaves_the_longer_bar():
    stream = Aggregator(Grid(FIVE, "XNYS"))
    for minute, price in ((0, 10), (1, 20), (5, 30)):
        one = theirs(60 * minute, price, price, price, price, 5, known=60 * minute + 60)
        rows = stream.push_bar(one, MINUTE)
    assert [row[3:9] for row in rows] == [(10, 20, 10, 20, 10, 0)]
    nan = float("nan")
    gone = theirs(60, nan, nan, nan, nan, 0, known=900)
    (again,) = stream.push_bar(gone, MINUTE)
    assert again[2:9] == (OPEN + 900 * SECOND, 10, 10, 10, 10, 5, 1)
    assert stream.push_bar(gone, MINUTE) == []


def test_a_source_that_settles_a_patient_bar_ends_the_waiting():
    stream = Aggregator(Grid(MINUTE, "XNYS"), timedelta(seconds=30))
    stream.push(OPEN + SECOND, OPEN + SECOND, 10.0, 5.0)
    (settled,) = stream.settle(theirs(0, 10, 12, 9, 11, 40, known=61))
    assert (settled.version, settled.known) == (0, OPEN + 90 * SECOND)
    assert stream.advance(OPEN + 600 * SECOND) == []
