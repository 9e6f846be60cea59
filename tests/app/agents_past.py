"""The agents over a made past: a few articles that need no model, and a test's own market."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.past.running import play
from app.past.wanted import Hearer, Wanted
from rag_index.known import KnownIndex
from rag_index.search import KnowledgeIndex
from rag_index.snapshot import MemoryStore
from tests.doubles import FakeMarket
from tests.rag_index.made import WordEncoder, rows_of
from tools.settings import load_settings

ENCODER = WordEncoder()
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
ARTICLES = (
    "Momentum rate of change recent winners persist for some months at a time.",
    "Position sizing by the 2 % rule risks two parts of a hundred of the equity.",
    "The MACD histogram is the MACD less its signal line, and its meaning is momentum.",
    "Moving average trend following holds while the price is above its average.",
    "The RSI relative strength index is overbought above seventy, oversold below thirty.",
)


class Shelf:
    """A collection whose store stays."""

    def __init__(self, rows) -> None:
        self._store = MemoryStore(rows, ENCODER.embed([row.indexed for row in rows]))

    def ask(self, question):
        return question(self._store)


def index_of(*documents: tuple[str, datetime]) -> KnownIndex:
    """The articles, and a person's documents with the moment each was known."""
    articles = [
        row for n, text in enumerate(ARTICLES)
        for row in rows_of([text], f"article-{n}", known_at=LONG_AGO)
    ]  # fmt: skip
    index = KnowledgeIndex(Path("none"), Shelf(articles), ENCODER)
    given = documents or (("Widgets sold well.", LONG_AGO),)
    index._documents = Shelf(
        [row for n, (text, at) in enumerate(given) for row in rows_of([text], f"d{n}", known_at=at)]
    )
    return KnownIndex(index)


def played(past: FakeMarket, *asks: str, index: KnownIndex | None = None, **more: Any) -> dict:
    """The document of a run."""
    hearer = Hearer(more.pop("told", None), more.pop("say", lambda sentence: None))
    wanted = Wanted(asks or ("Should I buy IBM?",), **more)
    return play(load_settings(), past, lambda: index or index_of(), wanted, hearer).document
