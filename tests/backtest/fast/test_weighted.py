"""A sweep that holds parts of the equity gives the figures of a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.fast.scripted import random_bars
from tests.backtest.fast.test_sweep import same
from tools.backtest.fast.rules import prepare
from tools.backtest.fast.sweep import sweep
from tools.backtest.fast.weighted import Weighted, weigh
from tools.domain.errors import InputError


@prepare
def volumes(columns):
    return columns[4:5].copy()


@weigh
def by_volume(shared, params, wanted):
    """Any weight at all, by the volume of these bars: from -1 to 2, and 0 where it is even."""
    for t in range(wanted.shape[1]):
        if shared[0, t] >= 0:
            wanted[0, t] = shared[0, t] / 100 - params[0]
            wanted[1, t] = 0.0 if shared[0, t] == 200 else shared[0, t] / 150 - params[0]
    return params[1]


ANY = Weighted(volumes, by_volume, 2)


def plain(bars, s, row, cost, borrow):
    """The equity at each close, and how many positions were closed; stops when all is lost."""
    cash, units, last, waiting, closed, curve = 1.0, 0.0, 0.0, 0.0, 0, [1.0]
    for o, c, v in zip(bars.open[:, s], bars.close[:, s], bars.volume[:, s], strict=True):
        if not math.isnan(c):
            last = c
            if waiting:
                held, units = units, units + waiting
                cash -= waiting * o + cost * abs(waiting) * o
                closed += held != 0 and np.sign(units) != np.sign(held)
                waiting = 0.0
        cash -= max(-units, 0) * last * borrow
        curve.append(cash + units * last)
        if curve[-1] <= 1e-12:
            break
        if math.isnan(c):
            continue
        kept = 0.0 if v == 200 else v / 150 - row[0]
        weight = kept if units else v / 100 - row[0]
        wish = weight * curve[-1] / c - units if weight else -units
        if not weight or abs(wish) * c > row[1] * curve[-1]:
            waiting = wish
    return curve, closed


@settings(max_examples=150)
@given(
    st.integers(0, 10**9), st.integers(1, 80), st.integers(1, 10),
    st.sampled_from([0.0, 0.001, 0.1]), st.sampled_from([0.0, 0.3]),
)  # fmt: skip
def test_any_weights_give_the_figures_of_a_plain_loop(seed, count, symbols, cost, borrow):
    bars = random_bars(np.random.default_rng(seed), count, symbols)
    rows = [[0.0, 0.0], [1.0, 0.0], [1.0, 0.4]]
    found = sweep(bars, ANY, rows, cost=cost, borrow=borrow, threads=2)
    for s in range(symbols):
        for p, row in enumerate(rows):
            same(found, s, p, *plain(bars, s, row, cost, borrow / 252))


def test_rows_of_another_length_are_refused():
    bars = random_bars(np.random.default_rng(1), 5, 1)
    with pytest.raises(InputError, match="must hold 2"):
        sweep(bars, ANY, [[1.0]])
