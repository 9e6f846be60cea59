"""The signal agent on the news: their tone, what made it, and what such a score is worth."""

from __future__ import annotations

from agents.planner.quoting import quotation
from agents.rendering import escaped, inner
from agents.request import Request
from agents.spans import one_line
from agents.toolbox import Toolbox
from tools.domain.errors import DataUnavailable

SAID = {
    "positive": "leans **positive**",
    "negative": "leans **negative**",
    "neutral": "is **neutral**",
    "unknown": "can't be told: the scorer reads none of it",
}
SHOWN, LONGEST = 5, 160


async def mood(request: Request, toolbox: Toolbox) -> str:
    """One paragraph for each symbol, and a cited warning."""
    symbols = [s for s in (request.symbol, *request.others) if s]
    parts = [await _one(symbol, toolbox) for symbol in symbols]
    cited = await quotation(toolbox, "what the tone of the news does not tell")
    return "\n\n".join([*parts, cited])


async def _one(symbol: str, toolbox: Toolbox) -> str:
    try:
        scored = await toolbox.call("score_sentiment", symbol=symbol)
    except DataUnavailable as missing:
        return f"**{symbol}**: {missing}"
    c, row = scored["id"], scored["data"]
    told = [
        f"- “{_title(one['title'])}” ({_title(one['source'])}, unchecked): {_score(c, i, one)}"
        for i, one in enumerate(row["documents"][:SHOWN])
    ]
    counts = ", ".join(
        f"{name} [[{c}:counts.{name}]]" for name in ("positive", "negative", "neutral")
    )
    mean = (
        f", mean score [[{c}:score|+.2f]] from minus one to one" if row["score"] is not None else ""
    )
    worth = (
        f"Scored by {row['scorer']}: right on [[{c}:measured.accuracy|.0%]] of sentences kept "
        f"apart for measuring, where always saying the commonest tone is right on "
        f"[[{c}:measured.majority|.0%]]. {row['caveat']}"
    )
    head = f"**The news on {symbol}** {SAID[row['tone']]}{mean} ({counts}). The latest first:"
    return "\n\n".join([head, "\n".join(told), " ".join(filter(None, (row["notice"], worth)))])


def _score(c: str, place: int, row: dict[str, object]) -> str:
    if row["score"] is None:
        return "not scored"
    return f"[[{c}:documents.{place}.score|+.2f]]"


def _title(text: str) -> str:
    """A stranger's words, as they are and on one line."""
    line = one_line(text)
    return escaped(inner(line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"))
