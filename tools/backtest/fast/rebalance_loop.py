"""The loop of rebalancing. Imported late: this imports numba.

Number by number where a whole row would do: with rows, what tells of shapes that differ would be
compiled, too, for three seconds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import compiled

CLOSE_ENOUGH = 1e-14
MOST_STEPS = 200


@compiled
def rebalance_loop(
    opens: Floats,
    closes: Floats,
    decided: npt.NDArray[np.int64],
    weights: Floats,
    cash: float,
    cost: float,
    borrow: float,
    equity: Floats,
    traded: Floats,
    held: Floats,
) -> int:
    """Fill ``equity`` bar by bar; ``traded`` and ``held`` (units after it) for each decision.

    Answers the bar at which nothing was left, or -1.
    """
    bars, symbols = closes.shape
    units, last = np.zeros(symbols), np.zeros(symbols)
    following = 0
    for t in range(bars):
        if following < decided.size and decided[following] + 1 == t:
            cash -= _traded(
                opens[t],
                weights[following],
                units,
                last,
                cash,
                cost,
                traded[following : following + 1],
            )
            for s in range(symbols):
                held[following, s] = units[s]
            following += 1
        total = cash
        for s in range(symbols):
            price = closes[t, s]
            last[s] = last[s] if np.isnan(price) else price
            worth = units[s] * last[s]
            if worth < 0:
                cash += worth * borrow
                total += worth * borrow
            total += worth
        equity[t] = total
        if total <= 0:
            equity[t:] = total
            return t
    return -1


@compiled
def _traded(
    opens: Floats,
    weights: Floats,
    units: Floats,
    last: Floats,
    cash: float,
    cost: float,
    traded: Floats,
) -> float:
    """Move ``units`` to the weights of what is left after costs; answers the cash that it took.

    What has no open stays as it is. Where that leaves less room than the weights add up to, the
    others get less, each by the same part.
    """
    whole, stuck, gross, free = cash, 0.0, 0.0, 0.0
    for s in range(units.size):
        gross += abs(weights[s])
        if np.isnan(opens[s]):
            stuck += abs(units[s] * last[s])
            whole += units[s] * last[s]
        else:
            free += abs(weights[s])
            whole += units[s] * opens[s]
    left, moved, part = whole, 0.0, 1.0
    for _ in range(MOST_STEPS):
        part = 1.0
        if free > 0 and gross * left - stuck < free * left:
            part = max(0.0, (gross * left - stuck) / (free * left))
        moved = 0.0
        for s in range(units.size):
            if not np.isnan(opens[s]):
                moved += abs(weights[s] * part * left - units[s] * opens[s])
        before, left = left, whole - cost * moved
        if abs(left - before) <= CLOSE_ENOUGH * whole:
            break
    paid = cost * moved
    for s in range(units.size):
        if not np.isnan(opens[s]):
            wish = weights[s] * part * left / opens[s]
            paid += (wish - units[s]) * opens[s]
            units[s] = wish
    traded[0] = moved
    return paid


@compiled
def inverse_volatilities(
    closes: Floats, decided: npt.NDArray[np.int64], window: int, weights: Floats
) -> None:
    """Rows of ``weights`` that add up to 1 where there is anything to weigh, else all 0."""
    symbols = closes.shape[1]
    grown, means, squares = np.empty((window, symbols)), np.empty(symbols), np.empty(symbols)
    for k in range(decided.size):
        first = decided[k] - window + 1
        weights[k] = 0.0
        if first < 1:
            continue
        means[:] = 0.0
        squares[:] = 0.0
        for t in range(window):
            now, before, row = closes[first + t], closes[first + t - 1], grown[t]
            for s in range(symbols):
                row[s] = now[s] / before[s] - 1.0
                means[s] += row[s]
        for t in range(window):
            row = grown[t]
            for s in range(symbols):
                away = row[s] - means[s] / window
                squares[s] += away * away
        total = 0.0
        for s in range(symbols):
            if squares[s] > 0:  # no NaN passes this
                weights[k, s] = 1.0 / np.sqrt(squares[s])
                total += weights[k, s]
        if total > 0:
            for s in range(symbols):
                weights[k, s] /= total
