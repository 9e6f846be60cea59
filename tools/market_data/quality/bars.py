"""Checks of each bar by itself and of bars that repeat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.market_data.columns import BarColumns, Floats
from tools.market_data.quality.finding import Finding, Kind, Severity, Treatment, found

PRICES = ("open", "high", "low", "close")
STALE_AFTER = 5
"""So many bars in a row with the same prices and the same volume are no market."""

WICK = 0.1
"""As far as a trade of a cheap share must be off the market to be clearly erroneous."""

Mask = npt.NDArray[np.bool_]


def shape(bars: BarColumns, *, negative: bool) -> list[Finding]:
    """Prices that are no numbers, not above zero, or out of their own bar's range; volumes.

    ``negative`` says that prices below zero happen in this market, as oil's did on 2020-04-20.
    """
    price = np.stack([getattr(bars, name) for name in PRICES])
    broken = ~np.isfinite(price).all(axis=0) | (np.isinf(bars.volume))
    low = (price == 0) | (price < 0) if not negative else np.zeros_like(price, bool)
    below = low.any(axis=0) & ~broken
    kept = (price <= 0).any(axis=0) & ~broken & ~below
    body = np.stack([bars.open, bars.close])
    outside = (bars.high < body.max(axis=0)) | (bars.low > body.min(axis=0))
    none = bars.volume == 0
    moved = bars.high != bars.low
    error, warning, note = Severity.ERROR, Severity.WARNING, Severity.NOTE
    removed, flagged = Treatment.REMOVED, Treatment.FLAGGED
    at = bars.start
    return [
        *found(Kind.NOT_A_NUMBER, error, removed, broken, at, "a price is missing or no number"),
        *found(Kind.NOT_POSITIVE, error, removed, below, at, "a price is not above zero"),
        *found(
            Kind.NOT_POSITIVE, note, flagged, kept, at,
            "a price is not above zero, which happens in this market",
        ),
        *found(
            Kind.OUT_OF_RANGE, error, removed, outside & ~broken & ~below, at,
            "open and close must lie from low to high",
        ),
        *found(Kind.NOT_POSITIVE, error, removed, bars.volume < 0, at, "a volume is below zero"),
        *found(
            Kind.ZERO_VOLUME, warning, flagged, none & moved & ~broken, at,
            "the price moved and nothing was traded",
        ),
        *found(
            Kind.ZERO_VOLUME, note, flagged, none & ~moved & ~broken, at, "nothing was traded"
        ),
    ]  # fmt: skip


def repeats(bars: BarColumns) -> list[Finding]:
    """Bars of the same start: copies, restated ones, and those that contradict each other."""
    order = np.lexsort((np.arange(len(bars)), bars.start))
    start = bars.start[order]
    again = np.zeros(len(bars), bool)
    again[order[1:]] = start[1:] == start[:-1]
    before = np.full(len(bars), -1, np.intp)
    before[order[1:]] = order[:-1]
    same = again & _alike(bars, before)
    later = again & ~same & (bars.known > bars.known[before])
    clash = again & ~same & ~later
    both = clash.copy()
    both[before[clash]] = True
    back = np.zeros(len(bars), bool)
    back[1:] = np.diff(bars.start) < 0
    at = bars.start
    return [
        *found(
            Kind.DUPLICATE, Severity.WARNING, Treatment.REMOVED, same, at,
            "the same bar stands there before; one was kept",
        ),
        *found(
            Kind.RESTATED, Severity.NOTE, Treatment.KEPT, later, at,
            "a later version of a bar, from when it was known",
        ),
        *found(
            Kind.CONFLICT, Severity.ERROR, Treatment.REMOVED, both, at,
            "two bars of the same time contradict each other, and nobody can tell which is right",
        ),
        *found(
            Kind.OUT_OF_ORDER, Severity.NOTE, Treatment.KEPT, back & ~again, at,
            "became known after a bar that opened later",
        ),
    ]  # fmt: skip


def stale(bars: BarColumns) -> list[Finding]:
    """Runs of bars that repeat prices and volume; bars without any trade are not among them."""
    if len(bars) < STALE_AFTER:
        return []
    before = np.arange(len(bars)) - 1
    same = _alike(bars, before) & (bars.start != bars.start[before]) & ~(bars.volume == 0)
    same[0] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    findings: list[Finding] = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first + 1 >= STALE_AFTER:
            findings += found(
                Kind.STALE, Severity.WARNING, Treatment.FLAGGED, np.arange(first, last), bars.start,
                f"repeats the bar before, {last - first} times in a row",
            )  # fmt: skip
    return findings


def wicks(bars: BarColumns) -> list[Finding]:
    """Prices of a bar below a day that lie far off its own close: junk, or a crash within it."""
    if not bars.timeframe.intraday:
        return []
    with np.errstate(all="ignore"):
        off = [np.abs(getattr(bars, name) / bars.close - 1) for name in ("open", "high", "low")]
    far = np.fmax.reduce(off) > WICK if len(bars) else np.zeros(0, bool)
    return found(
        Kind.BAD_TICK, Severity.WARNING, Treatment.FLAGGED, far & (bars.close > 0), bars.start,
        f"open, high or low is more than {WICK:.0%} off the close of the same bar",
    )  # fmt: skip


def _alike(bars: BarColumns, other: npt.NDArray[np.intp]) -> Mask:
    alike = np.ones(len(bars), bool)
    for name in (*PRICES, "volume"):
        column: Floats = getattr(bars, name)
        there = column[other]
        alike &= (column == there) | (np.isnan(column) & np.isnan(there))
    return alike
