"""How a combinatorial cross-validation is shown in the terminal."""

from __future__ import annotations

from typing import Any

from app.cli.backtest_tables import FIGURES, figure, show_figures
from app.cli.output import table
from app.cli.search_tables import searched, show_head, show_left_out, show_verdict_of
from app.visible import visible

SHOWN = 10
LEARNT = ("Sharpe learnt", "Sharpe judged", "return judged")
SPREAD = (("worst", "least"), ("quarter", "p25"), ("half", "p50"), ("three quarters", "p75"),
          ("best", "most"))  # fmt: skip


def show_crossed(document: dict[str, Any]) -> None:
    """The paths beside doing little, what was chosen how often, and what to believe of it."""
    record, paths = document["record"], document["paths"]
    ways = document["combinations"]
    show_head(record, f"{len(ways):,} combinations, {len(paths):,} whole paths")
    show_figures("SIMULATED at past prices: judged groups alone", "middle path", document)
    _show_spread(document["spread"], len(paths))
    _show_chosen(document)
    for finding in document["findings"]:
        print(f"! {visible(finding['sentence'])}")
    show_left_out(document)
    show_verdict_of(document)


def _show_spread(spread: dict[str, Any], count: int) -> None:
    shown = [one for one in FIGURES if one[1] in spread]
    table(
        f"{count:,} whole paths",
        ["below it lies", *(name for name, _ in SPREAD)],
        [
            [label, *(figure(spread[key], part, form) for _, part in SPREAD)]
            for label, key, form in shown
        ],
    )
    losing, behind = (figure(spread, key, "{:.0%}") for key in ("losing", "behind"))
    print(f"{losing} of the paths lost; {behind} have a Sharpe ratio below buy and hold's.")


def _show_chosen(document: dict[str, Any]) -> None:
    ways, grid = document["combinations"], document["record"]["grid"]
    rows = []
    for one in document["chosen"][:SHOWN]:
        mine = [way for way in ways if way["params"] == one["params"]]
        rows.append(
            [
                searched(one["params"], grid) or "as usual",
                f"{one['times']:,} of {len(ways):,}",
                _mean(mine, "learn_figures", "sharpe", "{:.2f}"),
                _mean(mine, "judge_figures", "sharpe", "{:.2f}"),
                _mean(mine, "judge_figures", "total_return", "{:+.1%}"),
            ]
        )
    table("What was chosen", ["parameters", "times", *(f"mean {one}" for one in LEARNT)], rows)
    more = len(document["chosen"]) - SHOWN
    if more > 0:
        print(f"{more:,} more points were chosen: --json lists all.")


def _mean(ways: list[dict[str, Any]], side: str, key: str, form: str) -> str:
    known = [way[side][key] for way in ways if way[side].get(key) is not None]
    return form.format(sum(known) / len(known)) if known else "–"
