"""The compiled loop gives what a plain loop over the rules gives, to 1e-9."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.fast.oracle import Desk, trades_of
from tests.backtest.fast.scripted import as_wishes, costs, random_bars, random_script, scripted
from tools.backtest.fast.bars import bars_of
from tools.backtest.fast.engine import run

IN_MONEY = ("per_unit", "minimum", "slip", "spread")


def same(found, wanted, unit=1.0):
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9 * unit)


def rows(part):
    return [list(row) for row in zip(*(getattr(part, n) for n in part.__slots__), strict=True)]


@settings(max_examples=300)
@given(st.integers(0, 10**9), st.integers(1, 60), st.integers(1, 3), costs)
def test_fills_equity_and_trades_are_those_of_the_oracle(seed, count, symbols, paid):
    rng = np.random.default_rng(seed)
    bars, script = random_bars(rng, count, symbols), random_script(rng, count, symbols)
    found = run(bars, scripted, columns=script, cash=500.0, costs=paid)
    desk = Desk(bars, paid, 500.0, as_wishes(script)).play()
    same(rows(found.fills), [list(f) for f in desk.fills])
    same(rows(found.refused), [list(r) for r in desk.refused])
    same(found.equity, desk.equity)
    same(found.positions, desk.positions)
    assert found.waiting == len(desk.book)
    assert found.forced == desk.forced
    wanted = sorted(trades_of(desk), key=lambda t: (t[2], t[0], t[1]))
    ours = sorted(rows(found.trades), key=lambda t: (t[2], t[0], t[1]))
    same(ours, [list(t) for t in wanted])


def wild_bars(rng, count, symbols, unit):
    """Prices around ``unit`` that stand still or move, or leap; volumes of any size."""
    swing, pace = rng.choice([0.0, 0.1, 0.6]), rng.choice([0.0, 1e-3, 100.0, 1e9])
    steps = np.cumsum(rng.normal(0, swing, (2, count, symbols)), axis=1)
    o, c = 10 * unit * np.exp(np.clip(steps, -7, 7))
    wide = 1 + swing * rng.integers(0, 2, (count, symbols))
    columns = [o, np.maximum(o, c) * wide, np.minimum(o, c) / wide, c]
    columns.append(rng.integers(0, 4, (count, symbols)) * pace)
    for column in columns:
        column[rng.random((count, symbols)) < 0.03] = np.nan
    return bars_of(*columns)


@settings(max_examples=150)
@given(
    st.integers(0, 10**9), st.integers(1, 50), st.integers(1, 3), costs,
    st.sampled_from([1e-8, 1.0, 1e9]), st.sampled_from([1e-6, 1.0, 1e4]),
)  # fmt: skip
def test_prices_and_quantities_of_any_size_give_those_of_the_oracle(
    seed, count, symbols, paid, unit, lot
):
    rng = np.random.default_rng(seed)
    bars, script = wild_bars(rng, count, symbols, unit), random_script(rng, count, symbols)
    for n in range(3):
        script[6 * n + 1] *= lot
        script[6 * n + 2 : 6 * n + 4] *= unit
    paid = replace(paid, **{k: getattr(paid, k) * unit for k in IN_MONEY})
    found = run(bars, scripted, columns=script, cash=500.0 * unit, costs=paid)
    desk = Desk(bars, paid, 500.0 * unit, as_wishes(script)).play()
    same(rows(found.fills), [list(f) for f in desk.fills], 0.0)
    same(rows(found.refused), [list(r) for r in desk.refused], 0.0)
    same(found.equity, desk.equity, 1e3 * unit)
    wanted = sorted(trades_of(desk), key=lambda t: (t[2], t[0], t[1]))
    ours = sorted(rows(found.trades), key=lambda t: (t[2], t[0], t[1]))
    same(ours, [list(t) for t in wanted], 1e3 * unit)
