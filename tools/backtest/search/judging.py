"""What a search proves: the best of many tries is good even where nothing is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tools.backtest.benchmarks import HOLD
from tools.backtest.metrics import Floats
from tools.backtest.search.outcome import Outcome
from tools.backtest.validation.overfitting import Overfitting
from tools.backtest.validation.promotion import Promotion, judge
from tools.backtest.validation.sharpe import expected_best, probabilistic_sharpe

METRICS = ("sharpe", "sortino", "calmar", "total_return", "annual_return")
"""What a search may choose by; more is better of each."""


def best_of(outcomes: Sequence[Outcome | None], metric: str) -> int | None:
    """The place of the one with the most of ``metric``, the first of equals; None of none known."""
    known = [
        (value, -place)
        for place, one in enumerate(outcomes)
        if one is not None and (value := one.figures[metric]) is not None
    ]
    return -max(known)[1] if known else None


def side_by_side(outcomes: Sequence[Outcome]) -> Floats:
    """Their returns bar by bar, shape ``(bars, outcomes)``; 0 where one has no bar."""
    moments = np.unique(np.concatenate([one.at for one in outcomes]))
    returns = np.zeros((len(moments), len(outcomes)))
    for column, one in enumerate(outcomes):
        returns[np.searchsorted(moments, one.at), column] = one.returns
    return returns


def validation(
    tried: Floats,
    trials: int,
    periods: float,
    seed: int,
    held: Floats,
    walked: Floats | None = None,
    ways: Overfitting | None = None,
) -> dict[str, Any]:
    """The verdict as JSON values, None for what can't be known.

    ``tried`` are the returns of all that was tried, shape ``(bars, variants)``, and ``trials`` how
    many these were with those that failed. Judged is the best of them, or what was ``walked``,
    against earning nothing and against ``held``: what buying and holding earned on the same bars.
    """
    found = judge(
        tried,
        benchmark=held,
        trials=trials,
        periods=periods,
        seed=seed,
        walked=walked,
        ways=ways,
    )
    return plain(found, trials, held)


def plain(found: Promotion, trials: int, held: Floats | None) -> dict[str, Any]:
    """A verdict as JSON values; ``benchmark`` is None where there was none to hold it against."""
    beyond = found.beyond
    mine = None if held is None else held if held.ndim == 1 else held[:, found.best]
    return {
        "trials": trials,
        "deflated_sharpe": _known(found.raw.deflated),
        "overfitting": _known(found.overfitting),
        "luck": _known(found.raw.luck),
        "benchmark": None
        if beyond is None
        else {
            "name": HOLD,
            "total_return": None if mine is None else float(np.prod(1.0 + mine) - 1.0),
            "beta": _known(found.beta),
            "sharpe": _known(beyond.sharpe),
            "deflated_sharpe": _known(beyond.deflated),
            "luck": _known(beyond.luck),
        },
        "promoted": found.promoted,
        "red": found.red,
        "reasons": list(found.reasons),
    }


def scanned(ratios: Floats, best: Outcome | None) -> dict[str, Any]:
    """The verdict on the best of a quick scan, deflated by the Sharpe ratios per bar of all of it.

    It is never promoted: the rest has no returns to hold it against.
    """
    known = ratios[np.isfinite(ratios)]
    deflated = math.nan
    if best is not None and best.returns.size > 1 and known.size:
        spread = float(known.std(ddof=1)) if known.size > 1 else 0.0
        deflated = probabilistic_sharpe(best.returns, expected_best(known.size, spread))
    return {
        "trials": int(ratios.size),
        "deflated_sharpe": _known(deflated),
        "overfitting": None,
        "luck": None,
        "benchmark": None,
        "promoted": False,
        "red": False,
        "reasons": ["A quick scan promotes nothing: sweep a smaller grid through the desk."],
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
