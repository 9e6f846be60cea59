"""Which periods the last returns swing with: the spectrum of a past window, nothing after it.

Log returns of the window, less their mean, tapered by Hann's bell, through a real FFT. The window
is taken as it is: nothing is padded or mirrored.
"""

from __future__ import annotations

import numpy as np

from tools.features.registry import feature
from tools.features.windows import after
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.smoothing import log_returns

AT_ONCE = 8192
"""Windows transformed at a time: a bound on memory."""


def power(values: Floats, window: int) -> Floats:
    """Power of each frequency from 1 / window to 1 / 2, shape ``(window // 2, n)``; NaN early."""
    result = np.full((window // 2, values.size), np.nan)
    if values.size < window:
        return result
    bell = np.hanning(window + 1)[:-1]
    windows = np.lib.stride_tricks.sliding_window_view(values, window)
    for first in range(0, len(windows), AT_ONCE):
        part = windows[first : first + AT_ONCE].copy()
        part -= part.mean(axis=1)[:, np.newaxis]
        # Where nothing moved, what is left is rounding.
        part[~(np.abs(part).max(axis=1) > 1e-12)] = np.nan
        found = np.fft.rfft(part * bell, axis=1)[:, 1:]
        end = first + window - 1 + len(part)
        result[:, first + window - 1 : end] = (found.real**2 + found.imag**2).T
    return result


@feature(
    "spectrum", "Periods of the returns", family="fourier",
    outputs=("period", "period_share", "slow_share", "middle_share", "fast_share", "spectral_mean",
             "spectral_entropy"),
    params={"window": 64}, unit="bars; 0 to 1", warm_up=after(),
    source="discrete Fourier transform with J. von Hann's taper",
)  # fmt: skip
def spectrum(close: Floats, window: int = 64) -> tuple[Floats, ...]:
    """The strongest period in bars and its share of the power, the shares of the periods of 16 bars
    and longer, 5 to 16, and below 5, the mean period, and the evenness (entropy over its most).

    NaN where nothing moved. Noise has a strongest period, too: with 32 frequencies its share is
    about 0.15 by chance.
    """
    n = window_of(window, least=16)
    periods = (n / np.arange(1, n // 2 + 1))[:, np.newaxis]
    slow, fast = periods[:, 0] >= 16, periods[:, 0] < 5

    def one(x: Floats) -> tuple[Floats, ...]:
        found = power(log_returns(x), n)
        shares = found / _summed(found)
        known = ~np.isnan(shares[0])
        place = np.argmax(np.where(known, shares, 0), axis=0)
        strongest = np.where(known, periods[place, 0], np.nan)
        share = np.take_along_axis(shares, place[np.newaxis, :], axis=0)[0]
        bands = (_summed(shares[band]) for band in (slow, ~slow & ~fast, fast))
        frequency = _summed(shares / periods)
        information = shares * np.log(np.where(shares > 0, shares, 1))
        entropy = -_summed(information) / np.log(n // 2)
        return (strongest, share, *bands, 1 / frequency, entropy)

    return by_stretch(one, close, outputs=7)


def _summed(table: Floats) -> Floats:
    """Sums over frequencies, added in one order however many bars there are."""
    total: Floats = table[0].copy()
    for row in table[1:]:
        total += row
    return total
