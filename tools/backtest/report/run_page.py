"""The page of a run: its parts, one under the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tools.backtest.report import fan, frame, validation
from tools.backtest.report.currency_part import currency_part, own_profit
from tools.backtest.report.drawing import Line, Mark, bars, lines
from tools.backtest.report.figures import (
    WINDOW,
    falls,
    histogram,
    months,
    places,
    rolling_sharpe,
    share,
)
from tools.backtest.report.frame import Part
from tools.backtest.report.market_parts import cost_part, regime_part
from tools.backtest.report.shapes import Curve, Run
from tools.backtest.report.shapes_search import MonteCarlo
from tools.backtest.report.tables import figures_table, listed, note, plain, said, table
from tools.backtest.report.words import safe
from tools.market_data.columns import Floats

BESIDE = (("buy and hold", "second"), ("equal weight", "third"))
SHOWN, MOST_SYMBOLS, MOST_FINDINGS = 400, 24, 100
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Year".split()


def run_page(run: Run, lots: MonteCarlo | None = None) -> str:
    """Everything that a run's document tells; ``lots`` are its other pasts, where some are kept."""
    record = run.record
    lead = (
        frame.simulated(record.start, record.end)
        + validation.banner(run.validation, run.figures.get("sharpe"))
        + headline(run.figures, run.benchmarks)
    )
    return frame.framed(record.title, lead, _parts(run, lots))


def _parts(run: Run, lots: MonteCarlo | None) -> Iterator[Part]:
    record, curve = run.record, run.curve
    equity = np.array(curve.equity, dtype=np.float64)
    yield "What to know first", findings([one.sentence for one in (*run.reached, *run.findings)])
    yield "Figures", figures_table({"this run": run.figures, **run.benchmarks}, ["this run"])
    if run.decider is not None:
        yield "What the decider could have known", validation.decided_by(run.decider)
    if run.decisions:
        yield f"{len(run.decisions):,} decisions", _decisions(run)
    yield from curves(curve, "this run", record.currency)
    yield "Months", month_table(curve)
    if lots is not None:
        yield from fan.fans(lots)
    yield "May it be believed?", validation.box(run.validation, equity, alone=True)
    yield "By stretch of market", regime_part(curve, run.bars_a_year)
    yield "At other costs", cost_part(run)
    for symbol in record.symbols[:MOST_SYMBOLS]:
        if symbol in run.closes:
            yield f"Trades on the price of {symbol}", _traded(run, symbol)
    if len(record.symbols) > MOST_SYMBOLS:
        yield "Other symbols", note(f"Prices of the first {MOST_SYMBOLS} symbols are drawn.")
    yield "Exposure, as a part of the equity", _exposure(curve, equity)
    rolled = Line("Sharpe", rolling_sharpe(equity, run.bars_a_year), "first")
    yield f"Sharpe of the last {WINDOW} bars", lines([rolled], curve.labels, "{:.1f}")
    yield "Returns of single bars", _distribution(equity)
    money = f" in {record.currency}" if record.currency else ""
    yield f"Costs{money}", table((), [[name, f"{paid:,f}"] for name, paid in run.costs.items()])
    if run.currencies:
        yield "Currencies", currency_part(run)
    yield "Trades", _trades(run)
    yield "Record", record_part(record.model_dump(), run.id, run.hash)


def headline(
    figures: dict[str, float | None], benchmarks: dict[str, dict[str, float | None]]
) -> str:
    """Four figures to begin with, each beside the first benchmark's."""
    name, beside = next(iter(benchmarks.items()), ("", {}))

    def against(key: str, form: str) -> str:
        return f"{name} {said(beside.get(key), form)}" if name else ""

    rows = [
        (label, said(figures.get(key), form), against(key, form))
        for label, key, form in (
            ("return", "total_return", "{:+.1%}"),
            ("return a year", "annual_return", "{:+.1%}"),
            ("Sharpe", "sharpe", "{:.2f}"),
            ("largest drawdown", "max_drawdown", "{:.1%}"),
        )
    ]
    return frame.tiles(rows)


def curves(curve: Curve, name: str, currency: str, edges: Sequence[int] = ()) -> Iterator[Part]:
    """Equity and drawdown, each beside the benchmarks."""
    columns = [(one, curve.column(one), kind) for one, kind in BESIDE]
    beside = [Line(one, values, kind) for one, values, kind in columns if values is not None]
    mine = Line(name, np.array(curve.equity, dtype=np.float64), "first")
    title = f"Equity in {currency}" if currency else "Equity"
    drawn = [mine, *beside]
    labels = curve.labels
    yield title, lines(drawn, labels, "{:,.0f}", title=title, money=True, edges=edges)
    fallen = [Line(one.name, falls(one.values), one.kind) for one in (mine, *beside[:1])]
    yield "Drawdown", lines(fallen, labels, "{:.0%}", title="Drawdown", edges=edges, filled=True)


def month_table(curve: Curve) -> str:
    """Years by months; the sign is written, so that no colour is needed."""
    head = "".join(f"<th scope=col>{name}</th>" for name in ("", *MONTHS))
    rows = ""
    for year, values in months(curve):
        cells = "".join(
            "<td></td>"
            if value is None
            else f'<td class="{_shade(value)}">{said(round(100 * value, 1) + 0.0, "{:+.1f}")}</td>'
            for value in values
        )
        rows += f"<tr><th scope=row>{safe(year)}</th>{cells}</tr>"
    drawn = f'<table class="months"><tr>{head}</tr>{rows}</table>'
    return f'<div class="scroll" tabindex="0">{drawn}</div>' + note("In per cent.")


def findings(sentences: Sequence[str]) -> str:
    """What to know before believing any figure; nothing where there is nothing."""
    more = len(sentences) - MOST_FINDINGS
    said_of = [f"{more} more are in the document."] if more > 0 else []
    return listed([*sentences[:MOST_FINDINGS], *said_of], "findings")


def record_part(record: dict[str, object], run_id: str, digest: str) -> str:
    """All that decides what came out."""
    rows = [[name.replace("_", " "), plain(value)] for name, value in record.items()]
    return table((), rows, "record") + note(f"Kept as {run_id}, result {digest}.")


def _shade(value: float) -> str:
    """How strong a month's colour is, in four steps each way."""
    steps = min(4, 1 + int(abs(value) / 0.03)) if abs(value) >= 0.0005 else 0
    return f"{'up' if value >= 0 else 'down'}{steps}" if steps else "flat"


def _traded(run: Run, symbol: str) -> str:
    closes = np.array(run.closes[symbol], dtype=np.float64)
    closes[closes == 0] = np.nan
    fills = [fill for fill in run.fills if fill.symbol == symbol]
    marks = [
        Mark(
            place,
            float(fill.price),
            fill.side == "buy",
            f"{fill.at[:10]}: {fill.side} {fill.quantity:f} at {fill.price:f}",
        )
        for place, fill in zip(places(run.curve, fills), fills, strict=True)
    ]
    shown = marks if len(marks) <= SHOWN else marks[:: len(marks) // SHOWN + 1]
    key = "▲ bought, ▼ sold. " if marks else "It was never traded. "
    key += "Prices as they were: a split is a step."
    if len(shown) < len(marks):
        key += f" Of the fills {len(shown)} of {len(marks):,} are shown."
    drawn = lines(
        [Line(symbol, closes, "price")], run.curve.labels[1:], "{:,.2f}", marks=shown, title=symbol
    )
    return drawn + note(key)


def _exposure(curve: Curve, equity: Floats) -> str:
    named = [("long and short", "invested", "first"), ("long less short", "net", "second")]
    columns = [(name, curve.column(key), kind) for name, key, kind in named]
    shown = [
        Line(n, share(values, equity), kind) for n, values, kind in columns if values is not None
    ]
    return lines(shown, curve.labels, "{:.0%}", title="Exposure") if shown else ""


def _distribution(equity: Floats) -> str:
    found = histogram(equity)
    if found is None:
        return '<p class="none">The equity never moved.</p>'
    moves = equity[1:][equity[:-1] > 0] / equity[:-1][equity[:-1] > 0] - 1
    worst = f"The worst was {said(float(moves.min()), '{:+.1%}')}, the best "
    best = f"{said(float(moves.max()), '{:+.1%}')}; what lies further out is at the edges."
    return bars(*found, "{:.1%}", "Returns of single bars") + note(worst + best)


def _decisions(run: Run) -> str:
    rows = [
        [
            one.at[:10],
            plain(one.asked),
            plain(one.error or one.answer),
            "; ".join(f"{order.get('order')}: {order.get('verdict')}" for order in one.orders),
        ]
        for one in run.decisions[-SHOWN:]
    ]
    more = note(f"The last {SHOWN} are shown.") if len(run.decisions) > SHOWN else ""
    return more + table(("day", "asked", "said", "orders"), rows)


def _trades(run: Run) -> str:
    several = bool(run.currencies)
    rows = [
        [one.symbol, one.opened[:10], (one.closed or "open")[:10], f"{one.quantity:f}",
         said(float(one.profit), "{:+,.2f}") if one.closed else "",
         *([own_profit(one)] if several else [])]
        for one in run.trades[-SHOWN:]
    ]  # fmt: skip
    more = f"The last {SHOWN} of {len(run.trades):,}." if len(run.trades) > SHOWN else ""
    money = f" in {run.record.currency}" if several else ""
    head = ["symbol", "opened", "closed", "most held", f"profit after costs{money}"]
    head += ["as traded"] if several else []
    return (note(more) if more else "") + table(head, rows)
