"""Large moves: splits, bad prints that come back, and real crashes, which stay.

The measure of an ordinary move is the median absolute deviation of the returns (times 1.4826, which
makes it a standard deviation where they are normal), over the 250 bars around and the 250 before
and after, so that a wild year is measured by itself.
"""

from __future__ import annotations

import numpy as np

from tools.market_data.columns import BarColumns, Floats
from tools.market_data.quality.finding import Finding, Kind, Severity, Treatment, found

BLOCK = 250
NORMAL = 1.4826
FAR = 10.0
"""So many ordinary moves are a large one."""

LEAST = 0.02
"""No move below this fraction of the price is called large."""

BACK = 0.1
"""A print came back when what is left of its move is below this share of it."""

RATIOS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 50.0, 100.0, 1.5)
NEAR = 0.04
"""How far (as a logarithm) the night's own move may take a split from its ratio."""

CERTAIN = 0.01
"""The same where adjusted closes tell: dividends and rounding are smaller."""

AROUND = 20


def scale(returns: Floats) -> Floats:
    """The size of an ordinary return at each place; NaN where there are none."""
    blocks = -(-len(returns) // BLOCK)
    padded = np.full(blocks * BLOCK, np.nan)
    padded[: len(returns)] = np.where(returns == 0, np.nan, returns)  # nothing happened
    table = padded.reshape(blocks, BLOCK)
    with np.errstate(all="ignore"):
        own = np.array([_deviation(row) for row in table])
    around = np.stack([np.roll(own, 1), own, np.roll(own, -1)])
    around[0, 0] = around[2, -1] = np.nan
    some = ~np.isnan(around).all(axis=0)
    found_ = np.full(blocks, np.nan)
    found_[some] = np.nanmedian(around[:, some], axis=0)
    return np.repeat(found_, BLOCK)[: len(returns)]


def _deviation(returns: Floats) -> float:
    some = returns[~np.isnan(returns)]
    if not len(some):
        return float("nan")
    return NORMAL * float(np.median(np.abs(some - np.median(some))))


def moves(bars: BarColumns, adjusted: Floats | None = None) -> list[Finding]:
    """Closes that jump. ``bars`` are in order of start, prices above zero.

    A jump by a split's ratio that stays is a split; where ``adjusted`` closes don't jump with it,
    it is known and a note. A bar that lies off both neighbours, none of whose prices reach theirs,
    and from which the price comes back, is removed; a close that comes back is flagged; all other
    large moves are kept: crashes are real.
    """
    if len(bars) < AROUND:
        return []
    close = np.log(bars.close)
    step = np.diff(close)
    limit = np.fmax(np.nan_to_num(scale(step)) * FAR, LEAST)
    large = np.flatnonzero(np.abs(step) > limit) + 1
    findings: list[Finding] = []
    explained: set[int] = set()
    for row in large.tolist():
        if row in explained:
            continue
        split = _split(bars, row, adjusted)
        if split is not None:
            findings.append(split)
            continue
        jump = step[row - 1]
        after = close[row + 1] - close[row - 1] if row + 1 < len(bars) else jump
        if abs(after) < BACK * abs(jump) and abs(jump) > limit[row - 1]:
            explained.add(row + 1)
            alone = _alone(bars, row)
            findings += found(
                Kind.OUTLIER, Severity.ERROR if alone else Severity.WARNING,
                Treatment.REMOVED if alone else Treatment.FLAGGED, np.array([row]), bars.start,
                f"the close of {bars.close[row]:g} is {np.expm1(jump):+.1%} from the one before and"
                " comes back" + (", and no price of the bar reaches its neighbours'" * alone),
            )  # fmt: skip
            continue
        findings += found(
            Kind.LARGE_MOVE, Severity.NOTE, Treatment.KEPT, np.array([row]), bars.start,
            f"the close moved {np.expm1(jump):+.1%} and stayed",
        )  # fmt: skip
    return findings


def _alone(bars: BarColumns, row: int) -> bool:
    """Whether the bar's whole range lies above or below those of both neighbours."""
    beside = [row - 1, row + 1]
    return bool(bars.low[row] > bars.high[beside].max() or bars.high[row] < bars.low[beside].min())


def _split(bars: BarColumns, row: int, adjusted: Floats | None) -> Finding | None:
    """A jump by a split's ratio, from the close to the next open, that the bars after it stay at.

    Of bars below a day the close will do as well: too little time passed for the price to move.
    Adjusted closes that part from the raw ones by such a ratio say so for certain.
    """
    jump = float(np.log(bars.close[row] / bars.close[row - 1]))
    if adjusted is not None:
        apart = jump - float(np.log(adjusted[row] / adjusted[row - 1]))
        ratio, off = _nearest(apart)
        if off < CERTAIN:
            says = f"a split of {_name(ratio, apart)}, taken out of the adjusted closes"
            return _at(bars, row, Severity.NOTE, Treatment.KEPT, says)
    night = float(np.log(bars.open[row] / bars.close[row - 1]))
    if bars.timeframe.intraday and _nearest(jump)[1] < _nearest(night)[1]:
        night = jump
    ratio, off = _nearest(night)
    after, before = slice(row, row + AROUND), slice(max(0, row - AROUND), row)
    level = np.log(np.median(bars.close[after]) / np.median(bars.close[before]))
    if off > NEAR or abs(level - night) > 0.5 * abs(night):
        return None
    volumes = np.median(bars.volume[before]), np.median(bars.volume[after])
    more = np.log(volumes[1] / volumes[0]) if min(volumes) > 0 else np.nan
    # Twice the shares at half the price: the volume moves against the price.
    confirmed = bool(-np.sign(night) * more > 0.5 * np.log(ratio))
    if not confirmed and ratio < 2:
        return None
    says = f"looks like a split of {_name(ratio, night)} that is not taken out"
    doubt = "" if confirmed else ", though the volume doesn't show it"
    return _at(bars, row, Severity.WARNING, Treatment.FLAGGED, says + doubt)


def _nearest(move: float) -> tuple[float, float]:
    """The ratio that is nearest to a move, and how far it is."""
    ratio = min(RATIOS, key=lambda one: abs(abs(move) - np.log(one)))
    return ratio, abs(abs(move) - float(np.log(ratio)))


def _name(ratio: float, move: float) -> str:
    return f"{ratio:g}:1" if move < 0 else f"1:{ratio:g}"


def _at(bars: BarColumns, row: int, severity: Severity, done: Treatment, says: str) -> Finding:
    return Finding(Kind.SPLIT, severity, done, np.array([row]), int(bars.start[row]), says)
