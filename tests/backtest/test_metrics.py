"""Each figure agrees with a plain loop over its formula, and is NaN where nothing can be known."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tools.backtest import metrics
from tools.domain.errors import InputError

curves = hnp.arrays(np.float64, st.integers(2, 60), elements=st.floats(1, 1000))
profits = hnp.arrays(np.float64, st.integers(0, 30), elements=st.floats(-50, 50))


def deepest_and_longest(equity):
    peak, start, deepest, longest = equity[0], 0, 0.0, 0
    for bar, value in enumerate(equity):
        if value >= peak:
            if any(x < peak for x in equity[start:bar]):
                longest = max(longest, bar - start)
            peak, start = value, bar
        else:
            longest = max(longest, bar - start)
        deepest = max(deepest, (peak - value) / peak)
    return deepest, longest


@given(curves)
def test_drawdowns_are_those_of_a_plain_loop(equity):
    deepest, longest = deepest_and_longest(equity.tolist())
    assert metrics.max_drawdown(equity) == pytest.approx(deepest, abs=1e-12)
    assert metrics.longest_drawdown(equity) == longest


@given(curves, st.sampled_from([252, 365, 12]))
def test_ratios_are_those_of_a_plain_loop(equity, periods):
    returns = [b / a - 1 for a, b in pairwise(equity)]
    mean = sum(returns) / len(returns)
    squares = sum((r - mean) ** 2 for r in returns)
    if len(returns) > 1 and squares > 1e-12:
        wanted = mean / math.sqrt(squares / (len(returns) - 1)) * math.sqrt(periods)
        assert metrics.sharpe(metrics.returns_of(equity), periods) == pytest.approx(wanted)
    bad = sum(min(r, 0) ** 2 for r in returns) / len(returns)
    if len(returns) > 1 and bad > 1e-12:
        wanted = mean / math.sqrt(bad) * math.sqrt(periods)
        assert metrics.sortino(metrics.returns_of(equity), periods) == pytest.approx(wanted)


@given(profits)
def test_win_rate_and_profit_factor_count_each_trade(trades):
    won, lost = [p for p in trades if p > 0], [p for p in trades if p < 0]
    found = metrics.profit_factor(trades)
    if not len(trades):
        assert math.isnan(metrics.win_rate(trades))
        assert math.isnan(found)
        return
    assert metrics.win_rate(trades) == pytest.approx(len(won) / len(trades))
    if lost:
        assert found == pytest.approx(sum(won) / -sum(lost))
    else:
        assert math.isinf(found) if won else math.isnan(found)


def test_the_worked_figures_by_hand():
    equity = np.array([100.0, 110.0, 99.0, 104.0, 121.0])
    found = metrics.measure(equity, np.array([10.0, -5.0, 20.0]), 534.0, np.array([0, 1, 1, 0]), 4)
    assert found.total_return == pytest.approx(0.21)
    assert found.annual_return == pytest.approx(0.21)
    assert found.max_drawdown == pytest.approx(0.1)
    assert found.longest_drawdown == 3
    assert found.calmar == pytest.approx(2.1)
    assert found.trades == 3
    assert found.win_rate == pytest.approx(2 / 3)
    assert found.profit_factor == pytest.approx(6)
    assert found.annual_turnover == pytest.approx(5)
    assert found.exposure == pytest.approx(0.5)


def test_an_account_that_never_traded_has_no_ratios():
    nothing = np.array([])
    found = metrics.measure(np.full(10, 100.0), nothing, 0.0, np.zeros(10))
    assert found.total_return == 0
    assert found.max_drawdown == 0
    assert found.longest_drawdown == 0
    unknown = (found.sharpe, found.sortino, found.calmar, found.win_rate, found.profit_factor)
    assert all(math.isnan(figure) for figure in unknown)


def test_a_lost_account_has_no_yearly_figures():
    equity = np.array([100.0, 40.0, -20.0, 10.0])
    assert metrics.total_return(equity) == pytest.approx(-0.9)
    assert metrics.max_drawdown(equity) == pytest.approx(1.2)
    assert math.isnan(metrics.annual_return(equity))
    assert math.isnan(metrics.sharpe(metrics.returns_of(equity)))


def test_growth_without_a_swing_has_no_ratio():
    equity = 100 * 1.0001 ** np.arange(500)
    assert math.isnan(metrics.sharpe(metrics.returns_of(equity)))


def test_one_bar_is_too_few_for_anything_but_its_return():
    found = metrics.measure(np.array([100.0]), np.array([]), 0.0, np.array([0.0]))
    assert found.total_return == 0
    assert math.isnan(found.annual_return)
    assert math.isnan(found.annual_volatility)
    assert math.isnan(found.annual_turnover)


@pytest.mark.parametrize(
    "equity",
    [
        np.array([]),
        np.array([0.0, 1.0]),
        np.array([-5.0]),
        np.array([1.0, np.nan]),
        np.array([1.0, np.inf]),
        np.ones((2, 2)),
    ],
)
def test_equity_that_is_none_is_refused(equity):
    with pytest.raises(InputError, match="equity"):
        metrics.total_return(equity)


def test_the_bar_that_is_no_number_is_named():
    with pytest.raises(InputError, match="bar 2"):
        metrics.max_drawdown(np.array([1.0, 2.0, np.nan]))
