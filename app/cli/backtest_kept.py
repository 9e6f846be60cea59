"""How a kept document of any kind is shown in the terminal, or written as a page."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.backtest_tables import FIGURES, show
from app.cli.crossed_tables import show_crossed
from app.cli.output import table
from app.cli.search_tables import show_sweep, show_walk
from app.visible import visible
from tools.domain.errors import StateError

if TYPE_CHECKING:
    from tools.backtest.keeping import Runs
    from tools.backtest.report.shapes_compared import Comparison
    from tools.backtest.report.shapes_search import MonteCarlo

COMPARED = (0, 1, 2, 3, 5)
QUANTILES = ("p5", "p25", "p50", "p75", "p95")


def kept_runs() -> Runs:
    """What this desk keeps of backtests."""
    from tools.assembly import open_state
    from tools.backtest.keeping import Runs
    from tools.settings import load_settings

    return Runs(open_state(load_settings()) / "backtests")


def write_page(path: Path, document: dict[str, Any], lots: dict[str, Any] | None = None) -> None:
    """The report as one HTML file, whole or not at all; raises StateError where it can't be."""
    from tools.backtest.report import page

    text = page(document, lots)
    # A pipe or a device is written to as it is: it can't be put in place of itself.
    draft = path.with_name(f".{path.name}.{os.getpid()}") if _plain_file(path) else path
    try:
        draft.write_text(text, "utf-8")
        if draft != path:
            draft.replace(path)
    except OSError as error:
        if draft != path:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        raise StateError(f"{path} can't be written ({error.strerror or error}).") from None


def _plain_file(path: Path) -> bool:
    return path.name not in ("", "..") and (path.is_file() or not path.exists())


def show_kept(document: dict[str, Any]) -> None:
    """A kept document of any kind; raises StateError for one that was changed since."""
    from tools.backtest.report.shapes import Kept, Run, shaped
    from tools.backtest.report.shapes_crossed import Crossed
    from tools.backtest.report.shapes_search import Sweep, Walk

    shapes: dict[str, tuple[type[Kept], Callable[[dict[str, Any]], None]]] = {
        "run": (Run, show),
        "sweep": (Sweep, show_sweep),
        "walk-forward": (Walk, show_walk),
        "combinatorial": (Crossed, show_crossed),
    }
    kind = str(document.get("kind", "run"))
    if kind in shapes:
        shape, shown = shapes[kind]
        shaped(shape, document)
        _plainly(shown, document)
    elif kind == "monte-carlo":
        show_other_pasts(document)
    elif kind == "comparison":
        _show_comparison(document)
    else:
        raise StateError(f"a kept {kind[:40]!r} is of another version of Tollgate")


def _plainly(shown: Callable[[dict[str, Any]], None], document: dict[str, Any]) -> None:
    """Show it: what a page can do without, the terminal may need."""
    try:
        shown(document)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise StateError(
            f"the kept document can't be shown ({type(error).__name__}: {str(error)[:80]}). It was "
            "changed since it was kept: make it again"
        ) from None


def show_other_pasts(document: dict[str, Any]) -> None:
    """Each way with its quantiles and chances, then what it was made from."""
    from tools.backtest.report.shapes import shaped
    from tools.backtest.report.shapes_search import MonteCarlo

    found = shaped(MonteCarlo, document)
    for name, way in found.ways.items():
        rows = [
            [label, *(_said(getattr(way.figures, key).get(part), form)
                      for part in ("seen", *QUANTILES))]
            for label, key, form in (FIGURES[0], FIGURES[3], FIGURES[5])
        ]  # fmt: skip
        table(f"Other pasts: {name}, {way.paths:,} paths", ["", "the run", *QUANTILES], rows)
        _chances(name, found)
    print(visible(f"Seed {found.record.seed}; blocks: {found.record.block_by}."))
    for sentence in found.said:
        print(visible(sentence))
    print(visible(f"Kept as {found.id}, of run {found.of}; result {found.hash[:12]}."))


def _chances(name: str, found: MonteCarlo) -> None:
    way = found.ways[name]
    figures = way.figures
    worse = ", ".join(
        f"{part:.1%} above {float(fall):.0%}"
        for fall, part in figures.worse.items()
        if part is not None
    )
    risks = ", ".join(
        f"{_said(loss, '{:.1%}')} at {float(level):.0%}"
        for level, loss in figures.value_at_risk.items()
    )
    print(f"Chance of a loss: {_said(figures.loss, '{:.1%}')}. Of a drawdown: {worse}.")
    print(f"Value at risk over the whole length: {risks}.")
    for sentence in way.said:
        print(visible(f"- {sentence}"))


def _show_comparison(document: dict[str, Any]) -> None:
    from tools.backtest.report.shapes import shaped
    from tools.backtest.report.shapes_compared import Comparison

    found = shaped(Comparison, document)
    names = [run.name.partition(":")[0] for run in found.runs]
    for run in found.runs:
        print(visible(f"{run.name} ({run.id}), {run.start[:10]} to {run.end[:10]}"))
    rows = [[one.what, *one.values] for one in found.differences]
    if rows:
        table("What they don't share", ["", *names], rows)
    for finding in found.findings:
        print(visible(f"! {finding.sentence}"))
    _figures(found, names)
    _together(found, names)
    print(visible(f"Kept as {found.id}; result {found.hash[:12]}."))


def _together(found: Comparison, names: list[str]) -> None:
    """What is told of the days that all have."""
    if not found.days:
        print("They have too few days in common, or one of them lost everything.")
        return
    correlated = [
        [name, *(_said(value, "{:.2f}") for value in row)]
        for name, row in zip(names, found.correlation, strict=False)
    ]
    table(f"Correlation of {found.days:,} daily returns", ["", *names], correlated)
    table(
        "Sharpe ratios on the days that all have",
        ["", "difference", "chance of it by luck"],
        [
            [f"{names[one.first]} less {names[one.second]}", _said(one.difference, "{:+.2f}"),
             _said(one.probability, "{:.1%}")]
            for one in found.luck
        ],
    )  # fmt: skip
    print(
        "The chance is that of a difference as large, either way, were there none: "
        f"{found.draws:,} draws of the same blocks of {found.block:g} days for both, seed "
        f"{found.seed}."
    )


def _figures(found: Comparison, names: list[str]) -> None:
    shown = [FIGURES[n] for n in COMPARED]
    rows = []
    for name, run in zip(names, found.runs, strict=True):
        for who, figures in ((name, run.figures), *run.benchmarks.items()):
            label = name if who == name else f"{name} {who}"
            rows.append([label] + [_said(figures.get(key), form) for _, key, form in shown])
    columns = ["", *(label for label, _, _ in shown)]
    table("SIMULATED: each run of its own days, beside doing little", columns, rows)


def _said(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)
