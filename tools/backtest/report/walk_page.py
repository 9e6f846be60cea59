"""The page of a walk forward: its folds, and their judged stretches as one curve."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.backtest.report import frame, validation
from tools.backtest.report.frame import Part
from tools.backtest.report.market_parts import regime_part
from tools.backtest.report.run_page import curves, findings, headline, month_table, record_part
from tools.backtest.report.shapes_search import Walk, varied
from tools.backtest.report.sweep_page import failed_part
from tools.backtest.report.tables import FIGURES, figures_table, note, plain, said, table

TWO = "{:.2f}"
COMPARED = ("sharpe", "total_return")


def walk_page(walk: Walk) -> str:
    """Everything that a walk's document tells."""
    record = walk.record
    lead = frame.simulated(record.start, record.end)
    lead += validation.banner(walk.validation, walk.figures.get("sharpe"))
    lead += headline(walk.figures, walk.benchmarks)
    lead += note("Judged stretches only: no bar is in a figure of the parameters learnt from it.")
    return frame.framed(f"Walk forward: {record.title}", lead, _parts(walk))


def _parts(walk: Walk) -> Iterator[Part]:
    curve, name = walk.curve, "the judged stretches"
    equity = np.array(curve.equity, dtype=np.float64)
    yield "What to know first", findings([one.sentence for one in walk.findings])
    yield "Figures", figures_table({name: walk.figures, **walk.benchmarks}, [name])
    if walk.decider is not None:
        yield "What the decider could have known", validation.decided_by(walk.decider)
    yield f"{len(walk.folds):,} folds", _folds(walk)
    yield from curves(curve, name, walk.record.currency, _edges(walk))
    yield "Months", month_table(curve)
    yield "May it be believed?", validation.box(walk.validation, equity, alone=False)
    yield "By stretch of market", regime_part(curve, walk.bars_a_year)
    yield from failed_part(walk.failed, walk.record)
    yield "Record", record_part(walk.record.model_dump(), walk.id, walk.hash)


def _folds(walk: Walk) -> str:
    rows = []
    for number, fold in enumerate(walk.folds):
        figures = [
            said(found.get(key), FIGURES[key][1])
            for found in (fold.learn_figures, fold.judge_figures)
            for key in COMPARED
        ]
        spans = [f"{one[0][:10]} – {one[1][:10]}" for one in (fold.learn, fold.judge)]
        rows.append(
            [
                f"{number + 1}",
                *spans,
                plain(varied(fold.params, walk.record.grid)),
                *figures,
                fold.run or "",
            ]
        )
    head = ("", "learnt on", "judged on", "parameters", "Sharpe learnt", "return learnt",
            "Sharpe judged", "return judged", "run")  # fmt: skip
    return table(head, rows) + note(_kept(walk))


def _kept(walk: Walk) -> str:
    """How much of what was learnt held."""
    pairs = [
        (learnt, judged)
        for fold in walk.folds
        if (learnt := fold.learn_figures.get("sharpe")) is not None
        and (judged := fold.judge_figures.get("sharpe")) is not None
    ]
    if not pairs:
        return "No fold has a Sharpe ratio on both sides."
    learnt, judged = np.array(pairs).mean(axis=0)
    better = sum(judged > 0 for _, judged in pairs)
    before, after = said(learnt, TWO), said(judged, TWO)
    return (
        f"The mean Sharpe ratio was {before} where it was learnt and {after} where it was judged; "
        f"{better} of {len(pairs)} folds earned where they were judged."
    )


def _edges(walk: Walk) -> list[int]:
    """Where a new fold's judging begins on the curve."""
    at = [text[:10] for text in walk.curve.at[1:]]
    return [int(np.searchsorted(at, fold.judge[0][:10])) + 1 for fold in walk.folds[1:]]
