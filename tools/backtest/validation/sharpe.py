"""How sure a Sharpe ratio is, alone and as the best of many. Ratios here are per bar, not a year's.

Bailey and López de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk (2012), and "The
Deflated Sharpe Ratio", Journal of Portfolio Management (2014). The article on the deflated Sharpe
ratio works an example.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from tools.backtest.metrics import NOISE, STILL
from tools.backtest.validation.returns import Floats, many, one
from tools.domain.errors import InputError

EULER = 0.5772156649015329


def sharpe_per_bar(returns: Floats) -> float:
    """Mean over sample standard deviation (divisor n - 1); NaN when nothing moved."""
    values = one(returns)
    mean, swing = float(values.mean()), float(values.std(ddof=1))
    return mean / swing if swing > max(NOISE, STILL * abs(mean)) else math.nan


def probabilistic_sharpe(returns: Floats, bar: float = 0.0) -> float:
    """The probability that the true ratio is above ``bar``, from 0 to 1; NaN when nothing moved.

    ``N((SR - bar) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1) / 4 SR^2))``, g3 and g4 the skewness and
    the kurtosis (3 for a normal distribution) with population moments.
    """
    values = one(returns)
    ratio = sharpe_per_bar(values)
    if math.isnan(ratio):
        return math.nan
    away = (values - values.mean()) / values.std()
    skew, kurtosis = float(np.mean(away**3)), float(np.mean(away**4))
    return probability_above(ratio, bar, values.size, skew, kurtosis)


def probability_above(ratio: float, bar: float, count: int, skew: float, kurtosis: float) -> float:
    """The same from figures: ``count`` returns with this ``ratio``, skewness and kurtosis."""
    error = 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio
    if error <= 0:
        return math.nan  # only two different returns, one of them a single one
    return NormalDist().cdf((ratio - bar) * math.sqrt((count - 1) / error))


def expected_best(trials: int, spread: float) -> float:
    """The ratio that the best of worthless tries shows; 0 for a single one.

    ``trials`` independent ones, whose ratios have the standard deviation ``spread``.
    """
    if trials < 1 or not spread >= 0:
        raise InputError("There must be at least one try, and their spread must not be below 0.")
    if trials == 1:
        return 0.0
    normal = NormalDist()
    best = normal.inv_cdf(1.0 - 1.0 / trials)
    next_best = normal.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return spread * ((1.0 - EULER) * best + EULER * next_best)


def deflated_sharpe(
    returns: Floats, tried: Floats, trials: int | None = None, spread: float | None = None
) -> float:
    """The probability that the true ratio beats the best of that many worthless tries.

    ``returns`` are those of the one that was chosen, ``tried`` of all of them, itself among them,
    shape ``(bars, variants)``. ``trials`` is how many count as independent: all that ever moved,
    unless told. ``spread`` is the standard deviation of their ratios, of those given unless told.
    NaN when the chosen one never moved.
    """
    ratios = [sharpe_per_bar(column) for column in many(tried).T]
    known = np.array([ratio for ratio in ratios if not math.isnan(ratio)])
    if not known.size:
        return math.nan
    if spread is None:
        spread = float(known.std(ddof=1)) if known.size > 1 else 0.0
    return probabilistic_sharpe(returns, expected_best(trials or int(known.size), spread))
