"""Rebalancing agrees with a plain loop that finds what is left after costs by halving."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.fast.scripted import random_bars
from tools.backtest.fast.bars import bars_of
from tools.backtest.fast.rebalance import inverse_volatility, rebalance
from tools.domain.errors import InputError


def left_after(whole, stuck, wanted, values, cost):
    """What is left when ``wanted`` parts of it are held; ``stuck`` is the value that can't move."""
    gross = sum(abs(w) for w in wanted)
    free = {s: w for s, w in enumerate(wanted) if values[s] is not None}
    in_free = sum(abs(w) for w in free.values())

    def part(left):
        room = gross * left - stuck
        return max(0.0, min(1.0, room / (in_free * left))) if in_free else 1.0

    def surplus(left):
        moved = sum(abs(w * part(left) * left - values[s]) for s, w in free.items())
        return left - (whole - cost * moved)

    low, high = 0.0, whole
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) < 0 else (low, middle)
    return high, part(high), free


def plain(bars, decided, weights, cash, cost, borrow):
    count, symbols = bars.close.shape
    units, last, curve = [0.0] * symbols, [0.0] * symbols, []
    for t in range(count):
        if t - 1 in decided:
            wanted = weights[list(decided).index(t - 1)].tolist()
            opens = [float(x) for x in bars.open[t]]
            values = [None if math.isnan(o) else u * o for u, o in zip(units, opens, strict=True)]
            stuck = [u * x for u, x, v in zip(units, last, values, strict=True) if v is None]
            whole = cash + sum(stuck) + sum(v for v in values if v is not None)
            left, part, free = left_after(whole, sum(abs(x) for x in stuck), wanted, values, cost)
            for s, weight in free.items():
                wish = weight * part * left / opens[s]
                cash -= (wish - units[s]) * opens[s] + cost * abs(wish - units[s]) * opens[s]
                units[s] = wish
        for s in range(symbols):
            close = float(bars.close[t, s])
            last[s] = last[s] if math.isnan(close) else close
            if units[s] < 0:
                cash += units[s] * last[s] * borrow
        curve.append(cash + sum(u * x for u, x in zip(units, last, strict=True)))
        if curve[-1] <= 0:
            return curve + [curve[-1]] * (count - t - 1)
    return curve


@settings(max_examples=100)
@given(
    st.integers(0, 10**9), st.integers(2, 60), st.integers(1, 5), st.booleans(),
    st.sampled_from([0.0, 0.001, 0.02]),
)  # fmt: skip
def test_the_equity_is_that_of_a_plain_loop(seed, count, symbols, shorts, cost):
    rng = np.random.default_rng(seed)
    bars = random_bars(rng, count, symbols)
    decided = np.flatnonzero(rng.random(count) < 0.2)
    weights = rng.uniform(-0.2 if shorts else 0.0, 1.0 / symbols, (decided.size, symbols))
    borrow = 0.5 if shorts else 0.0
    found = rebalance(bars, decided, weights, cash=1000.0, cost=cost, borrow=borrow)
    wanted = plain(bars, decided, weights, 1000.0, cost, borrow / 252)
    np.testing.assert_allclose(found.equity, wanted, rtol=1e-9, atol=1e-9)


def test_weights_are_met_after_costs_and_nothing_is_borrowed():
    close = np.array([[10.0, 20.0], [10.0, 20.0], [10.0, 20.0]])
    bars = bars_of(close, close, close, close, close)
    found = rebalance(bars, [0], np.array([[0.5, 0.5]]), cash=1010.0, cost=0.01)
    assert found.units[0] == pytest.approx([50, 25])
    assert found.equity == pytest.approx([1010, 1000, 1000])
    assert found.traded == pytest.approx([1000])
    assert found.turnover(2) == pytest.approx(1000 / (4020 / 4) * 2 / 3)


def test_inverse_volatilities_are_those_of_numpy():
    rng = np.random.default_rng(2)
    close = 50 * np.exp(np.cumsum(rng.normal(0, [0.01, 0.02, 0.03], (100, 3)), axis=0))
    close[40, 0] = np.nan
    bars = bars_of(close, close, close, close, np.ones_like(close))
    found = inverse_volatility(bars, [10, 50, 90], window=20)
    assert found[0].tolist() == [0, 0, 0]
    returns = close[1:] / close[:-1] - 1
    for row, bar in zip(found[1:], (50, 90), strict=True):
        swing = returns[bar - 20 : bar].std(axis=0, ddof=1)
        wanted = np.where(np.isnan(swing), 0, 1 / swing)
        assert row == pytest.approx(wanted / wanted.sum())
    assert found[1, 0] == 0


def test_the_last_bars_decision_is_never_traded():
    close = np.full((3, 1), 10.0)
    bars = bars_of(close, close, close, close, close)
    assert rebalance(bars, [2], np.array([[1.0]])).traded.tolist() == [0]


@pytest.mark.parametrize("decided", [[-1], [3], [1, 1], [2, 1], [0.5]])
def test_decisions_out_of_order_are_refused(decided):
    close = np.full((3, 1), 10.0)
    bars = bars_of(close, close, close, close, close)
    with pytest.raises(InputError, match="Decisions"):
        rebalance(bars, decided, np.ones((len(decided), 1)))


def test_weights_that_are_none_are_refused_by_bar():
    close = np.full((3, 1), 10.0)
    bars = bars_of(close, close, close, close, close)
    with pytest.raises(InputError, match="bar 1"):
        rebalance(bars, [0, 1], np.array([[1.0], [np.nan]]))
    with pytest.raises(InputError, match="shape"):
        rebalance(bars, [0, 1], np.array([[1.0]]))
