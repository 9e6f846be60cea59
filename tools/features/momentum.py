"""Has it risen, for what risk, and is it speeding up; oscillators such as the RSI are indicators.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. A price not
above zero has no logarithm: its windows are NaN.
"""

from __future__ import annotations

import numpy as np

from tools.domain.errors import InputError
from tools.features.registry import feature
from tools.features.windows import after, at, deviation, logs, mean, moved
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.rolling import highest, lagged, lowest
from tools.indicators.smoothing import log_returns


@feature(
    "year_momentum", "Return of a year without its last month", family="momentum",
    outputs=("year_momentum",), params={"window": 252, "skip": 21}, unit="logarithm",
    warm_up=after(), source="N. Jegadeesh and S. Titman (1993), as by M. Carhart (1997)",
)  # fmt: skip
def year_momentum(close: Floats, window: int = 252, skip: int = 21) -> Floats:
    """Logarithm of the close ``skip`` bars ago over that ``window`` bars ago."""
    n, back = window_of(window), window_of(skip, "skip", 0)
    if back >= n:
        raise InputError(f"skip must be shorter than the window, was {back} and {n}.")
    return by_stretch(lambda x: lagged(logs(x), back) - lagged(logs(x), n), close)[0]


@feature(
    "move_per_risk", "Return over its volatility", family="momentum",
    outputs=("move_per_risk_{window}",), windows=(10, 21, 63, 252), unit="deviations",
    warm_up=after(), source="mean over standard deviation of log returns, W. Sharpe (1966)",
)  # fmt: skip
def move_per_risk(close: Floats, window: int = 63) -> Floats:
    """Per bar; NaN where nothing moved."""
    n = window_of(window, least=2)

    def one(x: Floats) -> Floats:
        moves = log_returns(x)
        return mean(moves, n) / moved(deviation(moves, n), np.ones(x.size))

    return by_stretch(one, close)[0]


@feature(
    "speeding_up", "Change of the return", family="momentum", outputs=("speeding_up_{window}",),
    windows=(5, 21), unit="logarithm", warm_up=lambda p: 2 * p["window"],
    source="the window's log return less that of the window before",
)  # fmt: skip
def speeding_up(close: Floats, window: int = 5) -> Floats:
    """Above zero when the rise quickens."""
    n = window_of(window)

    def one(x: Floats) -> Floats:
        move = logs(x) - lagged(logs(x), n)
        return move - lagged(move, n)

    return by_stretch(one, close)[0]


@feature(
    "rising_share", "Share of rising bars", family="momentum", outputs=("rising_share_{window}",),
    windows=(10, 21, 63), unit="0 to 1", warm_up=after(),
    source="share of bars whose close is above the one before",
)  # fmt: skip
def rising_share(close: Floats, window: int = 21) -> Floats:
    """An unchanged close counts as half a rise."""
    n = window_of(window)

    def one(x: Floats) -> Floats:
        return mean((1 + np.sign(x - lagged(x, 1))) / 2, n)

    return by_stretch(one, close)[0]


@feature(
    "surprise", "Last return in deviations of those before", family="momentum",
    outputs=("surprise_{window}",), windows=(21, 63), unit="deviations", warm_up=after(1),
    source="z-score of the log return against the window before it",
)  # fmt: skip
def surprise(close: Floats, window: int = 21) -> Floats:
    """NaN where nothing moved before."""
    n = window_of(window, least=2)

    def one(x: Floats) -> Floats:
        moves = log_returns(x)
        usual = moved(lagged(deviation(moves, n), 1), np.ones(x.size))
        return (moves - lagged(mean(moves, n), 1)) / usual

    return by_stretch(one, close)[0]


@feature(
    "largest_move", "Largest and smallest return", family="momentum",
    outputs=("largest_rise", "largest_fall"), params={"window": 21}, unit="logarithm",
    warm_up=after(), source="T. Bali, N. Cakici and R. Whitelaw (2011): the MAX effect",
)  # fmt: skip
def largest_move(close: Floats, window: int = 21) -> tuple[Floats, ...]:
    """Of the window's log returns."""
    n = window_of(window)

    def one(x: Floats) -> tuple[Floats, ...]:
        moves = log_returns(x)
        return highest(moves, n), lowest(moves, n)

    return by_stretch(one, close, outputs=2)


@feature(
    "reversal", "Last return against that of the bar's body", family="momentum",
    inputs=("open", "close"), outputs=("reversal",), unit="logarithm", warm_up=at(1),
    source="open-to-close move less the opening gap",
)  # fmt: skip
def reversal(open: Floats, close: Floats) -> Floats:  # noqa: A002 - the price's name
    """Above zero when the session bought what the opening sold."""
    return by_stretch(
        lambda o, c: logs(c) - 2 * logs(o) + lagged(logs(c), 1), open, close
    )[0]  # fmt: skip
