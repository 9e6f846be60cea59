"""A figure by two parameters: a shaded table, with the numbers for whoever sees no shade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tools.backtest.report.shapes_search import Params, Value
from tools.backtest.report.tables import note, said
from tools.backtest.report.words import safe

MOST = 40
SHADES = 8


@dataclass(frozen=True, slots=True)
class Axes:
    """One or two parameters that have several values each, those with the most first."""

    names: tuple[str, ...]
    others: int

    @classmethod
    def of(cls, params: Sequence[Params]) -> Axes | None:
        """None where no parameter was changed."""
        seen: dict[str, set[str]] = defaultdict(set)
        for row in params:
            for name, value in row.items():
                seen[name].add(str(value))
        varied = sorted((name for name in seen if len(seen[name]) > 1), key=lambda n: -len(seen[n]))
        return cls(tuple(varied[:2]), max(0, len(varied) - 2)) if varied else None


def heat_map(axes: Axes, params: Sequence[Params], values: Sequence[float | None]) -> str:
    """The mean of what falls in each cell; the first axis down, the second across."""
    cells: dict[tuple[str, str], list[float]] = defaultdict(list)
    down: dict[str, Value] = {}
    across: dict[str, Value] = {}
    for row, value in zip(params, values, strict=True):
        first = row.get(axes.names[0])
        second = row.get(axes.names[1]) if len(axes.names) > 1 else ""
        down[_word(first)], across[_word(second)] = first, second
        if value is not None:
            cells[_word(first), _word(second)].append(value)
    rows, columns = _ordered(down), _ordered(across)
    means = {key: sum(found) / len(found) for key, found in cells.items()}
    if not means:
        return note("The figure is known of no point.")
    low, high = min(means.values()), max(means.values())
    head = "".join(f"<th scope=col>{safe(name)}</th>" for name in columns[:MOST])
    body = "".join(
        f"<tr><th scope=row>{safe(row)}</th>"
        + "".join(_cell(means.get((row, column)), low, high) for column in columns[:MOST])
        + "</tr>"
        for row in rows[:MOST]
    )
    corner = safe(" \\ ".join(axes.names))
    drawn = f'<table class="heat"><tr><th>{corner}</th>{head}</tr>{body}</table>'
    several = any(len(found) > 1 for found in cells.values())
    words = [f"Darker is more, from {low:.2f} to {high:.2f}."]
    if several:
        words.append("A cell is the mean over the symbols and the other parameters in it.")
    if len(rows) > MOST or len(columns) > MOST:
        words.append(f"The first {MOST} values of each are shown.")
    return f'<div class="scroll" tabindex="0">{drawn}</div>' + note(" ".join(words))


def _cell(value: float | None, low: float, high: float) -> str:
    if value is None:
        return "<td>–</td>"
    part = (value - low) / (high - low) if high > low else 0.5
    return f'<td class="heat{min(SHADES - 1, int(part * SHADES))}">{said(value, "{:.2f}")}</td>'


def _word(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ordered(found: dict[str, Value]) -> list[str]:
    """Numbers by size, the rest by name."""

    def key(name: str) -> tuple[bool, float, str]:
        value = found[name]
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return (not number, float(value) if number else 0.0, name)  # type: ignore[arg-type]

    return sorted(found, key=key)
