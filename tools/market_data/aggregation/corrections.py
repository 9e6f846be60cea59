"""What a tape takes back: a bar is given again, known when its correction was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tools.domain.errors import InputError
from tools.market_data.aggregation.batch import aggregate
from tools.market_data.aggregation.finished import Finished, collected
from tools.market_data.aggregation.grid import NOWHERE, Grid
from tools.market_data.aggregation.tape import Correction
from tools.market_data.columns import BarColumns, TickColumns, moment_of

__all__ = ["Correction", "corrected"]


def corrected(
    ticks: TickColumns, corrections: Sequence[Correction], grid: Grid
) -> tuple[TickColumns, BarColumns]:
    """The trades as they stand after all, and the bars as they were given again, by ``known``.

    A bar of which nothing is left comes with NaN prices and no volume: there is no such bar any
    more. Every bar given again holds what was right at its ``known`` and nothing that was told
    later. Raises InputError for a correction of a trade that isn't there.
    """
    given: list[Finished] = []
    for correction in sorted(corrections, key=lambda one: one.known):
        ticks = _right(ticks, correction)
        start, end, _ = grid.bounds(correction.time)
        if start == NOWHERE:
            continue
        known = max(correction.known, end)
        mine = (ticks.time >= start) & (ticks.time < end) & (ticks.known <= known)
        bar = aggregate(_rows(ticks, mine), grid, until=moment_of(end)).bars
        opens, high, low, close, volume = (
            float(column[-1]) if len(bar) else nothing
            for column, nothing in (
                (bar.open, np.nan),
                (bar.high, np.nan),
                (bar.low, np.nan),
                (bar.close, np.nan),
                (bar.volume, 0.0),
            )
        )
        given.append(Finished(start, end, known, opens, high, low, close, volume, len(given)))
    bars, _ = collected(given, ticks.symbol, ticks.source, grid.timeframe)
    return ticks, bars


def _right(ticks: TickColumns, correction: Correction) -> TickColumns:
    """The trades with one of them put right, or taken out."""
    found = np.flatnonzero(
        (ticks.time == correction.time)
        & (ticks.price == correction.price)
        & (ticks.size == correction.size)
        & (ticks.known <= correction.known)
    )
    if not len(found):
        raise InputError(
            f"A correction takes back a trade of {ticks.symbol} at {correction.price} of "
            f"{correction.size}, {moment_of(correction.time).isoformat()}, which isn't there."
        )
    row = int(found[0])
    if correction.cancels:
        return _rows(ticks, np.arange(len(ticks)) != row)
    price, size = ticks.price.copy(), ticks.size.copy()
    price[row] = correction.price if correction.right_price is None else correction.right_price
    size[row] = correction.size if correction.right_size is None else correction.right_size
    return replace(ticks, price=price, size=size)


def _rows(ticks: TickColumns, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> TickColumns:
    return TickColumns(
        ticks.symbol,
        ticks.source,
        ticks.known[keep],
        ticks.time[keep],
        ticks.price[keep],
        ticks.size[keep],
    )
