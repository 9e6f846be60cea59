"""The page of a comparison: what differs first, then figures, curves, and what luck can do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.backtest.report import frame
from tools.backtest.report.drawing import Line, lines
from tools.backtest.report.frame import Part
from tools.backtest.report.run_page import findings
from tools.backtest.report.shapes_compared import Comparison
from tools.backtest.report.tables import FIGURES, OF_TRADES, note, said, table

KINDS = ("first", "second", "third", "fourth", "fifth", "sixth")
OWN = (
    "total_return", "annual_return", "annual_volatility", "sharpe", "max_drawdown", "trades",
    "win_rate", "annual_turnover",
)  # fmt: skip
JOINED = ("total_return", "annual_return", "sharpe", "max_drawdown")


def comparison_page(comparison: Comparison) -> str:
    """Everything that a comparison tells."""
    runs = comparison.runs
    start, end = min(one.start for one in runs), max(one.end for one in runs)
    lead = frame.simulated(start, end) + "".join(note(f"{one.name} ({one.id})") for one in runs)
    return frame.framed(f"{len(runs)} runs side by side", lead, _parts(comparison))


def _parts(comparison: Comparison) -> Iterator[Part]:
    names = [_short(one.name) for one in comparison.runs]
    rows = [[one.what, *one.values] for one in comparison.differences]
    yield "What they don't share", table(("", *names), rows) if rows else note("Nothing differs.")
    yield "What to know first", findings([one.sentence for one in comparison.findings])
    yield "Figures, each of its own days", _figures(comparison, names)
    if comparison.curve is None:
        yield "Together", note("They have too few days in common, or one of them lost everything.")
        return
    yield "Equity from 1, on the days that all have", _curves(comparison, names)
    yield f"On the {comparison.days:,} days that all have", _joined(comparison, names)
    yield "Correlation of daily returns", _correlations(comparison, names)
    yield "Is one Sharpe ratio better than another?", _luck(comparison, names)


def _figures(comparison: Comparison, names: list[str]) -> str:
    """A line for each run, and under it one for each of its benchmarks."""
    rows = []
    for name, run in zip(names, comparison.runs, strict=True):
        rows.append([name, *(said(run.figures.get(k), FIGURES[k][1]) for k in OWN)])
        rows += [
            [
                f"{name} {other}",
                *("" if k in OF_TRADES else said(figures.get(k), FIGURES[k][1]) for k in OWN),
            ]
            for other, figures in run.benchmarks.items()
        ]
    return table(("", *(FIGURES[key][0] for key in OWN)), rows, "figures")


def _curves(comparison: Comparison, names: list[str]) -> str:
    curve = comparison.curve
    if curve is None:
        return ""
    columns = [curve.column("equity"), *(curve.column(name) for name in names[1:])]
    shown = [
        Line(name, np.asarray(values), KINDS[n % len(KINDS)])
        for n, (name, values) in enumerate(zip(names, columns, strict=True))
        if values is not None
    ]
    return lines(shown, curve.labels, "{:,.2f}", title="Equity", money=True)


def _joined(comparison: Comparison, names: list[str]) -> str:
    rows = [
        [FIGURES[key][0]]
        + [said(comparison.joined.get(f"{name} {key}"), FIGURES[key][1]) for name in names]
        for key in JOINED
    ]
    return table(("", *names), rows, "figures")


def _correlations(comparison: Comparison, names: list[str]) -> str:
    rows = [
        [name, *(said(value, "{:.2f}") for value in row)]
        for name, row in zip(names, comparison.correlation, strict=False)
    ]
    return table(("", *names), rows)


def _luck(comparison: Comparison, names: list[str]) -> str:
    rows = [
        [
            f"{names[one.first]} less {names[one.second]}",
            said(one.difference, "{:+.2f}"),
            said(one.probability, "{:.1%}"),
        ]
        for one in comparison.luck
    ]
    return table(("", "difference a year", "chance of it by luck"), rows) + note(
        f"{comparison.draws:,} times the same blocks of {comparison.block:g} days on average are "
        "drawn for both; the chance is that of a difference as large, either way, were there none "
        f"in truth. Seed {comparison.seed}. Of several pairs, one looks unlikely by luck more "
        "easily."
    )


def _short(name: str) -> str:
    return name.partition(":")[0][:40]
