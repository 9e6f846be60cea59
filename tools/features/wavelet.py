"""How the movement is spread over scales of time, by filters that look at the past alone.

The maximal-overlap discrete wavelet transform (D. Percival and A. Walden, 2000) of log returns with
Daubechies's filters of PyWavelets, as a causal filter bank: coefficient ``t`` of scale ``j`` is a
weighted sum of returns up to ``t``. So no rule for the boundary is needed: where a filter would
reach before the first bar, the value is NaN, and no later bar changes an earlier one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tools.domain.errors import InputError
from tools.features.registry import feature
from tools.features.windows import logs, mean, over
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.rolling import lagged
from tools.indicators.smoothing import log_returns

LEVELS = 4
_SHARES = tuple(f"wavelet_{level}" for level in range(1, LEVELS + 1))
_SOURCE = "D. Percival and A. Walden (2000), causal MODWT with Daubechies's filters"


def reach(moments: float) -> int:
    """How many values before its own the last scale's coefficient looks at."""
    return (int(2**LEVELS) - 1) * (2 * int(moments) - 1)


def _history(params: Mapping[str, float]) -> float:
    return reach(params["moments"]) + params["window"]


def scales(values: Floats, moments: int) -> tuple[list[Floats], Floats]:
    """The details of each scale (2 to 4 bars, 4 to 8, …) and the smooth rest, NaN at the start."""
    from pywt import Wavelet

    filters = Wavelet(f"db{moments}")
    low, high = (np.array(f) / np.sqrt(2) for f in (filters.dec_lo, filters.dec_hi))
    details, smooth = [], values
    for level in range(LEVELS):
        lags = [lagged(smooth, 2**level * place) if place else smooth for place in range(low.size)]
        details.append(_weighed(lags, high))
        smooth = _weighed(lags, low)
    return details, smooth


def _weighed(lags: list[Floats], weights: Floats) -> Floats:
    total: Floats = lags[0] * weights[0]
    for lag, weight in zip(lags[1:], weights[1:], strict=True):
        total += lag * weight
    return total


def moments_of(value: object) -> int:
    """Vanishing moments of the wavelet: 1 is Haar's."""
    number = window_of(value, "moments")
    if number > 10:
        raise InputError(f"moments must be from 1 to 10, was {number}.")
    return number


@feature(
    "wavelet_energy", "Shares of the movement by scale", family="wavelet",
    outputs=(*_SHARES, "wavelet_rest", "wavelet_entropy"), params={"window": 64, "moments": 2},
    unit="0 to 1", warm_up=_history, source=_SOURCE,
)  # fmt: skip
def wavelet_energy(close: Floats, window: int = 64, moments: int = 2) -> tuple[Floats, ...]:
    """Mean square of each scale's coefficients over all of them, the rest, and their evenness.

    Scale 1 has the swings of 2 to 4 bars, 2 those of 4 to 8, and so on; the rest is slower. The
    evenness is the entropy of the five over log 5. NaN where nothing moved.
    """
    n, order = window_of(window), moments_of(moments)

    def one(x: Floats) -> tuple[Floats, ...]:
        details, smooth = scales(log_returns(x), order)
        energies = [mean(part * part, n) for part in (*details, smooth)]
        # The last scale is the last to be known: before it no share is right.
        whole = energies[0] + energies[1] + energies[2] + energies[3] + energies[4]
        shares = [over(energy, whole) for energy in energies]
        entropy = np.zeros(x.size)
        for share in shares:
            entropy -= np.where(share == 0, 0, share * np.log(share))
        return (*shares, np.clip(entropy / np.log(LEVELS + 1), 0, 1))

    return by_stretch(one, close, outputs=LEVELS + 2)


@feature(
    "wavelet_trend", "Close over its wavelet smooth", family="wavelet", outputs=("wavelet_trend",),
    params={"moments": 2}, unit="logarithm", warm_up=lambda p: reach(p["moments"]), source=_SOURCE,
)  # fmt: skip
def wavelet_trend(close: Floats, moments: int = 2) -> Floats:
    """Logarithm of the close less the smooth of all slower than 32 bars, which lags as it must."""
    order = moments_of(moments)

    def one(x: Floats) -> Floats:
        price = logs(x)
        above: Floats = price - scales(price, order)[1]
        return above

    return by_stretch(one, close)[0]
