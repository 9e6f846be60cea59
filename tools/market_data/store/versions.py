"""Which version of each row was the last known at a moment.

A series is a set of parts, each as a feed gave it; nothing in it is ever changed. A bar that is
given again with other figures has a second version, and counts from the moment that the feed says
it was known; where the feed says none later than before, from when it came. So the past is never
rewritten by what a feed corrects afterwards.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tools.market_data.columns import Times
from tools.market_data.store.rows import Rows, joined
from tools.market_data.store.series import Kind


def bars_as_of(rows: Rows, moment: int | None, *, restated: bool = True) -> Rows:
    """One row a start, oldest first: the last version known at ``moment``, or the first ever.

    ``known`` of the answer never falls: it is since when a row *and all before it* are known as
    they stand here. Cut at an earlier moment, the answer is therefore never wrong, but may be
    short where a bar was restated late; reading as of that moment gives all.
    """
    once = bool((np.diff(rows.time) > 0).all())
    if not once:
        rows, first = versions(rows)
        rows = rows if restated else rows.take(first)
    if moment is not None and len(rows) and rows.known.max() > moment:
        rows = rows.take(rows.known <= moment)
    if not once:
        rows = rows.take(np.lexsort((rows.recorded, rows.known, rows.time)))
        rows = rows.take(np.append(rows.time[1:] != rows.time[:-1], [True])[: len(rows)])
    return Rows(rows.time, np.maximum.accumulate(rows.known), rows.recorded, rows.figures)


def versions(rows: Rows) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Every version, by start and as they came, ``known`` since when it counts; which is first.

    A version that says the same as the one before it is left out.
    """
    import pandas as pd

    rows = rows.take(np.lexsort((rows.known, rows.recorded, rows.time)))
    first = np.ones(len(rows), bool)
    first[1:] = rows.time[1:] != rows.time[:-1]
    same, unsaid = ~first, ~first
    for column in rows.figures.values():
        both_nan = np.isnan(column[1:]) & np.isnan(column[:-1])
        same[1:] &= (column[1:] == column[:-1]) | both_nan
    latest = pd.Series(rows.known).groupby(np.cumsum(first)).cummax().to_numpy()
    unsaid[1:] &= rows.known[1:] <= latest[:-1]
    known: Times = np.where(unsaid, np.maximum(rows.known, rows.recorded), rows.known)
    return Rows(rows.time, known, rows.recorded, rows.figures).take(~same), first[~same]


def ticks_as_of(parts: Sequence[Rows], kind: Kind, moment: int | None) -> Rows:
    """Every trade or quote once, ordered by ``known``, then time, then as they came.

    A tick has no number of its own: it is the same as one of another part when its time and
    figures are the same, and it is as many times there as in the part that has it most often.
    """
    parts = sorted((part for part in parts if len(part)), key=lambda part: int(part.time.min()))
    apart = all(
        int(earlier.time.max()) < int(later.time.min())
        for earlier, later in itertools.pairwise(parts)
    )
    rows = joined(parts, kind)
    if not apart:
        rows = rows.take(_once(parts, rows))
    order = np.lexsort((rows.time, rows.known))
    rows = rows.take(order) if (np.diff(order) != 1).any() else rows
    if moment is None:
        return rows
    return rows.take(slice(0, int(np.searchsorted(rows.known, moment, side="right"))))


def _once(parts: Sequence[Rows], rows: Rows) -> npt.NDArray[np.bool_]:
    """Which rows of the parts, joined, are not in an earlier part already."""
    import pandas as pd

    frame = pd.DataFrame({"time": rows.time, **rows.figures})
    names = list(frame.columns)
    frame["part"] = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    frame["nth"] = frame.groupby([*names, "part"], dropna=False, sort=False).cumcount()
    again = frame.duplicated([*names, "nth"])
    found: npt.NDArray[np.bool_] = ~again.to_numpy(dtype=bool)
    return found
