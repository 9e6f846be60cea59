"""How a backtest is shown in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.cli.decision_table import show_decisions
from app.cli.output import table
from app.cli.verdict import show_verdict
from app.visible import visible

SHOWN = 12
FIGURES = (
    ("return", "total_return", "{:+.1%}"),
    ("a year", "annual_return", "{:+.1%}"),
    ("volatility", "annual_volatility", "{:.1%}"),
    ("Sharpe", "sharpe", "{:.2f}"),
    ("Sortino", "sortino", "{:.2f}"),
    ("drawdown", "max_drawdown", "{:.1%}"),
    ("trades", "trades", "{:,}"),
    ("won", "win_rate", "{:.0%}"),
    ("profit factor", "profit_factor", "{:.2f}"),
    ("turnover", "annual_turnover", "{:.1f}"),
    ("exposure", "exposure", "{:.0%}"),
)
# Nobody trades in a benchmark but at its beginning.
OF_TRADES = {"trades", "win_rate", "profit_factor", "annual_turnover"}


def show(document: dict[str, Any]) -> None:
    """A run's figures beside its benchmarks, its costs, and what to know before believing them."""
    record = document["record"]
    given = ", ".join(f"{name}={value}" for name, value in record["params"].items())
    met, frame = record.get("on", "bars"), record["timeframe"]
    shown = f"moments of {met}" if frame == "each" else f"bars of {frame}"
    shown += f" made of {met}" if frame != "each" and met != "bars" else ""
    print(
        f"{record['strategy']} on {' '.join(record['symbols'])}, {record['bars']:,} {shown} "
        f"from {record['start'][:10]} to {record['end'][:10]} ({given})"
    )
    feeds = ", ".join(sorted(set(record["feeds"].values())))
    show_figures(f"SIMULATED at past prices ({feeds} feed)", "this run", document)
    paid = ", ".join(f"{name} {money}" for name, money in document["costs"].items() if money != "0")
    print(f"Costs in {record['currency']}: {paid or 'none'}.")
    if "sample" in record["feeds"].values():
        print("Dividends: the sample tells none, so its returns are of the price alone.")
    _currencies(record["currency"], document.get("currencies") or {})
    print(
        f"Orders: {', '.join(f'{n} {state}' for state, n in document['orders'].items()) or 'none'}."
    )
    print(f"Limits: {record['limits']}. Approved by {record['approvals']}.")
    if "decider" in document:
        show_decisions(document)
    _findings([*document.get("reached", ()), *document["findings"]])
    if "validation" in document:
        show_verdict(document["validation"])
    print(f"Kept as {document['id']}; result {document['hash'][:12]}.")


def show_figures(title: str, mine: str, document: dict[str, Any]) -> None:
    """What was earned, under the name ``mine``, beside doing little."""
    columns = {mine: document["figures"], **document["benchmarks"]}
    table(
        title,
        ["", *columns],
        [
            [
                label,
                *(
                    "" if name != mine and key in OF_TRADES else figure(figures, key, form)
                    for name, figures in columns.items()
                ),
            ]
            for label, key, form in FIGURES
        ],
    )


def _currencies(own: str, found: dict[str, Any]) -> None:
    """What stands in each currency at the end, and what the moves of its rate alone did."""
    if not found:
        return
    rows = [
        [
            code,
            " ".join(one["pairs"]) or "–",
            *(figure(one, key, "{:,.6g}") for key in ("first_rate", "last_rate")),
            *(figure(one, key, "{:,.2f}") for key in ("cash", "held")),
            "" if code == own else figure(one, "by_rate", "{:+,.2f}"),
        ]
        for code, one in found.items()
    ]
    head = ["", "rate by", "first rate", "last rate", "cash", "held", f"rate alone, in {own}"]
    table("Currencies at the end", head, rows)


def _findings(findings: Sequence[dict[str, Any]]) -> None:
    for one in findings[:SHOWN]:
        print(f"! {visible(one['sentence'])}")
    if len(findings) > SHOWN:
        print(f"{len(findings) - SHOWN} more findings: --json lists all.")


def show_others(rows: Sequence[dict[str, Any]]) -> None:
    """What is kept besides runs, and what can't be read."""
    if rows:
        table(
            "Kept besides, the newest first",
            ["id", "kind", "what", "from", "to"],
            [
                [one["id"], one["kind"] or "unreadable", one["error"] or one["title"], one["from"],
                 one["to"]]
                for one in rows
            ],
        )  # fmt: skip


def figure(figures: dict[str, Any], key: str, form: str) -> str:
    """One figure by its format; a dash where it can't be known."""
    value = figures.get(key)
    return "–" if value is None else form.format(value)


def ranged(one: Any) -> str:
    """A parameter with its default and range."""
    span = "" if one["least"] is None else f" ({one['least']:g} to {one['most']:g})"
    return f"{one['name']}={one['default']}{span}"
