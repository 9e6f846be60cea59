"""The page of a run: its parts, one under the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from tools.backtest.report.drawing import Line, Mark, bars, lines
from tools.backtest.report.figures import (
    WINDOW,
    column,
    falls,
    histogram,
    months,
    places,
    rolling_sharpe,
    share,
)

BESIDE = (("buy and hold", "second"), ("equal weight", "third"))
SHOWN = 400
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Year".split()
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
FIGURES = {
    "total_return": ("return", "{:+.1%}"),
    "annual_return": ("return a year", "{:+.1%}"),
    "annual_volatility": ("volatility a year", "{:.1%}"),
    "sharpe": ("Sharpe", "{:.2f}"),
    "sortino": ("Sortino", "{:.2f}"),
    "calmar": ("Calmar", "{:.2f}"),
    "max_drawdown": ("largest drawdown", "{:.1%}"),
    "longest_drawdown": ("longest drawdown, bars", "{:,}"),
    "trades": ("trades closed", "{:,}"),
    "win_rate": ("of them won", "{:.0%}"),
    "profit_factor": ("won over lost", "{:.2f}"),
    "annual_turnover": ("turnover a year", "{:.1f}"),
    "exposure": ("bars with a position", "{:.0%}"),
}
# A benchmark's trades are not counted.
OF_TRADES = {"trades", "win_rate", "profit_factor", "annual_turnover"}


def page(document: dict[str, Any]) -> str:
    """A run's document as one HTML page; it opens without a network and runs no script."""
    record = document["record"]
    title = f"{record['strategy']} on {' '.join(record['symbols'])}"
    sheet = Path(__file__).with_name("sheet.css").read_text("utf-8")
    body = "".join(
        f"<section><h2>{escape(name)}</h2>{part}</section>" for name, part in _parts(document)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(title)}</title><style>{sheet}</style></head><body>"
        f"<h1>{escape(title)}</h1>"
        f'<p class="label">SIMULATED: a backtest at past prices, {escape(record["start"][:10])} to '
        f"{escape(record['end'][:10])}. What happened then need not happen again.</p>"
        f"{body}</body></html>\n"
    )


def _parts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    record, at = document["record"], ["", *(text[:10] for text in document["curve"]["at"][1:])]
    equity = column(document, "equity")
    beside = [Line(name, column(document, name), kind) for name, kind in BESIDE]
    mine = Line("this run", equity, "first")
    yield "Figures", _figures(document)
    if document["findings"]:
        rows = "".join(f"<li>{escape(one['sentence'])}</li>" for one in document["findings"])
        yield "What to know first", f"<ul>{rows}</ul>"
    yield f"Equity in {record['currency']}", lines([mine, *beside], at, "{:,.0f}")
    fallen = [Line(one.name, falls(one.values), one.kind) for one in (mine, *beside)]
    yield "Drawdown", lines(fallen[:1], at, "{:.0%}", filled=True)
    yield "Months", _months(document)
    for symbol in record["symbols"]:
        yield f"Trades on the price of {symbol}", _traded(document, symbol, at[1:])
    parts = [("long and short", "invested", "first"), ("long less short", "net", "second")]
    shares = [Line(n, share(column(document, key), equity), kind) for n, key, kind in parts]
    yield "Exposure, as a part of the equity", lines(shares, at, "{:.0%}")
    rolled = rolling_sharpe(equity, document["bars_a_year"])
    yield f"Sharpe of the last {WINDOW} bars", lines([Line("", rolled, "first")], at, "{:.1f}")
    found = histogram(equity)
    drawn = (
        '<p class="none">The equity never moved.</p>' if found is None else bars(*found, "{:.1%}")
    )
    yield "Returns of single bars", drawn
    yield f"Costs in {record['currency']}", _table((), list(document["costs"].items()))
    yield "Trades", _trades(document)
    yield (
        "Record",
        _table((), [[k, _plain(v)] for k, v in record.items()])
        + (f'<p class="label">Run {document["id"]}, result {document["hash"]}.</p>'),
    )


def _figures(document: dict[str, Any]) -> str:
    columns = {"this run": document["figures"], **document["benchmarks"]}
    rows = []
    for key, (label, form) in FIGURES.items():
        row = [label]
        for name, figures in columns.items():
            hidden = name != "this run" and key in OF_TRADES
            value = figures[key]
            row.append("" if hidden else "–" if value is None else form.format(value))
        rows.append(row)
    return _table(("", *columns), rows)


def _months(document: dict[str, Any]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("", *MONTHS))
    rows = ""
    for year, values in months(document):
        cells = "".join(
            "<td></td>"
            if value is None
            else f'<td class="{"gain" if value >= 0 else "loss"}">{value:+.1%}</td>'
            for value in values
        )
        rows += f"<tr><th>{year}</th>{cells}</tr>"
    return f'<table class="months"><tr>{head}</tr>{rows}</table>'


def _traded(document: dict[str, Any], symbol: str, at: Sequence[str]) -> str:
    closes = np.array(document["closes"][symbol], dtype=np.float64)
    closes[closes == 0] = np.nan
    fills = [fill for fill in document["fills"] if fill["symbol"] == symbol]
    marks = [
        Mark(
            place,
            float(fill["price"]),
            fill["side"] == "buy",
            f"{fill['at'][:10]}: {fill['side']} {fill['quantity']} at {fill['price']}",
        )
        for place, fill in zip(places(document["curve"]["at"], fills), fills, strict=True)
    ]
    shown = marks if len(marks) <= SHOWN else marks[:: len(marks) // SHOWN + 1]
    said = (
        "" if len(shown) == len(marks) else f"<p>{len(shown)} of {len(marks)} fills are shown.</p>"
    )
    return lines([Line(symbol, closes, "third")], at, "{:,.2f}", marks=shown) + said


def _trades(document: dict[str, Any]) -> str:
    trades = document["trades"]
    rows = [
        [one["symbol"], one["opened"][:10], (one["closed"] or "open")[:10], one["quantity"],
         one["profit"] if one["closed"] else ""]
        for one in trades[-SHOWN:]
    ]  # fmt: skip
    said = f"<p>The last {SHOWN} of {len(trades)}.</p>" if len(trades) > SHOWN else ""
    return said + _table(("symbol", "opened", "closed", "most held", "profit after costs"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return '<p class="none">None.</p>'
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table>{f'<tr>{top}</tr>' if head else ''}{body}</table>"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items()) or "none"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
