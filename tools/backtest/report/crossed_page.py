"""The page of a combinatorial cross-validation: its paths, and what was chosen how often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tools.backtest.report import frame, validation
from tools.backtest.report.drawing import Band, Line, bars, lines
from tools.backtest.report.frame import Part
from tools.backtest.report.market_parts import regime_part
from tools.backtest.report.run_page import findings, headline, month_table, record_part
from tools.backtest.report.shapes_crossed import Combination, Crossed
from tools.backtest.report.shapes_search import varied
from tools.backtest.report.sweep_page import failed_part
from tools.backtest.report.tables import FIGURES, figures_table, note, plain, said, table

MIDDLE, HOLD = "the middle path", "buy and hold"
SHOWN, BINS = 400, 12
SPREAD = (
    ("worst", "least"), ("quarter below", "p25"), ("half below", "p50"),
    ("three quarters below", "p75"), ("best", "most"),
)  # fmt: skip


def crossed_page(one: Crossed) -> str:
    """Everything that its document tells."""
    record = one.record
    lead = frame.simulated(record.start, record.end)
    lead += validation.banner(one.validation, one.figures.get("sharpe"))
    lead += headline(one.figures, one.benchmarks)
    lead += note(
        f"The path in the middle by Sharpe ratio, of {len(one.paths):,} whole paths. Parameters "
        "are chosen from days after the judged ones too: it is validation, not trading."
    )
    return frame.framed(f"Cross-validation: {record.title}", lead, _parts(one))


def _parts(one: Crossed) -> Iterator[Part]:
    equity = np.array(one.curve.equity, dtype=np.float64)
    yield "What to know first", findings([found.sentence for found in one.findings])
    yield "Figures", figures_table({MIDDLE: one.figures, **one.benchmarks}, [MIDDLE])
    yield f"{len(one.paths):,} whole paths", _spread(one)
    currency = one.record.currency
    yield (f"Equity in {currency}" if currency else "Equity"), _equity(one)
    yield "Sharpe ratios of the paths", _histogram(one)
    yield "What was chosen", _chosen(one)
    yield "May it be believed?", validation.box(one.validation, equity, alone=False)
    yield f"{len(one.combinations):,} combinations", _combinations(one)
    yield (
        "Groups",
        table(
            ("", "from", "to"),
            [[f"{n + 1}", *(day[:10] for day in span)] for n, span in enumerate(one.groups)],
        ),
    )
    yield "Months of the middle path", month_table(one.curve)
    yield "By stretch of market", regime_part(one.curve, one.bars_a_year)
    yield from failed_part(one.failed, one.record)
    yield "Record", record_part(one.record.model_dump(), one.id, one.hash)


def _spread(one: Crossed) -> str:
    rows = []
    for key in ("total_return", "annual_return", "sharpe", "max_drawdown"):
        label, form = FIGURES[key]
        found = getattr(one.spread, key)
        rows.append([label, *(said(found.get(part), form) for _, part in SPREAD)])
    words = (
        f"{said(one.spread.losing, '{:.0%}')} of the paths lost, "
        f"{said(one.spread.behind, '{:.0%}')} have a Sharpe ratio below buy and hold's."
    )
    return table(("", *(name for name, _ in SPREAD)), rows) + note(words)


def _equity(one: Crossed) -> str:
    """Every path where there are few, a fan where there are many; and buy and hold."""
    few = not one.fan
    faint = [
        Line(f"path {n + 1}", np.array(path.equity, dtype=np.float64), "faint")
        for n, path in enumerate(one.paths)
        if path.equity is not None and n != one.middle
    ]
    drawn = [*faint, Line(MIDDLE, np.array(one.curve.equity, dtype=np.float64), "first")]
    holding = one.curve.column(HOLD)
    if holding is not None:
        drawn.append(Line(HOLD, holding, "second"))
    edges = {part: np.array(values, dtype=np.float64) for part, values in one.fan.items()}
    bands = [] if few else [
        Band(edges["p5"], edges["p95"], "far"), Band(edges["p25"], edges["p75"], "near"),
    ]  # fmt: skip
    title = f"Equity of {len(one.paths):,} paths"
    places = [int(np.searchsorted(_days(one), span[0][:10])) + 1 for span in one.groups[1:]]
    labels = one.curve.labels
    shown = lines(drawn, labels, "{:,.0f}", title=title, money=True, bands=bands, edges=places)
    words = "The groups are parted by lines."
    if not few:
        words += " Shaded: half of the paths, and nine in ten. Thin: the worst and the best."
    return shown + note(words)


def _days(one: Crossed) -> list[str]:
    return [text[:10] for text in one.curve.at[1:]]


def _histogram(one: Crossed) -> str:
    known = [v for path in one.paths if (v := path.figures.get("sharpe")) is not None]
    if not known:
        return '<p class="none">No path ever moved.</p>'
    ratios = np.clip(np.array(known, dtype=np.float64), -100.0, 100.0)
    counts, edges = np.histogram(ratios, bins=BINS)
    drawn = bars(counts.astype(np.float64), edges, "{:.2f}", "Sharpe ratios of the paths")
    beside = said(one.benchmarks.get(HOLD, {}).get("sharpe"), "{:.2f}")
    return drawn + note(f"Buy and hold has {beside}.")


def _chosen(one: Crossed) -> str:
    rows = []
    for point in one.chosen[:SHOWN]:
        mine = [way for way in one.combinations if way.params == point.params]
        rows.append(
            [
                plain(varied(point.params, one.record.grid)),
                f"{point.times:,}",
                f"{point.times / len(one.combinations):.0%}",
                said(_mean(mine, learnt=True), "{:.2f}"),
                said(_mean(mine, learnt=False), "{:.2f}"),
            ]
        )
    head = ("parameters", "times", "of all", "mean Sharpe learnt", "mean Sharpe judged")
    return table(head, rows)


def _mean(ways: Sequence[Combination], *, learnt: bool) -> float | None:
    sides = [way.learn_figures if learnt else way.judge_figures for way in ways]
    known = [value for side in sides if (value := side.get("sharpe")) is not None]
    return float(np.mean(known)) if known else None


def _combinations(one: Crossed) -> str:
    rows = []
    for number, way in enumerate(one.combinations[:SHOWN]):
        figures = [
            said(found.get(key), FIGURES[key][1])
            for found in (way.learn_figures, way.judge_figures)
            for key in ("sharpe", "total_return")
        ]
        judged = " ".join(f"{group + 1}" for group in way.judged)
        points = plain(varied(way.params, one.record.grid))
        rows.append([f"{number + 1}", judged, f"{way.learn_days:,}", points, *figures])
    head = ("", "judged groups", "days learnt from", "parameters", "Sharpe learnt",
            "return learnt", "Sharpe judged", "return judged")  # fmt: skip
    more = len(one.combinations) - SHOWN
    return table(head, rows) + (note(f"The first {SHOWN} are shown.") if more > 0 else "")
