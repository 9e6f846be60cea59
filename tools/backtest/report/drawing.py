"""Charts as SVG text: lines, bands, bars, and marks on them, each in a wide and a narrow form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tools.backtest.report.plane import SIZES, Plane, Size, text
from tools.backtest.report.words import safe
from tools.market_data.columns import Floats

WIDE_RANGE = 6.0
"""Where the highest is so many times the lowest, a drawing by ratio shows both."""
LEAST = 1e-100


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One series; ``kind`` names its colour and dashes in the style sheet. NaN leaves a gap."""

    name: str
    values: Floats
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """What lies between two series without NaN."""

    lower: Floats
    upper: Floats
    kind: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on a chart: at place ``at`` and height ``value``, pointing ``up`` or down."""

    at: int
    value: float
    up: bool
    words: str


def lines(
    shown: Sequence[Line],
    labels: Sequence[str],
    form: str,
    *,
    title: str = "",
    filled: bool = False,
    money: bool = False,
    bands: Sequence[Band] = (),
    marks: Sequence[Mark] = (),
    edges: Sequence[int] = (),
) -> str:
    """Lines over the same places; ``labels`` is one text a place, ``form`` formats the values.

    ``money`` is drawn by ratio where it changes manifold; ``edges`` are places to be parted at.
    """
    columns = [one.values for one in shown] + [v for b in bands for v in (b.lower, b.upper)]
    known = np.concatenate([values[np.isfinite(values)] for values in columns])
    if not known.size:
        return '<p class="none">There is too little to draw.</p>'
    low, high = float(known.min()), float(known.max())
    log = money and low > LEAST and high / low > WIDE_RANGE

    def drawn(size: Size) -> str:
        plane = Plane(size, len(labels), low, high, log=log)
        body = [plane.grid(form), plane.dates(labels)]
        body += [_edge(plane, place) for place in edges]
        body += [_band(plane, band) for band in bands]
        body += [_line(plane, line, filled=filled) for line in shown]
        body += [_mark(plane, mark) for mark in marks]
        return "".join(body)

    said = '<p class="none">Drawn by ratio: equal steps up are equal gains.</p>' if log else ""
    return _figure(drawn, title or shown[0].name) + _legend(shown, form) + said


def bars(heights: Floats, edges: Floats, form: str, title: str = "") -> str:
    """A histogram: ``edges`` has one value more than ``heights``."""
    most = max(float(heights.max(initial=0.0)), 1.0)

    def drawn(size: Size) -> str:
        plane = Plane(size, len(edges), 0.0, most, log=False)
        body = [plane.grid("{:,.0f}", whole=True)]
        for i, height in enumerate(heights):
            top, bottom = plane.y(float(height)), plane.y(0.0)
            words = f"{form.format(edges[i])} to {form.format(edges[i + 1])}: {height:,.0f}"
            kind = "gain" if edges[i] >= 0 else "loss"
            body.append(
                f'<rect class="{kind}" x="{plane.x(i) + 0.5}" y="{top}" '
                f'width="{max(plane.step - 1, 1):.1f}" height="{bottom - top:.1f}">'
                f"<title>{safe(words)}</title></rect>"
            )
        step = max(len(edges) // size.dates, 1)
        middle = len(edges) // 2
        places = range(middle % step, len(edges), step)
        y = size.height - 8
        body += [text(plane.x(i), y, form.format(edges[i] + 0.0), "middle") for i in places]
        return "".join(body)

    return _figure(drawn, title)


def _figure(drawn: Callable[[Size], str], title: str) -> str:
    return "".join(
        f'<svg class="{size.kind}" viewBox="0 0 {size.width} {size.height}" role="img" '
        f'aria-label="{safe(title)}">{drawn(size)}</svg>'
        for size in SIZES
    )


def _line(plane: Plane, line: Line, *, filled: bool) -> str:
    """One path, broken where there is no value; a value alone is a dot."""
    runs: list[list[str]] = [[]]
    for place in _thinned(line.values, plane.size.points):
        value = float(line.values[place])
        if np.isfinite(value):
            runs[-1].append(f"{plane.x(place)} {plane.y(value)}")
        elif runs[-1]:
            runs.append([])
    runs = [points for points in runs if points]
    path = "".join(f"M{'L'.join(points)}{'h0' if len(points) == 1 else ''}" for points in runs)
    drawn = f'<path class="line {line.kind}" d="{path}"/>'
    if filled and runs:
        zero = plane.y(0.0)
        under = "".join(
            f"M{points[0].split()[0]} {zero}L{'L'.join(points)}L{points[-1].split()[0]} {zero}Z"
            for points in runs
        )
        drawn += f'<path class="area {line.kind}" d="{under}"/>'
    return drawn


def _band(plane: Plane, band: Band) -> str:
    places = np.unique(
        np.linspace(0, len(band.lower) - 1, min(len(band.lower), plane.size.points)).astype(int)
    )
    there = [f"{plane.x(p)} {plane.y(float(band.upper[p]))}" for p in places]
    back = [f"{plane.x(p)} {plane.y(float(band.lower[p]))}" for p in reversed(places)]
    return f'<path class="band {band.kind}" d="M{"L".join(there + back)}Z"/>'


def _thinned(values: Floats, most: int) -> list[int]:
    """Places to draw: all of them, or the lowest and highest of each stretch."""
    if len(values) <= most:
        return list(range(len(values)))
    kept = {0, len(values) - 1}
    edges = np.linspace(0, len(values), most // 2 + 1).astype(int)
    for first, stop in pairwise(edges.tolist()):
        part = values[first:stop]
        known = np.flatnonzero(np.isfinite(part)) + first
        if known.size:
            kept |= {int(known[values[known].argmin()]), int(known[values[known].argmax()])}
        else:
            kept.add(first)
    return sorted(kept)


def _edge(plane: Plane, place: int) -> str:
    size = plane.size
    return f'<path class="edge" d="M{plane.x(place)} {size.top}V{size.height - size.bottom}"/>'


def _mark(plane: Plane, mark: Mark) -> str:
    x, y = plane.x(mark.at), plane.y(mark.value)
    tip, kind = (8, "gain") if mark.up else (-8, "loss")
    points = f"{x},{y} {x - 4},{round(y + tip, 1)} {x + 4},{round(y + tip, 1)}"
    words = safe(mark.words)
    return f'<polygon class="{kind}" points="{points}"><title>{words}</title></polygon>'


def _legend(shown: Sequence[Line], form: str) -> str:
    """Each line as it is drawn, its name and its last value."""
    if len(shown) < 2:
        return ""
    keys = "".join(
        f'<span class="key"><svg class="sample" viewBox="0 0 28 8" aria-hidden="true">'
        f'<path class="line {one.kind}" d="M0 4H28"/></svg>{safe(one.name)}{_last(one, form)}'
        "</span>"
        for one in shown
    )
    return f'<p class="legend">{keys}</p>'


def _last(line: Line, form: str) -> str:
    known = line.values[np.isfinite(line.values)]
    return f" <b>{safe(form.format(known[-1]))}</b>" if known.size else ""
