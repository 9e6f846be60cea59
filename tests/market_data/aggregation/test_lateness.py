"""Trades that come late, out of order, or are taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from tools.domain.errors import InputError
from tools.domain.market import Tick
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.batch import aggregate, coarsen
from tools.market_data.aggregation.conditions import TABLE, Plan, by_size, effect, effects
from tools.market_data.aggregation.corrections import Correction, corrected
from tools.market_data.aggregation.grid import Grid
from tools.market_data.aggregation.items import ALL, LAST, RANGE, VOLUME
from tools.market_data.aggregation.stream import Aggregator
from tools.market_data.columns import TickColumns, moment_of, nanoseconds
from tools.market_data.sessions import session_on

MINUTE = Timeframe.parse("1m")
OPEN = nanoseconds(datetime(2013, 10, 7, 13, 30, tzinfo=UTC))
SECOND = 10**9


def trades(*rows):
    """Rows of (second after the opening, second known, price, size)."""
    time, known, price, size = zip(*rows, strict=True)
    seconds = [OPEN + np.array(column, np.int64) * SECOND for column in (known, time)]
    return TickColumns("IBM", "made", *seconds, np.array(price, float), np.array(size, float))


def told(bars):
    return [
        ((s - OPEN) // SECOND, (k - OPEN) // SECOND, o, h, lo, c, v)
        for s, k, o, h, lo, c, v in zip(
            bars.start, bars.known, bars.open, bars.high, bars.low, bars.close, bars.volume,
            strict=True,
        )
    ]  # fmt: skip


def test_a_bar_is_known_at_its_end():
    made = aggregate(trades((1, 1, 10, 5), (2, 2, 11, 5), (61, 61, 9, 1)), Grid(MINUTE, "XNYS"))
    assert told(made.bars) == [(0, 60, 10, 11, 10, 11, 10)]


def test_a_late_trade_makes_a_second_version_known_when_it_came():
    ticks = trades((1, 1, 10, 5), (61, 61, 9, 1), (30, 75, 12, 7), (121, 121, 9, 1))
    made = aggregate(ticks, Grid(MINUTE, "XNYS"))
    assert told(made.bars) == [
        (0, 60, 10, 10, 10, 10, 5),
        (0, 75, 10, 12, 10, 12, 12),
        (60, 120, 9, 9, 9, 9, 1),
    ]
    assert made.version.tolist() == [0, 1, 0]
    assert made.late == 1
    before = made.bars.as_of(moment_of(OPEN + 74 * SECOND))
    assert told(before) == [(0, 60, 10, 10, 10, 10, 5)]


def test_patience_waits_for_the_late_and_says_so_in_when_the_bar_is_known():
    ticks = trades((1, 1, 10, 5), (61, 61, 9, 1), (30, 75, 12, 7), (121, 121, 9, 1))
    made = aggregate(ticks, Grid(MINUTE, "XNYS"), patience=timedelta(seconds=30))
    assert told(made.bars) == [(0, 90, 10, 12, 10, 12, 12)]
    assert made.late == 0


def test_open_and_close_go_by_the_time_of_the_trades_and_not_by_their_arrival():
    made = aggregate(
        trades((30, 30, 12, 1), (1, 31, 10, 1), (20, 32, 11, 1), (60, 60, 9, 1)),
        Grid(MINUTE, "XNYS"),
    )
    assert told(made.bars) == [(0, 60, 10, 12, 10, 12, 3)]


def test_of_trades_in_the_same_moment_the_first_to_come_opens_and_the_last_closes():
    ticks = trades((1, 1, 10, 1), (1, 1, 12, 1), (59, 59, 13, 1), (59, 59, 11, 1), (60, 60, 9, 1))
    stream, rows = Aggregator(Grid(MINUTE, "XNYS")), []
    for row in range(len(ticks)):
        rows += stream.push(ticks.time[row], ticks.known[row], ticks.price[row], 1.0)
    assert [(bar.open, bar.close) for bar in rows] == [(10, 11)]
    assert told(aggregate(ticks, Grid(MINUTE, "XNYS")).bars) == [(0, 60, 10, 13, 10, 11, 4)]


def test_a_delayed_tape_makes_bars_that_are_known_late_and_only_once():
    delay = 900
    ticks = trades(*((t, t + delay, 10 + t, 1) for t in (1, 20, 59, 61, 130)))
    made = aggregate(ticks, Grid(MINUTE, "XNYS"))
    assert told(made.bars) == [(0, 959, 11, 69, 11, 69, 3), (60, 961, 71, 71, 71, 71, 1)]


def test_a_trade_from_the_future_closes_nothing():
    ticks = trades((1, 1, 10, 5), (3600, 2, 99, 5), (3, 3, 11, 5), (60, 60, 9, 1))
    made = aggregate(ticks, Grid(MINUTE, "XNYS"))
    assert told(made.bars) == [(0, 60, 10, 11, 10, 11, 10)]
    assert made.ahead == 1


def test_nothing_is_left_out_uncounted():
    day = 86_400
    ticks = trades((-60, 0, 1, 1), (1, 1, 10, 5), (2 * day, 2 * day, 9, 1), (2, 2 * day, 8, 1),
                   (day, 2 * day, 7, 2))  # fmt: skip
    made = aggregate(ticks, Grid(MINUTE, "XNYS"))
    assert (made.outside, made.too_late, made.late, made.ahead) == (1, 1, 1, 0)


def test_no_trades_make_no_bars():
    none = trades((1, 1, 1, 1)).rows(0, 0)
    assert len(aggregate(none, Grid(MINUTE, "XNYS")).bars) == 0
    assert Aggregator(Grid(MINUTE, "XNYS")).advance(OPEN) == []


@pytest.mark.parametrize("price", [float("nan"), float("inf")])
def test_a_price_that_is_no_number_is_refused_and_changes_nothing(price):
    grid = Grid(MINUTE, "XNYS")
    with pytest.raises(InputError, match=r"row 1 is .*clean"):
        aggregate(trades((1, 1, 10, 1), (2, 2, price, 1)), grid)
    stream = Aggregator(grid)
    stream.push(OPEN, OPEN, 10, 1)
    with pytest.raises(InputError, match="can't make a bar"):
        stream.push(OPEN + 1, OPEN + 1, price, 1)
    (bar,) = stream.advance(OPEN + 60 * SECOND)
    assert (bar.close, bar.volume) == (10, 1)


def test_prices_below_zero_are_prices():
    made = aggregate(trades((1, 1, -37.63, 5), (61, 61, 9, 1)), Grid(MINUTE, "XNYS"))
    assert told(made.bars) == [(0, 60, -37.63, -37.63, -37.63, -37.63, 5)]


def test_a_tick_of_decimals_is_the_same_trade():
    moment = moment_of(OPEN)
    tick = Tick("IBM", Decimal("10.1"), Decimal(3), moment, moment)
    stream = Aggregator(Grid(MINUTE, "XNYS"))
    assert stream.push_tick(tick) == []
    (bar,) = stream.advance(OPEN + 60 * SECOND)
    assert (bar.open, bar.volume, bar.known) == (10.1, 3.0, OPEN + 60 * SECOND)


def test_a_bar_that_does_not_fit_is_refused():
    two = Grid(Timeframe.parse("2m"), "XNYS")
    ticks = trades((1, 1, 10, 5), (121, 121, 9, 1), (241, 241, 9, 1))
    bars = aggregate(ticks, two).bars
    with pytest.raises(InputError, match="Bars of 5m can't be made from bars of 2m"):
        coarsen(bars, Grid(Timeframe.parse("5m"), "XNYS"))
    clock = trades((5400, 5400, 10, 5), (9500, 9500, 9, 1))
    hours = aggregate(clock, Grid(Timeframe.parse("30m"), "XNYS")).bars
    hourly = replace(hours, timeframe=Timeframe.parse("1h"))
    with pytest.raises(InputError, match="choose the other alignment"):
        coarsen(hourly, Grid(Timeframe.parse("2h"), "XNYS"))


def test_a_year_of_days_in_the_stream_is_a_year_of_bars():
    noon = OPEN + 5400 * SECOND  # in the session whether the clocks are changed or not
    stream, rows = Aggregator(Grid(Timeframe.parse("1d"), "XNYS")), []
    times = [noon + n * 86_400 * SECOND for n in range(366)]
    for n, time in enumerate(times):
        rows += stream.push(time, time, 10.0 + n, 100.0)
    traded = [time for time in times if session_on("XNYS", moment_of(time).date()) is not None]
    assert len(rows) == len(traded) - 1  # the last day is not over
    assert stream.outside == 366 - len(traded)


def test_a_later_version_of_a_minute_replaces_it_in_the_hour():
    ticks = trades(
        (1, 1, 10, 5), (61, 61, 9, 1), (30, 75, 12, 7), (121, 121, 9, 1), (181, 181, 8, 2)
    )
    minutes = aggregate(ticks, Grid(MINUTE, "XNYS")).bars
    end = moment_of(OPEN + 3600 * SECOND)
    hour = coarsen(minutes, Grid(Timeframe.parse("1h"), "XNYS"), until=end).bars
    # The last trade's minute was never finished.
    assert told(hour) == [(0, 3600, 10, 12, 9, 9, 14)]


# ------------------------------------------------------------------------------ what a trade counts


def test_an_odd_lot_counts_for_volume_alone():
    ticks = trades((1, 1, 10, 100), (2, 2, 99, 3), (3, 3, 11, 100), (60, 60, 9, 1))
    kinds = effects(["@", "@  I", "@F", "@"], Plan.UTP)
    made = aggregate(ticks, Grid(MINUTE, "XNYS"), kinds)
    assert told(made.bars) == [(0, 60, 10, 11, 10, 11, 203)]


def test_volume_where_nothing_set_a_price_is_counted_and_makes_no_bar():
    ticks = trades((1, 1, 10, 3), (60, 60, 9, 100), (120, 120, 9, 1))
    made = aggregate(ticks, Grid(MINUTE, "XNYS"), effects([" I", " ", " "], Plan.CTA))
    assert told(made.bars) == [(60, 120, 9, 9, 9, 9, 100)]
    assert made.unpriced == 3


@pytest.mark.parametrize(
    ("codes", "plan", "outside", "allowed"),
    [
        ("", Plan.CTA, False, ALL),
        ("@F", Plan.UTP, False, ALL),
        ("B", Plan.CTA, False, VOLUME),
        ("B", Plan.UTP, False, ALL),
        ("W", Plan.UTP, False, VOLUME),
        ("Z", Plan.CTA, False, RANGE | VOLUME),
        ("4", Plan.UTP, False, RANGE | VOLUME),
        ("ZI", Plan.UTP, False, VOLUME),
        ("M", Plan.CTA, False, 0),
        ("9", Plan.CTA, False, LAST | RANGE),
        ("T", Plan.CTA, False, VOLUME),
        ("T", Plan.CTA, True, ALL),
        ("TI", Plan.CTA, True, VOLUME),
        ("U", Plan.UTP, True, VOLUME),
    ],
)
def test_a_trade_may_do_what_all_its_conditions_allow(codes, plan, outside, allowed):
    assert effect(codes, plan, outside_session=outside) == allowed


def test_a_tape_without_conditions_knows_odd_lots_by_their_size():
    ticks = trades((1, 1, 10, 100), (2, 2, 99, 99), (60, 60, 9, 100))
    made = aggregate(ticks, Grid(MINUTE, "XNYS"), by_size(ticks.size))
    assert told(made.bars) == [(0, 60, 10, 10, 10, 10, 199)]


def test_a_condition_nobody_knows_is_refused():
    with pytest.raises(InputError, match=r"'W' is not one of the CTA"):
        effect("W", Plan.CTA)


def test_whatever_sets_the_last_price_is_in_the_range():
    for table in TABLE.values():
        assert all(what & RANGE for _, what in table.values() if what & LAST)


# ---------------------------------------------------------------------------------- taken back


def test_a_cancelled_trade_leaves_its_bar_when_that_was_told():
    ticks = trades((1, 1, 10, 5), (2, 2, 99, 5), (3, 3, 11, 5), (61, 61, 9, 1))
    wrong = Correction(OPEN + 2 * SECOND, 99.0, 5.0, OPEN + 300 * SECOND)
    right, again = corrected(ticks, [wrong], Grid(MINUTE, "XNYS"))
    assert right.price.tolist() == [10, 11, 9]
    assert told(again) == [(0, 300, 10, 11, 10, 11, 10)]


def test_a_corrected_trade_and_a_bar_of_which_nothing_is_left():
    ticks = trades((1, 1, 10, 5), (61, 61, 9, 1))
    fixes = [
        Correction(OPEN + 61 * SECOND, 9.0, 1.0, OPEN + 400 * SECOND),
        Correction(OPEN + SECOND, 10.0, 5.0, OPEN + 300 * SECOND, right_price=10.5),
    ]
    right, again = corrected(ticks, fixes, Grid(MINUTE, "XNYS"))
    assert right.price.tolist() == [10.5]
    assert told(again)[0] == (0, 300, 10.5, 10.5, 10.5, 10.5, 5)
    assert np.isnan(again.close[1])
    assert (again.volume[1], again.known[1]) == (0, OPEN + 400 * SECOND)


def test_a_correction_of_a_trade_that_is_not_there_is_refused():
    wrong = Correction(OPEN, 1.0, 1.0, OPEN + SECOND)
    with pytest.raises(InputError, match="which isn't there"):
        corrected(trades((1, 1, 10, 5)), [wrong], Grid(MINUTE, "XNYS"))
