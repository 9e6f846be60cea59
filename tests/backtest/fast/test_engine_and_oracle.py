"""The compiled loop gives what a plain loop over the rules gives, to 1e-9."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.fast.oracle import Desk, trades_of
from tests.backtest.fast.scripted import as_wishes, costs, random_bars, random_script, scripted
from tools.backtest.fast.engine import run


def same(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


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
