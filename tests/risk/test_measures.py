from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tools.domain.errors import DataUnavailable, InputError
from tools.risk.measures import (
    annualised_volatility,
    average_volume,
    daily_returns,
    expected_shortfall,
    historical_var,
    max_drawdown,
)

returns = hnp.arrays(np.float64, st.integers(30, 400), elements=st.floats(-0.5, 0.5))
closes = hnp.arrays(np.float64, st.integers(2, 200), elements=st.floats(0.01, 1e6))


def test_var_is_an_observed_loss_not_exceeded_on_95_of_100_days():
    losses = np.arange(1, 101) / 1000  # 0.001 to 0.100
    assert historical_var(-losses) == 0.096
    assert expected_shortfall(-losses) == pytest.approx(np.mean([0.096, 0.097, 0.098, 0.099, 0.1]))


@given(returns, st.sampled_from([0.9, 0.95]))
def test_shortfall_is_at_least_var_and_both_are_losses(values, level):
    var, shortfall = historical_var(values, level), expected_shortfall(values, level)
    assert 0 <= var <= shortfall + 1e-12
    assert shortfall <= max(0.0, -values.min()) + 1e-12
    assert np.mean(-values <= var + 1e-15) >= level


@given(returns)
def test_var_grows_with_the_level(values):
    assert historical_var(values, 0.9) <= historical_var(values, 0.95)


def test_only_gains_mean_no_loss():
    assert historical_var(np.full(50, 0.01)) == 0
    assert expected_shortfall(np.full(50, 0.01)) == 0


def test_a_rarer_loss_needs_more_days():
    assert historical_var(np.zeros(100), 0.99) == 0
    with pytest.raises(DataUnavailable, match="needs 100 daily returns, there are 99"):
        historical_var(np.zeros(99), 0.99)
    with pytest.raises(DataUnavailable, match="needs 30 daily returns, there are 29"):
        historical_var(np.zeros(29))


@pytest.mark.parametrize("level", [0.0, 0.49, 1.0, 95.0, math.nan])
def test_an_absurd_level_is_refused(level):
    with pytest.raises(InputError, match="level"):
        historical_var(np.zeros(50), level)


def test_volatility_is_the_sample_deviation_times_the_root_of_252():
    values = np.tile([0.01, -0.01], 50)
    assert annualised_volatility(values) == pytest.approx(
        0.01 * math.sqrt(100 / 99) * math.sqrt(252)
    )
    with pytest.raises(DataUnavailable):
        annualised_volatility(values[:29])


def test_nan_is_left_out_and_infinity_refused():
    values = np.tile([0.01, -0.01], 50)
    holes = np.concatenate([[np.nan], values, [np.nan]])
    assert historical_var(holes) == historical_var(values)
    assert annualised_volatility(holes) == annualised_volatility(values)
    for measure in (historical_var, annualised_volatility, expected_shortfall, max_drawdown):
        with pytest.raises(InputError, match="finite"):
            measure(np.concatenate([values, [np.inf]]))


def test_drawdown_is_from_the_highest_close_before():
    assert max_drawdown(np.array([100.0, 120, 60, 150, 90])) == 0.5
    assert max_drawdown(np.array([1.0, 2, 3])) == 0


@given(closes)
def test_drawdown_is_the_worst_of_all_pairs(values):
    worst = max(1 - values[j] / values[: j + 1].max() for j in range(len(values)))
    assert max_drawdown(values) == pytest.approx(worst)
    assert 0 <= max_drawdown(values) < 1


def test_a_drawdown_needs_two_prices_above_zero():
    with pytest.raises(DataUnavailable):
        max_drawdown(np.array([1.0, np.nan]))
    with pytest.raises(InputError):
        max_drawdown(np.array([1.0, 0.0]))


def test_returns_are_one_fewer_than_closes():
    assert daily_returns(np.array([100.0, 110, 99])).tolist() == pytest.approx([0.1, -0.1])
    assert np.isnan(daily_returns(np.array([1.0, np.nan, 1.0]))).all()
    with pytest.raises(DataUnavailable):
        daily_returns(np.array([1.0]))
    with pytest.raises(InputError):
        daily_returns(np.array([1.0, -1.0]))


def test_average_volume_is_of_the_last_window_and_of_nothing_less():
    volume = np.concatenate([[1e9], np.arange(1.0, 21)])
    assert average_volume(volume) == 10.5
    with pytest.raises(DataUnavailable, match="last 20 sessions, there are 19"):
        average_volume(volume[:19])
    with pytest.raises(DataUnavailable):
        average_volume(np.concatenate([volume, [np.nan]]))
    with pytest.raises(InputError):
        average_volume(volume, 0)
