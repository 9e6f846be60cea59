"""Volatility from closes, and of the downside alone.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. A price not
above zero has no logarithm: its windows are NaN.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, number_of, window_of
from tools.indicators.range_volatility import YEAR, yearly
from tools.indicators.registry import register
from tools.indicators.rolling import deviation, highest, lagged, mean
from tools.indicators.smoothing import log_returns, positive
from tools.indicators.ta.table import bars

_KNOWLEDGE = "indicators/realised-volatility"
_PARAMS = {"window": 20, "year": YEAR}
_UNIT = "fraction a year"


@register(
    "realised_volatility", "Realised volatility", outputs=("realised_volatility",),
    params=_PARAMS, unit=_UNIT, family="volatility", knowledge=_KNOWLEDGE,
    source="sample deviation of log returns, divisor window - 1", memory=bars("window", 1),
)  # fmt: skip
def realised_volatility(close: Floats, window: int = 20, year: int = YEAR) -> Floats:
    """Standard deviation of the window's log returns, a year; the first ``window`` are NaN."""
    from tools.indicators.kernels import logarithms

    n = window_of(window, least=2)

    def one(x: Floats) -> Floats:
        logs = logarithms(x)
        return yearly(deviation(logs - lagged(logs, 1), n, 1) ** 2, year)

    return by_stretch(one, close)[0]


@register(
    "ewma_volatility", "Exponentially weighted volatility", outputs=("ewma_volatility",),
    params={"decay": 0.94, "window": 20, "year": YEAR}, unit=_UNIT, family="volatility",
    knowledge=_KNOWLEDGE, source="J. P. Morgan, RiskMetrics (1996)",
)  # fmt: skip
def ewma_volatility(
    close: Floats, decay: float = 0.94, window: int = 20, year: int = YEAR
) -> Floats:
    """Root of ``decay`` times the variance before plus the rest of the last squared return, a year.

    Seeded with the mean square of the first ``window`` returns. Starts anew after a price that has
    no logarithm.
    """
    from tools.indicators.kernels import adaptive

    n, keep = window_of(window), number_of(decay, "decay", 0, 1)

    def one(moves: Floats) -> Floats:
        squares = moves**2
        if squares.size < n:
            return np.full(squares.size, np.nan)
        squares[n - 1] = mean(squares[:n], n)[-1]
        weights = np.full(squares.size, 1 - keep)
        weights[: n - 1] = np.nan
        return yearly(adaptive(squares, weights), year)

    return by_stretch(one, by_stretch(log_returns, close)[0])[0]


@register(
    "downside_deviation", "Downside deviation", outputs=("downside_deviation",), params=_PARAMS,
    unit=_UNIT, family="volatility", knowledge="risk/sortino-ratio",
    source="F. Sortino and R. van der Meer (1991), target 0", memory=bars("window", 1),
)  # fmt: skip
def downside_deviation(close: Floats, window: int = 20, year: int = YEAR) -> Floats:
    """Root mean square of the window's log returns below zero, the others counted as 0, a year."""
    n = window_of(window)
    return by_stretch(lambda x: yearly(mean(np.minimum(log_returns(x), 0) ** 2, n), year), close)[0]


@register(
    "overnight_volatility", "Overnight volatility", inputs=("open", "close"),
    outputs=("overnight_volatility",), params=_PARAMS, unit=_UNIT, family="volatility",
    knowledge="indicators/range-volatility", source="sample deviation of ln(open / close before)",
    memory=bars("window", 1),
)  # fmt: skip
def overnight_volatility(
    open: Floats,  # noqa: A002 - the price's name
    close: Floats, window: int = 20, year: int = YEAR,
) -> Floats:  # fmt: skip
    """Standard deviation of the opening gaps, a year."""
    n = window_of(window, least=2)

    def one(o: Floats, c: Floats) -> Floats:
        gaps = np.log(positive(o)) - np.log(positive(lagged(c, 1)))
        return yearly(deviation(gaps, n, 1) ** 2, year)

    return by_stretch(one, open, close)[0]


@register(
    "ulcer_index", "Ulcer index", outputs=("ulcer_index_{window}",), windows=(14,),
    unit="per cent", family="volatility", knowledge=_KNOWLEDGE,
    source="P. Martin and B. McCann (1989)", memory=lambda params: 2 * params["window"],
)  # fmt: skip
def ulcer_index(close: Floats, window: int = 14) -> Floats:
    """Root mean square of the drawdowns from the highest close of the window before each bar."""
    n = window_of(window)

    def one(x: Floats) -> Floats:
        depth: Floats = np.sqrt(mean((100 * (x / highest(x, n) - 1)) ** 2, n))
        return depth

    return by_stretch(one, close)[0]
