"""From bars to inputs, and other bars beside them: nothing of the future comes in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.features.made import daily, minutes, sessions
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.market import AsOf
from tools.domain.timeframe import MINUTE, Timeframe
from tools.features.aligned import WEEK, as_known, coarser, with_market
from tools.features.inputs import from_columns, from_history
from tools.market_data.columns import BarColumns, moment_of, nanoseconds
from tools.market_data.feeds.sample import SampleFeed

BARS = SampleFeed().bars("IBM")[:400]
COLUMNS = ("open", "high", "low", "close", "volume", "session", "start", "known")
MINUTES = minutes(4)
FRAMES = ("5m", "30m", "1h", "1d")


def as_of(bars):
    return AsOf("IBM", bars[-1].known_at, tuple(bars), "sample")


def columns(inputs, rows):
    names = ("known", "start", "open", "high", "low", "close", "volume")
    return BarColumns(
        "X", "made", timeframe=inputs.timeframe,
        **{name: getattr(inputs, name)[rows] for name in names},
    )  # fmt: skip


@given(st.integers(1, 399))
def test_later_bars_change_no_bit_of_earlier_ones(count):
    early, late = from_history(as_of(BARS[:count])), from_history(as_of(BARS))
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(early, name), getattr(late, name)[:count])


def test_the_money_traded_is_as_it_was_whatever_was_split():
    inputs = from_history(as_of(BARS))
    money = [float(bar.close * bar.volume) for bar in BARS]
    np.testing.assert_allclose(inputs.close * inputs.volume, money, rtol=1e-12)


@given(st.sampled_from(["0.5", "0.0333", "2"]))
def test_a_later_split_in_the_feeds_adjustment_is_unseen(factor):
    later = [replace(b, adjusted_close=b.adjusted_close * Decimal(factor)) for b in BARS]
    one, two = from_history(as_of(BARS)), from_history(as_of(later))
    for name in COLUMNS:
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-12)


def test_nothing_and_prices_of_zero_are_refused():
    with pytest.raises(DataUnavailable, match="no prices"):
        from_history(AsOf("IBM", BARS[0].known_at, (), "sample"))
    with pytest.raises(DataUnavailable, match="not above zero"):
        from_history(as_of([replace(BARS[0], low=Decimal(0))]))


def test_columns_of_another_length_or_order_are_refused():
    made = daily(5)
    with pytest.raises(InputError, match="one value a bar"):
        made.joined({"market": np.zeros(4)}, "made")
    with pytest.raises(InputError, match="ordered"):
        replace(made, known=made.known[::-1].copy())


def test_columns_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        daily(5).close[0] = 1


def test_as_of_a_moment_there_is_nothing_later():
    made = daily(50)
    at = moment_of(int(made.known[20]))
    assert len(made.as_of(at)) == 21
    assert len(made.as_of(at - timedelta(microseconds=1))) == 20


def test_a_minute_bar_carries_its_sessions_date():
    made = from_columns(columns(MINUTES, slice(None)))
    np.testing.assert_array_equal(made.session, MINUTES.session)


def test_an_indian_session_turns_with_its_own_midnight():
    _, opens, closes = sessions(1, "XBOM")[0]
    start = np.array([nanoseconds(opens), nanoseconds(closes) - 60 * 10**9], np.int64)
    ones = np.ones(2)
    bars = BarColumns("X", "made", start + 60 * 10**9, MINUTE, start, ones, ones, ones, ones, ones)
    assert len(set(from_columns(bars, "XBOM").session)) == 1


def test_a_bar_told_again_counts_as_it_was_told_first():
    bars = columns(MINUTES, np.array([0, 1, 2, 3]))
    again = replace(
        bars,
        known=np.array([*bars.known[:3], bars.known[3] + 10**9], np.int64),
        start=np.array([bars.start[0], bars.start[1], bars.start[2], bars.start[1]], np.int64),
    )
    made = from_columns(again)
    assert made.close.tolist() == bars.close[:3].tolist()


def test_a_bar_that_came_behind_a_later_one_is_left_out():
    bars = columns(MINUTES, np.array([0, 1, 2]))
    late = replace(bars, start=np.array([bars.start[0], bars.start[2], bars.start[1]], np.int64))
    assert len(from_columns(late)) == 2


@given(st.lists(st.integers(0, 50), max_size=20), st.lists(st.integers(0, 50), max_size=20))
def test_as_known_is_the_last_value_and_never_one_from_later(moments, known):
    moments, known = np.sort(np.array(moments, np.int64)), np.sort(np.array(known, np.int64))
    values = np.arange(len(known), dtype=float)
    got = as_known(moments, known, values)
    for moment, value in zip(moments, got, strict=True):
        past = values[known <= moment]
        assert (value == past[-1]) if len(past) else np.isnan(value)


def test_a_market_that_stopped_a_week_ago_counts_for_nothing():
    made = daily(30)
    joined = with_market(made, daily(10, seed=2, symbol="M"))
    market = joined.more["market"]
    age = made.known - made.known[9]
    assert not np.isnan(market[age <= WEEK]).any()
    assert np.isnan(market[age > WEEK]).all()
    assert joined.origins == ("market: M 1d from made",)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_longer_bar_is_seen_when_it_is_finished_and_not_before(frame):
    longer = coarser(MINUTES, Timeframe.parse(frame))
    assert len(longer)
    for row in range(len(longer)):
        inside = (MINUTES.start >= longer.start[row]) & (MINUTES.known <= longer.known[row])
        assert longer.close[row] == MINUTES.close[inside][-1]
        assert longer.high[row] == MINUTES.high[inside].max()
        assert longer.known[row] >= MINUTES.known[inside].max()


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("cut", [1, 59, 60, 391, 700, 1559])
def test_longer_bars_of_the_past_are_the_same_when_the_future_is_added(frame, cut):
    frame = Timeframe.parse(frame)
    early, late = coarser(MINUTES.rows(0, cut), frame), coarser(MINUTES, frame)
    count = len(early)
    assert count == np.count_nonzero(late.known <= MINUTES.known[cut - 1])
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(early, name), getattr(late, name)[:count])


def test_a_missing_price_leaves_its_minute_out_of_the_hour():
    close = MINUTES.close.copy()
    close[30] = np.nan
    whole, broken = (
        coarser(made, Timeframe.parse("1h")) for made in (MINUTES, replace(MINUTES, close=close))
    )
    assert len(whole) == len(broken)
    assert not np.isnan(broken.close).any()


def test_a_frame_that_does_not_fit_is_refused():
    with pytest.raises(InputError):
        coarser(daily(30), Timeframe.parse("1h"))
