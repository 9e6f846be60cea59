"""How much was lost before: historical measures on float64 arrays.

Returns and losses are fractions (0.05 is 5 %). NaN in returns or closes is left out, as bars that
are not there; infinite values raise InputError. All describe the past of what is given: no
distribution is assumed and nothing is forecast.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from tools.domain.errors import DataUnavailable, InputError

Floats = npt.NDArray[np.float64]
SESSIONS_A_YEAR = 252
LEAST_RETURNS = 30


def daily_returns(close: Floats) -> Floats:
    """``close_t / close_(t-1) - 1``, shape ``(n - 1,)``; NaN closes stay NaN on both sides."""
    values = _flat(close, "closes")
    if values.size < 2:
        raise DataUnavailable(f"Returns need at least 2 closes, there are {values.size}.")
    if (values <= 0).any():
        raise InputError("Closes must be above zero.")
    return np.asarray(values[1:] / values[:-1] - 1.0, dtype=np.float64)


def historical_var(returns: Floats, level: float = 0.95) -> float:
    """The loss that was not exceeded on ``level`` of the days; a fraction, 0 if even that gained.

    The empirical quantile of the losses by numpy's method "higher": an observed loss, the next
    worse one where the level falls between two. Raises DataUnavailable for fewer returns than 30
    or than ``1 / (1 - level)``, InputError unless 0.5 <= level < 1.
    """
    losses = _losses(returns, level)
    return max(0.0, float(np.quantile(losses, level, method="higher")))


def expected_shortfall(returns: Floats, level: float = 0.95) -> float:
    """The mean of the losses at least as bad as ``historical_var``; errors as there."""
    losses = _losses(returns, level)
    tail = losses[losses >= np.quantile(losses, level, method="higher")]
    return max(0.0, float(tail.mean()))


def annualised_volatility(returns: Floats) -> float:
    """Sample standard deviation (divisor n - 1) of daily returns times the root of 252."""
    values = _enough(returns, LEAST_RETURNS)
    return float(np.std(values, ddof=1) * math.sqrt(SESSIONS_A_YEAR))


def max_drawdown(close: Floats) -> float:
    """The largest fall from an earlier peak as a fraction of that peak; 0 when it never fell."""
    values = _present(close, "closes")
    if values.size < 2:
        raise DataUnavailable(f"A drawdown needs at least 2 closes, there are {values.size}.")
    if (values <= 0).any():
        raise InputError("Closes must be above zero.")
    peaks = np.maximum.accumulate(values)
    return float(np.max(1.0 - values / peaks))


def average_volume(volume: Floats, window: int = 20) -> float:
    """Mean volume of the last ``window`` bars, in shares.

    Raises DataUnavailable when there are fewer bars or one of them is NaN: a limit on the share of
    volume must not rest on a guess.
    """
    if window < 1:
        raise InputError(f"window must be at least 1 bar, was {window}.")
    values = _flat(volume, "volumes")[-window:]
    if values.size < window or np.isnan(values).any():
        have = int(np.count_nonzero(~np.isnan(values)))
        raise DataUnavailable(
            f"The average volume needs the last {window} sessions, there are {have}."
        )
    return float(values.mean())


def _losses(returns: Floats, level: float) -> Floats:
    if not 0.5 <= level < 1:
        raise InputError(f"level must be from 0.5 to below 1, was {level}.")
    return -_enough(returns, max(LEAST_RETURNS, math.ceil(round(1 / (1 - level), 6))))


def _enough(returns: Floats, least: int) -> Floats:
    values = _present(returns, "returns")
    if values.size < least:
        raise DataUnavailable(f"This measure needs {least} daily returns, there are {values.size}.")
    return values


def _present(values: Floats, what: str) -> Floats:
    flat = _flat(values, what)
    return flat[~np.isnan(flat)]


def _flat(values: Floats, what: str) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise InputError(f"The {what} must be a flat array.")
    if np.isinf(array).any():
        raise InputError(f"The {what} must be finite.")
    return array
