"""Whether the best of what was tried may go on to paper trading."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tools.backtest.validation.overfitting import overfitting
from tools.backtest.validation.reality_check import reality_check
from tools.backtest.validation.returns import Floats, many, one
from tools.backtest.validation.sharpe import deflated_sharpe, sharpe_per_bar

SURE = 0.95
MOST_LUCK = 0.03
"""Below 1 in 20, so that noise passes less often than that however the draws fall."""
EVEN = 0.5
LEAST_BARS = 120
TOO_GOOD = 6.0
"""A Sharpe ratio a year that few have had after costs, and every leak has."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """``promoted`` only if nothing is in ``reasons``; ``red`` where the backtest can't be true.

    ``best`` is the variant's number, -1 where none moved. ``deflated`` and ``overfitting`` are
    probabilities, ``luck`` is the reality check's; ``sharpe`` is a year's. NaN is not known.
    """

    promoted: bool
    red: bool
    best: int
    sharpe: float
    deflated: float
    overfitting: float
    luck: float
    reasons: tuple[str, ...]


def judge(
    tried: Floats,
    *,
    benchmark: Floats | None = None,
    leak: int | None = None,
    trials: int | None = None,
    periods: float = 252.0,
    seed: int = 0,
    walked: Floats | None = None,
) -> Promotion:
    """Judge the best of ``tried``, shape ``(bars, variants)``, by its Sharpe ratio after costs.

    It is promoted if the deflated Sharpe ratio is at least 0.95; the reality check against
    ``benchmark`` (nothing unless told) at most 0.03; and, where there are variants to choose from,
    overfitting less likely than not, or the chosen ones earning in 19 of 20 judging halves, as
    where all are good it makes no difference which is chosen. ``leak`` is what ``first_leak``
    found. ``trials`` says how many were tried where not all are given.

    With ``walked``, shape ``(bars,)``, that is judged instead of the best: what choosing among
    ``tried`` on earlier bars gave. ``best`` is then the variant that would have done best.
    """
    returns = many(tried)
    ratios = np.array([sharpe_per_bar(column) for column in returns.T])
    if returns.shape[0] < LEAST_BARS or np.isnan(ratios).all():
        why = f"There are fewer than {LEAST_BARS} bars, or nothing ever moved."
        nan = math.nan
        return Promotion(False, leak is not None, -1, nan, nan, nan, nan, (why, *_leaks(leak)))
    best = int(np.nanargmax(ratios))
    judged = returns[:, best] if walked is None else one(walked)
    sharpe = sharpe_per_bar(judged) * math.sqrt(periods)
    deflated = deflated_sharpe(judged, returns, trials)
    alone = returns if walked is None else judged[:, np.newaxis]
    luck = reality_check(alone, benchmark, seed=seed)
    probability, earned = math.nan, 1.0
    if returns.shape[1] > 1:
        ways = overfitting(returns, blocks=10)
        probability, earned = ways.probability, float(np.mean(ways.judged > 0))
    reasons = list(_leaks(leak))
    if sharpe > TOO_GOOD:
        reasons.append(f"A Sharpe ratio of {sharpe:.1f} a year is a leak until proven otherwise.")
    red = bool(reasons)
    if not deflated >= SURE:
        reasons.append(f"The deflated Sharpe ratio is {deflated:.2f}, below {SURE}.")
    if luck > MOST_LUCK:
        reasons.append(f"Luck alone shows as good a best one with a chance of {luck:.2f}.")
    if probability >= EVEN and earned < SURE:
        reasons.append(f"The probability of overfitting is {probability:.2f}.")
    return Promotion(not reasons, red, best, sharpe, deflated, probability, luck, tuple(reasons))


def _leaks(leak: int | None) -> tuple[str, ...]:
    if leak is None:
        return ()
    return (f"The signal of bar {leak} was made with bars after it.",)
