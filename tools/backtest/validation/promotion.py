"""Whether the best of what was tried may go on to paper trading."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tools.backtest.validation.hedging import betas, hedged, of_one_bar
from tools.backtest.validation.overfitting import Overfitting, overfitting
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
ONE_BAR = 0.9
HEDGED = "Without what the benchmark explains, "


@dataclass(frozen=True, slots=True)
class Held:
    """Returns held against worthless ones; NaN is not known.

    A year's Sharpe ratio, the probability that it is above the best of as many worthless tries, and
    the reality check's chance of luck.
    """

    sharpe: float = math.nan
    deflated: float = math.nan
    luck: float = math.nan


@dataclass(frozen=True, slots=True)
class Promotion:
    """``promoted`` only if nothing is in ``reasons``; ``red`` where the backtest can't be true.

    ``best`` is the variant's number, -1 where none moved. ``raw`` is held against earning nothing,
    ``beyond`` is what a hedge of the benchmark leaves, None without one, with its ``beta``.
    ``overfitting`` is a probability. NaN is not known.
    """

    promoted: bool
    red: bool
    best: int
    raw: Held
    beyond: Held | None
    beta: float
    overfitting: float
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
    ways: Overfitting | None = None,
    spread: float | None = None,
) -> Promotion:
    """Judge the best of ``tried``, shape ``(bars, variants)``, by its Sharpe ratio after costs.

    It is promoted if the deflated Sharpe ratio is at least 0.95 and the reality check at most 0.03,
    against earning nothing and again for what is left when the ``benchmark`` is hedged away; and,
    where there are variants to choose from, overfitting less likely than not, or the chosen ones
    earning in 19 of 20 judging halves, as where all are good it makes no difference which is
    chosen. ``benchmark`` has the shape ``(bars,)``, or a column for each variant. ``leak`` is what
    ``first_leak`` found. ``trials`` says how many were tried where not all are given, and
    ``spread`` then how far their Sharpe ratios per bar lie apart. ``ways`` is overfitting as a
    search of its own kind has measured it.

    With ``walked``, shape ``(bars,)``, that is judged instead of the best: what choosing among
    ``tried`` on earlier bars gave. ``best`` is then the variant that would have done best.
    """
    returns = many(tried)
    ratios = np.array([sharpe_per_bar(column) for column in returns.T])
    if returns.shape[0] < LEAST_BARS or np.isnan(ratios).all():
        why = f"There are fewer than {LEAST_BARS} bars, or nothing ever moved."
        said = (why, *_leaks(leak))
        return Promotion(False, leak is not None, -1, Held(), None, math.nan, math.nan, said)
    best = int(np.nanargmax(ratios))

    def held(among: Floats, judged: Floats) -> Held:
        alone = among if walked is None else judged[:, np.newaxis]
        luck = reality_check(alone, seed=seed)
        if trials is not None and trials > 1 and among.shape[1] == 1:
            luck = 1.0 - (1.0 - luck) ** trials  # each of the others had the same chance
        sharpe = sharpe_per_bar(judged) * math.sqrt(periods)
        return Held(sharpe, deflated_sharpe(judged, among, trials, spread), luck)

    judged = returns[:, best] if walked is None else one(walked)
    raw = held(returns, judged)
    beyond, beta, odd = None, math.nan, 0.0
    if benchmark is not None:
        free = hedged(returns, benchmark)
        odd = float(of_one_bar(returns, benchmark)[best])
        if walked is None:
            beyond, beta = held(free, free[:, best]), float(betas(returns, benchmark)[best])
        else:
            column = judged[:, np.newaxis]
            beyond = held(free, hedged(column, benchmark)[:, 0])
            beta = float(betas(column, benchmark)[0])
    if ways is None and returns.shape[1] > 1:
        ways = overfitting(returns, blocks=10)
    impossible = [*_leaks(leak), *_too_good(raw, beyond)]
    reasons = [*impossible, *_weak(raw, ""), *_weak(beyond, HEDGED)]
    if odd > ONE_BAR:
        reasons.append("One bar is nearly all that the benchmark ever moved: check its prices.")
    probability = math.nan if ways is None else ways.probability
    if ways is not None and probability >= EVEN and float(np.mean(ways.judged > 0)) < SURE:
        reasons.append(f"The probability of overfitting is {probability:.2f}.")
    return Promotion(
        not reasons, bool(impossible), best, raw, beyond, beta, probability, tuple(reasons)
    )


def _leaks(leak: int | None) -> Iterator[str]:
    if leak is not None:
        yield f"The signal of bar {leak} was made with bars after it."


def _too_good(raw: Held, beyond: Held | None) -> Iterator[str]:
    """What is hidden on top of the market's own moves shows when these are taken away."""
    if raw.sharpe > TOO_GOOD:
        yield f"A Sharpe ratio of {raw.sharpe:.1f} a year is a leak until proven otherwise."
    elif beyond is not None and beyond.sharpe > TOO_GOOD:
        yield (
            f"{HEDGED}the Sharpe ratio is {beyond.sharpe:.1f} a year, a leak until proven "
            "otherwise."
        )


def _weak(held: Held | None, words: str) -> Iterator[str]:
    if held is None:
        return
    if math.isnan(held.sharpe):
        yield f"{words}nothing is left." if words else "Nothing ever moved."
        return
    if not held.deflated >= SURE:
        yield _said(words, f"the deflated Sharpe ratio is {held.deflated:.2f}, below {SURE}.")
    if held.luck > MOST_LUCK:
        chance = f"with a chance of {held.luck:.3f}, above {MOST_LUCK}."
        yield _said(words, f"luck alone shows as good a best one {chance}")


def _said(words: str, rest: str) -> str:
    return words + rest if words else rest[:1].upper() + rest[1:]
