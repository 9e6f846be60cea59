"""The days of a walk forward: those to learn from, and those right after to judge on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from tools.backtest.tape import Tape
from tools.backtest.validation.splits import walk_forward
from tools.domain.errors import InputError
from tools.market_data.columns import Times, moment_of, nanoseconds


@dataclass(frozen=True, slots=True)
class Walk:
    """Learn on ``learn`` days, judge on the next ``judge``, and move on by these.

    Days are those with a bar. The last ``purge`` before the judging are left out of the learning.
    ``anchored`` learns from the first day on each time.
    """

    learn: int = 756
    judge: int = 126
    purge: int = 5
    anchored: bool = False

    def __post_init__(self) -> None:
        """Raises InputError for lengths that can't be walked."""
        if self.judge < 2 or self.purge < 0 or self.learn - self.purge < 2:
            raise InputError(
                f"A fold judges on at least 2 days and learns from at least 2 after the purge: "
                f"learn {self.learn}, judge {self.judge}, purge {self.purge} leave too few."
            )


@dataclass(frozen=True, slots=True)
class Fold:
    """The first and the last day of the learning, and of the judging; both included."""

    learn: tuple[date, date]
    judge: tuple[date, date]


def days_of(tape: Tape, first: int, last: int) -> tuple[Times, list[date]]:
    """The moments of a tape's bars from ``first`` to ``last`` (nanoseconds), and their UTC days."""
    known = np.unique(np.concatenate([one.known for one in tape.series.values()]))
    moments = known[(known >= first) & (known <= last)]
    return moments, sorted({moment_of(int(at)).date() for at in moments})


def folds_of(walk: Walk, days: Sequence[date]) -> list[Fold]:
    """Every fold; a last one of a single day is left out. Raises InputError when there is none."""
    if len(days) < walk.learn + 2:
        raise InputError(
            f"There are {len(days)} days with bars, too few to learn from {walk.learn} and judge "
            "on those after: say a smaller --learn, or begin earlier with --from."
        )
    splits = walk_forward(
        len(days), walk.learn, walk.judge, purge=walk.purge, anchored=walk.anchored
    )
    return [
        Fold(
            (days[split.learn[0]], days[split.learn[-1]]),
            (days[split.judge[0]], days[split.judge[-1]]),
        )
        for split in splits
        if len(split.judge) > 1
    ]


def within(moments: Times, span: tuple[date, date]) -> Times:
    """The moments on the days of a span."""
    days = moments.astype("datetime64[ns]").astype("datetime64[D]")
    first, last = (np.datetime64(day) for day in span)
    return moments[(days >= first) & (days <= last)]


def at_moment(iso: str) -> int:
    """A record's moment as nanoseconds."""
    return nanoseconds(datetime.fromisoformat(iso))
