"""What is left of returns when a benchmark's moves are taken out: skill, if there is any.

Jensen, "The Performance of Mutual Funds in the Period 1945-1964", Journal of Finance (1968);
Treynor and Black, "How to Use Security Analysis to Improve Portfolio Selection", Journal of
Business (1973), whose appraisal ratio is the Sharpe ratio of what is left.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.backtest.metrics import NOISE
from tools.backtest.validation.returns import Floats, many
from tools.domain.errors import InputError


def betas(returns: npt.ArrayLike, benchmark: npt.ArrayLike) -> Floats:
    """How far each variant moves with the benchmark, shape ``(variants,)``: least squares.

    ``benchmark`` is one for all, shape ``(bars,)``, or has a column for each variant. 0 beside one
    that stands still. Raises InputError where the bars differ.
    """
    mine, theirs = many(returns), _columns(returns, benchmark)
    away = theirs - theirs.mean(axis=0)
    spread = (away * away).sum(axis=0)
    shared = (away * (mine - mine.mean(axis=0))).sum(axis=0)
    still = spread <= NOISE**2 * len(mine)
    return np.asarray(np.where(still, 0.0, shared / np.where(still, 1.0, spread)))


def hedged(returns: npt.ArrayLike, benchmark: npt.ArrayLike) -> Floats:
    """Returns less beta times the benchmark's, shape ``(bars, variants)``; their mean is alpha.

    Half of the market, twice the market and the market held at random days all come to nothing.
    """
    return np.asarray(many(returns) - betas(returns, benchmark) * _columns(returns, benchmark))


def of_one_bar(returns: npt.ArrayLike, benchmark: npt.ArrayLike) -> Floats:
    """The share of the benchmark's moves (squared) that its largest one is, for each variant.

    Near 1 no beta can be known: least squares sees that bar alone, most likely one of wrong prices.
    """
    theirs = _columns(returns, benchmark)
    squares = (theirs - theirs.mean(axis=0)) ** 2
    whole = squares.sum(axis=0)
    share = squares.max(axis=0) / np.where(whole > 0, whole, 1.0)
    return np.broadcast_to(share, many(returns).shape[1:])


def _columns(returns: npt.ArrayLike, benchmark: npt.ArrayLike) -> Floats:
    mine, theirs = many(returns), np.asarray(benchmark, dtype=np.float64)
    theirs = many(theirs[:, np.newaxis] if theirs.ndim == 1 else theirs)
    if len(theirs) != len(mine) or theirs.shape[1] not in (1, mine.shape[1]):
        raise InputError(
            f"The benchmark has the shape {theirs.shape}, the variants {mine.shape}: it must have "
            "their bars."
        )
    return theirs
