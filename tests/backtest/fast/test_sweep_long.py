"""Long or out on whole prices, a few steps a trade: the figures are those of a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.fast.test_sweep import ANY, plain, same
from tools.backtest.fast import sweep_long
from tools.backtest.fast.bars import bars_of
from tools.backtest.fast.sweep import sweep


def scripted_bars(rng, count, stretch, swing):
    """Prices on a tick, and volumes of 0 and 100 that say out and in, for ``stretch`` bars a time.

    Whatever the last bar wishes comes too late.
    """
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, swing, count))), 2) + 0.01
    opened = np.round(close * np.exp(rng.normal(0, swing / 2, count)), 2) + 0.01
    wish = np.cumsum(rng.random(count) < 1 / stretch) % 2
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    return bars_of(opened, high, low, close, wish * 100.0), wish


@settings(max_examples=120)
@given(
    st.integers(0, 10**9), st.integers(1, 1_500), st.sampled_from([1, 2, 7, 40, 700, 10**9]),
    st.sampled_from([0.0, 0.001, 0.1]), st.sampled_from([0.0, 0.001, 0.03]), st.booleans(),
)  # fmt: skip
def test_any_stretches_give_the_figures_of_a_plain_loop(seed, count, stretch, cost, swing, late):
    rng = np.random.default_rng(seed)
    bars, wish = scripted_bars(rng, count, stretch, swing)
    begin = int(rng.integers(0, count)) if late else 0
    found = sweep(bars, ANY, [[0]], cost=cost, begin=begin)
    names = ("open", "high", "low", "close", "volume")
    later = bars_of(*(getattr(bars, n)[begin:] for n in names))
    same(found, 0, 0, *plain(later, 0, wish[begin:].tolist(), cost, 0.0))


def test_more_rows_than_are_worked_out_together_stay_apart():
    bars, wish = scripted_bars(np.random.default_rng(4), 300, 9, 0.02)
    found = sweep(bars, ANY, [[k % 2] for k in range(150)], cost=0.001)
    assert len(set(found.total_return[0, ::2])) == 1
    same(found, 0, 148, *plain(bars, 0, wish.tolist(), 0.001, 0.0))
    same(found, 0, 149, *plain(bars, 0, (wish - 1).tolist(), 0.001, 0.0))


def test_series_too_long_for_tables_go_the_plain_way():
    count = sweep_long.LONGEST + 1
    bars, wish = scripted_bars(np.random.default_rng(6), count, 500, 0.001)
    assert np.sign(wish).max() == 1
    found = sweep(bars, ANY, [[0]], cost=0.0001)
    same(found, 0, 0, *plain(bars, 0, wish.tolist(), 0.0001, 0.0))


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 128])
def test_wishes_at_the_edges_of_a_word_are_seen(count):
    close = np.linspace(10, 20, count)
    for first in range(count):
        wish = np.where(np.arange(count) == first, 100.0, 0.0)
        bars = bars_of(close, close, close, close, wish)
        found = sweep(bars, ANY, [[0]])
        same(found, 0, 0, *plain(bars, 0, (wish / 100).astype(int).tolist(), 0.0, 0.0))
