"""The probability of backtest overfitting, by combinatorially symmetric cross-validation.

Bailey, Borwein, López de Prado and Zhu, "The Probability of Backtest Overfitting", Journal of
Computational Finance (2017). The article of that name says what it tells and what it doesn't.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tools.backtest.metrics import NOISE
from tools.backtest.validation.returns import Floats, many
from tools.domain.errors import InputError

MOST_BLOCKS = 20
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Overfitting:
    """For each way to choose half of the blocks, shape ``(ways,)``.

    ``logit`` of the chosen variant's place on the other half, and its Sharpe ratio per bar on the
    half that chose it and on the half that judges. ``probability``: the share of logits up to 0.
    """

    probability: float
    logit: Floats
    chosen: Floats
    judged: Floats


def overfitting(tried: Floats, blocks: int = 16) -> Overfitting:
    """Choose the variant with the best Sharpe ratio on half of the blocks, judge it on the rest.

    ``place = rank / (N + 1)``, the rank from the worst, equals sharing theirs; ``logit = ln(place /
    (1 - place))``. A variant that doesn't move ranks as a ratio of 0. Raises InputError unless
    there are 2 variants and an even number of blocks, 2 to 20, with at least 2 bars each.
    """
    returns = many(tried)
    bars, variants = returns.shape
    if blocks % 2 or not 2 <= blocks <= MOST_BLOCKS or bars < 2 * blocks:
        raise InputError(f"{bars} bars can't be cut into {blocks} blocks: take an even number.")
    if variants < 2:
        raise InputError("One variant alone was not chosen from anything.")
    parts = np.array_split(np.arange(bars), blocks)
    middle = returns.mean(axis=0)
    sums = np.array([(returns[part] - middle).sum(axis=0) for part in parts])
    squares = np.array([((returns[part] - middle) ** 2).sum(axis=0) for part in parts])
    sizes = np.array([part.size for part in parts], dtype=np.float64)
    ways = np.array(list(combinations(range(blocks), blocks // 2)))
    found = []
    for first in range(0, len(ways), BATCH):
        inside = np.zeros((len(ways[first : first + BATCH]), blocks))
        np.put_along_axis(inside, ways[first : first + BATCH], 1.0, axis=1)
        chosen = _ratios(inside, sums, squares, sizes, middle)
        judged = _ratios(1.0 - inside, sums, squares, sizes, middle)
        found.append(_judged(chosen, judged))
    return _found(np.concatenate(found, axis=1))


def overfitting_of(chosen: Floats, judged: Floats) -> Overfitting:
    """The same from figures of which more is better, however the ways were made.

    Both have the shape ``(ways, variants)``: where each was chosen and where it was judged. NaN is
    never chosen, and ranks as 0; a way in which all are NaN is left out. Raises InputError without
    one that is left, and without 2 variants.
    """
    known = ~np.isnan(chosen).all(axis=1)
    if not known.any() or chosen.shape[1] < 2:
        raise InputError("Nothing was chosen from anything.")
    chosen = np.where(np.isnan(chosen), -np.inf, chosen)
    return _found(_judged(chosen[known], np.nan_to_num(judged, nan=0.0)[known]))


def _found(rows: Floats) -> Overfitting:
    logit, best, after = rows
    return Overfitting(float(np.mean(logit <= 0)), logit, best, after)


def _ratios(inside: Floats, sums: Floats, squares: Floats, sizes: Floats, middle: Floats) -> Floats:
    """Sharpe ratios, shape ``(ways, variants)``, from the blocks that are ``inside``."""
    count = (inside @ sizes)[:, np.newaxis]
    total = inside @ sums
    spread = (inside @ squares - total * total / count) / (count - 1)
    mean = total / count + middle
    still = spread <= NOISE**2
    return np.asarray(np.where(still, 0.0, mean / np.sqrt(np.where(still, 1.0, spread))))


def _judged(chosen: Floats, judged: Floats) -> Floats:
    """Rows: logit, ratio where it was chosen, ratio where it was judged."""
    rows = np.arange(len(chosen))
    best = chosen.argmax(axis=1)
    after = judged[rows, best]
    below = (judged < after[:, np.newaxis]).sum(axis=1)
    equal = (judged == after[:, np.newaxis]).sum(axis=1)
    place = (below + (equal + 1) / 2) / (judged.shape[1] + 1)
    return np.stack([np.log(place / (1 - place)), chosen[rows, best], after])
