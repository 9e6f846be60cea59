"""Monte Carlo on a page: a fan for each way, and the figures under it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.backtest.report.drawing import Band, Line, lines
from tools.backtest.report.frame import Part, framed, simulated
from tools.backtest.report.shapes_search import MonteCarlo, OneWay
from tools.backtest.report.tables import listed, note, said, table

QUANTILES = ("p5", "p25", "p50", "p75", "p95")
ROWS = (
    ("return", "total_return", "{:+.1%}"),
    ("Sharpe", "sharpe", "{:.2f}"),
    ("largest drawdown", "max_drawdown", "{:.1%}"),
)


def monte_carlo_page(document: MonteCarlo) -> str:
    """A page of its own."""
    record = document.record
    first = note(f"Of run {document.of}. {' '.join(document.said)}")
    lead = simulated(record.start, record.end) + first
    return framed(f"Other pasts of {record.title}", lead, fans(document, standing=True))


def fans(document: MonteCarlo, *, standing: bool = False) -> Iterator[Part]:
    """A section for each way; ``standing`` on a page of its own, with what it was made from."""
    for name, way in document.ways.items():
        title = f"{name[:1].upper()}{name[1:]}" if standing else f"Other pasts: {name}"
        yield title, fan(way, document.record.currency) + figures(way) + listed(way.said, "small")
    record = document.record
    made = (
        f"Seed {record.seed}; blocks of {record.block:g} on average ({record.block_by}). Document "
        f"{document.id}, {document.hash}."
    )
    yield "How these were drawn", note(f"{made}")


def fan(way: OneWay, currency: str) -> str:
    """The quantiles over time as bands around the median."""
    p5, p25, p50, p75, p95 = (np.array(getattr(way.fan, name), dtype=float) for name in QUANTILES)
    drawn = lines(
        [
            Line("95 % end below", p95, "faint"),
            Line("half of the paths", p50, "first"),
            Line("5 % end below", p5, "faint"),
        ],
        [text[:10] for text in way.fan.at],
        "{:,.0f}",
        title=f"Equity of {way.paths:,} paths",
        money=True,
        bands=[Band(p5, p95, "far"), Band(p25, p75, "near")],
    )
    money = f"Equity in {currency}" if currency else "Equity"
    words = f"{money}; the inner band is the middle half of the paths."
    return drawn + note(words)


def figures(way: OneWay) -> str:
    """Quantiles beside what the run had, then the chances."""
    rows = []
    for label, key, form in ROWS:
        found = getattr(way.figures, key)
        rows.append([label, *(said(found.get(name), form) for name in ("seen", *QUANTILES))])
    head = ("", "the run", "5 %", "25 %", "50 %", "75 %", "95 %")
    chances = [["a loss", said(way.figures.loss, "{:.1%}")]]
    for fall, part in way.figures.worse.items():
        chances.append([f"a drawdown above {_percent(fall)}", said(part, "{:.1%}")])
    losses = [
        [f"with {_percent(level)} of the paths, at most", said(loss, "{:.1%}"),
         said(way.figures.expected_shortfall.get(level), "{:.1%}")]
        for level, loss in way.figures.value_at_risk.items()
    ]  # fmt: skip
    return (
        table(head, rows, "figures")
        + '<div class="pair">'
        + table((f"of {way.paths:,} paths", "chance of"), chances)
        + table(("loss over the whole length", "value at risk", "mean beyond"), losses)
        + "</div>"
    )


def _percent(text: str) -> str:
    try:
        return f"{float(text):.0%}"
    except ValueError:
        return text
