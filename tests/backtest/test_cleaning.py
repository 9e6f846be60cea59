"""A trade or quote is judged by those before it, so that what comes later can change nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.ticking import drawn, quotes, trades
from tools.backtest.cleaning import sound_quotes, sound_trades

JUNK = st.sampled_from([0.0, -1.0, float("nan"), float("inf"), 1e-6, 1_860_000.0])


def test_a_trade_clearly_off_those_before_is_left_out_and_counted():
    rows = [(n, 100 + n / 100, 10) for n in range(30)]
    rows[20] = (20, 104.0, 10)
    rows[25] = (25, 100.2, 0)
    found = sound_trades(trades(rows))
    assert len(found.columns) == 28
    assert sum(found.left_out.values()) == 2
    assert found.left_out["clearly off the trades before"] == 1


def test_after_a_jump_that_stays_only_the_first_trades_are_left_out():
    rows = [(n, 100.0 if n < 30 else 120.0, 10) for n in range(60)]
    assert sound_trades(trades(rows)).left_out == {"clearly off the trades before": 6}


def test_a_side_of_zero_is_nobody_there_where_rows_tell_both_sides():
    rows = [(n, 100.0, 100.02, 5, 5) for n in range(9)] + [(9, 0, 100.02, 0, 5)]
    assert len(sound_quotes(quotes(rows)).columns) == 9


def test_a_side_told_yesterday_is_no_side_today():
    day = 86_400
    rows = [(0, 100.0, 0, 5, 0), (1, 0, 100.02, 0, 5), (day, 100.0, 0, 5, 0)]
    assert len(sound_quotes(quotes(rows)).columns) == 1


def test_a_junk_side_leaves_the_other_as_it_was_told():
    rows = [
        (0, 100.0, 0, 5, 0),
        (1, 0, 100.02, 0, 5),
        (2, 0, 1_860_000, 0, 9),
        (3, 100.01, 0, 5, 0),
    ]
    found = sound_quotes(quotes(rows)).columns
    assert found.ask.tolist() == [100.02, 100.02]
    assert found.bid.tolist() == [100.0, 100.01]


@settings(max_examples=40)
@given(st.data(), st.integers(0, 500), st.booleans())
def test_what_comes_later_changes_nothing_that_was_kept(data, seed, one_sided):
    quoted = drawn(120, seed)
    columns = np.column_stack(
        (
            (quoted.time - quoted.time[0]) / 1e9,
            quoted.bid,
            quoted.ask,
            quoted.bid_size,
            quoted.ask_size,
        )
    )
    for row in data.draw(st.lists(st.integers(0, 119), max_size=20)):
        columns[row, data.draw(st.integers(1, 2))] = data.draw(JUNK)
    if one_sided:
        columns[::2, 1] = 0
        columns[1::2, 2] = 0
    cut = data.draw(st.integers(30, 110))
    whole, part = sound_quotes(quotes(columns)), sound_quotes(quotes(columns[:cut]))
    for name in ("time", "bid", "ask", "bid_size", "ask_size"):
        kept = getattr(part.columns, name)
        assert np.array_equal(getattr(whole.columns, name)[: len(kept)], kept), name
    assert (whole.columns.bid <= whole.columns.ask).all()
    assert whole.columns.ask.max(initial=0) < 1000
    traded = columns[:, [0, 1, 3]]
    whole, part = sound_trades(trades(traded)), sound_trades(trades(traded[:cut]))
    kept = part.columns.price
    assert np.array_equal(whole.columns.price[: len(kept)], kept)


@pytest.mark.parametrize("rows", [[(0, 0.0, 0.0, 0, 0)], [(0, float("nan"), 1.0, 1, 1)]])
def test_quotes_that_are_all_junk_leave_nothing(rows):
    found = sound_quotes(quotes(rows))
    assert len(found.columns) == 0
    assert sum(found.left_out.values()) == 1
