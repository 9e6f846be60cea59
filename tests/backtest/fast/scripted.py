"""Random bars, costs and orders, for the compiled loop and the oracle alike."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.backtest.fast.oracle import Order
from tools.backtest.fast.bars import bars_of
from tools.backtest.fast.costs import Costs
from tools.backtest.fast.orders import cancel, limit, market, stop, stop_limit
from tools.backtest.fast.strategy import SEEN, strategy

EACH, FIELDS = 3, 6
KINDS = {1: "market", 2: "limit", 3: "stop", 4: "stop-limit"}


@strategy
def scripted(now, state, params, orders):
    """Asks for what the columns say: up to three orders of each symbol a bar."""
    for n in range(3):
        for s in range(now.shape[0]):
            at = SEEN + 6 * n
            kind, quantity = now[s, at], now[s, at + 1]
            at_limit, at_stop, closing = now[s, at + 2], now[s, at + 3], now[s, at + 4] > 0
            bars = int(now[s, at + 5]) if now[s, at + 5] > 0 else 0
            if kind == 0:
                cancel(orders, s)
            elif kind == 1:
                market(orders, s, quantity, closing, bars)
            elif kind == 2:
                limit(orders, s, quantity, at_limit, closing, bars)
            elif kind == 3:
                stop(orders, s, quantity, at_stop, closing, bars)
            elif kind == 4:
                stop_limit(orders, s, quantity, at_stop, at_limit, closing, bars)


def random_bars(rng, count, symbols, holes=True):
    """Prices on a coarse grid, so that levels are often met exactly."""
    o, c = rng.integers(8, 13, (2, count, symbols)) / 1.0
    h = np.maximum(o, c) + rng.integers(0, 3, (count, symbols))
    low = np.minimum(o, c) - rng.integers(0, 3, (count, symbols))
    v = rng.integers(0, 4, (count, symbols)) * 100.0
    columns = [o, h, low, c, v]
    if holes:
        for column in columns:
            column[rng.random((count, symbols)) < 0.03] = np.nan
    return bars_of(*columns)


def random_script(rng, count, symbols):
    """Columns for ``scripted``; each tenth bar or so asks for something, never nine at a time."""
    script = np.full((EACH * FIELDS, count, symbols), np.nan)
    for s in range(symbols):
        resting = 0
        for bar in range(count):
            if rng.random() < 0.5:
                continue
            many = int(rng.integers(1, EACH + 1))
            for n in range(many):
                kind = int(rng.integers(0, 5))
                if resting >= 8:
                    kind = 0
                resting = 0 if kind == 0 else resting + 1
                script[FIELDS * n : FIELDS * (n + 1), bar, s] = (
                    kind,
                    rng.choice([-1, 1]) * rng.choice([1.0, 5.0, 20.0, 0.1, 60.0]),
                    rng.integers(7, 15),
                    rng.integers(7, 15),
                    rng.random() < 0.5,
                    rng.choice([0, 0, 1, 2, 5]),
                )
    return script


def as_wishes(script):
    """The same for the oracle, in the order in which ``scripted`` asks."""
    wishes = []
    for bar in range(script.shape[1]):
        now = []
        for n in range(EACH):
            for s in range(script.shape[2]):
                kind, quantity, at_limit, at_stop, closing, bars = script[
                    FIELDS * n : FIELDS * (n + 1), bar, s
                ].tolist()
                if kind == 0:
                    now.append(s)
                elif kind > 0:
                    now.append(
                        Order(s, KINDS[kind], quantity, at_limit, at_stop, closing > 0, int(bars))
                    )
        wishes.append(now)
    return wishes


costs = st.builds(
    Costs,
    per_unit=st.sampled_from([0.0, 0.01]),
    rate=st.sampled_from([0.0, 0.001]),
    minimum=st.sampled_from([0.0, 1.0]),
    slip=st.sampled_from([0.0, 0.05]),
    slip_rate=st.sampled_from([0.0, 0.002]),
    slip_volume=st.sampled_from([0.0, 0.1]),
    spread=st.sampled_from([0.0, 0.1]),
    borrow=st.sampled_from([0.0, 0.05]),
    leverage=st.sampled_from([0.5, 1.0, 2.0, 50.0]),
    volume_share=st.sampled_from([0.0, 0.0, 0.02, 0.1]),
    maintenance=st.sampled_from([0.0, 0.0, 0.3, 0.9]),
)
