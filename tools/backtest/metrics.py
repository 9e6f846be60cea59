"""What a backtest is judged by: each figure has one formula, here.

Equity is the value of the account, first what it began with and then at each bar's close, shape
``(n,)``. Returns, drawdowns and rates are fractions. A year is ``periods`` bars: 252 sessions
unless told, 365 for days of crypto, 252 × 390 for minutes of US shares. Dividends, interest and
inflation are in the figures only where they are in the equity.

A figure that can't be known is NaN and never 0: a Sharpe ratio of an account that never moved, the
win rate of no trades, anything per year of an account that was at or below zero. Equity that holds
NaN or infinity, or begins at or below zero, raises InputError, as do arrays that aren't flat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError

Floats = npt.NDArray[np.float64]
SESSIONS_A_YEAR = 252
STILL, NOISE = 1e-6, 1e-12
"""Returns that swing by less than these, of their mean or at all, differ by rounding alone."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Every figure of one run; fractions, per year where the name says so, lengths in bars."""

    total_return: float
    annual_return: float
    annual_volatility: float
    sharpe: float
    sortino: float
    calmar: float
    max_drawdown: float
    longest_drawdown: int
    trades: int
    win_rate: float
    profit_factor: float
    annual_turnover: float
    exposure: float


def measure(
    equity: Floats,
    profits: Floats,
    traded: float,
    invested: Floats,
    periods: float = SESSIONS_A_YEAR,
) -> Metrics:
    """Every figure. ``profits`` has one entry for each closed trade, in money and after its costs.

    ``traded`` is all that was bought and sold, in money; ``invested`` is the value at work at each
    close, long and short added up without signs, shape ``(n,)``.
    """
    returns = returns_of(equity)
    return Metrics(
        total_return=total_return(equity),
        annual_return=annual_return(equity, periods),
        annual_volatility=annual_volatility(returns, periods),
        sharpe=sharpe(returns, periods),
        sortino=sortino(returns, periods),
        calmar=calmar(equity, periods),
        max_drawdown=max_drawdown(equity),
        longest_drawdown=longest_drawdown(equity),
        trades=int(_flat(profits, "profits").size),
        win_rate=win_rate(profits),
        profit_factor=profit_factor(profits),
        annual_turnover=annual_turnover(traded, equity, periods),
        exposure=exposure(invested),
    )


def returns_of(equity: Floats) -> Floats:
    """``E_t / E_(t-1) - 1``, shape ``(n - 1,)``; NaN where the earlier equity isn't above zero."""
    values = _equity(equity)
    before = np.where(values[:-1] > 0, values[:-1], np.nan)
    return np.asarray(values[1:] / before - 1.0, dtype=np.float64)


def total_return(equity: Floats) -> float:
    """``E_n / E_0 - 1``; below -1 where debts are left."""
    values = _equity(equity)
    return float(values[-1] / values[0] - 1.0)


def annual_return(equity: Floats, periods: float = SESSIONS_A_YEAR) -> float:
    """``(E_n / E_0) ** (periods / bars) - 1``, the compound growth rate; NaN at or below zero."""
    values = _equity(equity)
    if values.size < 2 or values.min() <= 0:
        return math.nan
    growth = math.log(values[-1] / values[0]) * periods / (values.size - 1)
    return math.expm1(growth) if growth < 700 else math.inf  # a minute's luck, as a year


def annual_volatility(returns: Floats, periods: float = SESSIONS_A_YEAR) -> float:
    """Sample standard deviation (divisor n - 1) times the root of ``periods``; NaN below 2."""
    values = _flat(returns, "returns")
    if values.size < 2:
        return math.nan
    return float(np.std(values, ddof=1) * math.sqrt(periods))


def sharpe(returns: Floats, periods: float = SESSIONS_A_YEAR, cash: float = 0.0) -> float:
    """``mean(r - cash) / stdev(r) * sqrt(periods)`` with divisor n - 1; ``cash`` is per bar.

    Sharpe, "The Sharpe Ratio", Journal of Portfolio Management (1994). NaN when nothing moved,
    or every bar alike. The root of time holds for returns that don't hang together (Lo 2002).
    """
    values = _flat(returns, "returns")
    if values.size < 2:
        return math.nan
    return _ratio(values - cash, float(np.std(values, ddof=1)), periods)


def sortino(returns: Floats, periods: float = SESSIONS_A_YEAR, target: float = 0.0) -> float:
    """``(mean(r) - target) / sqrt(mean(max(0, target - r) ** 2)) * sqrt(periods)``.

    Sortino and Price, "Performance Measurement in a Downside Risk Framework" (1994): the mean of
    squares is over all bars, not only the bad ones. NaN when no return fell short of ``target``.
    """
    values = _flat(returns, "returns")
    if values.size < 2:
        return math.nan
    short = np.maximum(0.0, target - values)
    downside = math.sqrt(float(np.mean(short * short)))
    return _ratio(values - target, downside, periods)


def max_drawdown(equity: Floats) -> float:
    """The largest ``(P_t - E_t) / P_t`` with ``P_t`` the highest equity so far; 0 if it never fell.

    Magdon-Ismail and Atiya, "Maximum Drawdown", Risk (2004). Above 1 where debts are left.
    """
    values = _equity(equity)
    peaks = np.maximum.accumulate(values)
    return float(np.max((peaks - values) / peaks))


def longest_drawdown(equity: Floats) -> int:
    """The most bars from a peak until equity was as high again, or until the end."""
    values = _equity(equity)
    at_peak = np.flatnonzero(values >= np.maximum.accumulate(values))
    stops = np.append(at_peak[1:], values.size - 1)
    gaps = stops - at_peak
    fell = np.concatenate([gaps[:-1] > 1, [gaps[-1] > 0]])
    return int(np.max(gaps * fell))


def calmar(equity: Floats, periods: float = SESSIONS_A_YEAR) -> float:
    """Annual return over maximum drawdown, of the whole period; NaN if it never fell.

    Young, "Calmar Ratio: A Smoother Tool", Futures (1991), who took the last three years.
    """
    fall = max_drawdown(equity)
    return annual_return(equity, periods) / fall if fall > 0 else math.nan


def win_rate(profits: Floats) -> float:
    """The share of closed trades that earned more than nothing; NaN without trades."""
    values = _flat(profits, "profits")
    return float(np.mean(values > 0)) if values.size else math.nan


def profit_factor(profits: Floats) -> float:
    """What the winners earned over what the losers lost; infinite without a loser.

    NaN without trades, and where every trade came out at nothing.
    """
    values = _flat(profits, "profits")
    won, lost = float(values[values > 0].sum()), float(-values[values < 0].sum())
    if lost > 0:
        return won / lost
    return math.inf if won > 0 else math.nan


def annual_turnover(traded: float, equity: Floats, periods: float = SESSIONS_A_YEAR) -> float:
    """Bought plus sold over the mean equity, a year: two-sided, twice what funds report.

    NaN for a single bar, and where the mean equity isn't above zero.
    """
    values = _equity(equity)
    mean = float(values.mean())
    if values.size < 2 or mean <= 0:
        return math.nan
    return traded / mean * periods / (values.size - 1)


def exposure(invested: Floats) -> float:
    """The share of bars with anything at work at the close, long or short."""
    values = _flat(invested, "values at work")
    return float(np.mean(values != 0)) if values.size else math.nan


def _ratio(excess: Floats, swing: float, periods: float) -> float:
    mean = float(np.mean(excess))
    known = swing > max(NOISE, STILL * abs(mean))
    return mean / swing * math.sqrt(periods) if known else math.nan


def _equity(values: Floats) -> Floats:
    equity = _flat(values, "equity")
    if not equity.size or equity[0] <= 0:
        raise InputError("The equity must begin above zero.")
    if not np.isfinite(equity).all():
        bar = int(np.flatnonzero(~np.isfinite(equity))[0])
        raise InputError(f"The equity must be a number at each bar; at bar {bar} it is not.")
    return equity


def _flat(values: Floats, what: str) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise InputError(f"The {what} must be a flat array.")
    return array
