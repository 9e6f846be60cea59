"""The part of a run's page about its currencies: rates, what stands in each, what rates did."""

from __future__ import annotations

import numpy as np

from tools.backtest.report.drawing import Line, lines
from tools.backtest.report.shapes import Run, Trade
from tools.backtest.report.tables import note, said, table

KINDS = ("first", "second", "third")


def currency_part(run: Run) -> str:
    """A table of the currencies, and the rates of the first few, each as a part of its first."""
    home = run.record.currency
    rows = [
        [
            code,
            " and ".join(one.pairs),
            said(one.first_rate, "{:,.6g}"),
            said(one.last_rate, "{:,.6g}"),
            said(one.cash, "{:,.2f}"),
            said(one.held, "{:,.2f}"),
            "" if code == home else said(one.by_rate, "{:+,.2f}"),
        ]
        for code, one in run.currencies.items()
    ]
    head = ("", "rate by", "first rate", "last rate", "cash", "held", f"its rate alone, in {home}")
    told = note(
        "Cash and what is held are of the end, in the currency itself. What a rate alone did: what "
        "stood in the currency at each bar, times the move of its rate until the next. All other "
        f"profit is of prices and costs, in {home} at the rate of its moment."
    )
    return table(head, rows, "figures") + told + _drawn(run)


def own_profit(one: Trade) -> str:
    """A closed trade's profit in the currency that it was made in."""
    if one.closed is None or one.own_profit is None:
        return ""
    return f"{said(float(one.own_profit), '{:+,.2f}')} {one.currency}"


def _drawn(run: Run) -> str:
    others = [code for code in run.currencies if code != run.record.currency]
    shown = []
    for code, kind in zip(others, KINDS, strict=False):
        rate = run.curve.column(f"rate {code}")
        if rate is not None and np.isfinite(rate[1]) and rate[1] > 0:
            shown.append(Line(code, rate / rate[1], kind))
    title = f"Rates into {run.record.currency}, the first as 1"
    return lines(shown, run.curve.labels, "{:.2f}", title=title) if shown else ""
