"""Below an answer: where its prices, its figures and its claims come from."""

from __future__ import annotations

from nicegui import ui

from agents.passages import origin
from app.chat.bits import Text, box, chip, fold
from app.chat.turns import Event

WHY = {
    "citation": "No such passage was found",
    "quotation": "Not word for word in its source",
    "likeness": "Its source is about something else",
    "source": "No source named",
}


def provenance(answer: Event, *, simulated_quote: bool, simulated_venue: bool) -> None:
    """One line: who thought, which feed, how fresh, and what is not real."""
    prices = answer["prices"]
    with box("provenance", testid="provenance"):
        chip(answer["mind"])
        if prices["feeds"]:
            chip(f"{', '.join(prices['feeds'])} feed")
        if prices["session"]:
            chip(f"prices up to {prices['session']}")
        if answer["as_of"]:
            chip(f"as of {str(answer['as_of'])[:16].replace('T', ' ')}")
        if simulated_quote:
            chip("SIMULATED quote", "warn")
        if simulated_venue:
            chip("SIMULATED venue", "warn")
    for notice in prices["notices"]:
        Text(notice, "notice", "p")
    if answer["withheld"]:
        count = answer["withheld"]
        said = "One figure" if count == 1 else f"{count} figures"
        Text(f"{said} typed without a source: withheld.", "notice", "p")


def unsupported(answer: Event) -> None:
    """What a model wrote without a source, by why it was taken out or marked."""
    rows = answer["unsupported"]
    if not rows:
        return
    title = f"Without a source · {len(rows)}, taken out or marked"
    with fold(title, testid="unsupported"), box("unsupported", "ul"):
        for row in rows:
            with box(tag="li"):
                Text(f"{WHY[row['why']]}: ", "muted")
                Text(row["text"])


def figures(answer: Event) -> None:
    """Every figure of the answer with the tool result and the path it was read from."""
    rows = answer["figures"]
    if not rows:
        return
    title = f"Figures · {len(rows)}, each from a tool result"
    with fold(title, testid="figures"), box("scroll"), box("figures", "table"):
        with box(tag="thead"), box(tag="tr"):
            for name in ("figure", "tool", "path", "call"):
                Text(name, tag="th")
        with box(tag="tbody"):
            for row in rows:
                with box(tag="tr"):
                    Text(row["shown"], "num", "td")
                    Text(row["tool"], tag="td")
                    Text(row["path"], "path", "td")
                    Text(row["call"], tag="td")


def citations(answer: Event, anchor: str) -> None:
    """Numbered footnotes; each opens to the passage, word for word."""
    rows = answer["citations"]
    if not rows:
        return
    with box("citations", testid="citations"):
        Text("Sources", tag="h4")
        for row in rows:
            with box("citation", "details", "citation"):
                with box(tag="summary"):
                    # The anchor that [1] in the text jumps to; the number is ours, not the text's.
                    ui.html(
                        f'<span id="{anchor}{int(row["number"])}">[{int(row["number"])}]</span>',
                        tag="span",
                        sanitize=False,
                    ).classes("number")
                    Text(row["title"], "title")
                    if row["untrusted"]:
                        chip(f"from {origin(row)} · untrusted text", "warn")
                    Text(f"§ {row['section']}", "muted")
                    box("break", "span")
                    Text(row["source"], "muted")
                    Text(f"{row['document']} {row['start']}–{row['end']}", "span muted num")
                Text(row["text"], "passage", "blockquote")
