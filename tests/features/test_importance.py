"""Importance finds what is there, says what chance gives, and never looks ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.features.made import daily
from tools.domain.errors import DataUnavailable, InputError
from tools.features.compute import compute
from tools.features.importance import LEAST, importance, information, ranks

BASE = compute(daily(600), ("log_move_1",))


def telling(strength, count=600, seed=1):
    """A close, and a matrix of one feature that tells of its next move and one of noise."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(0, 0.01, count)
    close = 100 * np.exp(np.cumsum(moves))
    hint = strength * np.append(moves[1:], 0) / 0.01 + rng.normal(size=count)
    values = np.column_stack([hint, rng.normal(size=count)])
    return replace(
        BASE.rows(0, count), names=("hint", "noise"), values=values, times=BASE.times[:count]
    ), close


def test_a_feature_that_tells_is_found_and_noise_is_not():
    matrix, close = telling(1.0)
    found = importance(matrix, close, ahead=1, window=504, step=100)
    assert (found.information[-1] > found.chance[-1]).tolist() == [True, False]
    assert found.rank_correlation[-1, 0] > 0.5
    assert found.information[-1, 0] > 5 * found.information[-1, 1]


def test_noise_is_above_chance_about_one_time_in_twenty():
    above = 0
    for seed in range(60):
        matrix, close = telling(0.0, 200, seed)
        found = importance(matrix, close, window=120, step=500)
        above += int((found.information[0] > found.chance[0]).sum())
    assert above <= 15  # of 120 figures; 6 are expected


def test_the_return_of_the_last_bars_is_not_used_before_it_is_known():
    matrix, close = telling(1.0, 300)
    ahead = 7
    early = importance(matrix.rows(0, 200), close[:200], ahead=ahead, step=10)
    late = importance(matrix, close, ahead=ahead, step=10)
    count = len(early.times)
    assert count == np.count_nonzero(late.times <= matrix.times[199])
    for name in ("information", "chance", "rank_correlation", "pairs"):
        np.testing.assert_array_equal(getattr(early, name), getattr(late, name)[:count])


def test_a_feature_that_is_the_future_is_told_only_of_pairs_that_are_over():
    # Of the last rows nobody knows the return: whatever they hold changes nothing.
    matrix, close = telling(1.0, 200)
    values = matrix.values.copy()
    values[-5:] = 1e9
    odd = replace(matrix, values=values)
    one, two = (importance(m, close, ahead=5, step=1) for m in (matrix, odd))
    np.testing.assert_array_equal(one.information[-1], two.information[-1])


def test_missing_values_are_left_out_and_too_few_say_nothing():
    matrix, close = telling(1.0, 200)
    values = matrix.values.copy()
    values[:150, 0] = np.nan
    found = importance(replace(matrix, values=values), close, step=50)
    assert np.isnan(found.information[:, 0]).all()
    assert not np.isnan(found.information[:, 1]).any()
    assert found.pairs[-1, 0] < LEAST


def test_a_feature_that_never_changes_tells_nothing():
    matrix, close = telling(1.0, 200)
    values = matrix.values.copy()
    values[:, 0] = 3.0
    found = importance(replace(matrix, values=values), close, step=50)
    assert (found.information[:, 0] == 0).all()
    assert np.isnan(found.rank_correlation[:, 0]).all()


def test_too_short_a_history_is_refused_with_a_sentence():
    matrix, close = telling(1.0, LEAST)
    with pytest.raises(DataUnavailable, match="more than"):
        importance(matrix, close)
    with pytest.raises(InputError, match="one close"):
        importance(matrix, close[:-1])
    with pytest.raises(InputError, match="window"):
        importance(*telling(1.0, 200), window=10)


@given(st.lists(st.integers(0, 4), min_size=20, max_size=200))
def test_information_is_symmetric_and_never_negative(codes):
    one = np.array(codes)
    other = np.roll(one, 1)
    assert information(one, other) == pytest.approx(information(other, one))
    assert information(one, other) >= 0


def test_information_of_a_column_with_itself_is_its_entropy_less_the_bias():
    codes = np.repeat(np.arange(5), 200)
    assert information(codes, codes) == pytest.approx(np.log(5) - 16 / 2000)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30))
def test_ranks_are_from_zero_to_one_and_ties_share(values):
    got = ranks(np.array(values, float))
    assert got.min() >= 0
    assert got.max() <= 1
    for i, a in enumerate(values):
        for j, b in enumerate(values):
            assert (got[i] < got[j]) == (a < b)
