"""How long a block of neighbouring returns must be, so that what hangs together stays together.

Politis and White, "Automatic Block-Length Selection for the Dependent Bootstrap", Econometric
Reviews (2004), for the stationary bootstrap, with the correction of Patton, Politis and White
(2009).
"""

from __future__ import annotations

import math

import numpy as np

from tools.market_data.columns import Floats

RULE = (
    "the longer of what the rule of Politis and White (2004, corrected 2009) gives for the returns "
    "and for their sizes without signs, since calm and storm hang together where returns don't"
)
LEAST = 9


def block_length(returns: Floats) -> float:
    """The mean length of a block in bars, at least 1 and at most a third of ``returns``."""
    if len(returns) < LEAST:
        return 1.0
    found = max(_length(returns), _length(np.abs(returns)))
    return round(min(max(found, 1.0), len(returns) / 3), 1)


def _length(values: Floats) -> float:
    count = len(values)
    around = values - values.mean()
    if not np.any(np.abs(around) > 0):
        return 1.0
    quiet = max(5, math.ceil(math.log10(count)))
    most = min(math.ceil(math.sqrt(count)) + quiet, count - 1)
    covariance = np.array([around[: count - k] @ around[k:] / count for k in range(most + 1)])
    if covariance[0] <= 0:
        return 1.0
    small = 2.0 * math.sqrt(math.log10(count) / count)
    loud = np.abs(covariance[1:] / covariance[0]) >= small
    last = _last_before_quiet(loud, quiet)
    lags = np.arange(1, min(2 * max(last, 1), most) + 1)
    part = lags / lags[-1]
    weights = np.where(part <= 0.5, 1.0, 2.0 * (1.0 - part))
    at_zero = covariance[0] + 2.0 * float(weights @ covariance[lags])
    slope = 2.0 * float(weights @ (lags * covariance[lags]))
    if at_zero <= 0:
        return 1.0
    return float((slope * slope / (at_zero * at_zero)) ** (1 / 3) * count ** (1 / 3))


def _last_before_quiet(loud: np.typing.NDArray[np.bool_], quiet: int) -> int:
    """The lag after which ``quiet`` in a row are small; the last loud one where that never is."""
    for lag in range(len(loud) - quiet + 1):
        if not loud[lag : lag + quiet].any():
            return lag
    return int(np.flatnonzero(loud)[-1]) + 1 if loud.any() else 0
