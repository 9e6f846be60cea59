"""``tollgate models``: what scores and forecasts, and how often it is right."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.output import AsOf, JsonFlag, print_json, table

cli = typer.Typer(help="Models: score the tone of news.", no_args_is_help=True)
Texts = Annotated[
    list[str] | None, typer.Argument(help="headlines, sentences or posts; - reads one of them")
]


@cli.callback()
def models() -> None:
    """Score the tone of news."""


@cli.command("score-sentiment")
def score_sentiment(
    texts: Texts = None,
    symbol: Annotated[
        str | None, typer.Option("--symbol", help="instead: a ticker's latest kept news")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="how many of the latest")] = 10,
    as_of: AsOf = None,
    json_: JsonFlag = False,
) -> None:
    """The tone of texts or of a symbol's kept news, with the words that made it."""
    from tools.assembly import open_state, open_tone
    from tools.catalog.sentiment import SentimentTools
    from tools.clock import SystemClock
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    given = [_read() if text == "-" else text for text in texts or ()]
    tools = SentimentTools(open_tone(settings), SystemClock())
    found = tools.score_sentiment(given, symbol, as_of, limit)
    if json_:
        print_json(found | {"untrusted": True})
        return
    rows = [
        [row["tone"], _score(row["score"]), row.get("known_at", "")[:10], _line(row), _why(row)]
        for row in found.get("documents") or found["texts"]
    ]
    title = f"Tone of {found['symbol']}'s news" if symbol else "Tone"
    table(title, ["tone", "score", "known", "text", "because"], rows)
    print(f"Together: {found['tone']} ({_score(found['score']) or 'no score'}).")
    if found["notice"]:
        print(found["notice"])
    right, often = found["measured"]["accuracy"], found["measured"]["majority"]
    print(
        f"Scored by {found['scorer']}, which were right on {right:.0%} of held-out sentences "
        f"(always saying the commonest tone: {often:.0%}). {found['caveat']}"
    )


def _read() -> str:
    """Standard input, as much as is scored."""
    import sys

    from tools.catalog.sentiment import LONGEST

    return sys.stdin.read(2 * LONGEST)


def _line(row: dict[str, Any]) -> str:
    text = " ".join((row.get("title") or row.get("text", "")).split())
    return text if len(text) <= 200 else f"{text[:199]}…"


def _why(row: dict[str, Any]) -> str:
    return "; ".join(f"{one['words']} ({one['value']:+.2g})" for one in row["because"])


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:+.2f}"
