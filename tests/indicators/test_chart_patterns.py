"""Chart patterns are found where one draws them, when they are known, and never change."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.series import prices, real_bars, walk
from tools.domain.errors import InputError
from tools.indicators.chart_patterns.find import Side, Status
from tools.indicators.chart_patterns.pivots import pivots
from tools.indicators.chart_patterns.search import KINDS, find_patterns


def drawn(*turns, step=6):
    """A line through turning points, ``step`` bars apart; high and low lie 0.1 beside it.

    A short way towards the first turn is drawn before it, so that it is one.
    """
    turns = (turns[0] + 0.3 * (turns[1] - turns[0]), *turns)
    line = np.interp(np.arange((len(turns) - 1) * step + 1), np.arange(len(turns)) * step, turns)
    return line + 0.1, line - 0.1, line


def kinds(*turns, **options):
    return {find.kind: find for find in find_patterns(*drawn(*turns), side=3, **options)}


def test_a_pivot_is_known_side_bars_later():
    high, low, _ = drawn(100, 110, 100)
    bottom, top = pivots(high, low, 3)
    assert (top.bar, top.price, top.high, top.known_at) == (12, 110.1, True, 15)
    assert (bottom.bar, bottom.high, bottom.known_at) == (6, False, 9)
    assert pivots(high[:15], low[:15], 3) == (bottom,)
    assert pivots(high[:16], low[:16], 3) == (bottom, top)


def test_a_double_top_has_its_neckline_and_is_confirmed_below_it():
    find = kinds(90, 110, 100, 110, 95)["double top"]
    assert [bar for bar, _ in find.points] == [12, 18, 24]
    assert find.known_at == 27
    assert find.level == pytest.approx(99.9)
    assert find.expects is Side.DOWN
    assert find.status is Status.CONFIRMED
    assert find.decided_at == 29
    assert find.as_of(28).status is Status.OPEN


def test_a_double_top_that_is_overrun_has_failed():
    find = kinds(90, 110, 100, 110, 104, 120)["double top"]
    assert find.status is Status.FAILED
    assert find.went is Side.UP


def test_a_pattern_already_decided_when_it_is_known_is_decided_then():
    high, low, close = drawn(90, 110, 100, 110, 60, step=6)
    (find,) = [f for f in find_patterns(high, low, close, 3) if f.kind == "double top"]
    assert close[26] < find.level
    assert find.decided_at == find.known_at == 27


def test_a_double_bottom_is_a_double_top_upside_down():
    find = kinds(110, 90, 100, 90, 105)["double bottom"]
    assert find.level == pytest.approx(100.1)
    assert find.expects is Side.UP
    assert find.status is Status.CONFIRMED
    assert find.points[0] == (12, pytest.approx(89.9))


def test_head_and_shoulders_and_its_inverse():
    found = kinds(80, 100, 92, 110, 93, 101, 85)
    find = found["head and shoulders"]
    assert find.lower.at(18) == pytest.approx(91.9)
    assert find.lower.at(30) == pytest.approx(92.9)
    assert find.status is Status.CONFIRMED
    turned = kinds(120, 100, 108, 90, 107, 99, 115)["inverse head and shoulders"]
    assert turned.expects is Side.UP
    assert turned.status is Status.CONFIRMED


@pytest.mark.parametrize(
    ("turns", "kind", "expects"),
    [
        ((80, 110, 90, 110, 98, 104), "ascending triangle", Side.UP),
        ((120, 90, 110, 90, 102, 96), "descending triangle", Side.DOWN),
        ((80, 110, 90, 106, 94, 100), "symmetrical triangle", Side.EITHER),
        ((80, 110, 100, 110, 100, 105), "rectangle", Side.EITHER),
        ((80, 100, 90, 108, 103, 105), "rising wedge", Side.DOWN),
        ((120, 100, 110, 92, 97, 95), "falling wedge", Side.UP),
        ((60, 110, 104, 108, 102, 106), "bull flag", Side.UP),
        ((160, 110, 116, 112, 118, 114), "bear flag", Side.DOWN),
        ((60, 110, 100, 107, 103, 106), "bull pennant", Side.UP),
        ((160, 110, 120, 113, 117, 114), "bear pennant", Side.DOWN),
    ],
)
def test_each_shape_is_found_where_one_draws_it(turns, kind, expects):
    found = kinds(*turns)
    assert kind in found, sorted(found)
    assert found[kind].expects is expects
    assert found[kind].known_at == found[kind].points[-1][0] + 3


def test_three_turns_at_one_price_are_a_level():
    find = kinds(90, 110, 100, 110, 98, 110, 101, 118)["resistance"]
    assert len(find.points) == 3
    assert find.level == pytest.approx(110.1)
    assert find.went is Side.UP


def test_a_straight_line_has_no_pattern():
    assert find_patterns(*drawn(100, 200)) == ()
    assert find_patterns(*[np.full(200, 5.0)] * 3) == ()
    assert find_patterns(*[np.empty(0)] * 3) == ()
    assert find_patterns(*[np.ones(1)] * 3) == ()


@settings(max_examples=40)
@given(series=prices(most=80), data=st.data())
def test_later_bars_never_change_an_earlier_find(series, data):
    side = data.draw(st.integers(1, 4))
    cut = data.draw(st.integers(0, len(series.close)))
    part = series.first(cut)
    whole = find_patterns(series.high, series.low, series.close, side)
    early = find_patterns(part.high, part.low, part.close, side)
    assert early == tuple(f.as_of(cut - 1) for f in whole if f.known_at < cut)


def test_later_bars_never_change_an_earlier_find_of_real_prices():
    series = real_bars("IBM", 1200)
    whole = find_patterns(series.high, series.low, series.close)
    assert len(whole) > 50
    for cut in (1, 200, 613, 999, 1199):
        part = series.first(cut)
        early = find_patterns(part.high, part.low, part.close)
        assert early == tuple(f.as_of(cut - 1) for f in whole if f.known_at < cut)


def test_every_kind_there_is_occurs_in_long_walks():
    seen = Counter()
    for seed in range(12):
        series = walk(4000, seed)
        seen.update(f.kind for f in find_patterns(series.high, series.low, series.close, 3))
    assert set(seen) == set(KINDS)


def test_a_find_never_uses_a_point_after_it_was_known():
    series = walk(1500)
    for find in find_patterns(series.high, series.low, series.close):
        assert max(bar for bar, _ in find.points) == find.known_at - 5
        assert find.decided_at is None or find.decided_at >= find.known_at


def test_gaps_and_odd_prices_give_no_error():
    series = walk(300)
    series.high[100:110] = np.nan
    series.close[150] = np.nan
    series.low[200] = -np.inf
    found = find_patterns(series.high, series.low, series.close)
    assert not any(95 <= bar <= 114 for f in found for bar, _ in f.points if np.isnan(_))
    assert find_patterns(-series.high, -series.low - 1e9, -series.close) is not None


def test_impossible_input_is_refused():
    with pytest.raises(InputError, match="side"):
        find_patterns(*[np.ones(30)] * 3, side=0)
    with pytest.raises(InputError, match="same length"):
        find_patterns(np.ones(30), np.ones(29), np.ones(30))
    with pytest.raises(InputError, match="same length"):
        find_patterns(np.ones(30), np.ones(30), np.ones(29))
