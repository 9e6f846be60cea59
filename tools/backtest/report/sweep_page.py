"""The page of a sweep: its best point, how its neighbours did, and every point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.backtest.report import frame, validation
from tools.backtest.report.frame import Part
from tools.backtest.report.heat import Axes, heat_map
from tools.backtest.report.run_page import findings, record_part
from tools.backtest.report.shapes_search import Failed, Params, SearchRecord, Sweep, varied
from tools.backtest.report.tables import FIGURES, note, plain, said, table

SHOWN = 400
COLUMNS = ("total_return", "sharpe", "max_drawdown", "trades")


def sweep_page(sweep: Sweep) -> str:
    """Everything that a sweep's document tells."""
    record = sweep.record
    best = None if sweep.best is None else sweep.points[sweep.best]
    lead = frame.simulated(record.start, record.end)
    lead += validation.banner(sweep.validation, best.figures.get("sharpe") if best else None)
    if best is not None:
        tiles = [(FIGURES[k][0], said(best.figures.get(k), FIGURES[k][1]), "") for k in COLUMNS]
        lead += frame.tiles(tiles) + note(
            f"The best by {record.metric}: {_words(best.params, sweep)}."
        )
    count = len(sweep.points) + sweep.left_out
    return frame.framed(f"{count:,} points: {record.title}", lead, _parts(sweep))


def _parts(sweep: Sweep) -> Iterator[Part]:
    yield "What to know first", findings([one.sentence for one in sweep.findings])
    if sweep.validation is not None:
        yield "May the best be believed?", validation.box(sweep.validation, None, alone=False)
    axes = Axes.of([point.params for point in sweep.points])
    if axes is not None:
        metric = sweep.record.metric
        values = [point.figures.get(metric) for point in sweep.points]
        yield (
            f"{FIGURES[metric][0] if metric in FIGURES else metric} by {' and '.join(axes.names)}",
            heat_map(axes, [point.params for point in sweep.points], values),
        )
    yield "Points", _points(sweep)
    yield from failed_part(sweep.failed, sweep.record)
    if sweep.left_out:
        yield "Left out", note(f"{sweep.left_out:,} points are not in the document.")
    yield (
        "Record",
        note(f"Played by the {sweep.engine} engine.")
        + record_part(sweep.record.model_dump(), sweep.id, sweep.hash),
    )


def failed_part(failed: Sequence[Failed], record: SearchRecord) -> Iterator[Part]:
    """What couldn't run, and why; nothing where all could."""
    if failed:
        rows = [[plain(varied(one.params, record.grid)), one.why] for one in failed[:SHOWN]]
        yield f"{len(failed):,} could not run", table(("parameters", "why"), rows)


def _points(sweep: Sweep) -> str:
    metric = sweep.record.metric
    order = sorted(
        range(len(sweep.points)),
        key=lambda n: -_height(sweep.points[n].figures.get(metric)),
    )
    rows = []
    for place, number in enumerate(order[:SHOWN]):
        point = sweep.points[number]
        shown = (said(point.figures.get(key), FIGURES[key][1]) for key in COLUMNS)
        symbols = " ".join(point.symbols[:4]) + (" …" if len(point.symbols) > 4 else "")
        rows.append([f"{place + 1}", _words(point.params, sweep), symbols, *shown, point.run or ""])
    head = ("", "parameters", "symbols", *(FIGURES[key][0] for key in COLUMNS), "run")
    many = len(order) > SHOWN
    return (note(f"The first {SHOWN} of {len(order):,}.") if many else "") + table(head, rows)


def _words(params: Params, sweep: Sweep) -> str:
    return plain(varied(params, sweep.record.grid))


def _height(value: float | None) -> float:
    return -1e308 if value is None else value
