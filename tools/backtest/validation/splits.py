"""Bars to learn from and bars to judge on, kept apart.

López de Prado, "Advances in Financial Machine Learning" (2018), chapters 7 and 12. What is learnt
from bar t may look ``purge`` bars ahead (a label, the length of a trade): so bars that close to a
judging stretch, before and after it, are left out of the learning. ``embargo`` leaves out as many
more after it, for what fades slowly.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """Numbers of bars, rising: those to learn from, and those to judge on."""

    learn: Ints
    judge: Ints


def walk_forward(
    bars: int, learn: int, judge: int, *, purge: int = 0, anchored: bool = False
) -> tuple[Split, ...]:
    """Learn on ``learn`` bars, judge on the next ``judge``, and move on by these.

    With ``anchored`` the learning begins at bar 0 each time. The last ``purge`` bars before the
    judging are left out, so that fewer than ``learn`` are learnt from. Bars at the end that fill no
    whole stretch are judged as a shorter one. Nothing after the judging is ever learnt from.
    """
    if learn < 1 or judge < 1 or not 0 <= purge < learn or learn >= bars:
        raise InputError(f"{bars} bars can't be walked: learn {learn}, purge {purge}, {judge} on.")
    return tuple(
        Split(
            np.arange(0 if anchored else start - learn, start - purge),
            np.arange(start, min(start + judge, bars)),
        )
        for start in range(learn, bars, judge)
    )


def combinatorial(
    bars: int, groups: int, judged: int, *, purge: int = 0, embargo: int = 0
) -> tuple[Split, ...]:
    """Each way to judge on ``judged`` of ``groups`` stretches of neighbours, learning on the rest.

    Stretches differ by at most one bar. Raises InputError when nothing would be left to learn from.
    """
    if not 1 <= judged < groups <= bars or purge < 0 or embargo < 0:
        raise InputError(f"{bars} bars can't be cut into {groups} groups to judge on {judged}.")
    parts = np.array_split(np.arange(bars), groups)
    splits = []
    for chosen in combinations(range(groups), judged):
        free = np.ones(bars, dtype=bool)
        for group in chosen:
            first, last = int(parts[group][0]), int(parts[group][-1])
            free[max(0, first - purge) : last + 1 + purge + embargo] = False
        if not free.any():
            raise InputError("Purge and embargo leave nothing to learn from: use fewer groups.")
        splits.append(Split(np.flatnonzero(free), np.concatenate([parts[g] for g in chosen])))
    return tuple(splits)


def paths(groups: int, judged: int) -> Ints:
    """Whole histories made of judged stretches: for each, the split that judges each group.

    Shape ``(comb(groups - 1, judged - 1), groups)``; each split's stretches are in one path each.
    """
    ways = list(combinations(range(groups), judged))
    rows = [[n for n, way in enumerate(ways) if group in way] for group in range(groups)]
    return np.array(rows, dtype=np.int64).T
