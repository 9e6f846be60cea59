"""Pivot points: levels that floor traders work out from the session before.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. ``session`` is
a number that changes with each session; daily bars are a session each. NaN in the first session.
After a gap, that is the first session which begins later.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.indicators.arrays import Floats, by_stretch
from tools.indicators.registry import register

_INPUTS = ("open", "high", "low", "close", "session")
_SEVEN = "pivot r1 s1 r2 s2 r3 s3".split()
Many = tuple[Floats, ...]


def _before(open_: Floats, high: Floats, low: Floats, close: Floats, session: Floats) -> Many:
    """Open, high, low and close of the session before each bar's own; NaN in the first."""
    starts = np.flatnonzero(np.diff(session, prepend=np.nan) != 0)
    ends = np.append(starts[1:], session.size)
    whole = (
        open_[starts], np.maximum.reduceat(high, starts), np.minimum.reduceat(low, starts),
        close[ends - 1],
    )  # fmt: skip
    return tuple(
        np.repeat(np.concatenate([[np.nan], values[:-1]]), ends - starts) for values in whole
    )


def _levels(formula: Callable[..., Many], prices: tuple[Floats, ...], outputs: int) -> Many:
    return by_stretch(lambda *stretch: formula(*_before(*stretch)), *prices, outputs=outputs)


def _put(
    name: str, label: str, levels: list[str], source: str, formula: Callable[..., Many]
) -> None:
    def pivots(*prices: Floats) -> Many:
        return _levels(formula, prices, len(levels))

    pivots.__name__ = pivots.__qualname__ = name
    pivots.__doc__ = f"{label}, from the session before. {source}."
    register(
        name, label, inputs=_INPUTS, outputs=tuple(f"{name}_{level}" for level in levels),
        family="levels", knowledge="indicators/pivot-points", source=source,
    )(pivots)  # fmt: skip


def _classic(_: Floats, high: Floats, low: Floats, close: Floats) -> Many:
    p, span = (high + low + close) / 3, high - low
    return (p, 2 * p - low, 2 * p - high, p + span, p - span, high + 2 * (p - low),
            low - 2 * (high - p))  # fmt: skip


def _fibonacci(_: Floats, high: Floats, low: Floats, close: Floats) -> Many:
    p, span = (high + low + close) / 3, high - low
    return (p, *(p + side * share * span for share in (0.382, 0.618, 1.0) for side in (1, -1)))


def _camarilla(_: Floats, high: Floats, low: Floats, close: Floats) -> Many:
    span = (high - low) * 1.1
    return tuple(close + side * span / part for part in (12, 6, 4, 2) for side in (1, -1))


def _woodie(_: Floats, high: Floats, low: Floats, close: Floats) -> Many:
    p = (high + low + 2 * close) / 4
    return p, 2 * p - low, 2 * p - high, p + high - low, p - high + low


def _demark(open_: Floats, high: Floats, low: Floats, close: Floats) -> Many:
    more = np.where(close < open_, low, np.where(close > open_, high, close))
    x = high + low + close + more
    return x / 4, x / 2 - low, x / 2 - high


_put("pivot_classic", "Classic pivot points", _SEVEN, "(high + low + close) / 3", _classic)
_put("pivot_fibonacci", "Fibonacci pivot points", _SEVEN, "0.382, 0.618 and 1 range", _fibonacci)
_put("pivot_camarilla", "Camarilla pivot points", "r1 s1 r2 s2 r3 s3 r4 s4".split(),
     "N. Stott (1989): the close and parts of 1.1 ranges", _camarilla)  # fmt: skip
_put("pivot_woodie", "Woodie's pivot points", _SEVEN[:5], "the close counts twice", _woodie)
_put("pivot_demark", "DeMark's pivot points", _SEVEN[:3], "T. DeMark (1994)", _demark)
