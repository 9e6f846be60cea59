"""How commands print: tables and Markdown for people, one JSON document with ``--json``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.visible import hidden, visible

LiveFlag = Annotated[
    bool, typer.Option("--live", help="Trade real money: needed with TOLLGATE_BROKER=alpaca-live.")
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="A date such as 2012-06-01: nothing known later is seen."),
]


def print_json(document: object) -> None:
    """One JSON document on standard output."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    # All of these are inside strings: outside of them JSON is plain ASCII.
    print("".join(c if c == "\n" or not hidden(c) else _spelled(c) for c in text))


def _spelled(character: str) -> str:
    """A character as JSON spells it out, two escapes for one beyond the first 65536."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table for people; numbers to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for i, column in enumerate(columns):
        numeric = bool(rows) and all(_numeric(row[i]) for row in rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text("" if cell is None else visible(str(cell))) for cell in row))
    Console(soft_wrap=False).print(drawn)


def _numeric(cell: object) -> bool:
    text = str(cell if cell is not None else "").strip("%+- ")
    return text.replace(",", "").replace(".", "", 1).isdigit() or not text


def markdown(text: str) -> None:
    """Markdown for people, plain text when the output is a file or a pipe.

    A model or a document may have written it: nothing of it may steer the terminal.
    """
    text = visible(text)
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    # A link would show other words than where it leads.
    Console().print(Markdown(text, hyperlinks=False))
