"""What a combinatorial cross-validation is asked for, and the groups of days that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import comb

import numpy as np

from tools.backtest.search.folds import within
from tools.backtest.validation.splits import Split, combinatorial
from tools.domain.errors import InputError
from tools.market_data.columns import Times

MOST = 1_000
"""Combinations: many more tell nothing new, for they share their days."""
LEAST_DAYS = 20
"""In a group and to learn from: with fewer a Sharpe ratio says nothing."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """The days cut into ``groups`` of neighbours; every way to judge on ``judged`` of them.

    ``purge`` days on each side of what is judged, and ``embargo`` more after it, are left out of
    the learning.
    """

    groups: int
    judged: int
    purge: int = 5
    embargo: int = 5

    def __post_init__(self) -> None:
        """Raises InputError for what can't be combined."""
        if self.groups < 2 or not 1 <= self.judged < self.groups:
            raise InputError(
                "At least 2 groups, and fewer judged than there are: one to learn from must stay; "
                f"was {self.groups} groups, {self.judged} judged."
            )
        if self.purge < 0 or self.embargo < 0:
            raise InputError(
                f"Purge and embargo are 0 days or more, were {self.purge} and {self.embargo}."
            )
        # Each group alone is a way, or each but one: with more groups than ways nothing is counted.
        if max(self.groups, comb(min(self.groups, MOST), min(self.judged, MOST))) > MOST:
            raise InputError(
                f"{self.groups} groups, {self.judged} judged, are more than {MOST:,} "
                "combinations: take fewer groups, such as 10,2."
            )


def crossing_of(text: str, purge: int, embargo: int) -> Crossing:
    """``6,2`` as groups and how many of them are judged; InputError for anything else."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError(
            f"--combinatorial takes how many groups and how many of them are judged, such as 6,2; "
            f"was {text[:40]!r}."
        )
    groups, judged = (int(part[:9]) for part in parts)
    return Crossing(groups, judged, purge, embargo)


@dataclass(frozen=True, slots=True)
class Groups:
    """The first and last day of each group, the numbers of its bars, and the splits by bars."""

    spans: Sequence[tuple[date, date]]
    bars: Sequence[slice]
    splits: Sequence[Split]


def groups_of(crossing: Crossing, days: Sequence[date], moments: Times) -> Groups:
    """The groups of the days with bars; ``moments`` are the bars (nanoseconds, UTC).

    Raises InputError for groups too short, and where too little is left to learn from.
    """
    if len(days) < crossing.groups * LEAST_DAYS:
        raise InputError(
            f"{len(days)} days with bars in {crossing.groups} groups are fewer than {LEAST_DAYS} "
            "days each, too few to judge on: take fewer groups, or begin earlier with --from."
        )
    parts = np.array_split(np.arange(len(days)), crossing.groups)
    spans = [(days[part[0]], days[part[-1]]) for part in parts]
    sizes = np.cumsum([0, *(len(within(moments, span)) for span in spans)]).tolist()
    splits = combinatorial(
        len(days),
        crossing.groups,
        crossing.judged,
        purge=crossing.purge,
        embargo=crossing.embargo,
    )
    least = min(len(split.learn) for split in splits)
    if least < LEAST_DAYS:
        raise InputError(
            f"Purge and embargo leave {least} days to learn from, fewer than {LEAST_DAYS}: use "
            "fewer groups, or a shorter --purge and --embargo."
        )
    of_bar = np.searchsorted(
        np.array(days, dtype="datetime64[D]"),
        moments.astype("datetime64[ns]").astype("datetime64[D]"),
    )
    return Groups(
        spans,
        [slice(first, stop) for first, stop in pairwise(sizes)],
        [
            Split(*(np.flatnonzero(np.isin(of_bar, part)) for part in (one.learn, one.judge)))
            for one in splits
        ],
    )
