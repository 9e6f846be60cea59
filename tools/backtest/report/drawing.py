"""Charts as SVG text: lines, areas, bars, and marks on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from tools.market_data.columns import Floats

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 960, 260, 64, 12, 12, 26
MOST_POINTS = 800


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One series; ``kind`` names its colour in the style sheet. NaN leaves a gap."""

    name: str
    values: Floats
    kind: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on a chart: at place ``at`` and height ``value``, pointing ``up`` or down."""

    at: int
    value: float
    up: bool
    words: str


class _Plane:
    """Places and values to points of the drawing."""

    def __init__(self, count: int, low: float, high: float) -> None:
        gap = (high - low) * 0.04 or abs(high) * 0.04 or 1.0
        self.low, self.high = low - gap, high + gap
        self.step = (WIDTH - LEFT - RIGHT) / max(count - 1, 1)

    def x(self, place: float) -> float:
        return round(LEFT + place * self.step, 1)

    def y(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)


def lines(
    shown: Sequence[Line],
    labels: Sequence[str],
    form: str,
    *,
    filled: bool = False,
    marks: Sequence[Mark] = (),
) -> str:
    """Lines over the same places; ``labels`` is one text a place, ``form`` formats the values."""
    known = np.concatenate([line.values[np.isfinite(line.values)] for line in shown])
    if not known.size:
        return '<p class="none">There is too little to draw.</p>'
    plane = _Plane(len(labels), float(known.min()), float(known.max()))
    body = [_grid(plane, form), _dates(plane, labels)]
    body += [_line(plane, line, filled=filled) for line in shown]
    body += [_mark(plane, mark) for mark in marks]
    return _svg(body) + _legend(shown)


def bars(heights: Floats, edges: Floats, form: str) -> str:
    """A histogram: ``edges`` has one value more than ``heights``."""
    plane = _Plane(len(edges), 0.0, float(heights.max(initial=1.0)))
    body = [_grid(plane, "{:.0f}")]
    for i, height in enumerate(heights):
        top, bottom = plane.y(float(height)), plane.y(0.0)
        words = f"{form.format(edges[i])} to {form.format(edges[i + 1])}: {height:.0f}"
        kind = "gain" if edges[i] >= 0 else "loss"
        body.append(
            f'<rect class="{kind}" x="{plane.x(i) + 1}" y="{top}" width="{plane.step - 2:.1f}" '
            f'height="{bottom - top:.1f}"><title>{escape(words)}</title></rect>'
        )
    body += [
        _text(plane.x(i), HEIGHT - 8, form.format(edges[i]), "middle")
        for i in range(0, len(edges), max(len(edges) // 8, 1))
    ]
    return _svg(body)


def _svg(body: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(body)}</svg>'


def _line(plane: _Plane, line: Line, *, filled: bool) -> str:
    """One path, broken where there is no value."""
    runs: list[list[str]] = [[]]
    for place in _thinned(line.values):
        value = float(line.values[place])
        if np.isfinite(value):
            runs[-1].append(f"{plane.x(place)} {plane.y(value)}")
        elif runs[-1]:
            runs.append([])
    path = "".join(f"M{'L'.join(points)}" for points in runs if points)
    drawn = f'<path class="line {line.kind}" d="{path}"/>'
    if filled and path:
        first, last = runs[0][0].split()[0], runs[-1][-1].split()[0] if runs[-1] else WIDTH
        zero = plane.y(0.0)
        drawn += f'<path class="area {line.kind}" d="{path}L{last} {zero}L{first} {zero}Z"/>'
    return drawn


def _thinned(values: Floats) -> list[int]:
    """Places to draw: all of them, or the lowest and highest of each stretch."""
    if len(values) <= MOST_POINTS:
        return list(range(len(values)))
    kept = {0, len(values) - 1}
    for part in np.array_split(np.arange(len(values)), MOST_POINTS // 2):
        known = part[np.isfinite(values[part])]
        if known.size:
            kept |= {int(known[values[known].argmin()]), int(known[values[known].argmax()])}
        else:
            kept.add(int(part[0]))
    return sorted(kept)


def _grid(plane: _Plane, form: str) -> str:
    parts = []
    for value in _round_values(plane.low, plane.high):
        y = plane.y(value)
        parts.append(f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
        parts.append(_text(LEFT - 6, y + 4, form.format(value), "end"))
    return "".join(parts)


def _round_values(low: float, high: float) -> list[float]:
    """Four to ten values in between, 1, 2 or 5 times a power of ten apart."""
    least = (high - low) / 10
    power = 10.0 ** np.floor(np.log10(least))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= least)
    return [float(n * step) for n in np.arange(np.ceil(low / step), np.floor(high / step) + 1)]


def _dates(plane: _Plane, labels: Sequence[str]) -> str:
    places = np.unique(np.linspace(0, len(labels) - 1, 7).astype(int))
    return "".join(_text(plane.x(p), HEIGHT - 8, labels[p], "middle") for p in places[1:-1])


def _mark(plane: _Plane, mark: Mark) -> str:
    x, y = plane.x(mark.at), plane.y(mark.value)
    tip, kind = (8, "gain") if mark.up else (-8, "loss")
    points = f"{x},{y} {x - 4},{y + tip} {x + 4},{y + tip}"
    words = escape(mark.words)
    return f'<polygon class="{kind}" points="{points}"><title>{words}</title></polygon>'


def _legend(shown: Sequence[Line]) -> str:
    if len(shown) < 2:
        return ""
    keys = "".join(f'<span class="key {one.kind}">{escape(one.name)}</span>' for one in shown)
    return f'<p class="legend">{keys}</p>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
