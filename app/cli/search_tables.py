"""How a sweep and a walk forward are shown in the terminal."""

from __future__ import annotations

from typing import Any

from app.cli.backtest_tables import FIGURES, figure, show_figures
from app.cli.output import table
from app.cli.verdict import show_verdict
from app.visible import visible

SHOWN = 10
COLUMNS = tuple(FIGURES[place] for place in (0, 3, 5, 6))


def show_sweep(document: dict[str, Any]) -> None:
    """The best points, and what to believe of them."""
    record, points = document["record"], document["points"]
    show_head(record, f"{len(points):,} runs")
    best = sorted(points, key=lambda one: -_height(one["figures"], record["metric"]))
    several = record["each"]
    if document["engine"] != "desk":
        _show_played(document)
    table(
        f"SIMULATED at past prices{'' if document['engine'] == 'desk' else ' (compiled engine)'}: "
        f"the best by {record['metric']}",
        [*(["symbol"] if several else []), "parameters", *(c[0] for c in COLUMNS), "run"],
        [
            [
                *([" ".join(one["symbols"])] if several else []),
                searched(one["params"], record["grid"]),
                *(figure(one["figures"], key, form) for _, key, form in COLUMNS),
                one["run"] or "",
            ]
            for one in best[:SHOWN]
        ],
    )
    if len(points) > SHOWN:
        print(f"{len(points) - SHOWN:,} more runs: --json lists all.")
    for finding in document.get("findings", ()):
        print(f"! {visible(finding['sentence'])}")
    show_left_out(document)
    show_verdict_of(document)


def _show_played(document: dict[str, Any]) -> None:
    """Those of a scan that were played through the desk, the best first."""
    record = document["record"]
    played = [one for one in document["points"] if "desk" in one]
    played.sort(key=lambda one: -_height(one["desk"], record["metric"]))
    table(
        f"SIMULATED at past prices (through the desk): the best by {record['metric']}",
        ["symbol", "parameters", *(c[0] for c in COLUMNS), "run"],
        [
            [
                " ".join(one["symbols"]),
                searched(one["params"], record["grid"]),
                *(figure(one["desk"], key, form) for _, key, form in COLUMNS),
                one["run"],
            ]
            for one in played[:SHOWN]
        ],
    )


def show_walk(document: dict[str, Any]) -> None:
    """What the choices earned afterwards, beside doing little, fold by fold."""
    record, folds = document["record"], document["folds"]
    show_head(record, f"{len(folds)} folds")
    show_figures("SIMULATED at past prices: judged days alone", "walked", document)
    shown = folds[-SHOWN:]
    label, key, form = next(one for one in FIGURES if one[1] == "sharpe")
    table(
        "Folds" if len(shown) == len(folds) else f"The last {len(shown)} of {len(folds)} folds",
        ["judged from", "to", "parameters", f"{label} learnt", f"{label} judged", "return"],
        [
            [
                *one["judge"],
                searched(one["params"], record["grid"])
                or ("as usual" if one["params"] else "none"),
                figure(one["learn_figures"], key, form),
                figure(one["judge_figures"], key, form),
                figure(one["judge_figures"], "total_return", "{:+.1%}"),
            ]
            for one in shown
        ],
    )
    for finding in document["findings"]:
        print(f"! {visible(finding['sentence'])}")
    show_left_out(document)
    show_verdict_of(document)


def show_head(record: dict[str, Any], what: str) -> None:
    """What was searched, on what, in one line."""
    grid = ", ".join(
        f"{name} {visible(_several(several))}" for name, several in record["grid"].items()
    )
    alone = ", each alone" if record["each"] else ""
    print(
        f"{visible(record['strategy'])} on {' '.join(record['symbols'])}{alone}, "
        f"{record['bars']:,} bars of {record['timeframe']} from {record['start'][:10]} to "
        f"{record['end'][:10]}: {what}{f' over {grid}' if grid else ''}"
    )


def _several(values: list[Any]) -> str:
    if len(values) > 6:
        return f"{values[0]}, {values[1]} … {values[-1]} ({len(values)} values)"
    return ", ".join(map(str, values))


def show_left_out(document: dict[str, Any]) -> None:
    """What the strategy refused, and what failed."""
    if document["left_out"]:
        print(f"{document['left_out']:,} combinations were left out: the strategy refuses them.")
    failed = document["failed"]
    if failed:
        print(f"! {len(failed):,} runs failed. The first: {visible(failed[0]['why'])}")


def show_verdict_of(document: dict[str, Any]) -> None:
    """The verdict, and where the document is kept."""
    show_verdict(document["validation"])
    print(f"Kept as {document['id']}; result {document['hash'][:12]}.")


def searched(params: dict[str, Any], grid: dict[str, Any]) -> str:
    """Those that were searched."""
    return visible(" ".join(f"{name}={params[name]}" for name in grid if name in params))


def _height(figures: dict[str, Any], metric: str) -> float:
    value = figures.get(metric)
    return float("-inf") if value is None else float(value)
