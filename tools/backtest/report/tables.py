"""Tables, lists and plain words as HTML; all that comes in is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.backtest.report.words import safe

LONGEST, SHORT = 300, 26
FIGURES = {
    "total_return": ("return", "{:+.1%}"),
    "annual_return": ("return a year", "{:+.1%}"),
    "annual_volatility": ("volatility a year", "{:.1%}"),
    "sharpe": ("Sharpe", "{:.2f}"),
    "sortino": ("Sortino", "{:.2f}"),
    "calmar": ("Calmar", "{:.2f}"),
    "max_drawdown": ("largest drawdown", "{:.1%}"),
    "longest_drawdown": ("longest drawdown, bars", "{:,.0f}"),
    "trades": ("trades closed", "{:,.0f}"),
    "win_rate": ("of them won", "{:.0%}"),
    "profit_factor": ("won over lost", "{:.2f}"),
    "annual_turnover": ("turnover a year", "{:.1f}"),
    "exposure": ("bars with a position", "{:.0%}"),
}
# A benchmark's trades are not counted.
OF_TRADES = frozenset({"trades", "win_rate", "profit_factor", "annual_turnover"})


def table(head: Sequence[str], rows: Sequence[Sequence[object]], kind: str = "") -> str:
    """Rows of text, numbers to the right; ``head`` may be empty. It scrolls where it is wide."""
    if not rows:
        return '<p class="none">None.</p>'
    top = "".join(
        f"<th scope=col{' class=num' * _numbers(rows, place)}>{safe(name)}</th>"
        for place, name in enumerate(head)
    )
    body = "".join(
        "<tr>" + "".join(_cell(cell, first=not i) for i, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    shown = f'<table class="{kind}">{f"<tr>{top}</tr>" if head else ""}{body}</table>'
    return f'<div class="scroll" tabindex="0">{shown}</div>'


def figures_table(columns: Mapping[str, Mapping[str, float | None]], mine: Sequence[str]) -> str:
    """Every known figure, a column for each; the trades of those that are ``mine`` alone."""
    rows = []
    for key, (label, form) in FIGURES.items():
        if any(key in figures for figures in columns.values()):
            shown = (
                "" if name not in mine and key in OF_TRADES else said(figures.get(key), form)
                for name, figures in columns.items()
            )
            rows.append([label, *shown])
    return table(("", *columns), rows, "figures")


def said(value: float | None, form: str) -> str:
    """A figure by its format; a dash where it isn't known."""
    return "–" if value is None else form.format(value).replace("-", "−")


def listed(sentences: Sequence[str], kind: str = "") -> str:
    """One sentence a line."""
    rows = "".join(f"<li>{safe(one)}</li>" for one in sentences)
    return f'<ul class="{kind}">{rows}</ul>' if rows else ""


def note(words: str) -> str:
    """Small print."""
    return f'<p class="label">{safe(words)}</p>'


def plain(value: object) -> str:
    """A value of a record as words."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{name}={one}" for name, one in value.items()) or "none"
    elif isinstance(value, list):
        text = " ".join(map(str, value)) or "none"
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _cell(cell: object, *, first: bool) -> str:
    words = str(cell)
    tag = "th scope=row" if first else "td"
    kind = ""
    if not first:
        kind = " class=num" if _number(words) else " class=one" if len(words) <= SHORT else ""
    return f"<{tag}{kind}>{safe(words)}</{tag.split(maxsplit=1)[0]}>"


def _numbers(rows: Sequence[Sequence[object]], place: int) -> bool:
    """Whether all of a column's cells are; a row of an odd document may be too short."""
    cells = [cell for row in rows for cell in row[place : place + 1]]
    return place > 0 and all(_number(str(cell)) for cell in cells)


def _number(words: str) -> bool:
    bare = words.strip("+−-% –").replace(",", "").replace(".", "", 1)
    return bare.isdigit() or not bare
