"""A sweep's figures are those of a plain loop, whatever the threads."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.fast.scripted import random_bars
from tools.backtest import metrics
from tools.backtest.fast.bars import bars_of
from tools.backtest.fast.rules import SMA_CROSS, Rule, prepare, signal
from tools.backtest.fast.sweep import sweep
from tools.domain.errors import InputError


@prepare
def volumes(columns):
    return columns[4:5].copy()


@signal
def by_volume(shared, params, wish):
    """Any wish at all: the volume of these bars says it."""
    for t in range(wish.size):
        if shared[0, t] >= 0:
            wish[t] = int(shared[0, t] / 100) - int(params[0])


ANY = Rule(volumes, by_volume, 1)


def plain(bars, s, wishes, cost, borrow):
    """The equity at each close, and how many positions were closed; stops when all is lost."""
    cash, units, last, closed, curve = 1.0, 0.0, 0.0, 0, [1.0]
    for t in range(len(wishes)):
        o, h, low, c, v = (
            float(getattr(bars, n)[t, s]) for n in ("open", "high", "low", "close", "volume")
        )
        whole = not math.isnan(o + h + low + c + v)
        wish = int(np.sign(wishes[t - 1])) if t else 0
        if whole and wish != np.sign(units):
            if units:
                cash = cash + units * o - cost * abs(units) * o
                units, closed = 0.0, closed + 1
            if cash <= 0:
                return [*curve, cash], closed
            if wish:
                worth = cash / (1 + cost)
                units = wish * worth / o
                cash = worth - units * o
        last = c if whole else last
        if units < 0:
            cash -= -units * last * borrow
        curve.append(cash + units * last)
        if curve[-1] <= 0:
            break
    return curve, closed


def same(found, s, p, curve, closed):
    curve = np.array(curve)
    assert found.total_return[s, p] == pytest.approx(curve[-1] - 1, abs=1e-9)
    assert found.max_drawdown[s, p] == pytest.approx(metrics.max_drawdown(curve), abs=1e-9)
    assert found.trades[s, p] == closed
    returns = metrics.returns_of(curve)
    wanted = metrics.sharpe(returns) if curve[-1] > 1e-12 else math.nan
    assert found.sharpe[s, p] == pytest.approx(wanted, rel=1e-9, abs=1e-9, nan_ok=True)


@settings(max_examples=150)
@given(
    st.integers(0, 10**9), st.integers(1, 80), st.integers(1, 10),
    st.sampled_from([0.0, 0.001, 0.1]), st.sampled_from([0.0, 0.3]),
)  # fmt: skip
def test_any_wishes_give_the_figures_of_a_plain_loop(seed, count, symbols, cost, borrow):
    bars = random_bars(np.random.default_rng(seed), count, symbols)
    found = sweep(bars, ANY, [[0], [1], [2]], cost=cost, borrow=borrow, threads=2)
    for s in range(symbols):
        for p in range(3):
            holes = np.isnan(
                sum(getattr(bars, n)[:, s] for n in ("open", "high", "low", "close", "volume"))
            )
            wishes = [
                0 if hole else int(v / 100) - p
                for v, hole in zip(bars.volume[:, s], holes, strict=True)
            ]
            same(found, s, p, *plain(bars, s, wishes, cost, borrow / 252))


def test_bars_before_the_first_are_history_alone():
    bars = random_bars(np.random.default_rng(8), 80, 4)
    later = bars_of(*(getattr(bars, n)[30:] for n in ("open", "high", "low", "close", "volume")))
    found = sweep(bars, ANY, [[0], [1]], cost=0.001, begin=30)
    alone = sweep(later, ANY, [[0], [1]], cost=0.001)
    assert found.trades.any()
    assert np.array_equal(found.trades, alone.trades)
    assert np.allclose(found.total_return, alone.total_return, atol=1e-12)
    assert np.allclose(found.sharpe, alone.sharpe, atol=1e-9, equal_nan=True)


def exact_crosses(ticks, fast, slow):
    """Means compared in whole numbers."""
    wishes = [0] * len(ticks)
    for t in range(max(fast, slow) - 1, len(ticks)):
        quick, calm = ticks[t + 1 - fast : t + 1], ticks[t + 1 - slow : t + 1]
        wishes[t] = int(sum(quick) * slow > sum(calm) * fast)
    return wishes


@settings(max_examples=50)
@given(st.integers(0, 10**9), st.integers(1, 8), st.integers(1, 12))
def test_moving_averages_cross_where_whole_numbers_say_so(seed, fast, slow):
    ticks = 1000 + np.cumsum(np.random.default_rng(seed).integers(-1, 2, 120))
    close = ticks / 100.0
    bars = bars_of(close, close, close, close, close)
    found = sweep(bars, SMA_CROSS, [[fast, slow]], cost=0.001)
    same(found, 0, 0, *plain(bars, 0, exact_crosses(ticks.tolist(), fast, slow), 0.001, 0))


def random_walks(count=300, symbols=37):
    rng = np.random.default_rng(5)
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (count, symbols)), axis=0))
    return bars_of(close, close, close, close, np.ones_like(close))


def test_the_figures_are_the_same_to_the_bit_for_any_number_of_threads():
    params = [(f, s) for f in (3, 5) for s in (10, 20, 30)]
    one, *others = (
        sweep(random_walks(), SMA_CROSS, params, cost=0.001, threads=n) for n in (1, 2, 3, 8)
    )
    for other in others:
        for name in ("total_return", "sharpe", "max_drawdown", "trades"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


def test_a_rule_that_never_trades_has_no_ratio():
    found = sweep(random_walks(20, 2), SMA_CROSS, [[5, 30]])
    assert found.total_return.tolist() == [[0], [0]]
    assert found.trades.tolist() == [[0], [0]]
    assert np.isnan(found.sharpe).all()


def test_a_hole_blanks_the_averages_that_reach_it():
    close = np.arange(1.0, 41.0)
    close[20] = np.nan
    bars = bars_of(close, close, close, close, close)
    # Rising closes are held from bar 5 on; the hole ends that, and bar 25 is whole again.
    assert sweep(bars, SMA_CROSS, [[2, 5]]).trades.tolist() == [[1]]


@pytest.mark.parametrize("row", [[0, 5], [2.5, 5], [-1, 5], [np.nan, 5]])
def test_windows_that_are_none_are_refused(row):
    with pytest.raises(InputError, match="whole numbers"):
        sweep(random_walks(20, 2), SMA_CROSS, [row])


def test_rows_of_another_length_are_refused():
    with pytest.raises(InputError, match="must hold 2"):
        sweep(random_walks(20, 2), SMA_CROSS, [[5]])
    with pytest.raises(InputError, match="must hold 2"):
        sweep(random_walks(20, 2), SMA_CROSS, np.empty((0, 2)))
    with pytest.raises(InputError, match="thread"):
        sweep(random_walks(20, 2), SMA_CROSS, [[5, 6]], threads=-1)
    with pytest.raises(InputError, match="cost"):
        sweep(random_walks(20, 2), SMA_CROSS, [[5, 6]], cost=-0.1)


def test_memory_stays_that_of_the_bars():
    import tracemalloc

    bars = random_walks(500, 100)
    params = [(f, s) for f in range(2, 12) for s in range(15, 35)]
    sweep(bars, SMA_CROSS, params[:1])
    tracemalloc.start()
    sweep(bars, SMA_CROSS, params, threads=2)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100 * 200 * 8 * 10  # the figures, twice over, and not the 20,000 curves
